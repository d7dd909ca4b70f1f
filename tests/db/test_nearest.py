"""The order of homes against a look at everybody, where Mercator's map is kind to it and where it is not."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from neighbours import Neighbour, settle
from psycopg import AsyncRawCursor

from db import nearby, nearby_statement, nearest
from db.engine import driver
from geo.distance import distance_m, one_to_many_m
from geo.point import Point

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)
ALL_WEEK = tuple((day, 0, 0) for day in range(7))
MIDDLES = (
    *((lon, lat) for lon in (-71.25, 0.0, 120.0) for lat in (-67.5, -29.9, 0.0, 45.0, 60.0, 78.0, 84.0)),
    *((lon, lat) for lon in (179.95, -179.99, 180.0) for lat in (-16.8, 0.0, 66.0, 81.0)),
    *((13.0, lat) for lat in (88.0, 89.9, -89.9, 90.0, -90.0)),
)


def around(chance, middle, spread_m):
    """A place so far from another, more or less, in any direction; on earth wherever that leads."""
    lon, lat = (math.radians(degrees) for degrees in middle)
    away, to = abs(chance.gauss(0.0, spread_m)) / 6_371_008.8, chance.uniform(0.0, math.tau)
    sine = math.sin(lat) * math.cos(away) + math.cos(lat) * math.sin(away) * math.cos(to)
    east = math.atan2(math.sin(to) * math.sin(away) * math.cos(lat), math.cos(away) - math.sin(lat) * sine)
    turned = (math.degrees(lon + east) + 180.0) % 360.0 - 180.0
    return Point(round(turned, 6), round(math.degrees(math.asin(max(-1.0, min(1.0, sine)))), 6))


def people_of(chance, middle, n, spread_m):
    homes = [around(chance, middle, spread_m) for _ in range(n)]
    homes += homes[:9]  # several at one door
    reaches_m = (5_000, 40_000, 40_000, 40_000, 300_000)
    return [Neighbour("", home, reach_m=chance.choice(reaches_m), shifts=ALL_WEEK) for home in homes]


def brute_force(point, people):
    """Whoever goes that far, nearest first, those at one door by id."""
    away_m = one_to_many_m(point, [(one.home.lon, one.home.lat) for one in people]).tolist()
    # The database rounds distances to 10 nm, so that who is equally far is equally far.
    found = sorted(
        (round(metres, 5), one.id) for metres, one in zip(away_m, people, strict=True) if metres <= one.reach_m
    )
    return [who for _, who in found[: nearby.CANDIDATES]]


async def asked(tx, point, trade):
    found = await nearby.near(tx, point, trade=trade, radius_m=25_000.0, at=AT, until=AT + DAY)
    return [row.contractor_id for row in found.rows]


@pytest.mark.parametrize("margin", [nearest.MARGIN, 0])
async def test_the_order_is_that_of_a_look_at_everybody_wherever_on_earth(tx, monkeypatch, margin):
    """Without a margin nearly every order is in doubt, and looked at again."""
    monkeypatch.setattr(nearest, "MARGIN", margin)
    monkeypatch.setattr(nearby_statement, "MARGIN", margin)
    for of_a_trade in (True, False):
        written = nearby_statement.statement(of_a_trade=of_a_trade, within_a_day=False)
        monkeypatch.setitem(nearby._STATEMENTS, (of_a_trade, False, False), written)
    chance = random.Random(5 + margin)
    people = [
        one for middle in MIDDLES for one in people_of(chance, middle, 80, chance.choice((300.0, 8_000.0, 60_000.0)))
    ]
    await settle(tx, people)
    for middle in MIDDLES:
        for spread_m in (10.0, 3_000.0, 30_000.0, 150_000.0):
            for trade in ("plumber", None):
                point = around(chance, middle, spread_m)
                assert await asked(tx, point, trade) == brute_force(point, people), (point, trade)


async def test_hardly_anybody_s_order_is_in_doubt(tx):
    """What is looked at again costs twice: from the middle of a town that must be the exception."""
    chance = random.Random(3)
    people = people_of(chance, (10.7, 59.9), 1_500, 8_000.0)
    await settle(tx, people)
    n_again = 0
    for _ in range(200):
        point = around(chance, (10.7, 59.9), 8_000.0)
        values = nearby._values(point, "plumber", 1.0, AT, AT + DAY, ())
        async with AsyncRawCursor(await driver(tx)) as cursor:
            await cursor.execute(nearby._STATEMENTS[True, False, False], values)
            rows = await cursor.fetchall()
        assert len(rows) == nearby.CANDIDATES
        n_again += nearest.look_again_m(point, *rows[0][:3]) is not None
    assert n_again <= 2


def test_the_plane_stretches_no_arc_by_more_than_the_bound():
    """What the proof rests on, by 20,000 pairs: |a b| on the plane is at most y(p + s) - y(p)."""
    chance = random.Random(1)
    for _ in range(20_000):
        a = Point(chance.uniform(-100, 100), chance.uniform(-85, 85))
        b = around(chance, (a.lon, a.lat), 10 ** chance.uniform(0, 5.5))
        s, p = distance_m(a, b) / 6_371_000 + 1e-9, abs(math.radians(a.lat))
        if p + s >= math.pi / 2 or abs(a.lon - b.lon) > 180:
            continue
        y = [math.asinh(math.tan(math.radians(one.lat))) for one in (a, b)]
        apart = math.hypot(math.radians(a.lon - b.lon), y[0] - y[1])
        assert apart <= math.asinh(math.tan(p + s)) - math.asinh(math.tan(p))
