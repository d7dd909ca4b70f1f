"""Whatever comes in, the map's answers are problem details that name the fault; whatever breaks inside, they go on."""

import asyncio
import os
import shutil
import signal

import pytest
from map_places import BEACH, HARBOUR, SQUARE, text, town
from map_server import map_settings, serving

from api import roads as roads_module

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDER = {"origin": SQUARE, "destinations": [BEACH]}
TABLE = {"sources": [SQUARE], "targets": [BEACH]}
TRACE = {"points": [SQUARE, BEACH]}
GOOD = {"/maps/optimize-route": ORDER, "/maps/matrix": TABLE, "/maps/match": TRACE}
WAY = f"/maps/route?from={text(SQUARE)}&to={text(BEACH)}"


def places_of(body):
    """The lists and objects of a body that hold places, by pointer."""
    for name, value in body.items():
        if isinstance(value, list):
            yield from ((f"/{name}/{i}", place) for i, place in enumerate(value))
        else:
            yield f"/{name}", value


@pytest.mark.parametrize("path", GOOD)
async def test_every_place_is_checked_and_named(maps, path):
    for pointer, place in places_of(GOOD[path]):
        for field, bad, code in (
            ("lat", None, "float_type"),
            ("lat", "north", "number"),
            ("lat", 90.01, "less_than_equal"),
            ("lng", -180.01, "greater_than_equal"),
            ("lng", [1], "float_type"),
            ("lng", 10**400, "float_type"),
        ):
            kept = place[field]
            place[field] = bad
            try:
                answer = await maps.post(path, json=GOOD[path])
            finally:
                place[field] = kept
            said = answer.json()
            assert (answer.status_code, said["code"]) == (422, "invalid")
            assert [(fault["pointer"], fault["code"]) for fault in said["errors"]] == [(f"{pointer}/{field}", code)]


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_numbers_that_json_does_not_have_are_refused(maps, path, number):
    (name, value), *_ = GOOD[path].items()
    place = f'{{"lat": {number}, "lng": 0}}'
    body = f'{{"{name}": {place if isinstance(value, dict) else f"[{place}]"}}}'
    answer = await maps.post(path, content=body)
    assert answer.status_code == 422
    assert f"/{name}" in answer.json()["errors"][0]["pointer"]


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a\\u0000\\ud800": 1}',
        b'{"\\ud800": 1}',
    ],
)
async def test_a_body_that_is_no_request_is_refused_with_a_client_s_status(maps, path, body):
    answer = await maps.post(path, content=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in ("invalid", "invalid_json", "bad_request")


@pytest.mark.parametrize("path", GOOD)
async def test_members_that_nobody_asked_for_are_refused_outside_destinations(maps, path):
    answer = await maps.post(path, json={**GOOD[path], "nul\x00": 1})
    assert answer.json()["errors"][0]["code"] == "extra_forbidden"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/maps/optimize-route", {**ORDER, "destinations": []}, "too_short"),
        ("/maps/optimize-route", {**ORDER, "destinations": [BEACH] * 101}, "too_long"),
        ("/maps/optimize-route", {**ORDER, "destinations": BEACH}, "list_type"),
        ("/maps/optimize-route", {**ORDER, "limit_s": 0.09}, "greater_than_equal"),
        ("/maps/optimize-route", {**ORDER, "limit_s": 10.1}, "less_than_equal"),
        ("/maps/optimize-route", {**ORDER, "return_to_origin": "perhaps"}, "bool_type"),
        ("/maps/optimize-route", {"destinations": [BEACH]}, "missing"),
        ("/maps/matrix", {**TABLE, "targets": []}, "too_short"),
        ("/maps/matrix", {"sources": [SQUARE] * 1001, "targets": [BEACH]}, "too_long"),
        ("/maps/matrix", {"sources": [SQUARE]}, "missing"),
    ],
)
async def test_bounds_are_kept(maps, path, body, code):
    answer = await maps.post(path, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


@pytest.mark.parametrize("path", [*GOOD, "/vroom"])
async def test_ten_megabytes_are_refused_before_they_are_read(maps, path):
    async def dripping():
        for _ in range(100):
            yield b" " * 100_000

    for content in (b" " * 10_000_000, dripping()):
        answer = await maps.post(path, content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_without_the_key_nothing_is_answered(map_home):
    async with serving(map_settings(map_home), key=None) as stranger:
        for path in (*GOOD, "/vroom"):
            assert (await stranger.post(path, json=GOOD.get(path, {}))).status_code == 401
        assert (await stranger.get(WAY)).status_code == 401


async def everything(client):
    """Statuses, codes and sources of a good question of each kind."""
    answers = [await client.post(path, json=body) for path, body in GOOD.items()]
    answers.append(await client.get(WAY))
    return [
        (answer.status_code, answer.json().get("code"), answer.json().get("travel_time_source")) for answer in answers
    ]


async def test_a_region_that_goes_between_two_calls_is_no_longer_covered_and_comes_back(own_map_home, monkeypatch):
    monkeypatch.setattr(roads_module, "LOOK_EVERY_S", 0.0)
    link = own_map_home / "regions" / "coquimbo" / "current"
    async with serving(map_settings(own_map_home)) as client:
        assert {status for status, *_ in await everything(client)} <= {200, 422}
        target = link.readlink()
        link.unlink()
        assert set(await everything(client)) == {(422, "outside_coverage", None)}
        link.symlink_to(target)
        way = await client.get(WAY)
        assert (way.status_code, way.json()["travel_time_source"]) == (200, "osrm")


async def test_questions_in_the_queue_are_answered_although_their_region_goes(own_map_home, monkeypatch):
    places = town(60)
    table = {"sources": places, "targets": places}
    async with serving(map_settings(own_map_home)) as client:
        assert (await client.post("/maps/matrix", json=table)).status_code == 200
        asked = [asyncio.create_task(client.post("/maps/matrix", json=table)) for _ in range(8)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        monkeypatch.setattr(roads_module, "LOOK_EVERY_S", 0.0)
        (own_map_home / "regions" / "coquimbo" / "current").unlink()
        assert (await client.get(WAY)).json()["code"] == "outside_coverage"
        answers = await asyncio.gather(*asked)
        assert {(answer.status_code, answer.json()["travel_time_source"]) for answer in answers} == {(200, "osrm")}


async def test_road_data_that_vanishes_under_a_known_region_is_said_to_be_unavailable(own_map_home, monkeypatch):
    async with serving(map_settings(own_map_home)) as client:
        monkeypatch.setattr(roads_module, "LOOK_EVERY_S", 3600.0)
        assert (await client.post("/maps/matrix", json={"sources": [], "targets": []})).status_code == 422
        client.app.state.roads.names()
        for version in (own_map_home / "regions" / "coquimbo").iterdir():
            if version.is_dir() and not version.is_symlink():
                shutil.rmtree(version)
        answers = await everything(client)
        assert {(status, code) for status, code, _ in answers} == {(503, "engine_failed")}
        assert str(own_map_home) not in (await client.get(WAY)).text


async def test_an_engine_that_dies_and_cannot_be_replaced_leaves_straight_lines_that_say_so(own_map_home):
    folder = own_map_home / "regions" / "coquimbo"
    async with serving(map_settings(own_map_home, engine_retry_s=1e-6)) as client:
        assert (await client.post("/maps/matrix", json=TABLE)).json()["travel_time_source"] == "osrm"
        data = [file for file in folder.rglob("region.osrm.*") if not file.parent.is_symlink()]
        for file in data:
            file.rename(file.with_name(f"away.{file.name}"))
        for pid in client.app.state.roads.pids():
            os.kill(pid, signal.SIGKILL)
        table = await client.post("/maps/matrix", json=TABLE)
        order = await client.post("/maps/optimize-route", json={"origin": SQUARE, "destinations": [HARBOUR, BEACH]})
        assert [answer.json()["travel_time_source"] for answer in (table, order)] == ["straight", "straight"]
        for file in data:
            file.with_name(f"away.{file.name}").rename(file)
        assert (await client.post("/maps/matrix", json=TABLE)).json()["travel_time_source"] == "osrm"
