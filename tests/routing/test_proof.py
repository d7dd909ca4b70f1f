"""The best day of one person: proven orders against every order there is, and what happens when there is no room."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_cases import HOUR, T0_AT, four_jobs, on_a_street

from routing.arrays import arrays_of
from routing.check import violations
from routing.plans import plan_of
from routing.proof.day import FAR, HORIZON_S, MOST_STOPS, day_of
from routing.proof.one_day import points_of, prove, prove_order, warm
from routing.tour import exact
from routing.types import (
    Break,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    Problem,
    Promise,
    Skills,
    Stop,
    Succession,
    Vehicle,
    Window,
)


@pytest.fixture(scope="module", autouse=True)
def compiled_code():
    warm()


def cheapest(cost, gap_s=None, opens_s=None, closes_s=None):
    """Of all orders at once: points of the best one, None when none can be driven."""
    n = len(cost) - 2
    orders = np.array(list(itertools.permutations(range(1, n + 1))), int).reshape(-1, n)
    ways = np.pad(orders, ((0, 0), (1, 1)))
    ways[:, -1] = n + 1
    points, fine = np.zeros(len(ways), int), np.ones(len(ways), bool)
    clock_s = np.full(len(ways), 0 if opens_s is None else opens_s[0])
    for a, b in itertools.pairwise(ways.T):
        fine &= cost[a, b] < FAR
        points += np.minimum(cost[a, b], FAR)
        if gap_s is not None:
            clock_s = np.maximum(clock_s + gap_s[a, b], opens_s[b])
            fine &= clock_s <= closes_s[b]
    return int(points[fine].min()) if fine.any() else None


def drawn_day(seed, n, longest=900, cut_off=0.0, *, windows=True, open_end=False):
    """Legs that differ there and back; services; windows on half of the stops, about an order drawn at random.

    Every third seed has windows that this order may miss, and perhaps every order.
    """
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, longest, (n + 2, n + 2))
    if open_end:
        cost[:, -1] = 0
    cost[rng.random(cost.shape) < cut_off] = FAR
    if not windows:
        return (cost,)
    gap_s = cost.copy()
    gap_s[1:-1] += rng.integers(0, longest, (n, 1))
    gap_s = np.minimum(gap_s, FAR)
    opens_s, closes_s, clock_s = np.zeros(n + 2, int), np.full(n + 2, HORIZON_S), 0
    for a, b in itertools.pairwise([0, *rng.permutation(np.arange(1, n + 1))]):
        clock_s = max(clock_s + (int(gap_s[a, b]) if gap_s[a, b] < FAR else longest), int(opens_s[b]))
        if rng.random() < 0.5:
            opens_s[b] = max(0, clock_s - rng.integers(0, 2 * longest))
            closes_s[b] = max(opens_s[b] + rng.integers(0, 3 * longest), clock_s if seed % 3 else 0)
    closes_s[-1] = clock_s + 3 * longest
    return cost, gap_s, opens_s, closes_s


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 6),
    st.sampled_from([2, 30, 900]),
    st.sampled_from([0.0, 0.2, 0.5]),
    st.booleans(),
    st.booleans(),
)
def test_up_to_six_stops_it_is_as_cheap_as_the_best_of_all_orders_or_it_is_proven_that_there_is_none(
    seed, n, longest, cut_off, windows, open_end
):
    tables = drawn_day(seed, n, longest, cut_off, windows=windows, open_end=open_end)
    proof = prove_order(day_of(*tables))
    best = cheapest(*tables)
    assert (proof.proven, proof.cost_points, proof.bound_points) == (True, best, best)
    if best is not None:
        assert sorted(proof.order) == list(range(n))


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_eight_stops_are_proven_against_all_40320_orders(seed, windows):
    tables = drawn_day(seed, 8, windows=windows)
    assert prove_order(day_of(*tables)).cost_points == cheapest(*tables)


@pytest.mark.parametrize("seed", range(8))
def test_twelve_stops_cost_what_the_dynamic_programme_over_all_sets_finds(seed):
    (cost,) = drawn_day(seed, 12, windows=False)
    round_trip = cost[:-1, :-1].copy()
    round_trip[:, 0] = cost[:-1, -1]
    proof = prove_order(day_of(cost))
    assert proof.proven
    assert proof.cost_points == points_of(day_of(cost), exact(round_trip))


def over_all_sets(cost, gap_s, opens_s, closes_s):
    """Points of the best order with windows: all pairs of time and cost for each set and last stop."""
    n = len(cost) - 2
    ways = {(0, 0): [(int(opens_s[0]), 0)]}
    for _ in range(n):
        longer = {}
        for (seen, i), pairs in ways.items():
            for j in range(1, n + 1):
                if seen >> j & 1 == 0 and cost[i, j] < FAR:
                    more = [(max(int(t + gap_s[i, j]), int(opens_s[j])), int(c + cost[i, j])) for t, c in pairs]
                    longer.setdefault((seen | 1 << j, j), []).extend(p for p in more if p[0] <= closes_s[j])
        ways = {
            key: [p for p in set(pairs) if not any(a != p and a[0] <= p[0] and a[1] <= p[1] for a in pairs)]
            for key, pairs in longer.items()
        }
    home = [
        c + int(cost[i, -1]) for (_, i), pairs in ways.items() for t, c in pairs if t + gap_s[i, -1] <= closes_s[-1]
    ]
    return min(home, default=None)


@pytest.mark.parametrize("seed", range(6))
def test_ten_stops_with_windows_cost_what_all_sets_with_all_times_say(seed):
    tables = drawn_day(seed, 10)
    proof = prove_order(day_of(*tables))
    assert (proof.proven, proof.cost_points) == (True, over_all_sets(*tables))


@pytest.mark.parametrize("windows", [False, True])
def test_twenty_stops_are_proven_and_the_answer_is_the_same_each_time(windows):
    tables = drawn_day(4, 20, windows=windows)
    proof, again = (prove_order(day_of(*tables)) for _ in range(2))
    assert proof.proven
    assert proof == again
    assert points_of(day_of(*tables), [stop + 1 for stop in proof.order]) == proof.cost_points == proof.bound_points


def grid(side):
    """A grid of stops, all legs between neighbours alike: a great many orders cost about the same."""
    at = np.array([(0, 0), *itertools.product(range(side), repeat=2), (0, 0)])
    return 7 * np.abs(at[:, None] - at[None]).sum(2)


def test_without_room_for_labels_the_best_order_found_comes_with_a_bound_below_it_and_with_room_the_bound_meets_it():
    tables = drawn_day(2, 22)
    little, much = (prove_order(day_of(*tables), limit_labels=limit) for limit in (1, 200_000))
    assert not little.proven
    assert much.proven
    assert little.bound_points < much.cost_points == much.bound_points < little.cost_points
    assert little.n_labels < much.n_labels


def test_an_order_that_no_ruin_comes_upon_is_found_by_labels():
    tables = drawn_day(5, 22)
    little, much = (prove_order(day_of(*tables), limit_labels=limit) for limit in (1, 200_000))
    assert (little.order, little.proven) == (None, False)
    assert little.bound_points < much.cost_points
    assert (sorted(much.order), much.proven) == (list(range(22)), True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(0, 60), st.booleans())
def test_however_little_room_there_is_the_bound_is_no_more_than_the_best_order_costs(seed, n, limit, windows):
    tables = drawn_day(seed, n, windows=windows)
    proof, best = prove_order(day_of(*tables), limit_labels=limit), cheapest(*tables)
    if best is None:
        assert proof.order is None
    else:
        assert proof.bound_points <= best
        assert proof.order is None or best <= proof.cost_points
        assert not proof.proven or proof.cost_points == best


@pytest.mark.parametrize("seed", range(4))
def test_an_order_to_begin_with_stays_where_no_other_costs_less(seed):
    (cost,) = drawn_day(seed, 9, longest=3, windows=False)
    best = prove_order(day_of(cost)).order
    for first in (list(best), list(best)[::-1]):
        kept = prove_order(day_of(cost), first=first)
        as_dear = points_of(day_of(cost), [stop + 1 for stop in first]) == kept.cost_points
        assert (kept.order == tuple(first)) == as_dear


def test_a_grid_with_many_equal_orders_is_proven():
    assert prove_order(day_of(grid(4))).cost_points == 7 * 16


def test_nobody_to_see_is_the_way_home_and_one_stop_there_and_back():
    assert prove_order(day_of(np.array([[0, 5], [0, 0]]))).cost_points == 5
    one = np.array([[0, 3, 9], [0, 0, 4], [0, 0, 0]])
    assert prove_order(day_of(one)).cost_points == 7
    assert prove_order(day_of(np.array([[0, FAR], [0, 0]]))).order is None


def test_tables_that_do_not_belong_together_or_hold_too_much_are_refused():
    square = np.zeros((4, 4), int)
    with pytest.raises(ValueError, match="square"):
        day_of(np.zeros((3, 4), int))
    with pytest.raises(ValueError, match=f"0 to {MOST_STOPS} stops"):
        day_of(np.zeros((MOST_STOPS + 3, MOST_STOPS + 3), int))
    with pytest.raises(ValueError, match="speak of 4, 3, 4 nodes"):
        day_of(square, square[:3, :3], np.zeros(4, int), np.zeros(4, int))
    with pytest.raises(ValueError, match="legs cost 0 to"):
        day_of(square - 1)


def test_sixty_stops_are_ordered_and_bounded_within_the_labels_there_are():
    tables = drawn_day(1, MOST_STOPS)
    proof = prove_order(day_of(*tables), limit_labels=2000)
    assert sorted(proof.order) == list(range(MOST_STOPS))
    assert 0 < proof.bound_points <= proof.cost_points


def a_day(seed, **vehicle):
    """Seven stops on roads that differ there and back, half of them with windows."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(200, 1500, (8, 8))
    np.fill_diagonal(seconds, 0)
    stops = []
    for number in range(7):
        opens_s = int(rng.integers(8, 12)) * HOUR
        windows = (Window(opens_s, opens_s + 3 * HOUR),) if number % 2 else ()
        stops.append(Stop(f"s{number}", number + 1, int(rng.integers(600, 1800)), windows, preference_cost=number))
    driver = Vehicle(
        "ana", **{"start_place": 0, "end_place": 0} | vehicle, shift_starts_s=8 * HOUR, shift_ends_s=17 * HOUR
    )
    return Problem(T0_AT, tuple(stops), (driver,), Matrix(seconds, seconds * 11))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "vehicle",
    [
        {},
        {"end_place": None},
        {"start_place": None},
        {"cost_per_hour": 2300, "cost_per_km": 700, "cost_fixed": 4000, "cost_per_service_hour": 90},
    ],
)
def test_the_proof_of_a_problem_speaks_of_the_points_of_a_plan_that_the_judge_accepts(seed, vehicle):
    problem = a_day(seed, **vehicle)
    arrays, proof = arrays_of(problem), prove(problem)
    plan = plan_of(arrays, [proof.order])
    assert proof.proven
    assert proof.cost_points == proof.bound_points == plan.objective.total
    assert violations(problem, plan) == []
    others = itertools.permutations(range(7))
    assert proof.cost_points <= min(arrays.route_points(0, order) for order in others if _in_time(problem, order))


def _in_time(problem, order):
    driver, clock_s, at = problem.vehicles[0], problem.vehicles[0].shift_starts_s, problem.vehicles[0].start_place
    for stop in (problem.stops[number] for number in order):
        clock_s += int(problem.matrix.duration_s[at, stop.place]) if at is not None else 0
        for window in stop.windows:
            clock_s = max(clock_s, window.opens_s)
            if clock_s > window.closes_s:
                return False
        clock_s, at = clock_s + stop.service_s, stop.place
    home_s = 0 if driver.end_place is None else int(problem.matrix.duration_s[at, driver.end_place])
    return clock_s + home_s <= driver.shift_ends_s


def test_four_jobs_along_a_street_cost_the_way_there_and_back_and_no_order_serves_more_than_the_shift_holds():
    assert prove(four_jobs()).cost_points == 2 * 2400
    driver = Vehicle("ana", 0, 0, 0, 2 * 2400 + 4 * 600)
    stops = [Stop(name, place + 1, 600) for place, name in enumerate("abcd")]
    just, late = (
        on_a_street(stops, [Vehicle("ana", 0, 0, 0, driver.shift_ends_s - less)], [0, 600, 1200, 1800, 2400])
        for less in (0, 1)
    )
    assert prove(just).cost_points == 2 * 2400
    assert (prove(late).order, prove(late).bound_points, prove(late).proven) == (None, None, True)


def test_a_shift_that_the_cheapest_order_breaks_is_kept_by_a_dearer_one():
    # There and back by a slow road that costs nothing, or by a quick one that costs 100.
    seconds = np.array([[0, 500, 100], [500, 0, 900], [100, 900, 0]])
    points = np.array([[0, 100, 5], [1, 0, 5], [5, 1, 0]])
    stops = (Stop("a", 1, 0), Stop("b", 2, 0))
    matrix = Matrix(seconds, seconds, cost_points=points)

    def within(shift_s):
        return prove(Problem(T0_AT, stops, (Vehicle("ana", 0, None, 0, shift_s),), matrix))

    assert (within(1400).order, within(1400).cost_points) == ((1, 0), 6)
    assert within(999).order is None
    longer = np.array([[0, 100, 500], [500, 0, 400], [100, 900, 0]])
    tight = Problem(T0_AT, stops, (Vehicle("ana", 0, None, 0, 600),), Matrix(longer, longer, cost_points=points))
    assert (prove(tight).order, prove(tight).cost_points) == ((0, 1), 105)


@pytest.mark.parametrize(
    "problem",
    [
        on_a_street([Stop("a", 0, 60, skills=Skills(all_of=frozenset("x")))], [Vehicle("ana", 0, 0, 0, HOUR)], [0]),
        on_a_street([Stop("a", 0, 60), Stop("b", 0, 60)], [Vehicle("ana", 0, 0, 0, HOUR, max_stops=1)], [0]),
    ],
)
def test_who_may_not_serve_all_stops_has_no_order(problem):
    assert (prove(problem).order, prove(problem).proven) == (None, True)


def test_without_stops_the_plan_costs_nothing():
    assert prove(on_a_street([], [Vehicle("ana", 0, 0, 0, HOUR, cost_fixed=9)], [0])).cost_points == 0


def spoken_of(stops=None, driver=None, **ties):
    """One person and two stops at one place, with something more."""
    stops = stops or (Stop("a", 0, 60), Stop("b", 0, 60))
    nowhere = np.zeros((1, 1), int)
    return Problem(T0_AT, stops, (driver or Vehicle("ana", 0, 0, 0, 9 * HOUR),), Matrix(nowhere, nowhere), **ties)


def one(**fields):
    return spoken_of(stops=(Stop("a", 0, 60, **fields),))


def by(**fields):
    return spoken_of(driver=Vehicle("ana", 0, 0, 0, 9 * HOUR, **fields))


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (on_a_street([], [Vehicle("ana", 0, 0, 0, 9), Vehicle("bo", 0, 0, 0, 9)], [0]), "2 vehicles"),
        (spoken_of(stops=tuple(Stop(str(i), 0, 1) for i in range(MOST_STOPS + 1))), "more than 60 stops"),
        (spoken_of(deliveries=(Delivery("a", "b"),)), "deliveries"),
        (spoken_of(successions=(Succession("a", "b"),)), "successions"),
        (spoken_of(crews=(Crew(("a", "b")),)), "crews"),
        (by(breaks=(Break(0, HOUR, 60),)), "breaks"),
        (by(frozen=(Frozen("a", 0),)), "frozen stops"),
        (one(windows=(Window(0, 1), Window(3, 4))), "several windows"),
        (one(setup_s=5), "set-ups"),
        (one(due_s=5, late_cost_per_s=1), "late_cost_per_s"),
        (one(promise=Promise("ana", 5, cost_time=1)), "promised times"),
        (by(overtime_from_s=5, overtime_cost_per_s=1), "overtime_cost_per_s"),
        (by(max_travel_s=5), "max_travel_s"),
        (by(max_distance_m=5), "max_distance_m"),
        (by(max_work_s=5), "max_work_s"),
        (
            spoken_of(stops=(Stop("a", 0, 60, collects=(1,)),), driver=Vehicle("ana", 0, 0, 0, HOUR, capacity=(1,))),
            "loads",
        ),
    ],
)
def test_what_the_proof_does_not_state_is_refused_by_name(problem, name):
    with pytest.raises(ValueError, match=f"does not state {name}"):
        prove(problem)
