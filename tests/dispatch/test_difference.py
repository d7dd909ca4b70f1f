"""The difference of two plans names every job once, and nothing that nobody would notice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.difference import Figures, Placing, difference, unassigned_cost

EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def at(job, contractor, minutes=0, seconds=0):
    return Placing(job, contractor, EIGHT + timedelta(minutes=minutes, seconds=seconds))


def names(cases):
    return [case.job_id for case in cases]


def test_jobs_are_added_removed_moved_and_retimed():
    before = [at("a", "x"), at("b", "x", 30), at("c", "x", 60), at("d", "y"), at("e", "y", 30)]
    after = [at("b", "y", 30), at("c", "x", 66), at("d", "y", 5), at("e", "y", 30), at("f", "x")]
    change = difference(before, after)
    assert (names(change.added), names(change.removed)) == (["f"], ["a"])
    assert (names(change.moved), names(change.retimed), change.n_unchanged) == (["b"], ["c"], 2)
    assert (change.moved[0].before.contractor_id, change.moved[0].after.contractor_id) == ("x", "y")


def test_five_minutes_are_the_same_promise_and_a_second_more_is_not():
    change = difference([at("a", "x"), at("b", "x")], [at("a", "x", -5), at("b", "x", 5, 1)])
    assert names(change.retimed) == ["b"]


def test_a_job_that_moves_is_not_said_to_be_retimed_as_well():
    change = difference([at("a", "x")], [at("a", "y", 60)])
    assert (names(change.moved), names(change.retimed)) == (["a"], [])


def test_figures_are_handed_through():
    figures = Figures(60, 1000, 2, 0), Figures(90, 1500, 3, 0)
    change = difference([], [], figures)
    assert (change.before, change.after, change.is_empty) == (*figures, True)


def test_what_is_left_out_weighs_what_leaving_it_out_costs():
    assert unassigned_cost({"a": 100, "b": 20, "c": 3}, ["b", "gone"]) == 103


PLANS = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.sampled_from("xyz"), st.integers(0, 600)))


@given(PLANS, PLANS)
def test_every_job_is_counted_once_whatever_the_plans(before, after):
    change = difference([at(job, *where) for job, where in before.items()], [at(j, *w) for j, w in after.items()])
    found = [*names(change.added), *names(change.removed), *names(change.moved), *names(change.retimed)]
    assert len(set(found)) == len(found)
    assert len(found) + change.n_unchanged == len(before.keys() | after.keys())
    backwards = difference([at(j, *w) for j, w in after.items()], [at(job, *where) for job, where in before.items()])
    assert set(names(backwards.added)) == set(names(change.removed))
    assert set(names(backwards.moved)) == set(names(change.moved))


@given(PLANS)
def test_a_plan_differs_in_nothing_from_itself(plan):
    same = [at(job, *where) for job, where in plan.items()]
    assert difference(same, same).is_empty
