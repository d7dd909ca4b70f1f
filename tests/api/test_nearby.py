import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import pytest_asyncio
from map_places import BAY
from neighbours import Neighbour, settle

from db import engine as db_engine
from dispatch.availability import StopInForce
from geo.distance import distance_m
from geo.point import Point
from routing.straight import Straight

PATH = "/maps/contractors/nearby"
SQUARE = Point(-71.2520, -29.9027)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
AT = {"at": "2026-11-23T10:00:00Z"}
HOUR = timedelta(hours=1)


def query(point=SQUARE, **more):
    return {"lat": point.lat, "lng": point.lon} | AT | more


async def ask(client, **more):
    answer = await client.get(PATH, params=query(**more))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def settled(app_settings, coquimbo):
    """Let people live in the town of this test's server."""

    async def settling(*people):
        engine = db_engine.connect(app_settings.database_url)
        async with db_engine.transaction(engine) as tx:
            await settle(tx, people)
        await engine.dispose()

    return settling


@pytest_asyncio.fixture
async def town(settled, coquimbo_engine):
    """120 people on streets, a third of them at a stop; about half of them do plumbing."""
    chance = random.Random(3)
    lonlat = [(chance.uniform(-71.29, -71.23), chance.uniform(-29.96, -29.88)) for _ in range(600)]
    snaps = coquimbo_engine.nearest(lonlat)
    places = [
        Point(*map(float, place)) for place, metres in zip(snaps.lonlat, snaps.distance_m, strict=True) if metres < 900
    ]
    begins = MONDAY - HOUR / 2
    people = [
        Neighbour(
            f"P{number}",
            places[2 * number],
            trades=("plumber", "drains") if number % 2 else ("roofer",),
            reach_m=chance.choice([3_000, 6_000, 20_000]),
            stops=(StopInForce(places[2 * number + 1], begins - HOUR, begins, begins, MONDAY + end, MONDAY + end),)
            if number % 3 == 0 and (end := timedelta(minutes=chance.randint(5, 90)))
            else (),
        )
        for number in range(120)
    ]
    await settled(*people)
    return people


def brute_force(people, point, trade, engine):
    """(at_door_at, drive_s, id) of everybody who may come, by a look at each of them."""
    may = [one for one in people if trade in one.trades and distance_m(one.home, point) <= one.reach_m]
    origins = [one.stops[0].location if one.stops else one.home for one in may]
    lonlat = np.array([*((place.lon, place.lat) for place in origins), (point.lon, point.lat)])
    drive_s = engine.table(lonlat, range(len(may)), [len(may)]).duration_s[:, 0].tolist()
    free_at = [one.stops[0].service_ends_at if one.stops else MONDAY for one in may]
    timed = zip(may, origins, free_at, drive_s, strict=True)
    nearest = sorted(timed, key=lambda row: (distance_m(row[1], point), row[0].id))[:50]
    return sorted((free + timedelta(seconds=seconds), seconds, str(one.id)) for one, _, free, seconds in nearest)


def rows_of(answer):
    return [
        (datetime.fromisoformat(row["at_door_at"]), row["drive_s"], row["contractor_id"]) for row in answer["results"]
    ]


async def test_the_order_is_that_of_a_look_at_everybody_by_the_roads_at_200_places(client, town, coquimbo_engine):
    chance = random.Random(11)
    n_overtaken = 0
    for _ in range(200):
        place = coquimbo_engine.nearest([(chance.uniform(-71.28, -71.24), chance.uniform(-29.95, -29.89))]).lonlat[0]
        point = Point(*map(float, place))
        answer = await ask(client, point=point, trade="plumber", limit=10, radius=100)
        expected = brute_force(town, point, "plumber", coquimbo_engine)
        assert answer["travel_time_source"] == "osrm"
        assert rows_of(answer) == expected[:10]
        ranks = [row["straight_rank"] for row in answer["results"]]
        n_overtaken += ranks != sorted(ranks)
        assert [row["rank"] for row in answer["results"]] == list(range(1, len(ranks) + 1))
    assert n_overtaken > 100  # in nearly every place somebody nearer is later


async def test_a_server_whose_roads_are_away_answers_by_straight_lines_and_says_so(app, client, town):
    app.state.roads._deadline_s = 1e-9
    chance = random.Random(12)
    for _ in range(20):
        point = Point(chance.uniform(-71.28, -71.24), chance.uniform(-29.95, -29.89))
        answer = await ask(client, point=point, trade="plumber", limit=10, radius=100)
        assert answer["travel_time_source"] == "straight"
        assert rows_of(answer) == brute_force(town, point, "plumber", Straight())[:10]
        assert "estimated from the straight line" in answer["results"][0]["reasons"][0]["message"]


@pytest.mark.parametrize("limit", [1, 7, 50])
async def test_pages_are_disjoint_complete_and_in_one_order(client, town, coquimbo_engine, limit):
    question = {"trade": "roofer", "radius": 100}
    pages = [await ask(client, **question, limit=limit)]
    while pages[-1]["next_cursor"]:
        pages.append(await ask(client, **question, limit=limit, cursor=pages[-1]["next_cursor"]))
    rows = [row for page in pages for row in rows_of(page)]
    assert rows == brute_force(town, SQUARE, "roofer", coquimbo_engine)
    assert [row["rank"] for page in pages for row in page["results"]] == list(range(1, len(rows) + 1))
    assert {page["at"] for page in pages} == {"2026-11-23T10:00:00Z"}
    assert len({(page["searched_radius_m"], page["widened"], page["within_a_day"]) for page in pages}) == 1


async def test_too_few_nearby_widen_the_search_first_in_space_then_in_time(client, settled):
    def north(metres):
        return Point(SQUARE.lon, SQUARE.lat - metres / 111_195)

    await settled(
        Neighbour("here", north(300)),
        Neighbour("there", north(1_400)),
        Neighbour("tomorrow", north(400), shifts=((1, 480, 600),)),
    )
    answer = await ask(client, radius=1, limit=1)
    assert [row["name"] for row in answer["results"]] == ["here"]
    assert (answer["searched_radius_m"], answer["widened"], answer["within_a_day"]) == (1_000, False, False)
    answer = await ask(client, radius_m=1_000, limit=2)
    assert {row["name"] for row in answer["results"]} == {"here", "there"}
    assert (answer["searched_radius_m"], answer["widened"], answer["within_a_day"]) == (1_500, True, False)
    answer = await ask(client, radius=1, limit=3)
    assert answer["results"][2]["name"] == "tomorrow"
    assert answer["results"][2]["available_from"] == "2026-11-24T08:00:00Z"
    assert [reason["code"] for reason in answer["results"][2]["reasons"]] == ["rank", "waits"]
    assert (answer["searched_radius_m"], answer["widened"], answer["within_a_day"]) == (40_000, True, True)


async def test_without_a_key_distances_are_rounded_up_and_nobody_s_position_is_told(anybody, client, settled):
    await settled(Neighbour("one", Point(SQUARE.lon, SQUARE.lat + 0.01), rating=4.5))
    exact, public = [(await ask(one))["results"][0] for one in (client, anybody)]
    assert (exact["distance_m"], public["distance_m"]) == (1_112, 1_200)
    assert "1.2 km" in public["reasons"][0]["message"]
    assert {"drive_s", "at_door_at", "rank"} <= public.keys()
    assert not {"lat", "lng", "lon", "home", "origin"} & public.keys()
    assert (public["rating"], public["trades"], public["origin_source"]) == (4.5, ["plumber"], "home")
    assert {**exact, "distance_m": 0, "reasons": []} == {**public, "distance_m": 0, "reasons": []}


async def test_outside_all_regions_nothing_is_covered_and_that_is_no_error(anybody, settled):
    await settled(Neighbour("one", SQUARE))
    answer = await ask(anybody, point=Point(0.0, 0.0))
    assert (answer["covered"], answer["region"], answer["results"], answer["next_cursor"]) == (False, None, [], None)


async def test_who_lives_off_every_road_is_left_out_and_a_point_off_every_road_is_refused(client, settled):
    in_the_bay = Point(BAY["lng"], BAY["lat"])
    await settled(Neighbour("at sea", in_the_bay), Neighbour("ashore", SQUARE))
    assert [row["name"] for row in (await ask(client))["results"]] == ["ashore"]
    answer = await client.get(PATH, params=query(in_the_bay))
    assert (answer.status_code, answer.json()["code"]) == (422, "off_road")


async def test_an_unknown_trade_is_refused_with_the_nearest_spelling(anybody, settled):
    await settled(Neighbour("one", SQUARE))
    answer = await anybody.get(PATH, params=query(trade="plumer"))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_trade")
    assert answer.json()["detail"] == "trade 'plumer' is not known; did you mean 'plumber'?"
    assert answer.json()["did_you_mean"] == "plumber"
    assert (await ask(anybody, trade=" Plumber "))["results"][0]["name"] == "one"
    assert (await ask(anybody, trade="solar"))["results"] == []  # known, but nobody does it


async def test_at_is_now_unless_given_and_a_plus_sign_may_come_unescaped(anybody, settled):
    await settled()
    before = datetime.now(UTC)
    answer = await anybody.get(PATH, params={"lat": SQUARE.lat, "lon": SQUARE.lon})
    assert before <= datetime.fromisoformat(answer.json()["at"]) <= datetime.now(UTC)
    answer = await anybody.get(f"{PATH}?lat=-29.9&lng=-71.25&at=2026-11-23T10:00:00+02:00")
    assert answer.json()["at"] == "2026-11-23T08:00:00Z"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"lat": None}, "lat"),
        ({"lat": "NaN"}, "lat"),
        ({"lat": 90.1}, "lat"),
        ({"lat": "x"}, "lat"),
        ({"lng": None}, "lng"),
        ({"lng": "inf"}, "lng"),
        ({"lng": -181}, "lng"),
        ({"lon": -71.2}, "lng or lon"),
        ({"radius": 0}, "radius"),
        ({"radius": "nan"}, "radius"),
        ({"radius": 1001}, "radius"),
        ({"radius_m": 1, "radius": 1}, "not both"),
        ({"radius_m": -1}, "radius_m"),
        ({"trade": ""}, "trade"),
        ({"trade": "p" * 101}, "trade"),
        ({"trade": "plum\x00ber"}, "null character"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-11-23T10:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"limit": 0}, "limit"),
        ({"limit": 51}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "x" * 401}, "cursor"),
        ({"cursor": "a b"}, "cursor"),
        ({"cursor": "abcd"}, "cursor"),
        ({"lattitude": 1}, "lattitude"),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_bad_input_is_refused_by_name(maps, wrong, named):
    params = {key: value for key, value in (query() | wrong).items() if value is not None}
    answer = await maps.get(PATH, params=params)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.text


async def test_a_cursor_of_another_question_is_refused(anybody, settled):
    await settled(*(Neighbour(f"{n}", SQUARE) for n in range(3)))
    cursor = (await ask(anybody, limit=1))["next_cursor"]
    assert (await ask(anybody, limit=2, cursor=cursor))["next_cursor"] is None
    answer = await anybody.get(PATH, params=query(limit=1, cursor=cursor, trade="plumber"))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_a_wrong_key_is_refused_although_none_is_needed(anybody):
    answer = await anybody.get(PATH, params=query(), headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
