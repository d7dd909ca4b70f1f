"""A day is read, planned, judged and explained: what is refused, what is left out, and what always holds."""

import random
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dispatch import present
from dispatch.batch import Clock
from dispatch.day import Day
from dispatch.judge import judge
from dispatch.planning import Effort, accepted, geometry, plan_day
from geo import polyline
from routing.check import violations
from routing.dataset import open_engine
from routing.solver import solve

AT_ONCE = Effort(limit_s=None, iterations=0)
TOWN = {"lon": -93.62, "lat": 41.58}
ISLAND = {"lon": -93.40, "lat": 41.58}


@pytest.fixture(scope="module")
def towns_engine(towns):
    with open_engine(towns) as engine:
        yield engine


def rejected(day):
    return {row.id: row for row in day.rejected}


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"lon": 41.58, "lat": -93.62}, "lat", "look swapped"),
        ({"lon": -193.0, "lat": 41.58}, "lon", "-180"),
        ({"lon": -93.72, "lat": 41.58}, "lon", "8,340 m from the nearest road, more than 1,000 m"),
        ({**TOWN, "window_start": "12:00", "window_end": "11:00"}, "window_end", "closes before it opens at 12:00"),
        ({**TOWN, "duration_min": 0}, "duration_min", "from 1 to 1,440"),
        ({**TOWN, "duration_min": 2400}, "duration_min", "from 1 to 1,440"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_line_column_and_reason_and_the_rest_stays(
    desk, towns_engine, cells, column, says
):
    day = desk.write([{"id": "C1", **TOWN}], [{"id": "J1", **TOWN}, {"id": "J2", **cells}]).read(towns_engine)
    row = rejected(day)["J2"]
    assert (row.file, row.line, row.column) == ("jobs.csv", 3, column)
    assert says in row.reason
    assert [job.id for job in day.jobs] == ["J1"]


def test_swapped_coordinates_that_lie_on_the_globe_are_found_by_their_distance(desk, coquimbo_engine):
    here = {"lon": -71.252, "lat": -29.9075}
    turned = {"lon": here["lat"], "lat": here["lon"]}
    day = desk.write([{"id": "C1", **here}], [{"id": "J1", **here}, {"id": "J2", **turned}]).read(coquimbo_engine)
    assert "check that lon and lat are not swapped" in rejected(day)["J2"].reason
    assert " m from the nearest road" in rejected(day)["J2"].reason


def test_two_rows_of_one_id_are_both_rejected_each_naming_the_other(desk, minutes):
    day = desk.write([{"id": "C1"}], [{"id": "J1"}, {"id": "J2"}, {"id": "J1"}]).read(minutes)
    assert [(row.line, row.reason) for row in day.rejected] == [
        (2, "id is also that of line 4; give each row its own"),
        (4, "id is also that of line 2; give each row its own"),
    ]
    assert [job.id for job in day.jobs] == ["J2"]


def test_a_contractor_whose_day_ends_far_from_any_road_is_rejected_by_that_column(desk, towns_engine):
    people = [
        {"id": "C1", **TOWN, "end_lon": -93.72, "end_lat": 41.58},
        {"id": "C2", **TOWN, "end_lon": -93.62, "end_lat": 41.58},
    ]
    day = desk.write(people, [{"id": "J1", **TOWN}]).read(towns_engine)
    row = rejected(day)["C1"]
    assert (row.file, row.line, row.column) == ("contractors.csv", 2, "end_lon")
    assert [person.id for person in day.contractors] == ["C2"]


def test_a_job_that_no_road_leads_to_is_left_out_as_unreachable_without_a_remedy(desk, towns_engine):
    plan = plan_day(
        desk.write([{"id": "C1", **TOWN}], [{"id": "J1", **TOWN}, {"id": "J2", **ISLAND}]).read(towns_engine),
        towns_engine,
        AT_ONCE,
    )
    (left,) = plan.unassigned
    first = left.reasons[0]
    assert (left.job.id, first.code, first.remedy) == ("J2", "unreachable", None)
    assert first.message == "no contractor gets there and back by road"
    assert [stop.job.id for route in plan.routes for stop in route.stops] == ["J1"]


def test_who_lives_on_the_island_serves_the_island(desk, towns_engine):
    people = [{"id": "C1", **TOWN}, {"id": "C2", **ISLAND}]
    plan = plan_day(
        desk.write(people, [{"id": "J1", **TOWN}, {"id": "J2", **ISLAND}]).read(towns_engine), towns_engine, AT_ONCE
    )
    assert {route.contractor.id: [s.job.id for s in route.stops] for route in plan.routes} == {
        "C1": ["J1"],
        "C2": ["J2"],
    }
    assert plan.travel_time_source == "osrm"


def test_a_night_shift_over_midnight_serves_the_next_morning(desk, minutes):
    people = [{"id": "C1", "shift_start": "22:00", "shift_end": "06:00"}]
    jobs = [{"id": "J1", "min": 10, "window_start": "25:30", "window_end": "26:30"}]
    plan = plan_day(desk.write(people, jobs).read(minutes), minutes, AT_ONCE)
    (route,) = plan.routes
    assert route.stops[0].service_starts_at.isoformat() == "2026-11-25T01:30:00-06:00"
    assert route.starts_at.isoformat() == "2026-11-25T01:20:00-06:00"


def test_a_shift_that_a_change_of_clocks_cuts_works_and_is_warned_about(desk, minutes):
    """02:30 does not exist on that night: the shift begins at 03:00, and five hours later it is 08:00."""
    spring = replace(desk, on=date(2026, 3, 8))
    people = [{"id": "C1", "shift_start": "02:30", "shift_end": "08:00"}]
    day = spring.write(people, [{"id": "J1", "duration_min": 300}, {"id": "J2", "duration_min": 301}]).read(minutes)
    plan = plan_day(day, minutes, AT_ONCE)
    (route,) = plan.routes
    assert [stop.job.id for stop in route.stops] == ["J1"]
    assert (route.starts_at.isoformat(), route.ends_at.isoformat()) == (
        "2026-03-08T03:00:00-05:00",
        "2026-03-08T08:00:00-05:00",
    )
    (warning,) = plan.warnings
    assert warning.startswith("contractors.csv line 2, column shift_start, id C1: 02:30 on 2026-03-08 does not exist")


def test_a_shift_over_the_change_lasts_an_hour_less_and_what_needs_that_hour_is_left_out(desk, minutes):
    spring = replace(desk, on=date(2026, 3, 7))
    people = [{"id": "C1", "shift_start": "22:00", "shift_end": "06:00"}]
    day = spring.write(people, [{"id": "J1", "duration_min": 420}, {"id": "J2", "duration_min": 421}]).read(minutes)
    plan = plan_day(day, minutes, AT_ONCE)
    assert [stop.job.id for route in plan.routes for stop in route.stops] == ["J1"]
    assert plan.unassigned[0].reasons[0].code == "too_long"


def test_the_same_rows_in_any_order_give_the_same_plan_three_times(desk, minutes):
    rng = random.Random(4)
    people = [{"id": f"C{n}", "min": rng.randint(0, 40), "shift_end": "12:00"} for n in range(3)]
    jobs = [{"id": f"J{n:02}", "min": rng.randint(0, 50), "lon": -93.6 + n / 100} for n in range(20)]
    digests = set()
    for _ in range(3):
        rng.shuffle(people)
        rng.shuffle(jobs)
        plan = plan_day(desk.write(people, jobs).read(minutes), minutes, Effort(limit_s=None, iterations=200))
        digests.add(present.plan_dict(plan)["digest"])
    assert len(digests) == 1
    assert plan.search.iterations > 0


def test_a_plan_says_how_it_was_made_and_adds_up(desk, minutes, tmp_path):
    people = [
        {
            "id": "C1",
            "break_start": "11:00",
            "break_end": "12:00",
            "break_min": 30,
            "cost_per_km": 30,
            "cost_fixed": 40,
        },
        {"id": "C2", "shift_end": "09:00", "trades": "roofer"},
    ]
    jobs = [{"id": f"J{n}", "min": 5 * n, "duration_min": 60, "preferred_contractor": "C1"} for n in range(1, 8)]
    told = []
    day = desk.write(people, jobs).read(minutes)
    plan = plan_day(day, minutes, Effort(limit_s=None, iterations=0, seed=7, on_step=told.append))
    assert told == list(plan.phases) == ["matrix", "search", "judge", "reasons", "geometry"]
    assert (plan.seed, plan.limit_s, plan.budget_iterations, plan.timezone) == (7, None, 0, "America/Chicago")
    assert (plan.n_contractors, plan.travel_time_source) == (2, "straight")
    assert 0 < (plan.bound or 0) <= plan.objective.total
    served = {stop.job.id for route in plan.routes for stop in route.stops}
    assert served | {left.job.id for left in plan.unassigned} == {job["id"] for job in jobs}
    assert all(left.reasons for left in plan.unassigned)
    assert all(stop.reasons for route in plan.routes for stop in route.stops)
    present.write_json(plan, tmp_path / "plan.json")
    verdict = judge(tmp_path / "plan.json", day, minutes)
    assert (verdict.violations, verdict.objective) == ((), plan.objective)


def test_a_route_is_drawn_from_home_over_its_stops_to_its_end(desk, minutes):
    people = [{"id": "C1", "end_lon": -93.5, "end_lat": 41.0}]
    plan = plan_day(desk.write(people, [{"id": "J1", "min": 30}]).read(minutes), minutes, AT_ONCE)
    line = polyline.decode(plan.routes[0].geometry, precision=6)
    assert line.ravel() == pytest.approx([-93.6, 41.0, -93.6, 41.5, -93.5, 41.0])


def test_a_leg_without_a_road_is_drawn_straight_for_a_picture_must_not_cost_the_plan(
    desk, minutes, towns_engine, problem_on
):
    there_and_back = np.array([(-93.62, 41.58), (-93.40, 41.58), (-93.62, 41.58)])
    line = polyline.decode(geometry(towns_engine, there_and_back), precision=6)
    assert line.ravel() == pytest.approx([-93.62, 41.58, -93.40, 41.58, -93.62, 41.58])


def test_a_day_without_jobs_or_people_is_an_empty_plan(minutes):
    day = Day((), (), Clock(date(2026, 11, 24), ZoneInfo("UTC")))
    plan = plan_day(day, minutes, AT_ONCE)
    assert (plan.routes, plan.unassigned, plan.objective.total) == ((), (), 0)


def test_a_plan_that_the_judge_refuses_is_replaced_by_one_it_accepts_and_that_is_said(desk, minutes, problem_on):
    problem = problem_on(desk.write([{"id": "C1"}], [{"id": "J1", "min": 10}]).read(minutes), minutes)
    good = solve(problem, iterations=0)
    assert accepted(problem, good) is good
    broken = replace(good, routes=(replace(good.routes[0], starts_s=0),))
    mended = accepted(problem, broken)
    assert violations(problem, mended) == []
    assert mended.search.stopped_by == "judge: C1 leaves 28800 s before the shift"
