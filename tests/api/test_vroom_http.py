"""POST /vroom: VROOM's solution and error objects, as vroom-express sends them, whatever comes in or breaks."""

import asyncio
import json
import os
import signal

import pytest
import pytest_asyncio
from map_places import BAY, BEACH, HARBOUR, HOBART, KIEL, OCEAN, SQUARE
from map_server import map_settings, serving
from vroom_cases import one_shipment, two_jobs

from api.vroom import service
from api.vroom.child import DEFAULT_LIMIT_S, LEAST_S, read_options
from api.vroom.schemas import BY_ROAD, OWN_TIMES
from geo import polyline
from routing.vroom.types import VroomError

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUICK = {"l": 0.05}


def lonlat(place):
    return [place["lng"], place["lat"]]


def by_road(*places, start=SQUARE, **options):
    return {
        "vehicles": [{"id": 1, "start": lonlat(start), "end": lonlat(start)}],
        "jobs": [{"id": 10 + i, "location": lonlat(place)} for i, place in enumerate(places)],
        "options": {**QUICK, **options},
    }


async def test_a_problem_with_its_own_times_needs_no_region(maps):
    answer = await maps.post("/vroom", json={**two_jobs(), "options": QUICK})
    found = answer.json()
    assert (answer.status_code, found["code"], found["summary"]["duration"]) == (200, 0, 18)
    assert answer.headers["travel-time-source"] == "given"
    assert "travel_time_source" not in found


async def test_shipments_are_taken_as_well(maps):
    found = (await maps.post("/vroom", json={**one_shipment(), "options": QUICK})).json()
    assert [step["type"] for step in found["routes"][0]["steps"]] == ["start", "pickup", "delivery", "end"]


async def test_coordinates_find_their_region_by_themselves(maps):
    answer = await maps.post("/vroom", json=by_road(HARBOUR, BEACH, g=True))
    found = answer.json()
    assert (answer.status_code, answer.headers["travel-time-source"]) == (200, "osrm")
    table = (await maps.post("/maps/matrix", json={"sources": [SQUARE], "targets": [BEACH, HARBOUR]})).json()
    (route,) = found["routes"]
    first = route["steps"][1]
    assert first["duration"] in table["duration_s"][0]
    assert len(polyline.decode(route["geometry"], 5)) > 10


async def test_without_the_option_there_is_no_line(maps):
    found = (await maps.post("/vroom", json=by_road(BEACH))).json()
    assert "geometry" not in found["routes"][0]


async def test_plan_mode_times_the_given_steps(maps):
    problem = two_jobs(steps=[{"type": "start"}, {"type": "job", "id": 7}, {"type": "job", "id": 8}, {"type": "end"}])
    found = (await maps.post("/vroom", json={**problem, "options": {"c": True}})).json()
    assert [step.get("id") for step in found["routes"][0]["steps"]] == [None, 7, 8, None]


async def test_a_named_region_is_used_and_an_unknown_one_is_an_input_error(maps):
    assert (await maps.post("/vroom?region=coquimbo", json=by_road(BEACH))).status_code == 200
    wrong = await maps.post("/vroom?region=continents", json=by_road(BEACH))
    assert (wrong.status_code, wrong.json()["code"]) == (400, 3)
    for name in ("atlantis", "%00", "..%2F.."):
        unknown = await maps.post(f"/vroom?region={name}", json=by_road(BEACH))
        assert (unknown.status_code, unknown.json()["code"]) == (400, 2)
        assert "coquimbo" in unknown.json()["error"]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([OCEAN], "lies in no region. There are: continents, coquimbo"),
        ([KIEL], "No region holds all the points"),
        ([BAY], "farther than 1,000 m from any road: jobs[0].location"),
    ],
)
async def test_places_that_the_roads_do_not_reach_are_the_request_s_fault(maps, places, said):
    answer = await maps.post("/vroom", json=by_road(*places))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert said in answer.json()["error"]


async def test_places_with_a_sea_between_them_are_named(maps):
    answer = await maps.post("/vroom", json=by_road(HOBART, start=KIEL))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "no road leads from jobs[0].location to vehicles[0].start" in answer.json()["error"]


BAD = {
    "no body": b"",
    "no JSON": b"{",
    "no UTF-8": b"\xff",
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "nothing": b"null",
    "no member": b"{}",
    "not a number": b'{"vehicles": [NaN]}',
    "a number without end": b'{"vehicles": [' + b"9" * 10_000 + b"]}",
    "a member twice": b'{"jobs": [], "jobs": []}',
    "no vehicles": {"vehicles": [], "jobs": [{"id": 1, "location": [0, 0]}]},
    "vehicles of no kind": {"vehicles": 3, "jobs": "x", "shipments": None},
    "a job of no kind": {"vehicles": [None], "jobs": [7]},
    "not on earth": by_road({"lat": 100, "lng": 200}),
    "a lone surrogate": b'{"vehicles": [{"id": "\\ud800"}], "jobs": [{"id": "\\u0000"}]}',
    "options of no kind": {**two_jobs(), "options": [1]},
    "every option wrong": {**two_jobs(), "options": {"g": "yes", "c": None, "x": 9, "l": -1}},
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_problem_gets_vroom_s_error_object_and_never_a_server_error(maps, name):
    body = BAD[name] if isinstance(BAD[name], bytes) else json.dumps(BAD[name])
    answer = await maps.post("/vroom", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 2)
    assert answer.json()["error"]
    assert set(answer.json()) == {"code", "error"}


@pytest.mark.parametrize(("n_vehicles", "n_jobs", "n_shipments"), [(201, 1, 0), (1, 1001, 0), (1, 0, 501)])
async def test_more_than_vroom_express_takes_is_too_large(maps, n_vehicles, n_jobs, n_shipments):
    problem = {"vehicles": [{}] * n_vehicles, "jobs": [{}] * n_jobs, "shipments": [{}] * n_shipments}
    answer = await maps.post("/vroom", json=problem)
    assert (answer.status_code, answer.json()["code"]) == (413, 4)


async def test_descriptions_come_back_whatever_their_characters(maps):
    problem = two_jobs(description='nul \x00, emoji 🔧, quote "')
    found = (await maps.post("/vroom", json={**problem, "options": QUICK})).json()
    assert found["routes"][0]["description"] == 'nul \x00, emoji 🔧, quote "'
    body = json.dumps({**problem, "options": QUICK}).replace("emoji", "\\ud800")
    assert (await maps.post("/vroom", content=body)).status_code == 200


async def test_straight_lines_answer_while_the_engine_does_not_and_say_so(straight_maps):
    answer = await straight_maps.post("/vroom", json=by_road(BEACH, HARBOUR))
    assert (answer.status_code, answer.headers["travel-time-source"]) == (200, "straight")
    assert answer.json()["travel_time_source"] == "straight"


async def test_a_table_of_many_rows_is_asked_for_in_parts_and_is_the_same(maps, monkeypatch):
    whole = (await maps.post("/vroom", json=by_road(HARBOUR, BEACH, c=False))).json()
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 1)
    parts = (await maps.post("/vroom", json=by_road(HARBOUR, BEACH, c=False))).json()
    assert parts["routes"] == whole["routes"]


async def test_only_so_many_wait_and_the_rest_is_told_to_come_back(maps):
    problem = {**two_jobs(), "options": QUICK}
    async with maps.app.state.vroom_children.lane.turn():
        many = [asyncio.create_task(maps.post("/vroom", json=problem)) for _ in range(9)]
        done, waiting = await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        answer = refused.result()
        assert (answer.status_code, answer.json()["code"]) == (503, 1)
        assert answer.headers["retry-after"]
        for task in list(waiting)[1:]:
            task.cancel()
        (kept,) = list(waiting)[:1]
    assert (await kept).status_code == 200


@pytest_asyncio.fixture(loop_scope="session")
async def own_maps(map_home, monkeypatch):
    """A client of a server of its own, which has started no child yet, and the children that it starts."""
    children = []

    class Known(service.Process):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            children.append(self)

    monkeypatch.setattr(service, "Process", Known)
    async with serving(map_settings(map_home)) as client:
        client.children = children
        yield client


async def test_a_child_that_dies_is_a_fault_of_ours_and_the_next_one_lives(own_maps):
    asked = asyncio.create_task(own_maps.post("/vroom", json={**two_jobs(), "options": {"l": 60}}))
    async with asyncio.timeout(20):
        while not own_maps.children:
            await asyncio.to_thread(lambda: None)
    os.kill(own_maps.children[0].pid, signal.SIGKILL)
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (500, 1)
    assert (await own_maps.post("/vroom", json={**two_jobs(), "options": QUICK})).status_code == 200


async def test_a_child_goes_on_to_the_next_problem_also_after_a_bad_one(own_maps):
    for body, status in (({**two_jobs(), "options": QUICK}, 200), ({}, 400), (by_road(BEACH), 200)):
        assert (await own_maps.post("/vroom", json=body)).status_code == status
    assert len(own_maps.children) == 1


async def test_a_child_that_has_died_idle_or_answered_enough_is_replaced(own_maps, monkeypatch):
    monkeypatch.setattr(service, "PROBLEMS_EACH", 2)
    for n_children in (1, 1, 2):
        assert (await own_maps.post("/vroom", json={})).status_code == 400
        assert len(own_maps.children) == n_children
    os.kill(own_maps.children[-1].pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while own_maps.children[-1].alive:
            await asyncio.to_thread(lambda: None)
    assert (await own_maps.post("/vroom", json={})).status_code == 400
    assert len(own_maps.children) == 3


async def test_whoever_hangs_up_takes_the_child_along_and_the_next_one_is_answered(own_maps):
    asked = asyncio.create_task(own_maps.post("/vroom", json={**two_jobs(), "options": {"l": 60}}))
    async with asyncio.timeout(20):
        while not own_maps.children:
            await asyncio.to_thread(lambda: None)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await own_maps.post("/vroom", json={})).status_code == 400
    assert len(own_maps.children) == 2


async def test_a_child_that_does_not_answer_in_time_is_ended(own_maps, monkeypatch):
    monkeypatch.setattr(service, "READ_S", 0.0)
    answer = await own_maps.post("/vroom", json=two_jobs())
    assert (answer.status_code, answer.json()["code"]) == (503, 1)
    with pytest.raises(ProcessLookupError):
        os.kill(own_maps.children[0].pid, 0)


async def test_the_documented_problems_are_solved(maps):
    for example in (OWN_TIMES, BY_ROAD):
        found = (await maps.post("/vroom", json=example["value"])).json()
        assert (found["code"], found["unassigned"]) == (0, [])


@pytest.mark.parametrize(
    ("options", "limit_s"),
    [({}, DEFAULT_LIMIT_S), ({"x": 5}, 5), ({"x": 2, "t": 8}, 2), ({"x": 0}, LEAST_S), ({"x": 0, "l": 60}, 60)],
)
async def test_seconds_follow_the_limit_or_else_the_exploration_level(options, limit_s):
    assert read_options({"options": options}).limit_s == limit_s


@pytest.mark.parametrize("bad", [{"l": 60.1}, {"l": 0}, {"l": True}, {"x": 1.5}, {"x": -1}, {"g": 2}, {"l": "5"}])
async def test_an_option_that_cannot_be_used_is_named(bad):
    with pytest.raises(VroomError, match=f"options.{next(iter(bad))}"):
        read_options({"options": bad})
