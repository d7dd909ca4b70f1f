"""A problem that contradicts itself is refused with every fault at once."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from routing_cases import HOUR, four_jobs

from routing.errors import InvalidProblem
from routing.types import UNREACHABLE, Break, Matrix, Objective, Window


def faults_of(build):
    with pytest.raises(InvalidProblem) as refused:
        build()
    return {(fault.code, fault.path) for fault in refused.value.faults}


def stop_with(**changes):
    problem = four_jobs()
    return lambda: replace(problem, stops=(replace(problem.stops[0], **changes), *problem.stops[1:]))


def driver_with(**changes):
    problem = four_jobs()
    return lambda: replace(problem, vehicles=(replace(problem.vehicles[0], **changes),))


def matrix_with(duration_s, distance_m):
    problem = four_jobs()
    return lambda: replace(problem, matrix=Matrix(duration_s, distance_m))


ZEROS = np.zeros((5, 5), dtype=np.int64)


@pytest.mark.parametrize(
    ("build", "code", "path"),
    [
        (stop_with(place=5), "place_unknown", "stops[0].place"),
        (stop_with(place=-1), "place_unknown", "stops[0].place"),
        (stop_with(id="b"), "id_repeated", "stops[1].id"),
        (stop_with(service_s=-1), "negative", "stops[0].service_s"),
        (stop_with(unserved_cost=-1), "negative", "stops[0].unserved_cost"),
        (stop_with(windows=(Window(2, 1),)), "window_reversed", "stops[0].windows[0]"),
        (stop_with(windows=(Window(1, 5), Window(5, 9))), "windows_overlap", "stops[0].windows[1]"),
        (driver_with(start_place=9), "place_unknown", "vehicles[0].start_place"),
        (driver_with(end_place=9), "place_unknown", "vehicles[0].end_place"),
        (driver_with(shift_ends_s=8 * HOUR), "shift_reversed", "vehicles[0].shift_ends_s"),
        (driver_with(max_stops=-1), "negative", "vehicles[0].max_stops"),
        (driver_with(cost_per_km=-1), "negative", "vehicles[0].cost_per_km"),
        (driver_with(breaks=(Break(9 * HOUR, 8 * HOUR, 60),)), "break_reversed", "vehicles[0].breaks[0]"),
        (driver_with(breaks=(Break(9 * HOUR, 9 * HOUR, 0),)), "break_reversed", "vehicles[0].breaks[0]"),
        (driver_with(breaks=(Break(16 * HOUR, 17 * HOUR, 60),)), "break_outside_shift", "vehicles[0].breaks[0]"),
        (
            driver_with(breaks=(Break(10 * HOUR, 11 * HOUR, 60), Break(9 * HOUR, 12 * HOUR, 60))),
            "breaks_unordered",
            "vehicles[0].breaks[1]",
        ),
        (matrix_with(ZEROS[:4], ZEROS), "matrix_shape", "matrix"),
        (matrix_with(ZEROS.astype(float), ZEROS), "matrix_type", "matrix.duration_s"),
        (matrix_with(ZEROS, ZEROS - 1), "matrix_range", "matrix.distance_m"),
        (matrix_with(ZEROS + UNREACHABLE, ZEROS), "matrix_holes", "matrix"),
    ],
)
def test_a_fault_is_named_with_its_code_and_field(build, code, path):
    assert (code, path) in faults_of(build)


def test_a_naive_instant_is_refused():
    assert faults_of(lambda: replace(four_jobs(), t0_at=datetime(2026, 1, 1))) == {("naive_time", "t0_at")}  # noqa: DTZ001


def test_all_faults_come_at_once_and_in_words():
    problem = four_jobs()
    broken = (replace(problem.stops[0], service_s=-1, place=7), *problem.stops[1:])
    with pytest.raises(InvalidProblem, match=r"stops\[0\].place = 7.*stops\[0\].service_s = -1") as refused:
        replace(problem, stops=broken)
    assert len(refused.value.faults) == 2


def test_the_total_is_the_sum_of_all_components():
    names = ("travel", "distance", "fixed", "overtime", "late", "balance", "stability", "preference", "unserved")
    assert Objective(**{name: 10**i for i, name in enumerate(names)}).total == 111_111_111
