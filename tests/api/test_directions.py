"""GET /maps/route: the way turn by turn, as polyline or GeoJSON, through places in between."""

import numpy as np
import pytest
from map_places import BAY, BEACH, HARBOUR, HOBART, KIEL, OCEAN, SQUARE, text

from geo import polyline

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(client, start=SQUARE, to=HARBOUR, **more):
    return await client.get("/maps/route", params={"from": text(start), "to": text(to), **more})


async def test_steps_lead_from_departure_to_arrival_and_add_up_to_the_leg(maps):
    answer = await ask(maps)
    found = answer.json()
    assert answer.status_code == 200
    (leg,) = found["legs"]
    assert (leg["from"], leg["to"]) == (SQUARE, HARBOUR)
    assert (leg["steps"][0]["type"], leg["steps"][-1]["type"]) == ("depart", "arrive")
    assert leg["steps"][0]["sentence"].startswith("Head ")
    for name in ("travel_s", "distance_m"):
        assert found[name] == leg[name] == sum(step[name] for step in leg["steps"])
    assert (found["travel_time_source"], found["region"]) == ("osrm", "coquimbo")


async def test_a_way_through_places_in_between_has_a_leg_more_for_each(maps):
    found = (await ask(maps, via=[text(BEACH), text(SQUARE)])).json()
    assert [leg["to"] for leg in found["legs"]] == [BEACH, SQUARE, HARBOUR]
    assert found["travel_s"] == sum(leg["travel_s"] for leg in found["legs"])


async def test_both_ways_of_writing_the_line_are_the_same_line(maps):
    short = polyline.decode((await ask(maps)).json()["geometry"])
    line = (await ask(maps, geometry_format="geojson")).json()["geometry"]
    assert line["type"] == "LineString"
    assert np.abs(np.array(line["coordinates"]) - short).max() < 1e-6


async def test_the_way_from_a_place_to_itself_is_nothing_and_still_a_line(maps):
    found = (await ask(maps, to=SQUARE, geometry_format="geojson")).json()
    assert (found["travel_s"], found["distance_m"]) == (0, 0)
    assert len(found["geometry"]["coordinates"]) >= 2


@pytest.mark.parametrize(
    ("parameters", "code", "pointer"),
    [
        ({"start": OCEAN}, "outside_coverage", "from"),
        ({"to": OCEAN}, "outside_coverage", "to"),
        ({"via": [text(BEACH), text(OCEAN)]}, "outside_coverage", "via/1"),
        ({"via": [text(BAY)]}, "off_road", "via/0"),
        ({"start": KIEL, "to": HOBART}, "no_route", "from"),
    ],
)
async def test_what_the_roads_do_not_reach_is_named_by_its_parameter(maps, parameters, code, pointer):
    answer = await ask(maps, **parameters)
    said = answer.json()
    assert (answer.status_code, said["code"], said["errors"][0]["pointer"]) == (422, code, pointer)


@pytest.mark.parametrize(
    "bad",
    ["", "1", "a,b", "1,2,3", "nan,1", "inf,1", "1e5,1", "91,0", "0,181", "-29.9;-71.2", "1,2\x00", "٣,٤", "9" * 65],
)
async def test_text_that_is_no_place_is_refused_for_every_parameter(maps, bad):
    good = {"from": text(SQUARE), "to": text(BEACH)}
    for name in ("from", "to", "via"):
        answer = await maps.get("/maps/route", params={**good, name: bad})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), name
        assert answer.json()["errors"]


async def test_missing_ends_too_many_places_and_unknown_formats_are_refused(maps):
    for parameters in (
        {"to": text(BEACH)},
        {"from": text(BEACH)},
        {"from": text(SQUARE), "to": text(BEACH), "via": [text(BEACH)] * 24},
        {"from": text(SQUARE), "to": text(BEACH), "geometry_format": "wkt"},
    ):
        answer = await maps.get("/maps/route", params=parameters)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_spaces_around_the_numbers_and_a_plus_are_fine(maps):
    spaced = await maps.get("/maps/route", params={"from": " -29.9027 , -71.2520", "to": text(BEACH)})
    assert spaced.json()["legs"][0]["from"] == SQUARE
    north = await maps.get("/maps/route", params={"from": "+54.321,+10.131", "to": text(KIEL)})
    assert north.json()["region"] == "continents"


async def test_straight_lines_answer_while_the_engine_does_not_and_say_so(straight_maps):
    found = (await ask(straight_maps)).json()
    assert found["travel_time_source"] == "straight"
    assert [step["type"] for step in found["legs"][0]["steps"]] == ["depart", "arrive"]
