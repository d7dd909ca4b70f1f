"""Made-up days: the same from the same seed, believable in their mixes, and with traps that are traps."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from dispatch.clock import wall_text
from dispatch.generate import Places, TooFewStreets, generate_day, street_places
from dispatch.match import eligible, nearest_by_road, nearest_spelling
from dispatch.names import full_names
from dispatch.tables import read_contractors, read_jobs, write_contractors, write_jobs
from dispatch.trades import TRADES
from geo.distance import one_to_many_m
from geo.point import Point
from routing.straight import Straight

ON = date(2026, 11, 24)
TZ = ZoneInfo("America/Santiago")
SEEDS = range(1, 6)
SQUARE = shapely.box(-71.3, -30.0, -71.2, -29.9)


def grid(n_places: int) -> Places:
    """Places in rows of 20, some 500 m apart, each on a street of its own."""
    steps = np.arange(n_places)
    lonlat = np.column_stack((-71.3 + 0.005 * (steps % 20), -30.0 + 0.005 * (steps // 20)))
    return Places(lonlat, tuple(f"Calle {step}" for step in steps))


PLACES = grid(320)


def day(seed=1, **options):
    return generate_day(PLACES, ON, TZ, seed=seed, **options)


def test_the_same_seed_makes_the_same_day_and_another_seed_another():
    assert day(3) == day(3)
    assert day(3) != day(4)


def test_more_jobs_leave_the_people_as_they_are():
    assert day(n_jobs=200).contractors == day().contractors


def test_the_date_moves_times_alone():
    later = generate_day(PLACES, ON + timedelta(days=1), TZ, seed=1)
    assert [job.point for job in later.jobs] == [job.point for job in day().jobs]
    for one, other in zip(day().contractors, later.contractors, strict=True):
        assert other.shift.starts_at - one.shift.starts_at == timedelta(days=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_has_160_jobs_for_26_people_of_whom_13_are_plumbers(seed):
    made = day(seed)
    assert (len(made.jobs), len(made.contractors)) == (160, 26)
    assert sum("plumber" in contractor.trades for contractor in made.contractors) == 13
    assert [made.jobs[0].id, made.jobs[-1].id, made.contractors[0].id] == ["J001", "J160", "C01"]
    assert all(1 <= len(contractor.trades) <= 3 for contractor in made.contractors)
    assert len({contractor.name for contractor in made.contractors}) == 26


def test_24_people_are_enough_for_12_plumbers():
    for seed in SEEDS:
        plumbers = [c for c in day(seed, n_contractors=24, n_jobs=150).contractors if "plumber" in c.trades]
        assert len(plumbers) == 12


@pytest.mark.parametrize("seed", SEEDS)
def test_shifts_breaks_and_limits_are_such_as_people_have(seed):
    contractors = day(seed).contractors
    late = [c for c in contractors if wall_text(c.shift.ends_at, TZ) == "00:30"]
    assert len(late) == 1
    assert late[0].trades == {"plumber"}
    for contractor in set(contractors) - set(late):
        assert "06:30" <= wall_text(contractor.shift.starts_at, TZ) <= "09:00"
        assert timedelta(hours=8) <= contractor.shift.ends_at - contractor.shift.starts_at <= timedelta(hours=10)
    assert 10 <= sum(bool(contractor.breaks) for contractor in contractors) <= 24
    assert any(contractor.max_jobs for contractor in contractors)
    for contractor in contractors:
        for pause in contractor.breaks:
            assert contractor.shift.starts_at <= pause.earliest_at <= pause.latest_at
            assert pause.latest_at + timedelta(seconds=pause.duration_s) <= contractor.shift.ends_at


@pytest.mark.parametrize("seed", SEEDS)
def test_every_job_has_somebody_who_may_do_it(seed):
    made = day(seed)
    for job in made.jobs:
        assert any(not eligible(contractor, job) for contractor in made.contractors), job


@pytest.mark.parametrize("seed", SEEDS)
def test_jobs_are_mixed_in_trade_duration_window_and_priority(seed):
    jobs = day(seed).jobs
    assert {job.trade for job in jobs} == set(TRADES)
    assert all(job.duration_s // 60 in (*TRADES[job.trade].minutes, 15) for job in jobs)
    bounded = [j.window for j in jobs if j.window is not None and j.window.opens_at is not None]
    assert 60 <= len(bounded) <= 100
    assert all(timedelta(hours=2) <= w.closes_at - w.opens_at <= timedelta(hours=4) for w in bounded)
    priorities = Counter(job.priority for job in jobs)
    assert priorities.most_common(1)[0][0] == 50
    assert {30, 50, 70, 90} <= set(priorities)
    assert any(job.skills for job in jobs)
    assert any(job.excluded_contractors for job in jobs)
    assert any(job.preferred_contractor for job in jobs)


def test_the_late_shift_has_an_emergency_past_midnight_and_plumbing_without_a_window_is_done_by_day():
    jobs = day().jobs
    closes = [
        wall_text(j.window.closes_at, TZ) for j in jobs if j.window is not None and j.window.closes_at is not None
    ]
    assert "00:15" in closes
    assert all(job.window is not None for job in jobs if job.trade == "plumber")


def test_each_place_is_used_once_while_there_are_enough():
    made = day()
    points = [contractor.home for contractor in made.contractors] + [job.point for job in made.jobs]
    assert len(set(points)) == 186
    assert len({job.address for job in made.jobs}) == 160
    assert made.jobs[0].address == PLACES.street_names[int(np.argmin(one_to_many_m(made.jobs[0].point, PLACES.lonlat)))]


def test_a_few_places_are_used_again_and_again():
    made = generate_day(grid(3), ON, TZ, seed=1, n_jobs=10, n_contractors=2)
    assert (len(made.jobs), len({job.point for job in made.jobs})) == (10, 3)


def test_one_person_with_one_job_is_a_day_too():
    made = day(n_jobs=1, n_contractors=1)
    assert made.jobs[0].trade in made.contractors[0].trades


@pytest.mark.parametrize("size", [{"n_jobs": 0}, {"n_contractors": 0}])
def test_an_empty_day_is_refused(size):
    with pytest.raises(ValueError, match="1 or more"):
        day(**size)


def test_a_day_without_places_is_refused():
    with pytest.raises(ValueError, match="0 places"):
        generate_day(grid(0), ON, TZ, seed=1)


def test_ids_of_a_large_day_still_sort_by_number():
    made = day(n_jobs=1200, n_contractors=120)
    assert (made.jobs[0].id, made.contractors[0].id) == ("J0001", "C001")
    assert [job.id for job in made.jobs] == sorted(job.id for job in made.jobs)


@pytest.mark.parametrize("seed", SEEDS)
def test_seven_traps_are_each_out_of_reach_for_a_reason_of_its_own(seed):
    made = day(seed, with_traps=True)
    assert made.jobs[:-7] == day(seed).jobs[:-7]
    misspelt, unskilled, long, early, after_work, excluded, wrong_person = made.jobs[-7:]
    trades = {trade for contractor in made.contractors for trade in contractor.trades}
    assert misspelt.trade not in trades
    assert nearest_spelling(misspelt.trade, trades) == "plumber"
    assert not any(unskilled.skills <= contractor.skills for contractor in made.contractors)
    assert all(long.duration_s > (c.shift.ends_at - c.shift.starts_at).total_seconds() for c in made.contractors)
    assert all(early.window.closes_at < contractor.shift.starts_at for contractor in made.contractors)
    required = next(c for c in made.contractors if c.id == after_work.required_contractor)
    assert eligible(required, after_work) == []
    assert after_work.window.opens_at == required.shift.ends_at
    for job in (excluded, wrong_person):
        assert all(eligible(contractor, job) for contractor in made.contractors)


def test_traps_need_a_day_of_some_size():
    with pytest.raises(ValueError, match="150 and 24 at least"):
        day(n_jobs=20, n_contractors=4, with_traps=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_made_up_day_is_written_and_read_back_without_loss(seed, tmp_path):
    made = day(seed, with_traps=True)
    write_contractors(tmp_path / "contractors.csv", made.contractors, TZ, ON)
    write_jobs(tmp_path / "jobs.csv", made.jobs, TZ, ON)
    people, jobs = read_contractors(tmp_path / "contractors.csv", ON, TZ), read_jobs(tmp_path / "jobs.csv", ON, TZ)
    assert (people.rows, people.rejected, people.warnings) == (made.contractors, (), ())
    assert (jobs.rows, jobs.rejected, jobs.warnings) == (made.jobs, (), ())


def test_thousands_of_names_are_all_different_and_more_are_drawn_again():
    rng = np.random.Generator(np.random.PCG64(1))
    assert len(set(full_names(rng, 3000))) == 3000
    assert len(full_names(rng, 5000)) == 5000


def test_places_and_street_names_must_be_as_many():
    with pytest.raises(ValueError, match="2 street names"):
        Places(np.zeros((3, 2)), ("a", "b"))


def test_an_outline_without_named_streets_gives_no_places():
    with pytest.raises(TooFewStreets) as too_few:
        street_places(Straight(), SQUARE, 1, 3)
    assert (too_few.value.wanted, too_few.value.found) == (3, 0)


@pytest.mark.parametrize(("outline", "n"), [(SQUARE, 0), (shapely.Polygon(), 5)])
def test_no_places_or_no_outline_is_refused(outline, n):
    with pytest.raises(ValueError, match="above 0"):
        street_places(Straight(), outline, 1, n)


def test_places_lie_on_named_streets_inside_reach_of_the_outline(coquimbo, coquimbo_engine):
    places = street_places(coquimbo_engine, coquimbo.outline, 1, 100)
    snaps = coquimbo_engine.nearest(places.lonlat)
    assert places.lonlat.shape == (100, 2)
    assert all(places.street_names)
    assert snaps.distance_m.max() < 1.0  # they were moved onto the street, then rounded to 0.1 m
    assert shapely.contains_xy(coquimbo.outline.buffer(0.003), places.lonlat).all()


def test_the_first_places_do_not_depend_on_how_many_are_asked_for(coquimbo, coquimbo_engine):
    few = street_places(coquimbo_engine, coquimbo.outline, 1, 10)
    many = street_places(coquimbo_engine, coquimbo.outline, 1, 300)
    assert many.street_names[:10] == few.street_names
    assert (many.lonlat[:10] == few.lonlat).all()
    assert street_places(coquimbo_engine, coquimbo.outline, 2, 10).street_names != few.street_names


def test_ten_plumbers_on_real_streets_are_not_in_the_order_of_the_straight_line(coquimbo, coquimbo_engine):
    places = street_places(coquimbo_engine, coquimbo.outline, 1, 320)
    made = generate_day(places, ON, TZ, seed=1)
    found = nearest_by_road(coquimbo_engine, made.contractors, Point(-71.2520, -29.9075), trade="plumber")
    assert [match.rank for match in found] == list(range(1, 11))
    assert [match.drive_s for match in found] == sorted(match.drive_s for match in found)
    assert [match.straight_rank for match in found] != list(range(1, 11))
    assert all(match.road_distance_m >= match.distance_m - 250 for match in found)
    assert all("plumber" in match.contractor.trades for match in found)
