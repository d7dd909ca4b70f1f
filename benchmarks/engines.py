"""One engine, one problem: run in a child process on its cores, and its plan judged."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.lanes import Cores
from benchmarks.own import Answer, Task
from benchmarks.peers import ask, python_of_peers
from benchmarks.to_pyvrp import pyvrp_problem
from benchmarks.to_vroom import orders_from_vroom, vroom_problem
from routing.arrays import arrays_of
from routing.check import cost, violations
from routing.errors import EngineFailed, SolveFailed
from routing.plans import plan_of
from routing.process import Process, unpacked
from routing.types import Plan, Problem

GRACE_S = 120.0
"""How long an engine of ours may take beyond its budget: warm-up, models of a thousand stops."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan and what it took.

    Parameters
    ----------
    plan : None when the engine found none, or its orders cannot be driven
    violations : what the judge found; 1 for orders that have no timetable at all
    failure : why there is no plan
    iterations : plans that a search of ours looked at, None of others
    pin_held : the engine was still pinned to its cores at the end
    """

    plan: Plan | None
    violations: int
    wall_s: float
    cpu_s: float
    failure: str = ""
    iterations: int | None = None
    pin_held: bool = True


@dataclass(slots=True)
class Engines:
    """Everything that can be asked for a plan; peers are installed when the first one is asked.

    Parameters
    ----------
    home : where the peers live
    tell : told of what takes a while
    """

    home: Path
    tell: Callable[[str], None]
    versions: dict[str, str] = field(default_factory=dict)
    _installing: threading.Lock = field(default_factory=threading.Lock)

    def run(self, engine: str, problem: Problem, budget_s: float, seed: int, cores: Cores, n_cores: int = 1) -> Judged:
        """A plan by an engine on some cores, judged.

        Raises
        ------
        EngineFailed : the peers could not be installed
        """
        try:
            if engine.startswith(("vroom", "pyvrp")):
                answer = self._peer(engine, problem, budget_s, seed, cores, n_cores)
            else:
                answer = asked_child(Task(engine, problem, budget_s, seed, cores))
        except NoAnswerError as error:
            return Judged(None, 0, budget_s, 0.0, str(error))
        if answer.orders is None:
            return Judged(None, 0, answer.wall_s, answer.cpu_s, "no solution in time")
        return judged(problem, answer)

    def _peer(self, engine: str, problem: Problem, budget_s: float, seed: int, cores: Cores, n_cores: int) -> Answer:
        with self._installing:
            python = python_of_peers(self.home, self.tell)
        asked: dict[str, Any] = {"budget_s": budget_s, "seed": seed, "cores": n_cores}
        try:
            if engine == "pyvrp":
                said = ask(python, "pyvrp_peer.py", asked | {"problem": pyvrp_problem(problem)}, cores)
                orders = said["orders"]
            else:
                asked |= {"problem": vroom_problem(problem), "exploration": int(engine[-1])}
                said = ask(python, "vroom_peer.py", asked, cores)
                orders = orders_from_vroom(problem, said["solution"])
        except EngineFailed as error:
            raise NoAnswerError(str(error)) from error
        self.versions["pyvrp" if engine == "pyvrp" else "pyvroom"] = said["version"]
        return Answer(orders, said["wall_s"], said["cpu_s"])


class NoAnswerError(Exception):
    """An engine did not answer; the sentence says why."""


def asked_child(task: Task) -> Answer:
    """What an engine of ours answers, in a process of its own.

    Raises
    ------
    NoAnswerError : it died, took far too long, or found a fault in what it was asked
    """
    child = Process("benchmarks.own", "work")
    try:
        child.line.send(task)
        if not child.line.poll(task.budget_s * 2 + GRACE_S):
            raise NoAnswerError(f"no answer within {task.budget_s * 2 + GRACE_S:.0f} s")
        answer = child.line.recv()
    except (EOFError, OSError) as error:
        raise NoAnswerError("its process died") from error
    finally:
        child.end()
    if not isinstance(answer, Answer):
        raise NoAnswerError(str(unpacked(answer)))
    return answer


def judged(problem: Problem, answer: Answer) -> Judged:
    """Orders as a plan with our timetable, shown to the judge and priced by it."""
    try:
        plan = plan_of(arrays_of(problem), answer.orders or [])
    except SolveFailed as error:
        return Judged(None, 1, answer.wall_s, answer.cpu_s, str(error))
    found = violations(problem, plan)
    if not found and plan.objective != cost(problem, plan):
        raise AssertionError("the judge accepted an objective that it does not share")
    failure = found[0].message if found else ""
    return Judged(plan, len(found), answer.wall_s, answer.cpu_s, failure, answer.iterations, answer.pin_held)
