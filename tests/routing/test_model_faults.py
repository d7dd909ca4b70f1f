"""Every contradiction that the whole model can state is refused, by a stable code and the field it is in."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import FEATURES, rich_problem
from routing_cases import HOUR, four_jobs

from routing.errors import InvalidProblem
from routing.files import problem_from_json, problem_to_json, read_problem, write_problem
from routing.types import (
    Break,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    Promise,
    ServiceFor,
    SkillLevel,
    SkillWish,
    Succession,
)


def stop_with(number=0, **changes):
    problem = four_jobs()
    stops = list(problem.stops)
    stops[number] = replace(stops[number], **changes)
    return lambda: replace(problem, stops=tuple(stops))


def driver_with(**changes):
    problem = four_jobs()
    return lambda: replace(problem, vehicles=(replace(problem.vehicles[0], **changes),))


def problem_with(**changes):
    return lambda: replace(four_jobs(), **changes)


def done(*cases, **changes):
    return driver_with(frozen=tuple(Frozen(name, starts_s) for name, starts_s in cases), **changes)


def both(stop_changes, vehicle_changes):
    problem = four_jobs()
    stops = (replace(problem.stops[0], **stop_changes), *problem.stops[1:])
    return lambda: replace(problem, stops=stops, vehicles=(replace(problem.vehicles[0], **vehicle_changes),))


FIVE = np.zeros((5, 5), dtype=np.int64)
LUNCH = (Break(12 * HOUR, 13 * HOUR, 1800),)


@pytest.mark.parametrize(
    ("build", "code", "path"),
    [
        (stop_with(setup_s=-1), "negative", "stops[0].setup_s"),
        (stop_with(late_cost_per_s=1), "due_missing", "stops[0].due_s"),
        (stop_with(due_s=5, late_cost_per_s=-1), "negative", "stops[0].late_cost_per_s"),
        (stop_with(service_for=(ServiceFor("ana", -1),)), "negative", "stops[0].service_for[0].service_s"),
        (stop_with(service_for=(ServiceFor("ana", 1),) * 2), "id_repeated", "stops[0].service_for[1].vehicle"),
        (stop_with(skill_wishes=(SkillWish("gas", 101, 1),)), "level_range", "stops[0].skill_wishes[0].level"),
        (stop_with(skill_wishes=(SkillWish("gas", 50, -1),)), "negative", "stops[0].skill_wishes[0].cost_per_level"),
        (stop_with(skill_wishes=(SkillWish("gas", 5, 1),) * 2), "id_repeated", "stops[0].skill_wishes[1].skill"),
        (stop_with(promise=Promise("ana", 0, tolerance_s=-1)), "negative", "stops[0].promise.tolerance_s"),
        (stop_with(promise=Promise("ana", 0, cost_order=-1)), "negative", "stops[0].promise.cost_order"),
        (stop_with(collects=(-1,)), "negative", "stops[0].collects"),
        (both({"delivers": (1, 1)}, {"capacity": (5,)}), "dimensions", "vehicles[0].capacity"),
        (both({"delivers": (1,)}, {"capacity": (5, 5)}), "dimensions", "stops[0].delivers"),
        (driver_with(max_distance_m=-1), "negative", "vehicles[0].max_distance_m"),
        (driver_with(max_work_s=-1), "negative", "vehicles[0].max_work_s"),
        (driver_with(cost_per_service_hour=-1), "negative", "vehicles[0].cost_per_service_hour"),
        (driver_with(overtime_cost_per_s=2), "overtime_missing", "vehicles[0].overtime_from_s"),
        (driver_with(skill_levels=(SkillLevel("gas", -1),)), "level_range", "vehicles[0].skill_levels[0].level"),
        (driver_with(matrix=1), "matrix_unknown", "vehicles[0].matrix"),
        (problem_with(more_matrices=(Matrix(FIVE[:4, :4], FIVE[:4, :4]),)), "matrix_shape", "more_matrices[0]"),
        (problem_with(matrix=Matrix(FIVE, FIVE, cost_points=FIVE - 1)), "matrix_range", "matrix.cost_points"),
        (problem_with(matrix=Matrix(FIVE, FIVE, cost_points=FIVE[:3])), "matrix_shape", "matrix"),
        (problem_with(deliveries=(Delivery("x", "a"),)), "stop_unknown", "deliveries[0].pickup"),
        (problem_with(deliveries=(Delivery("a", "b"), Delivery("b", "c"))), "delivery_shared", "deliveries[1]"),
        (
            lambda: replace(stop_with(1, collects=(1,))(), deliveries=(Delivery("a", "b"),)),
            "delivery_load",
            "deliveries[0].delivery",
        ),
        (problem_with(successions=(Succession("a", "x"),)), "stop_unknown", "successions[0].then"),
        (problem_with(successions=(Succession("a", "b", least_s=-1),)), "negative", "successions[0].least_s"),
        (problem_with(successions=(Succession("a", "b", 60, 59),)), "gap_reversed", "successions[0].most_s"),
        (problem_with(successions=(Succession("a", "b"), Succession("b", "a"))), "succession_circle", "successions"),
        (problem_with(crews=(Crew(("a",)),)), "crew_small", "crews[0].stops"),
        (problem_with(crews=(Crew(("a", "b")), Crew(("b", "c")))), "crew_shared", "crews[1].stops"),
        (done(("x", 9 * HOUR)), "stop_unknown", "vehicles[0].frozen[0].stop"),
        (done(("a", 9 * HOUR), ("a", 10 * HOUR)), "frozen_repeated", "vehicles[0].frozen[1].stop"),
        (done(("a", 7 * HOUR)), "frozen_early", "vehicles[0].frozen[0].starts_s"),
        (done(("a", 9 * HOUR), ("b", 9 * HOUR + 599)), "frozen_early", "vehicles[0].frozen[1].starts_s"),
        (done(("a", 16 * HOUR)), "frozen_late", "vehicles[0].frozen"),
        (done(("a", 13 * HOUR), breaks=LUNCH), "break_outside_shift", "vehicles[0].breaks[0]"),
        (lambda: replace(done(("b", 9 * HOUR))(), deliveries=(Delivery("a", "b"),)), "frozen_delivery", None),
        (lambda: replace(done(("b", 9 * HOUR))(), crews=(Crew(("a", "b")),)), "frozen_crew", "crews[0].stops"),
        (done(("a", 9 * HOUR), max_stops=0), "frozen_limit", "vehicles[0].max_stops"),
        # Ten minutes there and ten back, ten metres a second.
        (done(("a", 9 * HOUR), max_travel_s=1199), "frozen_limit", "vehicles[0].max_travel_s"),
        (done(("a", 9 * HOUR), max_distance_m=11_999), "frozen_limit", "vehicles[0].max_distance_m"),
        (done(("a", 9 * HOUR), max_work_s=1799), "frozen_limit", "vehicles[0].max_work_s"),
        (done(("a", 16 * HOUR - 601 - 598)), "frozen_limit", "vehicles[0].shift_ends_s"),
        (both({"collects": (2,)}, {"capacity": (1,), "frozen": (Frozen("a", 9 * HOUR),)}), "frozen_limit", None),
        (problem_with(n_days=2), "not_supported", "n_days"),
        (problem_with(balance_cost_per_hour=5), "not_supported", "balance_cost_per_hour"),
        (problem_with(territories=(frozenset({"a"}),)), "not_supported", "territories"),
        (problem_with(travel_by_hour=(Matrix(FIVE, FIVE),)), "not_supported", "travel_by_hour"),
    ],
)
def test_a_contradiction_is_named_by_code_and_field(build, code, path):
    with pytest.raises(InvalidProblem) as refused:
        build()
    found = {fault.code: fault.path for fault in refused.value.faults}
    assert code in found
    assert path is None or (code, path) in {(fault.code, fault.path) for fault in refused.value.faults}


def test_every_fault_is_named_at_once():
    with pytest.raises(InvalidProblem) as refused:
        replace(four_jobs(), crews=(Crew(("a",)),), successions=(Succession("a", "a"),), n_days=3)
    assert {fault.code for fault in refused.value.faults} == {"crew_small", "succession_circle", "not_supported"}


def same(one, other):
    return problem_to_json(one) == problem_to_json(other)


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_survives_a_file(feature, tmp_path):
    problem = rich_problem(11, n_stops=8, features=(feature,))
    assert not same(problem, rich_problem(11, n_stops=8, features=()))
    write_problem(problem, tmp_path / "problem.json")
    assert same(read_problem(tmp_path / "problem.json"), problem)


@settings(max_examples=100)
@given(seed=st.integers(0, 10**6))
def test_nothing_is_lost_in_json(seed):
    problem = rich_problem(seed, n_stops=9, n_vehicles=3)
    assert same(problem_from_json(problem_to_json(problem)), problem)
