"""POST /maps/optimize-route: the best order, never a worse one, however many destinations, and who answers."""

import asyncio

import numpy as np
import pytest
from map_places import BAY, BEACH, HARBOUR, HOBART, KIEL, OCEAN, SQUARE, town

from geo import polyline
from routing.tour import EXACT_DESTINATIONS

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(client, destinations, origin=SQUARE, **options):
    return await client.post("/maps/optimize-route", json={"origin": origin, "destinations": destinations, **options})


async def test_on_the_way_to_the_harbour_the_beach_comes_first(maps):
    answer = await ask(maps, [HARBOUR, BEACH])
    found = answer.json()
    assert answer.status_code == 200
    assert found["order"] == [1, 0]
    assert [(leg["from"], leg["to"]) for leg in found["legs"]] == [(-1, 1), (1, 0)]
    assert (found["proven"], found["found_by"]) == (True, "held-karp")
    assert found["saved_s"] > 0
    assert (found["travel_time_source"], found["geometry_source"], found["region"]) == ("osrm", "osrm", "coquimbo")


async def test_the_way_back_is_a_leg_only_when_it_is_asked_for(maps):
    there = (await ask(maps, [BEACH])).json()
    back = (await ask(maps, [BEACH], return_to_origin=True)).json()
    assert [(leg["from"], leg["to"]) for leg in there["legs"]] == [(-1, 0)]
    assert [(leg["from"], leg["to"]) for leg in back["legs"]] == [(-1, 0), (0, -1)]
    assert back["travel_s"] == there["travel_s"] + back["legs"][1]["travel_s"]


async def test_the_sums_are_those_of_the_legs_and_the_line_joins_origin_and_last_destination(maps):
    found = (await ask(maps, [HARBOUR, BEACH])).json()
    for name in ("travel_s", "distance_m"):
        assert found[name] == sum(leg[name] for leg in found["legs"])
    line = polyline.decode(found["geometry"])
    for end, place in ((line[0], SQUARE), (line[-1], HARBOUR)):
        assert np.abs(end - (place["lng"], place["lat"])).max() < 0.003


async def test_whatever_else_stands_in_a_destination_is_passed_over(maps):
    plain = await ask(maps, [HARBOUR, BEACH])
    named = await ask(maps, [{**HARBOUR, "id": 7, "name": "pump"}, {**BEACH, "service_s": 900, "tags": [1]}])
    assert named.json() == plain.json()


@pytest.mark.parametrize("n", [EXACT_DESTINATIONS, EXACT_DESTINATIONS + 1, 70, 100])
async def test_many_destinations_are_each_visited_once_and_never_in_a_slower_order(maps, n):
    found = (await ask(maps, town(n), limit_s=0.5)).json()
    assert sorted(found["order"]) == list(range(n))
    assert found["saved_s"] >= 0
    assert [leg["from"] for leg in found["legs"]] == [-1, *found["order"][:-1]]


async def test_destinations_at_one_address_and_at_the_origin_are_fine(maps):
    found = (await ask(maps, [SQUARE, BEACH, BEACH, SQUARE])).json()
    assert sorted(found["order"]) == [0, 1, 2, 3]
    assert found["travel_s"] == (await ask(maps, [BEACH])).json()["travel_s"]


async def test_a_search_waits_for_its_turn_and_too_many_are_turned_away(maps):
    lane = maps.app.state.orders_lane
    async with lane.turn():
        many = [asyncio.create_task(ask(maps, town(14), limit_s=0.1)) for _ in range(17)]
        done, waiting = await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        answer = refused.result()
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
        assert (await ask(maps, [BEACH])).status_code == 200  # what is quick waits for nobody
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}


async def test_a_place_outside_every_region_is_named_with_the_regions_there_are(maps):
    answer = await ask(maps, [BEACH, OCEAN])
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "outside_coverage")
    assert [fault["pointer"] for fault in said["errors"]] == ["/destinations/1"]
    assert said["regions"] == ["continents", "coquimbo"]


async def test_swapped_coordinates_are_recognised(maps):
    answer = await ask(maps, [{"lat": BEACH["lng"], "lng": BEACH["lat"]}])
    assert "look swapped" in answer.json()["detail"]
    assert "look swapped" not in (await ask(maps, [OCEAN])).json()["detail"]


async def test_places_of_two_regions_have_no_order(maps):
    answer = await ask(maps, [BEACH, KIEL])
    assert (answer.status_code, answer.json()["code"]) == (422, "outside_coverage")
    assert "No region holds all" in answer.json()["detail"]


async def test_a_place_at_sea_is_off_road_and_named_with_its_distance(maps):
    answer = await ask(maps, [BEACH, BAY])
    said = answer.json()
    assert (answer.status_code, said["code"], said["limit_m"]) == (422, "off_road", 1000)
    assert [fault["pointer"] for fault in said["errors"]] == ["/destinations/1"]
    assert (await ask(maps, [BEACH], origin=BAY)).json()["errors"][0]["pointer"] == "/origin"


async def test_a_destination_across_the_sea_is_named_as_cut_off(maps):
    answer = await ask(maps, [KIEL, HOBART], origin=KIEL)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "no_order")
    assert [fault["pointer"] for fault in said["errors"]] == ["/destinations/1"]


async def test_straight_lines_answer_while_the_engine_does_not_and_say_so(straight_maps):
    found = (await ask(straight_maps, [HARBOUR, BEACH])).json()
    assert (found["travel_time_source"], found["geometry_source"]) == ("straight", "straight")
    assert found["order"] == [1, 0]
    assert len(polyline.decode(found["geometry"])) == 3
