"""POST /maps/match: the road behind a trace, with times or without."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from map_places import BAY, BEACH, HOBART, KIEL, OCEAN, SQUARE, text

from api.errors import Unusable
from api.maps.matching import whole_seconds
from geo import polyline

pytestmark = pytest.mark.asyncio(loop_scope="session")

NINE = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def trace(maps):
    """Fixes some metres beside the way from the square to the beach, and the seconds at which they are taken."""
    way = await maps.get("/maps/route", params={"from": text(SQUARE), "to": text(BEACH)})
    line = polyline.decode(way.json()["geometry"])[::2]
    jitter = np.random.default_rng(1).normal(0, 3e-5, line.shape)
    points = [{"lat": float(lat), "lng": float(lng)} for lng, lat in line + jitter]
    return points, way.json()


def timed(points, step_s=8.0):
    return [{**point, "at": (NINE + timedelta(seconds=i * step_s)).isoformat()} for i, point in enumerate(points)]


async def ask(client, points):
    return await client.post("/maps/match", json={"points": points})


async def test_a_noisy_trace_lies_on_the_road_that_was_driven(maps, trace):
    points, way = trace
    for sent in (points, timed(points)):
        answer = await ask(maps, sent)
        found = answer.json()
        assert answer.status_code == 200
        assert len(found["legs"]) == len(points) - 1
        assert found["distance_m"] == sum(leg["distance_m"] for leg in found["legs"])
        assert found["distance_m"] == pytest.approx(way["distance_m"], rel=0.1)
        assert found["travel_time_source"] == "osrm"
        assert len(polyline.decode(found["geometry"])) > 2


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda points: points[:1], "too_short"),
        (lambda points: [], "too_short"),
        (lambda points: (points * 100)[:1001], "too_long"),
        (lambda points: [{k: v for k, v in points[0].items() if k != "at"}, *points[1:]], "some_without_time"),
        (lambda points: points[::-1], "times_not_rising"),
        (lambda points: [points[0], points[0]], "times_not_rising"),
        (lambda points: [{**points[0], "at": "2026-11-24T09:00:00"}, points[1]], "timezone_aware"),
        (lambda points: [{**points[0], "at": "yesterday"}, points[1]], "datetime_from_date_parsing"),
        (lambda points: [{**points[0], "speed": 3}, points[1]], "extra_forbidden"),
        (lambda points: [{**points[0], "lat": 91}, points[1]], "less_than_equal"),
        (lambda points: [{**points[0], "lat": "x"}, points[1]], "number"),
    ],
)
async def test_a_trace_that_cannot_be_one_is_refused_with_its_fault(maps, trace, spoil, code):
    answer = await ask(maps, spoil(timed(trace[0])))
    assert answer.status_code == 422
    assert code in {fault["code"] for fault in answer.json()["errors"]}


async def test_fixes_that_no_road_joins_are_told_from_fixes_far_from_any_road(maps):
    apart = await ask(maps, [KIEL, HOBART])
    assert (apart.status_code, apart.json()["code"]) == (422, "no_route")
    at_sea = await ask(maps, [BAY, {**BAY, "lat": BAY["lat"] + 1e-4}])
    assert (at_sea.status_code, at_sea.json()["code"]) == (422, "off_road")
    outside = await ask(maps, [SQUARE, OCEAN])
    assert (outside.json()["code"], outside.json()["errors"][0]["pointer"]) == ("outside_coverage", "/points/1")


async def test_straight_lines_answer_while_the_engine_does_not_and_say_so(straight_maps, trace):
    found = (await ask(straight_maps, trace[0])).json()
    assert found["travel_time_source"] == "straight"
    assert len(polyline.decode(found["geometry"])) == len(trace[0])


def at(*seconds):
    return [NINE + timedelta(seconds=second) for second in seconds]


async def test_two_fixes_in_one_second_by_a_jittering_clock_are_moved_apart():
    assert whole_seconds(at(0, 0.9, 1.1, 3)).tolist() == [0, 1, 2, 3]


async def test_many_fixes_a_second_are_refused_at_the_first_that_would_move_too_far():
    with pytest.raises(Unusable) as refused:
        whole_seconds(at(0, 0.1, 0.2, 0.3))
    assert refused.value.details["errors"][0]["pointer"] == "/points/2/at"


async def test_a_trace_of_more_than_a_month_is_refused():
    with pytest.raises(Unusable, match="30 days"):
        whole_seconds(at(0, 31 * 86_400))
