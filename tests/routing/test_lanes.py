"""Lanes: tasks that share a budget, side by side or in turn."""

import threading

import pytest

from routing.budget import Budget
from routing.improve.lanes import Lanes, cores


def test_what_tasks_return_comes_in_their_order_whatever_ends_first():
    ended = threading.Event()

    def first():
        assert ended.wait(10)
        return "first"

    def second():
        ended.set()
        return "second"

    assert Lanes(Budget(None, 10), 2).run([first, second]) == ["first", "second"]


def test_a_count_is_split_over_tasks_and_a_clock_over_rounds():
    counted, timed = Lanes(Budget(None, 1000), 2), Lanes(Budget(float("inf"), None), 2)
    assert [counted.copies(n) for n in (1, 2, 4)] == [1, 1, 1]
    assert [timed.copies(n) for n in (1, 2, 4)] == [2, 1, 1]
    assert [counted.rounds(n) for n in (1, 2, 4)] == [1, 2, 4]
    assert [timed.rounds(n) for n in (1, 2, 4)] == [1, 1, 2]


def test_shares_of_a_count_do_not_depend_on_what_others_have_spent():
    budget = Budget(None, 1000)
    lanes = Lanes(budget, 2)
    before = lanes.part(0.25).solutions
    budget.spent = 600
    assert before == lanes.part(0.25).solutions == 250
    assert lanes.rest().solutions == 400


def test_a_task_that_fails_stops_the_others_and_is_heard_of():
    lanes = Lanes(Budget(None, 1000), 2)
    part = lanes.part(1.0)

    def fails():
        raise ValueError("too much")

    def goes_on():
        while not part.exhausted():
            pass

    with pytest.raises(ValueError, match="too much"):
        lanes.run([fails, goes_on])


def test_who_asks_to_cancel_is_heard_in_every_lane():
    lanes = Lanes(Budget(None, 1000, cancel=lambda: True), 2)
    assert lanes.run([lanes.part(0.5).exhausted, lanes.rest().exhausted]) == [True, True]


def test_lanes_are_no_more_than_the_cores_there_are():
    assert 1 <= cores() == Lanes(Budget(None, 1)).n
