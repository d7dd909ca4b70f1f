"""Solve in a child process: OR-Tools holds the interpreter for its whole run, and the caller wants to stay awake.

The child tells of progress, its best orders included, and looks whether it was asked to stop. A child that dies or
does not stop is ended, and the best orders heard of are the plan, said as such.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from routing.arrays import arrays_of
from routing.best import Progress
from routing.errors import RoutingError
from routing.improve.engine import warm
from routing.plans import plan_of
from routing.process import Packed, Process, packed, unpacked
from routing.solver import passed, solve
from routing.types import Improvement, Plan, Problem

GRACE_S = 20.0
"""How long a child may go on after its limit: the largest whole model closes in 1.3 s on a quiet machine."""

STOP_GRACE_S = 1.0
"""How long after a request to stop: OR-Tools' iterated local search would go on to its limit."""

SILENCE_S = 120.0
"""A child that has looked at no solution for so long is stuck; the first of 1,000 stops takes OR-Tools 2 s."""

BEAT_EVERY_S = 1.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class _Task:
    problem: Problem
    limit_s: float | None
    iterations: int | None
    seed: int
    start: Plan | None


@contextmanager
def search_child() -> Iterator[Process]:
    """Start a child that loads what a search needs, which takes it a second, while the problem is still being made."""
    child = Process("routing.pool", "work")
    try:
        yield child
    finally:
        child.end()


def solve_in_child(
    problem: Problem,
    child: Process | None = None,
    *,
    limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
    start: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """``routing.solver.solve`` in a process of its own; the same arguments, the same plan.

    ``child`` is one of ``search_child`` that has solved nothing yet; by default one is started.

    A KeyboardInterrupt while it runs counts as ``cancel``: the best plan so far is returned. A second one is passed
    on. Raises what ``solve`` raises.
    """
    task = _Task(problem, limit_s, iterations, seed, start)
    with nullcontext(child) if child is not None else search_child() as searching:
        answer = _not_ready(searching.line, cancel) or _listen(searching.line, task, on_progress, cancel)
    if isinstance(answer, Plan):
        return answer
    if isinstance(answer, _Failed):
        raise unpacked(answer.error)
    return _unfinished(task, answer)


@dataclass(frozen=True, slots=True)
class _Failed:
    """What ``solve`` raised."""

    error: Packed


@dataclass(frozen=True, slots=True)
class _Alive:
    """The child is ready for the problem, or has looked at another solution."""


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """A search that ended without an answer: why, and the best heard of."""

    stopped_by: str
    best: Progress | None


def _unfinished(task: _Task, answer: _Unfinished) -> Plan:
    """The best orders heard of as a plan; by insertion when there are none."""
    best = answer.best
    floor = solve(task.problem, iterations=0, seed=task.seed, start=task.start)
    if best is None or best.total >= floor.objective.total:
        return replace(floor, search=replace(floor.search, stopped_by=answer.stopped_by))
    history = (*floor.search.history, Improvement(round(best.elapsed_s, 3), best.total, best.engine))
    search = replace(floor.search, stopped_by=answer.stopped_by, found_by=best.engine, history=history)
    return passed(
        task.problem, replace(plan_of(arrays_of(task.problem), best.orders), search=search, bound=floor.bound)
    )


def _not_ready(line: Connection, cancel: Callable[[], bool] | None) -> _Unfinished | None:
    """Wait until the child has loaded; why it is not to be told the problem any more, if so.

    Not told before: a large problem fills the line until it is read, and a wish to stop would go unheard so long.
    """
    began = time.monotonic()
    try:
        while not line.poll(LOOK_EVERY_S):
            if cancel is not None and cancel():
                return _Unfinished("cancel", None)
            if time.monotonic() - began > SILENCE_S:
                return _Unfinished("search stopped answering", None)
        line.recv()
    except KeyboardInterrupt:
        return _Unfinished("cancel", None)
    except (EOFError, OSError):
        return _Unfinished("search process died", None)
    return None


def _listen(
    line: Connection,
    task: _Task,
    on_progress: Callable[[Progress], None] | None,
    cancel: Callable[[], bool] | None,
) -> Plan | _Failed | _Unfinished:
    """What the child answers, or why it did not."""
    give_up_at = None if task.limit_s is None else time.monotonic() + task.limit_s + GRACE_S
    best: Progress | None = None
    heard_at, stopping, asked = time.monotonic(), False, False
    try:
        line.send(task)
        while True:
            try:
                stopping = stopping or (cancel is not None and cancel())
                if stopping and not asked:
                    asked, give_up_at = True, time.monotonic() + STOP_GRACE_S
                    line.send(None)
                if line.poll(LOOK_EVERY_S):
                    message = line.recv()
                    heard_at = time.monotonic()
                    if isinstance(message, Progress):
                        best = message
                        if on_progress is not None:
                            on_progress(message)
                    elif not isinstance(message, _Alive):
                        return message  # type: ignore[no-any-return]
                if time.monotonic() - heard_at > SILENCE_S:
                    return _Unfinished("search stopped answering", best)
                if give_up_at is not None and time.monotonic() > give_up_at:
                    return _Unfinished("cancel" if stopping else "search did not end in time", best)
            except KeyboardInterrupt:
                if stopping:
                    raise
                stopping = True
    except (EOFError, OSError):
        return _Unfinished("search process died", best)


def work(line: Connection) -> None:
    """Solve, tell, answer: the child's whole life. Anything said to it after the task means to stop."""
    warm()
    line.send(_Alive())
    task: _Task = line.recv()
    told_at, stopping = time.monotonic(), False

    def stopped() -> bool:
        """Asked between solutions: a good moment to say that there are any."""
        nonlocal told_at, stopping
        if time.monotonic() - told_at > BEAT_EVERY_S:
            told_at = time.monotonic()
            line.send(_Alive())
        stopping = stopping or line.poll(0)
        return stopping

    try:
        plan = solve(
            task.problem,
            limit_s=task.limit_s,
            iterations=task.iterations,
            seed=task.seed,
            start=task.start,
            on_progress=line.send,
            cancel=stopped,
        )
        line.send(plan)
    except (RoutingError, ValueError) as fault:
        line.send(_Failed(packed(fault)))
