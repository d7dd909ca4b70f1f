"""Reasons worked out on several cores are those of one core, whatever happens to the others."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from rich_cases import rich_problem

from routing.explain import why_left_out
from routing.explain_shared import WORTH_A_PROCESS, why_left_out_on_all_cores
from routing.solver import solve
from routing.types import Problem


@pytest.fixture(scope="module")
def crowded():
    """A plan that leaves out more than two cores' worth."""
    roomy = rich_problem(seed=5, n_stops=40, n_vehicles=1, features=())
    problem = replace(roomy, vehicles=(replace(roomy.vehicles[0], max_stops=3),))
    plan = solve(problem, iterations=0)
    assert len(plan.unassigned) >= 2 * WORTH_A_PROCESS
    return problem, plan


def children() -> list[int]:
    """Processes of ours that work on reasons."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid() and b"routing.explain_shared" in told:
            found.append(int(folder.name))
    return found


def test_two_cores_give_the_answer_of_one(crowded):
    problem, plan = crowded
    assert why_left_out_on_all_cores(problem, plan, 2) == why_left_out(problem, plan)
    assert children() == []


def test_the_share_of_a_process_that_dies_is_done_here(crowded):
    problem, plan = crowded
    ended, killed = threading.Event(), []

    def kill() -> None:
        while not ended.is_set() and not killed:
            for pid in children():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        assert why_left_out_on_all_cores(problem, plan, 2) == why_left_out(problem, plan)
    finally:
        ended.set()
        killer.join()
    assert killed


def test_few_stops_start_no_process(crowded):
    problem, _plan = crowded
    few = Problem(problem.t0_at, problem.stops[: WORTH_A_PROCESS - 1], problem.vehicles, problem.matrix)
    little = solve(few, iterations=0)
    assert why_left_out_on_all_cores(few, little, 8) == why_left_out(few, little)
