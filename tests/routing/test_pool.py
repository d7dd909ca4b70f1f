"""A search in a child process: the same plan, progress, and an answer whatever becomes of the child."""

import os
import signal
import time
from pathlib import Path

import pytest
from routing_cases import four_jobs, random_problem

from routing import pool
from routing.check import violations
from routing.errors import SolveFailed
from routing.pool import search_child, solve_in_child
from routing.solver import solve


def children_of(parent):
    """Process ids of the living children that this thread has started."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()]


def test_a_child_finds_the_plan_that_this_process_finds():
    problem = random_problem(11, n_stops=14)
    told = []
    plan = solve_in_child(problem, iterations=60, seed=4, on_progress=told.append)
    assert plan == solve(problem, iterations=60, seed=4)
    assert told


def test_cancel_keeps_the_best_plan():
    problem, told = random_problem(11, n_stops=14), []
    plan = solve_in_child(problem, limit_s=60, on_progress=told.append, cancel=lambda: bool(told))
    assert plan.search.stopped_by == "cancel"
    assert not violations(problem, plan)


def test_an_interrupt_keeps_the_best_plan():
    problem = random_problem(11, n_stops=14)
    told = []

    def interrupt_once(progress):
        if not told:
            told.append(progress)
            # What Ctrl-C raises; a signal's own lands wherever Python happens to be, a finalizer included.
            raise KeyboardInterrupt

    plan = solve_in_child(problem, limit_s=60, on_progress=interrupt_once)
    assert plan.search.stopped_by == "cancel"


def test_what_the_child_refuses_is_refused_here():
    start = solve(four_jobs(), iterations=0)
    with pytest.raises(SolveFailed, match="the problem does not"):
        solve_in_child(random_problem(1), iterations=1, start=start)


def test_a_child_that_dies_leaves_the_best_plan_heard_of():
    problem = random_problem(11, n_stops=14)

    def kill_child(_progress):
        for pid in children_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)

    plan = solve_in_child(problem, limit_s=60, on_progress=kill_child)
    assert plan.search.stopped_by == "search process died"
    assert not violations(problem, plan)


def test_a_child_that_does_not_stop_in_time_is_ended(monkeypatch):
    monkeypatch.setattr(pool, "GRACE_S", -60.0)
    plan = solve_in_child(random_problem(11, n_stops=14), limit_s=60)
    assert plan.search.stopped_by == "search did not end in time"


def test_cancelling_a_long_search_ends_it_and_keeps_what_it_found():
    problem, told = random_problem(2, n_stops=60, n_vehicles=12), []
    plan = solve_in_child(problem, limit_s=100, on_progress=told.append, cancel=lambda: len(told) > 2)
    assert plan.search.stopped_by == "cancel"
    assert plan.objective.total <= told[-1].total < told[0].total
    assert not violations(problem, plan)


def test_a_child_that_looks_at_no_solution_any_more_is_ended(monkeypatch):
    monkeypatch.setattr(pool, "SILENCE_S", -1.0)
    plan = solve_in_child(random_problem(11, n_stops=14), iterations=10**9)
    assert plan.search.stopped_by == "search stopped answering"


def test_a_child_that_finds_nothing_better_is_heard_of_all_the_same(monkeypatch):
    monkeypatch.setattr(pool, "SILENCE_S", 4.0)
    problem = random_problem(11, n_stops=14)
    with search_child() as child:
        assert child.line.poll(60)  # it has loaded, which may take longer than the silence that is allowed here
        began = time.monotonic()
        plan = solve_in_child(problem, child, limit_s=6)
    assert plan.search.stopped_by == "time"
    assert time.monotonic() - began > 4.0
