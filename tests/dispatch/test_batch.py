"""People and jobs become the problem that routing solves."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dispatch.batch import PREFERENCE_COST, Clock, off_road_m, spots_of
from geo.point import Point
from routing.dataset import open_engine
from routing.straight import Straight
from routing.types import Break, Window

HOUR = 3600


def test_a_clock_counts_seconds_from_local_midnight_and_back():
    clock = Clock(date(2026, 11, 24), ZoneInfo("America/Chicago"))
    assert clock.t0_at == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert clock.seconds(datetime(2026, 11, 24, 14, 30, tzinfo=UTC)) == 8 * HOUR + 1800
    assert clock.at(8 * HOUR + 1800).isoformat() == "2026-11-24T08:30:00-06:00"


@pytest.mark.parametrize(("on", "eight_s"), [(date(2026, 3, 8), 7 * HOUR), (date(2026, 11, 1), 9 * HOUR)])
def test_on_a_day_that_a_change_of_clocks_cuts_seconds_are_those_that_pass(on, eight_s):
    clock = Clock(on, ZoneInfo("America/Chicago"))
    eight = datetime(on.year, on.month, on.day, 8, tzinfo=clock.tz)
    assert clock.seconds(eight) == eight_s
    assert clock.at(eight_s).isoformat() == eight.isoformat()


def test_a_day_without_a_midnight_begins_at_its_first_instant():
    clock = Clock(date(2026, 9, 6), ZoneInfo("America/Santiago"))
    assert clock.at(0).isoformat() == "2026-09-06T01:00:00-03:00"


def test_places_are_there_once_in_an_order_that_rows_do_not_change(desk, minutes):
    people = [{"id": "A"}, {"id": "B", "min": 10, "end_lon": -93.6, "end_lat": 41.0}]
    jobs = [{"id": "J1", "min": 10}, {"id": "J2", "min": 5}, {"id": "J3", "min": 5}]
    day = desk.write(people, jobs).read(minutes)
    spots = spots_of(day.jobs, day.contractors)
    assert np.round((spots.lonlat[:, 1] - 41) * 60).tolist() == [0, 5, 10]
    assert (spots.job_place, spots.home_place, spots.end_place) == ((2, 1, 1), (0, 2), (0, 0))
    turned = spots_of(day.jobs[::-1], day.contractors[::-1])
    assert turned.lonlat.tolist() == spots.lonlat.tolist()
    assert turned.job_place == (1, 1, 2)


def test_a_day_without_anybody_has_no_places():
    assert spots_of((), ()).lonlat.shape == (0, 2)
    assert off_road_m(Straight(), []) == {}


def test_points_more_than_a_kilometre_from_a_road_are_found_with_their_distance(towns):
    corner, near, far = (Point(-93.62 - west, 41.58) for west in (0.0, 0.011, 0.1))  # 83.2 km to the degree
    with open_engine(towns) as engine:
        found = off_road_m(engine, [corner, near, far])
    assert list(found) == [far]
    assert found[far] == pytest.approx(8318, rel=0.01)


def test_every_cell_of_a_contractor_reaches_the_vehicle(desk, minutes, problem_on):
    cells = {
        "id": "C1",
        "trades": "plumber;roofer",
        "skills": "gas",
        "break_start": "12:00",
        "break_end": "13:00",
        "break_min": 30,
        "max_jobs": 4,
        "max_travel_min": 90,
        "cost_per_hour": 1800,
        "cost_per_km": 7,
        "cost_fixed": 99,
    }
    (vehicle,) = problem_on(desk.write([cells], [{"id": "J1"}]).read(minutes), minutes).vehicles
    assert (vehicle.shift_starts_s, vehicle.shift_ends_s) == (8 * HOUR, 16 * HOUR)
    assert vehicle.breaks == (Break(12 * HOUR, 13 * HOUR, 1800),)
    assert vehicle.skills == {"trade:plumber", "trade:roofer", "skill:gas"}
    assert (vehicle.max_stops, vehicle.max_travel_s) == (4, 5400)
    assert (vehicle.cost_per_hour, vehicle.cost_per_km, vehicle.cost_fixed) == (1800, 7, 99)


def test_every_cell_of_a_job_reaches_the_stop(desk, minutes, problem_on):
    cells = {
        "id": "J1",
        "window_start": "09:00",
        "window_end": "25:30",
        "unserved_cost": 77,
        "skills": "gas;welding",
        "preferred_contractor": "C1",
        "required_contractor": "C2",
        "excluded_contractors": "C3;C4",
    }
    (stop,) = problem_on(desk.write([{"id": "C1"}], [cells]).read(minutes), minutes).stops
    assert stop.windows == (Window(9 * HOUR, 25 * HOUR + 1800),)
    assert (stop.service_s, stop.unserved_cost) == (1800, 77)
    assert stop.skills.all_of == {"trade:plumber", "skill:gas", "skill:welding"}
    assert (stop.preferred_vehicles, stop.preference_cost) == ({"C1"}, PREFERENCE_COST)
    assert (stop.required_vehicles, stop.excluded_vehicles) == ({"C2"}, {"C3", "C4"})


def test_a_trade_and_a_skill_of_the_same_name_are_two_things(desk, minutes, problem_on):
    people = [{"id": "C1", "trades": "roofer", "skills": "plumber"}]
    problem = problem_on(desk.write(people, [{"id": "J1"}]).read(minutes), minutes)
    assert not problem.stops[0].skills.met_by(problem.vehicles[0].skills)


@pytest.mark.parametrize(
    ("cells", "inside", "outside"),
    [({"window_start": "09:00"}, 100 * HOUR, 9 * HOUR - 1), ({"window_end": "09:00"}, -HOUR, 9 * HOUR + 1)],
)
def test_a_window_with_one_side_is_open_on_the_other(desk, minutes, problem_on, cells, inside, outside):
    (stop,) = problem_on(desk.write([{"id": "C1"}], [{"id": "J1", **cells}]).read(minutes), minutes).stops
    (window,) = stop.windows
    assert window.opens_s <= inside <= window.closes_s
    assert not window.opens_s <= outside <= window.closes_s


def test_without_a_window_or_a_wish_a_stop_has_none(desk, minutes, problem_on):
    (stop,) = problem_on(desk.write([{"id": "C1"}], [{"id": "J1"}]).read(minutes), minutes).stops
    assert (stop.windows, stop.required_vehicles, stop.preferred_vehicles, stop.preference_cost) == (
        (),
        set(),
        set(),
        0,
    )
