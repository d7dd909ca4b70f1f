from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.availability import Availability, Schedule, week_minutes
from dispatch.nearby import (
    Presence,
    arrivals,
    choose,
    complete,
    presences,
    reasons,
    worth_timing,
)
from geo.point import Point
from routing.osrm import Osrm
from routing.types import UNREACHABLE

HERE = Point(-71.25, -29.90)
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
SCHEDULE = Schedule(HERE, ZoneInfo("America/Santiago"))


def who(number):
    return UUID(int=number)


def one(number, metres, *, waits_s=0, on_duty=True, source="home"):
    availability = Availability(AT + timedelta(seconds=waits_s), HERE, source, on_duty)
    return Presence(who(number), SCHEDULE, availability, float(metres))


def numbers(found):
    return [presence.contractor_id.int for presence in found]


def test_distance_is_from_where_somebody_will_be_and_who_is_never_free_is_left_out():
    works = replace(SCHEDULE, home=Point(-71.26, -29.90), week_min=week_minutes((d, 0, 1440) for d in range(7)))
    found = presences([(who(1), works), (who(2), SCHEDULE)], HERE, AT, AT + timedelta(days=1), now=AT)
    assert numbers(found) == [1]
    assert found[0].distance_m == pytest.approx(964, abs=1)


def test_the_nearest_within_the_radius_are_chosen_and_nothing_is_widened():
    choice = choose([one(1, 3_000), one(2, 1_000), one(3, 9_000)], radius_m=5_000, reach_m=40_000, limit=2, most=50)
    assert (numbers(choice.presences), choice.searched_radius_m, choice.widened) == ([2, 1], 5_000, False)


def test_too_few_widen_the_radius_by_half_until_there_are_enough():
    found = [one(1, 1_000), one(2, 7_000), one(3, 20_000)]
    choice = choose(found, radius_m=4_000, reach_m=40_000, limit=2, most=50)
    assert (numbers(choice.presences), choice.searched_radius_m, choice.widened) == ([1, 2], 9_000, True)  # 4, 6, 9 km


def test_the_radius_is_widened_up_to_the_largest_reach_and_no_farther():
    choice = choose([one(1, 1_000), one(2, 30_000)], radius_m=4_000, reach_m=10_000, limit=2, most=50)
    assert (numbers(choice.presences), choice.searched_radius_m) == ([1], 10_000)
    choice = choose([one(1, 1_000)], radius_m=15_000, reach_m=10_000, limit=2, most=50)
    assert (choice.searched_radius_m, choice.widened) == (15_000, False)


def test_those_who_come_later_complete_a_choice_that_is_too_small_nearest_first():
    later = [one(4, 900, waits_s=60, on_duty=False), one(5, 800, on_duty=False), one(6, 8_000, on_duty=False)]
    choice = choose([one(1, 1_000), *later], radius_m=5_000, reach_m=5_000, limit=2, most=2)
    assert numbers(choice.presences) == [1]
    assert numbers(complete(choice, [one(1, 1_000), *later], most=2).presences) == [5, 1]
    assert numbers(complete(choice, later, most=50).presences) == [5, 4, 1]


def test_the_order_is_by_the_door_then_by_drive_then_by_id_and_who_cannot_come_is_left_out():
    people = [one(1, 100, waits_s=300), one(2, 200), one(3, 300), one(4, 400), one(5, 500)]
    drive_s = {who(1): 300, who(2): 700, who(3): 600, who(4): 600, who(5): UNREACHABLE}
    ordered = arrivals(people, drive_s)
    assert [(arrival.presence.contractor_id.int, arrival.straight_rank) for arrival in ordered] == [
        (1, 1), (3, 3), (4, 4), (2, 2),
    ]  # fmt: skip


def test_nobody_is_timed_who_sets_out_after_the_wanted_have_arrived():
    people = [one(1, 1_000), one(2, 2_000), one(3, 1_500, waits_s=7_200), one(4, 60_000)]
    first = worth_timing(people, {}, 2)
    assert numbers(first) == [1, 2]
    # 58 km at 140 km/h take 1,491 s: whoever is that far away may still beat a drive of 1,600 s.
    assert numbers(worth_timing(people, {who(1): 300, who(2): 1_600}, 2)) == [4]
    assert numbers(worth_timing(people, {who(1): 300, who(2): 1_400}, 2)) == []
    assert numbers(worth_timing(people, {who(1): 300, who(2): UNREACHABLE}, 2)) == [4]


@given(
    st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 7_200), st.integers(0, 3_000)), max_size=12, unique=True),
    st.integers(1, 12),
)
def test_the_first_of_the_order_are_those_of_a_look_at_everybody(people, n_wanted):
    # A drive takes at least the straight line, less 2 km of snapping, at 140 km/h.
    candidates = [one(i, metres, waits_s=waits_s) for i, (metres, waits_s, _) in enumerate(people)]
    everybody = {
        who(i): more_s + int(max(0, metres - 2_000) / (140 / 3.6)) for i, (metres, _, more_s) in enumerate(people)
    }
    known, n_rounds = {}, 0
    while pending := worth_timing(candidates, known, n_wanted):
        known |= {one.contractor_id: everybody[one.contractor_id] for one in pending}
        n_rounds += 1
    assert arrivals(candidates, known)[:n_wanted] == arrivals(candidates, everybody)[:n_wanted]
    assert n_rounds <= 2


def test_no_drive_of_the_engine_is_faster_than_the_bound(coquimbo_engine: Osrm):
    from geo.distance import pairwise_m

    grid = [(-71.33 + 0.01 * i, -29.98 + 0.01 * j) for i in range(12) for j in range(10)]
    snaps = coquimbo_engine.nearest(grid)
    lonlat = [place for place, metres in zip(grid, snaps.distance_m, strict=True) if metres < 900]
    assert len(lonlat) > 50
    table = coquimbo_engine.table(lonlat)
    least_s = (pairwise_m(lonlat, lonlat) - 2_000) / (140 / 3.6)
    assert (table.duration_s >= least_s.astype(int)).all()


def test_reasons_say_ranks_waits_origins_and_who_was_overtaken_in_figures():
    people = [one(1, 400), one(2, 2_310, source="live"), one(3, 5_000, waits_s=3_600, source="stop")]
    ordered = arrivals(people, {who(1): 500, who(2): 425, who(3): 60})
    names = {who(n): name for n, name in ((1, "Ana"), (2, "Bea"), (3, "Chen"))}
    said = [
        [(reason.code, reason.message) for reason in reasons(ordered, i, AT, names, source="osrm", shown_m=round)]
        for i in range(3)
    ]
    assert said[0] == [
        ("rank", "1st at the door, after 7 min 05 s by road; 2nd by straight line: 2.3 km"),
        ("from_live", "sets out from where they were seen in the last 10 minutes"),
        ("nearer_but_later", "nearer by straight line but not sooner here: Ana (400 m straight, 8 min 20 s)"),
    ]
    assert [code for code, _ in said[1]] == ["rank"]
    assert said[2][1:] == [
        ("waits", "can set out at 08:00, 1 h 00 min after the time asked for"),
        ("from_stop", "sets out from a stop of the day's route, not from home"),
    ]


def test_estimates_and_rounded_distances_are_said_as_such():
    ordered = arrivals([one(1, 401)], {who(1): 60})
    rank = reasons(ordered, 0, AT, {}, source="straight", shown_m=lambda metres: 500)[0]
    assert rank.message == (
        "1st at the door, after 1 min 00 s by drive time estimated from the straight line; 1st by straight line: 500 m"
    )


def test_more_than_three_who_were_overtaken_are_counted_and_waits_are_said():
    people = [one(n, 100 * n, waits_s=600 if n == 1 else 0) for n in range(1, 7)]
    ordered = arrivals(people, {who(n): 60 if n == 6 else 1_000 + n for n in range(1, 7)})
    said = reasons(ordered, 0, AT, {who(n): f"P{n}" for n in range(1, 7)}, source="osrm", shown_m=round)[-1].message
    assert said == (
        "nearer by straight line but not sooner here: P1 (100 m straight, 16 min 41 s from 07:10 on),"
        " P2 (200 m straight, 16 min 42 s), P3 (300 m straight, 16 min 43 s) and 2 more"
    )
