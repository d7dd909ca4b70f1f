"""POST /maps/matrix: whole tables by road, gaps where no road leads, and no larger than a server bears."""

import pytest
from map_places import BAY, BEACH, HARBOUR, HOBART, KIEL, OCEAN, SQUARE, town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(client, sources, targets):
    return await client.post("/maps/matrix", json={"sources": sources, "targets": targets})


async def test_rows_are_sources_and_columns_are_targets(maps, coquimbo_engine):
    answer = await ask(maps, [SQUARE, HARBOUR], [BEACH])
    lonlat = [(place["lng"], place["lat"]) for place in (SQUARE, HARBOUR, BEACH)]
    table = coquimbo_engine.table(lonlat, [0, 1], [2])
    assert answer.json() == {
        "duration_s": table.duration_s.tolist(),
        "distance_m": table.distance_m.tolist(),
        "unreachable": [],
        "travel_time_source": "osrm",
        "region": "coquimbo",
    }


async def test_a_place_to_itself_takes_nothing(maps):
    found = (await ask(maps, [SQUARE, BEACH], [SQUARE, BEACH])).json()
    assert [found["duration_s"][i][i] for i in (0, 1)] == [0, 0]
    assert found["duration_s"][0][1] > 0


async def test_pairs_without_a_road_are_null_and_listed(maps):
    found = (await ask(maps, [KIEL], [KIEL, HOBART])).json()
    assert found["duration_s"] == [[0, None]]
    assert found["distance_m"] == [[0, None]]
    assert found["unreachable"] == [[0, 1]]


async def test_ten_thousand_pairs_are_answered_and_one_more_row_is_refused(maps):
    places = town(100)
    found = (await ask(maps, places, places)).json()
    assert [len(found["duration_s"]), len(found["duration_s"][99])] == [100, 100]
    refused = await ask(maps, [*places, BEACH], places)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "too_many_cells"


async def test_what_the_roads_do_not_reach_is_named_on_its_side(maps):
    far = await ask(maps, [SQUARE], [BEACH, BAY])
    assert (far.json()["code"], far.json()["errors"][0]["pointer"]) == ("off_road", "/targets/1")
    outside = await ask(maps, [SQUARE, OCEAN], [BEACH])
    assert (outside.json()["code"], outside.json()["errors"][0]["pointer"]) == ("outside_coverage", "/sources/1")


async def test_straight_lines_answer_while_the_engine_does_not_and_say_so(straight_maps):
    found = (await ask(straight_maps, [SQUARE], [BEACH])).json()
    assert found["travel_time_source"] == "straight"
    assert found["distance_m"][0][0] == pytest.approx(3500, rel=0.1)  # 2.5 km apart, times a detour of 1.4
