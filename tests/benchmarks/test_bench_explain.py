"""What suite explain finds wrong: true explanations pass, each kind of lie does not."""

from dataclasses import replace

import pytest
from routing_cases import random_problem

from benchmarks.explain import explain_names, run_explain
from benchmarks.explain_checks import Case
from benchmarks.explain_days import price_of, random_day
from benchmarks.explain_insertion import can_drive, cheapest_spot, points_of
from benchmarks.ledger import Ledger, read_ledger
from routing.arrays import arrays_of
from routing.check import violations
from routing.errors import SolveFailed
from routing.explain import why_left_out
from routing.plans import orders_of, plan_of
from routing.solver import solve
from routing.types import Vehicle


@pytest.fixture(scope="module")
def told():
    """Left-out stops of a few days, each with what was told of it."""
    found = []
    for day in range(1, 5):
        problem = random_day(day)
        plan = solve(problem, iterations=0)
        found += [(day, problem, plan, one) for one in why_left_out(problem, plan)]
    return found


def with_change(told, kind):
    """The first case to which a change of this kind is offered, and the change."""
    for case in told:
        for change in case[3].changes:
            if change.kind == kind:
                return case, change
    raise AssertionError(f"no {kind} in these days; take more of them")


def failures(case, one):
    day, problem, plan, _ = case
    return [(failure.kind, failure.what) for failure in Case(day, problem, plan, one).failures()]


def lied(case, change, **fields):
    """What is found when a change says something else."""
    one = case[3]
    changes = tuple(replace(other, **fields) if other is change else other for other in one.changes)
    return [what for _, what in failures(case, replace(one, changes=changes))]


def test_what_is_told_of_these_days_is_true(told):
    assert len(told) > 20
    assert [failures(case, case[3]) for case in told if failures(case, case[3])] == []


@pytest.mark.parametrize(("kind", "unit"), [("window", 60), ("shift", 60), ("price", 1)])
def test_one_unit_less_is_found_not_to_be_enough(told, kind, unit):
    case, change = with_change(told, kind)
    less = -unit if change.field not in ("opens_s", "shift_starts_s") else unit
    assert any(what.startswith("not enough") for what in lied(case, change, to=change.to + less))


@pytest.mark.parametrize(("kind", "unit"), [("window", 60), ("shift", 60), ("price", 1)])
def test_more_than_is_needed_is_found(told, kind, unit):
    case, change = with_change(told, kind)
    more = unit if change.field not in ("opens_s", "shift_starts_s") else -unit
    assert any("enough" in what for what in lied(case, change, to=change.to + more))


def test_another_price_than_the_routes_have_is_found(told):
    case, change = with_change(told, "shift")
    said = lied(case, change, extra_points=change.extra_points + 1)
    assert any(what == f"costs {change.extra_points} more, told {change.extra_points + 1}" for what in said)


def test_somebody_who_learns_two_things_at_once_is_found(told):
    case, change = with_change(told, "skill")
    assert any("not one skill more" in what for what in lied(case, change, to=change.to | {"singing"}))


def test_a_change_that_is_kept_back_is_missed(told):
    case, change = with_change(told, "shift")
    kept = replace(case[3], changes=tuple(other for other in case[3].changes if other is not change))
    assert ("shift", "not offered, but it would help") in failures(case, kept)


def test_a_stop_without_any_change_must_be_out_of_reach_or_too_long(told):
    case, _ = with_change(told, "shift")
    assert ("code", "shift without any change") in failures(case, replace(case[3], code="shift", changes=()))
    assert any(kind == "code" for kind, _ in failures(case, replace(case[3], code="unreachable")))


def test_the_cheapest_change_has_to_come_first(told):
    case = next(case for case in told if len({change.extra_points for change in case[3].changes}) > 1)
    turned = replace(case[3], changes=case[3].changes[::-1])
    assert ("code", "the cheapest change does not come first") in failures(case, turned)


def test_a_stop_that_fits_as_it_is_is_no_case(told):
    day, problem, plan, one = next(case for case in told if case[3].code == "shift")
    wanted = next(stop for stop in problem.stops if stop.id == one.stop)
    free = replace(wanted, required_vehicles=frozenset(), skills=replace(wanted.skills, one_of=frozenset()))
    neighbour = Vehicle("next door", wanted.place, wanted.place, 0, 2 * 86_400, skills=wanted.skills.all_of)
    stops = tuple(free if stop is wanted else stop for stop in problem.stops)
    wide = replace(problem, stops=stops, vehicles=(*problem.vehicles, neighbour))
    found = [failure.what for failure in Case(day, wide, plan, one).failures()]
    assert found == ["the stop fits and pays as it is"]


@pytest.mark.parametrize("seed", range(40))
def test_the_second_insertion_drives_and_prices_orders_as_the_timetable_does(seed):
    problem = replace(random_problem(seed, n_stops=4, n_vehicles=2))
    for vehicle in range(2):
        orders = [[], []]
        orders[vehicle] = [s for s in (seed % 4, (seed + 1) % 4, (seed + 2) % 4) if s != 3]
        allowed = [s for s in orders[vehicle] if arrays_of(problem).eligible[s, vehicle]]
        orders[vehicle] = allowed
        try:
            plan = plan_of(arrays_of(problem), orders)
        except SolveFailed:
            assert not can_drive(problem, vehicle, allowed)
            continue
        assert violations(problem, plan) == []
        assert can_drive(problem, vehicle, allowed)
        assert points_of(problem, vehicle, allowed) == plan.objective.total - plan.objective.unserved


def test_the_cheapest_spot_is_the_one_that_insertion_takes():
    problem = random_day(7)
    plan = solve(problem, iterations=0)
    orders = orders_of(problem, plan)
    vehicle = next(v for v, order in enumerate(orders) if order)
    stop = orders[vehicle].pop()
    spot = cheapest_spot(problem, orders, stop)
    assert spot is not None
    orders[spot.vehicle].insert(spot.position, stop)
    assert plan_of(arrays_of(problem), orders).objective.total <= plan.objective.total


def test_days_are_the_same_for_the_same_seed_and_differ_else():
    assert random_day(3).stops == random_day(3).stops
    assert random_day(3).stops != random_day(4).stops
    assert (price_of(50), price_of(100)) == (10_800, 172_800)


def test_the_suite_counts_what_was_offered_and_goes_on_where_it_stopped(tmp_path):
    file = tmp_path / "e.json"
    for n_days in (1, 2):
        ledger = read_ledger(file) if file.exists() else Ledger("explain")
        ledger.path = file
        assert run_explain(explain_names(n_days), ledger, lambda _: None) == 0
    found = read_ledger(file)
    state = found.found["explain"]
    assert [row.instance for row in found.rows] == ["day_1", "day_2"]
    assert state["n_left_out"] == sum(row.n_unassigned for row in found.rows) == sum(state["codes"].values())
    assert state["n_failures"] == 0
    assert set(state["seconds"]) == {"plan", "explain", "check"}
