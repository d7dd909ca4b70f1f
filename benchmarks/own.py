"""An engine that runs in our environment, in a process of its own: one problem in, orders and times out."""

import os
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from routing.errors import RoutingError
from routing.improve.engine import warm
from routing.plans import orders_of
from routing.process import Packed, packed
from routing.solver import solve
from routing.types import Problem


@dataclass(frozen=True, slots=True)
class Task:
    """What to run, on which cores (None: any)."""

    engine: str
    problem: Problem
    budget_s: float
    seed: int
    cores: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task came to.

    Parameters
    ----------
    orders : stop positions by vehicle, None without a plan
    wall_s, cpu_s : seconds of the wall and of the processor
    iterations : plans that a search of ours looked at
    pin_held : it was still pinned to its cores at the end
    """

    orders: list[list[int]] | None
    wall_s: float
    cpu_s: float
    iterations: int | None = None
    pin_held: bool = True


def work(line: Connection) -> None:
    """Answer one task: the child's whole life."""
    task: Task = line.recv()
    if task.cores is not None:
        os.sched_setaffinity(0, task.cores)
    answer: Answer | Packed
    try:
        warm()  # compiled code is loaded, or compiled, before the clock starts
        began_s, cpu_s = time.perf_counter(), _cpu_s()
        orders, iterations = _orders(task)
        wall_s, cpu_s = time.perf_counter() - began_s, _cpu_s() - cpu_s
        held = task.cores is None or os.sched_getaffinity(0) == set(task.cores)
        answer = Answer(orders, wall_s, cpu_s, iterations, held)
    except (RoutingError, ValueError, MemoryError) as error:
        answer = packed(error)
    line.send(answer)


def _orders(task: Task) -> tuple[list[list[int]] | None, int | None]:
    """Orders, and how many plans a search of ours looked at."""
    if task.engine in ("trades", "trades-nosearch"):
        if task.engine == "trades":
            plan = solve(task.problem, limit_s=task.budget_s, seed=task.seed)
        else:
            plan = solve(task.problem, iterations=0, seed=task.seed)
        return orders_of(task.problem, plan), plan.search.iterations
    if task.engine == "ortools":
        from benchmarks.baselines.ortools_tuned import tuned_orders

        return tuned_orders(task.problem, task.budget_s, task.seed), None
    if task.engine == "ortools-tutorial":
        from benchmarks.baselines.ortools_tutorial import tutorial_orders

        return tutorial_orders(task.problem, task.budget_s), None
    from benchmarks.ablation_parts import searched_without

    return searched_without(task.engine, task.problem, task.budget_s, task.seed)


def _cpu_s() -> float:
    """Processor time of this process and of the children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
