"""Timetables of a fixed order: exact, with breaks wherever they are best."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.vroom.check import soft_times
from routing.vroom.times import FOREVER, Chain, Item, merged, times_of, with_breaks

ANY = (0, FOREVER)


def test_waiting_is_spent_before_leaving():
    chain = Chain((Item((), 3), Item(((100, 200),), 0)), (5, 7, 6))
    times = times_of(chain)
    assert (times.leaves_u, times.begins_u, times.returns_u) == (85, (90, 100), 106)


def test_waiting_that_a_window_forces_stays():
    chain = Chain((Item(((0, 20),), 0), Item(((100, 200),), 0)), (5, 7, 6))
    times = times_of(chain)
    assert (times.leaves_u, times.arrives_u, times.begins_u) == (15, (20, 27), (20, 100))


def test_a_break_splits_the_leg_it_falls_into():
    chain = Chain((Item((), 0), Item(((10, 10),), 4, is_break=True), Item((), 0)), (5, 7, 6), leaves=(0, 0))
    times = times_of(chain)
    assert (times.arrives_u, times.begins_u, times.returns_u) == ((5, 10, 16), (5, 10, 16), 22)


def test_a_late_order_has_no_timetable():
    chain = Chain((Item(((0, 4),), 0),), (5, 5))
    assert times_of(chain) is None
    assert times_of(Chain((Item((), 0),), (5, 5), returns=(0, 9))) is None


def test_the_start_is_a_whole_second_where_times_are_hundredths():
    chain = Chain((Item(((10_000, 20_000),), 0),), (250, 250))
    assert times_of(chain, whole_u=100).leaves_u == 9700
    assert times_of(chain).leaves_u == 9750


def test_a_break_goes_where_the_end_is_earliest():
    tasks = Chain((Item(((0, 6),), 2), Item((), 2)), (5, 5, 5))
    pause = Item(((0, 100),), 10, is_break=True)
    assert with_breaks(tasks, [pause]) == (1,)  # before the first task it would make it late


def test_a_break_may_be_forbidden_between_two_tasks():
    tasks = Chain((Item(((0, 6),), 2), Item((), 2)), (5, 5, 5))
    pause = Item(((0, 100),), 10, is_break=True)
    assert with_breaks(tasks, [pause], lambda done, _: done == 2) == (2,)
    assert with_breaks(tasks, [pause], lambda done, _: done == 0) is None


def brute_force(tasks, breaks):
    """Earliest end over every way of putting breaks, in order, between tasks."""
    ways = itertools.combinations_with_replacement(range(len(tasks.items) + 1), len(breaks))
    found = [times_of(merged(tasks, breaks, way)) for way in ways]
    return min((times.returns_u for times in found if times is not None), default=None)


@given(st.integers(0, 10_000))
def test_no_other_place_for_breaks_ends_earlier(seed):
    tasks, breaks = random_order(seed)
    done = with_breaks(tasks, breaks)
    times = None if done is None else times_of(merged(tasks, breaks, done))
    assert (None if times is None else times.returns_u) == brute_force(tasks, breaks)


@pytest.mark.parametrize("seed", range(25))
def test_passes_over_a_route_and_an_exact_solver_agree(seed):
    tasks, breaks = random_order(seed)
    done = with_breaks(tasks, breaks)
    chain = merged(tasks, breaks, done or (0,) * len(breaks))
    soft = soft_times(chain, [ANY] * len(chain.items), ANY, ANY)
    late = sum(distance(item.windows, at) for item, at in zip(chain.items, soft.begins_u, strict=True))
    late += max(0, chain.leaves[0] - soft.leaves_u) + max(0, soft.returns_u - chain.returns[1])
    exact = times_of(chain)
    assert (late == 0) == (exact is not None)
    if exact is not None:
        assert (soft.leaves_u, soft.returns_u) == (exact.leaves_u, exact.returns_u)
        assert sum(soft.begins_u) == sum(exact.begins_u)


def distance(windows, at):
    return min((max(opens - at, at - closes, 0) for opens, closes in windows), default=0)


def random_order(seed):
    """Up to four tasks and two breaks in a day of 120 moments; about half can be driven."""
    rng = np.random.default_rng(seed)

    def windows():
        ends = np.sort(rng.choice(120, 2 * int(rng.integers(1, 3)), replace=False)).tolist()
        return tuple(zip(ends[::2], ends[1::2], strict=True)) if rng.random() < 0.6 else ()

    items = tuple(Item(windows(), int(rng.integers(0, 9))) for _ in range(int(rng.integers(1, 5))))
    breaks = [Item(windows(), int(rng.integers(0, 9)), is_break=True) for _ in range(int(rng.integers(0, 3)))]
    legs = tuple(int(leg) for leg in rng.integers(0, 12, len(items) + 1))
    leaves = int(rng.integers(0, 30))
    return Chain(items, legs, (leaves, FOREVER), (0, int(rng.integers(60, 160)))), breaks
