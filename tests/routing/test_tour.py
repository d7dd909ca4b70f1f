"""The best order of destinations: exact against every order there is, and never slower than what was given."""

import itertools
import os
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import tour_child
from routing.errors import NoOrder
from routing.process import Process
from routing.straight import Straight
from routing.tour import EXACT_DESTINATIONS, LABEL_DESTINATIONS, QUICK_DESTINATIONS, best_order, quick_order
from routing.tour_child import best_order_in_child
from routing.tour_search import PROOF_DESTINATIONS
from routing.types import UNREACHABLE, Matrix


def matrix_of(duration_s):
    """A matrix whose metres are ten times its seconds, but for what is cut off."""
    seconds = np.array(duration_s, np.int64)
    return Matrix(seconds, np.where(seconds < UNREACHABLE, seconds * 10, UNREACHABLE))


def drawn(n, seed, longest_s=3600):
    """Legs at random, there and back different."""
    seconds = np.random.default_rng(seed).integers(1, longest_s, (n + 1, n + 1))
    np.fill_diagonal(seconds, 0)
    return matrix_of(seconds)


def scattered(n, seed):
    """Places in a town, as the crow flies."""
    lonlat = np.random.default_rng(seed).uniform((10.0, 54.0), (10.2, 54.1), (n + 1, 2))
    return Straight().table(lonlat)


def taking_s(matrix, order, *, back):
    places = [0, *(i + 1 for i in order), *([0] if back and order else [])]
    return sum(int(matrix.duration_s[leg]) for leg in itertools.pairwise(places))


@st.composite
def few_places(draw):
    n = draw(st.integers(0, 6))
    legs = draw(st.lists(st.integers(0, 9), min_size=(n + 1) ** 2, max_size=(n + 1) ** 2))
    return matrix_of(np.array(legs).reshape(n + 1, n + 1))


@given(few_places(), st.booleans())
def test_up_to_six_destinations_it_is_the_first_of_the_fastest_of_all_orders(matrix, back):
    orders = list(itertools.permutations(range(matrix.n_places - 1)))
    fastest = min(orders, key=lambda order: (taking_s(matrix, order, back=back), order))
    tour = best_order(matrix, return_to_origin=back)
    assert tour.order == fastest
    assert tour.travel_s == taking_s(matrix, fastest, back=back)
    assert tour.distance_m == 10 * tour.travel_s
    assert tour.given_travel_s == taking_s(matrix, range(matrix.n_places - 1), back=back)
    assert (tour.proven, tour.found_by) == (True, "held-karp")


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_seven_destinations_with_legs_that_differ_there_and_back_are_weighed_against_all_5040_orders(seed, back):
    matrix = drawn(7, seed)
    fastest_s = min(taking_s(matrix, order, back=back) for order in itertools.permutations(range(7)))
    assert best_order(matrix, return_to_origin=back).travel_s == fastest_s


def test_an_open_end_stays_at_the_last_destination_and_a_round_trip_pays_for_the_way_back():
    # On a line 0 - 1 - 2 - 3: going out costs 30 s, going out and back 60 s.
    line = matrix_of(np.abs(np.subtract.outer(range(4), range(4))) * 10)
    assert best_order(line, return_to_origin=False).order == (0, 1, 2)
    assert best_order(line, return_to_origin=False).travel_s == 30
    assert best_order(line, return_to_origin=True).travel_s == 60


def test_without_destinations_the_tour_is_empty_and_with_one_there_is_nothing_to_choose():
    nowhere = best_order(matrix_of([[0]]), return_to_origin=True)
    assert (nowhere.order, nowhere.travel_s, nowhere.given_travel_s, nowhere.proven) == ((), 0, 0, True)
    one = matrix_of([[0, 5], [7, 0]])
    assert best_order(one, return_to_origin=False).travel_s == 5
    assert best_order(one, return_to_origin=True).travel_s == 12


def test_of_equal_places_the_one_given_first_comes_first():
    twice = matrix_of([[0, 9, 9, 4], [9, 0, 0, 5], [9, 0, 0, 5], [4, 5, 5, 0]])
    assert best_order(twice, return_to_origin=False).order == (2, 0, 1)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("n", [EXACT_DESTINATIONS, EXACT_DESTINATIONS + 1])
def test_the_weighing_of_all_orders_and_the_search_agree_where_they_meet(n, back, monkeypatch):
    matrix = drawn(n, seed=n)
    monkeypatch.setattr("routing.tour.EXACT_DESTINATIONS", n)
    weighed = best_order(matrix, return_to_origin=back)
    monkeypatch.setattr("routing.tour.EXACT_DESTINATIONS", n - 1)
    searched = best_order(matrix, return_to_origin=back, limit_s=30)
    monkeypatch.setattr("routing.tour.LABEL_DESTINATIONS", 0)
    beyond = best_order(matrix, return_to_origin=back, limit_s=30)
    assert (weighed.found_by, searched.found_by, beyond.found_by) == ("held-karp", "labels", "cp-sat")
    assert weighed.travel_s == searched.travel_s == beyond.travel_s
    assert beyond.proven
    assert weighed.proven
    assert searched.proven


@pytest.mark.parametrize("back", [False, True])
def test_twenty_five_destinations_are_proven_and_faster_than_any_order_that_only_moves_rows(back):
    matrix = drawn(25, seed=1)
    tour, quick = best_order(matrix, return_to_origin=back, limit_s=30), quick_order(matrix, return_to_origin=back)
    assert sorted(tour.order) == list(range(25))
    assert tour.proven
    assert tour.travel_s < quick.travel_s < tour.given_travel_s
    assert tour.travel_s == taking_s(matrix, tour.order, back=back)


@pytest.mark.parametrize("n", [EXACT_DESTINATIONS + 1, LABEL_DESTINATIONS])
def test_labels_prove_an_order_without_the_clock_the_same_each_time(n):
    matrix = scattered(n, seed=2)
    tour, again = (best_order(matrix, return_to_origin=True, limit_s=None, iterations=1) for _ in range(2))
    assert (tour.proven, tour.found_by) == (True, "labels")
    assert tour == again


def test_one_destination_more_than_labels_are_for_is_proven_by_cp_sat():
    tour = best_order(drawn(LABEL_DESTINATIONS + 1, seed=2), return_to_origin=True, limit_s=30)
    assert (tour.proven, tour.found_by) == (True, "cp-sat")


def test_what_labels_leave_unproven_is_handed_on_and_is_never_worse_for_that():
    matrix = drawn(20, seed=9)
    few = best_order(matrix, return_to_origin=False, limit_s=0.001)
    assert few.travel_s <= quick_order(matrix, return_to_origin=False).travel_s


def test_twenty_destinations_of_which_no_order_is_possible_are_refused_by_the_proof():
    # Two groups, and the only road between them leaves from the origin: nobody sees both, though each can be reached.
    n = 20
    seconds = np.full((n + 1, n + 1), UNREACHABLE)
    seconds[0] = 60
    seconds[1:11, 1:11] = seconds[11:, 11:] = 60
    seconds[10, 11] = seconds[20, 1] = 60  # out of each group, and one of them comes last: then there is an order
    assert best_order(matrix_of(seconds), return_to_origin=False).travel_s == 60 * n
    seconds[10, 11] = seconds[20, 1] = UNREACHABLE
    with pytest.raises(NoOrder):
        best_order(matrix_of(seconds), return_to_origin=False)


def test_the_given_order_stays_when_it_is_as_fast_as_any_and_the_proof_says_so():
    n = 20
    line = matrix_of(np.abs(np.subtract.outer(range(n + 1), range(n + 1))))
    tour = best_order(line, return_to_origin=True, limit_s=30)
    assert (tour.order, tour.found_by, tour.proven) == (tuple(range(n)), "given", True)
    assert tour.travel_s == tour.given_travel_s == 2 * n


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(EXACT_DESTINATIONS + 1, 40),
    st.booleans(),
    st.integers(0, 3),
    st.integers(2, 3600),
)
def test_an_order_is_never_slower_than_the_given_one_however_little_may_be_spent(seed, n, back, iterations, longest_s):
    matrix = drawn(n, seed, longest_s)
    tour = best_order(matrix, return_to_origin=back, limit_s=None, iterations=iterations)
    assert sorted(tour.order) == list(range(n))
    assert tour.travel_s == taking_s(matrix, tour.order, back=back) <= tour.given_travel_s


@pytest.mark.parametrize(
    ("n", "iterations", "finder"), [(QUICK_DESTINATIONS + 1, 40, "cp-sat"), (PROOF_DESTINATIONS + 1, 15, "ortools")]
)
def test_many_destinations_come_out_faster_and_the_same_each_time_where_solutions_are_counted(n, iterations, finder):
    matrix = scattered(n, seed=3)
    quick = quick_order(matrix, return_to_origin=True)
    tour, again = (best_order(matrix, return_to_origin=True, limit_s=None, iterations=iterations) for _ in range(2))
    assert (tour.found_by, quick.found_by) == (finder, "or-opt")
    assert tour.travel_s < quick.travel_s
    assert tour == again


def test_destinations_that_cannot_be_reached_or_left_are_named():
    seconds = np.full((4, 4), 60)
    seconds[:, 2] = UNREACHABLE  # nothing leads to destination 1
    with pytest.raises(NoOrder, match="no road leads to destination 1") as cut:
        best_order(matrix_of(seconds), return_to_origin=False)
    assert (cut.value.no_way_there, cut.value.no_way_back, cut.value.apart) == ((1,), (), ())
    one_way = np.full((4, 4), 60)
    one_way[3] = UNREACHABLE  # nothing leads away from destination 2
    assert best_order(matrix_of(one_way), return_to_origin=False).order == (0, 1, 2)
    with pytest.raises(NoOrder, match="no road leads back from destination 2") as cut:
        best_order(matrix_of(one_way), return_to_origin=True)
    assert cut.value.no_way_back == (2,)


def test_destinations_that_exclude_each_other_are_named_in_pairs():
    seconds = np.full((4, 4), 60)
    seconds[1, 3] = seconds[3, 1] = UNREACHABLE
    seconds[2, [1, 3]] = UNREACHABLE
    seconds[1, 2] = seconds[3, 2] = UNREACHABLE
    with pytest.raises(NoOrder) as cut:
        best_order(matrix_of(seconds), return_to_origin=False)
    assert cut.value.apart == ((0, 1), (0, 2), (1, 2))


def test_when_every_destination_is_on_the_way_somewhere_and_yet_no_order_works_that_is_said():
    # 0 and 1 are joined by way of 2 alone, which can be passed once: 2 would have to be first and between them.
    seconds = np.full((4, 4), UNREACHABLE)
    seconds[0, 3] = seconds[3, 1] = seconds[1, 3] = seconds[3, 2] = seconds[2, 3] = 60
    with pytest.raises(NoOrder, match="each has a leg without a road"):
        best_order(matrix_of(seconds), return_to_origin=False)


@pytest.mark.parametrize("iterations", [0, 5])
def test_one_way_roads_are_followed_by_a_search_too_and_a_given_order_without_a_road_takes_no_time_at_all(iterations):
    # Twenty places on a one-way chain, given backwards: exactly one order has a road for every leg.
    n = 20
    seconds = np.where(np.triu(np.ones((n + 1, n + 1)), 1) > 0, 60, UNREACHABLE)
    order = [0, *range(n, 0, -1)]
    tour = best_order(
        matrix_of(seconds[np.ix_(order, order)]), return_to_origin=False, limit_s=None, iterations=iterations
    )
    assert tour.order == tuple(range(n - 1, -1, -1))
    assert tour.travel_s == 60 * n
    assert tour.given_travel_s is None


@pytest.mark.parametrize(
    ("shape", "limits", "said"),
    [((0, 0), {}, "origin"), ((2, 3), {}, "square"), ((2, 2), {"limit_s": None}, "limit_s and iterations")],
)
def test_a_question_that_cannot_be_answered_is_refused(shape, limits, said):
    with pytest.raises(ValueError, match=said):
        best_order(matrix_of(np.zeros(shape)), return_to_origin=False, **limits)


@pytest.mark.parametrize("n", [4, QUICK_DESTINATIONS + 3])
def test_a_child_answers_as_the_search_in_process_does(n):
    matrix = scattered(n, seed=5)
    there = best_order_in_child(matrix, return_to_origin=False, limit_s=60, iterations=3)
    assert there == best_order(matrix, return_to_origin=False, limit_s=60, iterations=3)


def test_what_a_child_refuses_comes_back_with_its_names():
    seconds = scattered(QUICK_DESTINATIONS + 1, seed=5).duration_s.copy()
    seconds[:, 7] = UNREACHABLE
    with pytest.raises(NoOrder) as cut:
        best_order_in_child(matrix_of(seconds), return_to_origin=False)
    assert cut.value.no_way_there == (6,)


class Doomed(Process):
    """A child that is killed before it can answer."""

    def __init__(self, *what):
        super().__init__(*what)
        os.kill(self.pid, signal.SIGKILL)


def test_a_child_that_dies_leaves_an_order_that_was_built_here(monkeypatch):
    matrix = scattered(QUICK_DESTINATIONS + 1, seed=5)
    monkeypatch.setattr(tour_child, "Process", Doomed)
    tour = best_order_in_child(matrix, return_to_origin=True, limit_s=60)
    assert tour == quick_order(matrix, return_to_origin=True)
    assert (tour.found_by, tour.proven) == ("or-opt", False)


def test_a_child_that_is_overdue_is_ended_and_leaves_an_order_that_was_built_here():
    matrix = scattered(QUICK_DESTINATIONS + 1, seed=5)
    tour = best_order_in_child(matrix, return_to_origin=True, limit_s=0.01, grace_s=0.0)
    assert tour == quick_order(matrix, return_to_origin=True)
