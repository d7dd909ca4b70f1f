"""Why stops were left out, worked out on several cores: each core takes every so many of them.

A large plan leaves hundreds out, and each asks for dozens of insertions of its own; none depends on another.
"""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection

from routing.explain import LeftOut, why_left_out
from routing.process import Packed, Process, packed, unpacked
from routing.types import Plan, Problem

WORTH_A_PROCESS = 12
"""Fewer stops a core than this take less time than starting another Python."""


@dataclass(frozen=True, slots=True)
class _Task:
    problem: Problem
    plan: Plan
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Failed:
    """What ``why_left_out`` raised."""

    error: Packed


def why_left_out_on_all_cores(problem: Problem, plan: Plan, n_cores: int | None = None) -> list[LeftOut]:
    """``why_left_out``, by this process and others beside it; the same answer.

    Parameters
    ----------
    n_cores : how many to use; None for all that this process may run on
    """
    allowed = len(os.sched_getaffinity(0)) if n_cores is None else n_cores
    n_shares = max(1, min(allowed, len(plan.unassigned) // WORTH_A_PROCESS))
    shares = [plan.unassigned[first::n_shares] for first in range(n_shares)]
    children = [Process("routing.explain_shared", "work") for _ in shares[1:]]
    try:
        for child, share in zip(children, shares[1:], strict=True):
            _tell(child, _Task(problem, plan, share))
        found = why_left_out(problem, plan, shares[0])
        for child, share in zip(children, shares[1:], strict=True):
            found += _answer(child, problem, plan, share)
    finally:
        for child in children:
            child.end()
    return sorted(found, key=lambda left: left.stop)


def work(line: Connection) -> None:
    """Answer for one share: the child's whole life."""
    task: _Task = line.recv()
    try:
        line.send(why_left_out(task.problem, task.plan, task.names))
    except Exception as fault:  # noqa: BLE001 - whatever it is, the parent raises it
        line.send(_Failed(packed(fault)))


def _tell(child: Process, task: _Task) -> None:
    try:
        child.line.send(task)
    except OSError:
        return  # it died; its answer will be missing, and its share is done here


def _answer(child: Process, problem: Problem, plan: Plan, share: tuple[str, ...]) -> list[LeftOut]:
    """A child's answer; of one that died, our own."""
    try:
        answer: list[LeftOut] | _Failed = child.line.recv()
    except (EOFError, OSError):
        return why_left_out(problem, plan, share)
    if isinstance(answer, _Failed):
        raise unpacked(answer.error)
    return answer
