import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from neighbours import Neighbour, settle
from sqlalchemy import text

from db import nearby, nearby_statement
from db.nearby import Seen, near
from dispatch.availability import Fix, StopInForce
from geo.distance import distance_m
from geo.point import Point

HERE = Point(-71.25, -29.90)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def east(metres):
    """A place so far east of HERE."""
    return Point(HERE.lon + metres / 96_400, HERE.lat)


def busy(at, location=None):
    """A stop that somebody is at for an hour around an instant."""
    begins = at - HOUR / 2
    return StopInForce(location or HERE, begins - HOUR / 2, begins, begins, begins + HOUR, begins + HOUR)


async def found(tx, people, *, at=MONDAY, trade="plumber", radius_m=25_000.0, **question):
    await settle(tx, people)
    around = await near(tx, HERE, trade=trade, radius_m=radius_m, at=at, until=at + DAY, **question)
    return [row.name for row in around.rows]


async def test_the_nearest_come_first_whatever_their_trades_are_called(tx):
    people = [
        Neighbour("far", east(9_000), ("plumber", "drains"), rating=4.5),
        Neighbour("near", east(1_000)),
        Neighbour("roofer", east(500), ("roofer",)),
    ]
    assert await found(tx, people) == ["near", "far"]
    around = await near(tx, HERE, trade=None, radius_m=25_000, at=MONDAY, until=MONDAY + DAY)
    assert [row.name for row in around.rows] == ["roofer", "near", "far"]
    assert (around.rows[2].trades, around.rows[2].rating, around.reach_m) == (("drains", "plumber"), 4.5, 40_000)


async def test_nobody_comes_farther_than_they_go_or_when_they_are_not_active(tx):
    people = [
        Neighbour("goes 4 km", east(5_000), reach_m=4_000),
        Neighbour("goes 6 km", east(5_000), reach_m=6_000),
        Neighbour("gone", east(1_000), active=False),
    ]
    assert await found(tx, people) == ["goes 6 km"]
    assert await found(tx, [], trade=None) == ["goes 6 km"]


async def test_an_area_that_does_not_cover_the_point_keeps_somebody_away_however_near(tx):
    covers = "MULTIPOLYGON(((-71.3 -30,-71.2 -30,-71.2 -29.8,-71.3 -29.8,-71.3 -30)))"
    misses = "MULTIPOLYGON(((-71.24 -30,-71.2 -30,-71.2 -29.8,-71.24 -29.8,-71.24 -30)))"
    people = [Neighbour("misses", east(1_500), area=misses), Neighbour("covers", east(3_000), area=covers)]
    assert await found(tx, people) == ["covers"]
    assert await found(tx, [], trade=None) == ["covers"]


@pytest.mark.parametrize("trade", ["plumber", None])
async def test_only_who_is_at_work_is_found_and_within_a_day_who_will_be(tx, trade):
    people = [
        Neighbour("works", east(1_000)),
        Neighbour("on call", east(2_000), shifts=(), on_call=((MONDAY - HOUR, MONDAY + HOUR),)),
        Neighbour("tomorrow", east(3_000), shifts=((1, 480, 600),)),
        Neighbour("on call tonight", east(4_000), shifts=(), on_call=((MONDAY + 9 * HOUR, MONDAY + 10 * HOUR),)),
        Neighbour("wednesday", east(5_000), shifts=((2, 480, 600),)),
        Neighbour("off", east(6_000), time_off=((MONDAY - HOUR, None),)),
        Neighbour("off an hour", east(7_000), time_off=((MONDAY - HOUR, MONDAY + HOUR),)),
    ]
    assert await found(tx, people, trade=trade) == ["works", "on call"]
    tomorrow = ["works", "on call", "tomorrow", "on call tonight", "off an hour"]
    assert await found(tx, [], trade=trade, within_a_day=True) == tomorrow


async def test_the_week_wraps_at_sunday_s_midnight(tx):
    sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    people = [Neighbour("night", east(1_000), shifts=((6, 1320, 360),)), Neighbour("day", east(2_000))]
    assert await found(tx, people, at=sunday) == ["night"]
    assert await found(tx, [], at=sunday + HOUR) == ["night"]
    assert await found(tx, [], at=sunday, within_a_day=True) == ["night", "day"]


async def test_who_is_at_a_stop_is_as_near_as_the_stop(tx):
    people = [
        Neighbour("home near, stop far", east(1_000), stops=(busy(MONDAY, east(20_000)),)),
        Neighbour("home far, stop near", east(15_000), stops=(busy(MONDAY, east(500)),)),
        Neighbour("at home", east(2_000), stops=(busy(MONDAY + 4 * HOUR),)),
    ]
    assert await found(tx, people) == ["home far, stop near", "at home", "home near, stop far"]


async def test_a_stop_of_somebody_who_does_not_come_so_far_from_home_is_no_candidate(tx):
    assert await found(tx, [Neighbour("far", east(15_000), reach_m=10_000, stops=(busy(MONDAY, east(500)),))]) == []


async def test_who_was_seen_elsewhere_is_as_near_as_that(tx):
    near_by, far_away = Neighbour("seen near", east(15_000)), Neighbour("seen far", east(1_000))
    off = Neighbour("off", east(1_000), shifts=())
    seen = [
        Seen(one.id, Fix(place, MONDAY), distance_m(HERE, place))
        for one, place in ((near_by, east(700)), (far_away, east(18_000)), (off, east(100)))
    ]
    people = [near_by, far_away, off, Neighbour("at home", east(3_000))]
    assert await found(tx, people, seen=seen) == ["seen near", "at home", "seen far"]
    around = await near(tx, HERE, trade="plumber", radius_m=1.0, at=MONDAY, until=MONDAY + DAY, seen=seen)
    assert [row.schedule.live is not None for row in around.rows] == [True, False, True]


async def test_what_is_known_about_somebody_s_time_comes_along(tx):
    stop = busy(MONDAY)
    pause = (MONDAY + 2 * HOUR, MONDAY + 3 * HOUR)
    off = (MONDAY + 20 * HOUR, MONDAY + 30 * HOUR)
    await settle(tx, [Neighbour("one", HERE, stops=(stop,), breaks=(pause,), time_off=(off,), on_call=(off,))])
    around = await near(tx, HERE, trade="plumber", radius_m=1.0, at=MONDAY, until=MONDAY + DAY)
    schedule = around.rows[0].schedule
    assert schedule.week_min == tuple((1440 * day + 480, 1440 * day + 1020) for day in range(5))
    assert (schedule.stops, schedule.breaks, schedule.time_off, schedule.on_call) == ((stop,), (pause,), (off,), (off,))


async def test_an_empty_neighbourhood_says_how_far_people_go(tx):
    await settle(tx, [Neighbour("far", Point(-70.5, -29.9), reach_m=12_345)])
    around = await near(tx, HERE, trade="plumber", radius_m=1.0, at=MONDAY, until=MONDAY + DAY)
    assert (around.rows, around.reach_m) == ((), 12_345)
    assert (await near(tx, HERE, trade="nobody", radius_m=1.0, at=MONDAY, until=MONDAY + DAY)).reach_m == 0


async def test_no_more_than_fifty_are_found_and_they_are_the_nearest(tx):
    chance = random.Random(7)
    people = [Neighbour(f"{n}", east(chance.uniform(1, 30_000))) for n in range(90)]
    people += [Neighbour(f"s{n}", east(100), stops=(busy(MONDAY, east(chance.uniform(1, 30_000))),)) for n in range(60)]
    names = await found(tx, people)
    by_origin = sorted(people, key=lambda one: distance_m(HERE, one.stops[0].location if one.stops else one.home))
    assert names == [one.name for one in by_origin[:50]]


async def test_who_is_at_work_is_found_alike_by_the_walk_by_weeks_and_by_a_walk_through_all(tx, monkeypatch):
    chance = random.Random(11)
    people = [Neighbour(f"{n}", east(chance.uniform(1, 45_000)), **_hours(chance)) for n in range(150)]
    await settle(tx, people[:100])
    await settle(tx, people[100:], timezone="America/Santiago")
    ways = {
        "one walk": (10_000, 200, 2_000),
        "weeks": (1, 200, 2_000),
        "all": (1, 2, 2_000),
        "all of many": (1, 200, 3),
    }
    for hours in (0, 5, 10, 16, 40, 60, 140):
        answers = {}
        for way, constants in ways.items():
            for name, value in zip(("WALKED", "WEEKS", "FEW"), constants, strict=True):
                monkeypatch.setattr(nearby_statement, name, value)
            asked = nearby_statement.statement(of_a_trade=True, within_a_day=False)
            monkeypatch.setitem(nearby._STATEMENTS, (True, False, False), asked)
            answers[way] = await found(tx, [], at=MONDAY + hours * HOUR)
        assert answers["one walk"]
        assert all(answer == answers["one walk"] for answer in answers.values()), hours


def _hours(chance):
    """Somebody's week, calls and time off: a few hours, or hardly any."""
    starts_min = chance.choice([360, 480, 1320])
    calls_at = MONDAY + chance.randrange(0, 160) * HOUR
    return {
        "shifts": tuple((day, starts_min, starts_min + 480) for day in range(chance.choice([0, 1, 5, 7]))),
        "on_call": ((calls_at, calls_at + 12 * HOUR),) if chance.random() < 0.4 else (),
        "time_off": ((calls_at, None),) if chance.random() < 0.1 else (),
    }


async def test_by_night_nobody_walks_through_all_who_are_asleep(database, analyse):
    asleep = [Neighbour(f"{n}", east(10 * n)) for n in range(1_500)]
    night = MONDAY + 13 * HOUR
    async with database.begin() as tx:
        await settle(tx, [*asleep, Neighbour("night", east(20_000), shifts=((0, 1320, 360),))])
    analyse()
    async with database.begin() as tx:
        assert await found(tx, [], at=night) == ["night"]
        for mode in ("force_custom_plan", "force_generic_plan"):
            await tx.execute(text(f"set local plan_cache_mode = {mode}"))
            plan = await nearby.explained(
                tx, HERE, trade="plumber", radius_m=25_000, at=night, until=night + DAY, done=True
            )
            looked_at = [line for line in plan.splitlines() if "Scan using ix_offerings_home_xy" in line]
            assert len(looked_at) == 2, plan
            assert f"(actual rows={nearby_statement.WALKED} loops=1)" in looked_at[0], plan
            assert "(never executed)" in looked_at[1], plan
            assert "using ix_offerings_week on offerings" in plan
            assert "Seq Scan on offerings" not in plan


@pytest.mark.parametrize(("trade", "index"), [("plumber", "ix_offerings_home_xy"), (None, "ix_contractors_home_xy")])
async def test_homes_and_stops_are_walked_through_their_indexes_nearest_first(database, analyse, trade, index):
    people = [Neighbour(f"{n}", east(10 * n), trades=("plumber", "roofer")) for n in range(1_500)]
    # So many that walking an index is clearly cheaper than sorting the few pages of a small table.
    people += [Neighbour(f"s{n}", HERE, stops=(busy(MONDAY, east(n)),)) for n in range(2_000)]
    async with database.begin() as tx:
        await settle(tx, people)
    analyse()
    async with database.begin() as tx:
        for mode in ("force_custom_plan", "force_generic_plan"):
            await tx.execute(text(f"set local plan_cache_mode = {mode}"))
            plan = await nearby.explained(tx, HERE, trade=trade, radius_m=25_000, at=MONDAY, until=MONDAY + DAY)
            for walked in (index, "ix_assignments_under_way"):
                walks = plan.split(f"Index Scan using {walked} ")[1:]
                assert any("Order By: (" in walk.partition("Filter:")[0] for walk in walks), plan
            assert "Seq Scan on offerings" not in plan
            assert "Seq Scan on assignments" not in plan
            assert "Seq Scan on contractors" not in plan
            plan = await nearby.explained(
                tx, HERE, trade=trade, radius_m=25_000, at=MONDAY, until=MONDAY + DAY, in_box_m=500.0
            )
            assert re.search(rf"using {index} .*\n +Index Cond: \(.*home_xy <@ box\(", plan), plan
            assert "Seq Scan on offerings" not in plan
            assert "Seq Scan on contractors" not in plan
