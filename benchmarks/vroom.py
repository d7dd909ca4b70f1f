"""Suite vroom: random problems in VROOM's format, answered by us and by VROOM, compared in VROOM's own order.

A row's objective is the cost and its ``n_unassigned`` the tasks left out; ``vroom`` in F.json holds, by size, how often
ours is worse, equal or better: first the sum of priorities served, then the number of tasks, then cost.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.contest import Effort
from benchmarks.lanes import Cores, in_lanes
from benchmarks.ledger import Ledger, Row
from benchmarks.peers import ask, python_of_peers
from benchmarks.remaining import Key, Remaining
from benchmarks.vroom_cases import SIZES, drawn_fields, vroom_case
from benchmarks.vroom_checker import Checked, Worth, checked
from routing.errors import EngineFailed
from routing.process import Process

CASES = 50
GRACE_S = 60.0

MANY_TASKS = 80
"""From here on a better solution is there to be found more often than not."""

_installing = threading.Lock()


def vroom_names(n_cases: int) -> list[str]:
    """Names of the problems: sizes in equal shares."""
    each = -(-n_cases // len(SIZES))
    names = [f"vroom_{size}_{number}" for number in range(1, each + 1) for size in SIZES]
    return sorted(names[:n_cases], key=lambda name: [int(part) for part in name.split("_")[1:]])


def run_vroom(
    names: Sequence[str],
    effort: Effort,
    home: Path,
    ledger: Ledger,
    tell: Callable[[str], None],
    lanes: Sequence[Cores] = (None,),
) -> int:
    """Answer and compare what is not in the ledger yet; 0 when no answer of ours breaks a limit, else 1."""
    due = {name: [key for key in effort.runs(name) if not ledger.has(*key)] for name in names}
    due = {name: keys for name, keys in due.items() if keys}
    remaining = Remaining([key for keys in due.values() for key in keys], len(lanes))
    cases: dict[str, Any] = ledger.found.setdefault("cases", {})

    def measure(name: str, cores: Cores) -> None:
        _, size, number = name.split("_")
        problem = vroom_case(int(number), int(size))
        ledger.instances[name] = {
            "class": f"{size} tasks",
            "n_stops": int(size),
            "n_vehicles": len(problem["vehicles"]),
            "fields": sorted(drawn_fields(int(number), int(size))),
        }
        rows, found = [], dict[str, Checked]()
        for key in effort.runs(name):
            row, result = _answered(key, problem, home, ledger, tell, cores)
            rows.append(row)
            remaining.found(key, row.wall_s)
            if result is not None:
                found[row.engine] = result
        case = _compared(name, effort.engines, found, ledger)
        with ledger.lock:
            # An answer that was interrupted before its comparison is asked for again.
            ledger.rows = [row for row in ledger.rows if row.instance != name] + rows
            cases[name] = case
            ledger.found["vroom"] = shares(cases)
            ledger.write()
        tell(f"{name:<14} {case['said']}  {remaining.says()}")

    in_lanes(due, lanes, measure)
    broken = sum(row.violations > 0 or row.objective is None for row in ledger.rows if row.engine == "trades")
    return 1 if broken else 0


def shares(cases: dict[str, Any]) -> dict[str, dict[str, int]]:
    """How often ours is worse, equal or better, and by what, by number of tasks."""
    found: dict[str, Counter[str]] = {}
    for name, case in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split("_")[1:]]):
        counts = found.setdefault(name.split("_")[1], Counter())
        counts[case["verdict"]] += 1
        if case["why"]:
            counts[f"{case['verdict']}_{case['why']}"] += 1
    return {size: dict(counts) for size, counts in found.items()}


def tell_vroom(ledger: Ledger, console: Console) -> None:
    """Worse, equal, better by size; both shares that count; what breaks limits; and the cases in which ours is worse."""
    counted: dict[str, dict[str, int]] = ledger.found.get("vroom", {})
    table = Table(box=None, title="trades against VROOM, in VROOM's order", title_justify="left")
    table.add_column("tasks")
    for heading in ("worse", "equal", "better", "by priority", "by tasks", "by cost"):
        table.add_column(heading, justify="right")
    for size, counts in counted.items():
        by = [
            f"{counts.get(f'worse_{why}', 0)}/{counts.get(f'better_{why}', 0)}" for why in ("priority", "tasks", "cost")
        ]
        table.add_row(size, *(str(counts.get(key, 0)) for key in ("worse", "equal", "better")), *by)
    console.print(table)
    console.print("by …: worse/better", highlight=False)
    for says, sizes, verdicts in (
        ("not worse", counted, ("equal", "better")),
        (f"better, from {MANY_TASKS} tasks on", [s for s in counted if int(s) >= MANY_TASKS], ("better",)),
    ):
        n = sum(counted[size].get(verdict, 0) for size in sizes for verdict in ("worse", "equal", "better"))
        good = sum(counted[size].get(verdict, 0) for size in sizes for verdict in verdicts)
        if n:
            console.print(f"{says}: {good} of {n} ({100 * good / n:.0f} %)", highlight=False)
    for engine in dict.fromkeys(row.engine for row in ledger.rows):
        mine = [row for row in ledger.rows if row.engine == engine]
        wrong = sum(row.violations > 0 for row in mine)
        wall_s = sum(row.wall_s for row in mine) / len(mine)
        console.print(f"{engine}: {wrong} of {len(mine)} solutions break a limit, mean {wall_s:.2f} s", highlight=False)
    for name, case in ledger.found.get("cases", {}).items():
        if case["verdict"] == "worse":
            fields = ", ".join(ledger.instances.get(name, {}).get("fields", []))
            console.print(f"{name}: {case['said']}; {fields}", highlight=False, markup=False)
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def _answered(
    key: Key, problem: dict[str, Any], home: Path, ledger: Ledger, tell: Callable[[str], None], cores: Cores
) -> tuple[Row, Checked | None]:
    name, engine, seed, n_cores, budget_s = key
    solution: dict[str, Any] | None = None
    wall_s, cpu_s = budget_s, 0.0
    try:
        if engine == "trades":
            solution, wall_s, cpu_s = _ours(problem, budget_s, seed, cores)
        else:
            asked = {"problem": problem, "budget_s": budget_s, "exploration": int(engine[-1]), "cores": n_cores}
            with _installing:
                python = python_of_peers(home, tell)
            said = ask(python, "vroom_peer.py", asked, cores)
            solution, wall_s, cpu_s = said["solution"], said["wall_s"], said["cpu_s"]
            ledger.peers["pyvroom"] = said["version"]
    except EngineFailed as error:
        ledger.note(f"{engine} on {name}: {error}")
    result = None if solution is None else checked(problem, solution)
    for fault in result.faults[:1] if result else ():
        ledger.note(f"{engine} on {name}: {fault}")
    n_tasks = len(problem["jobs"]) + 2 * len(problem.get("shipments", []))
    row = Row(
        instance=name,
        engine=engine,
        seed=seed,
        cores=n_cores,
        budget_s=budget_s,
        wall_s=round(wall_s, 3),
        cpu_s=round(cpu_s, 3),
        objective=None if result is None else round(result.cost),
        travel=None if solution is None else int(solution["summary"]["duration"]),
        n_routes=0 if solution is None else len(solution["routes"]),
        reference=None,
        reference_kind=None,
        gap=None,
        n_unassigned=n_tasks - (0 if result is None else result.n_tasks),
        violations=0 if result is None else len(result.faults),
    )
    return row, result


def _compared(name: str, asked: Sequence[str], found: dict[str, Checked], ledger: Ledger) -> dict[str, Any]:
    """Who is better and by what, as it is kept and said, and what ours is worth; one that breaks a limit is none."""
    theirs = next((engine for engine in found if engine.startswith("vroom")), None)
    if theirs is None or "trades" not in asked:
        return {"verdict": "not compared", "why": "", "said": "not compared"}
    if "trades" not in found:
        return {"verdict": "worse", "why": "violations", "said": "worse: no answer"}
    ours, other = found["trades"], found[theirs]
    if other.faults and not ours.faults:
        ledger.note(f"{name}: VROOM's own solution breaks a limit and is not compared")
        return {"verdict": "not compared", "why": "", "said": f"not compared: {theirs} breaks a limit"}
    verdict, why = _verdict(ours.worth, other.worth)
    if ours.faults:
        verdict, why = "worse", "violations"
    elif verdict == "equal":
        why = ""
    by = f" by {why}" if why else ""
    return {
        "verdict": verdict,
        "why": why,
        "said": f"{verdict}{by}: {_said(ours.worth)} against {_said(other.worth)}",
        "worth": None if ours.faults else [ours.worth.priorities, ours.worth.n_tasks, float(ours.worth.cost)],
    }


def _verdict(ours: Worth, theirs: Worth) -> tuple[str, str]:
    why = "priority" if ours.priorities != theirs.priorities else "tasks" if ours.n_tasks != theirs.n_tasks else "cost"
    return "better" if ours.beats(theirs) else "worse" if theirs.beats(ours) else "equal", why


def _said(worth: Worth) -> str:
    return f"{worth.priorities}/{worth.n_tasks}/{float(worth.cost):,.0f}"


def _ours(problem: dict[str, Any], budget_s: float, seed: int, cores: Cores) -> tuple[dict[str, Any], float, float]:
    """Our solution, in a child on its cores.

    Raises
    ------
    EngineFailed : it died, refused the problem, or took far too long
    """
    child = Process("benchmarks.vroom", "work")
    try:
        child.line.send((problem, budget_s, seed, cores))
        if not child.line.poll(budget_s * 2 + GRACE_S):
            raise EngineFailed(f"no answer within {budget_s * 2 + GRACE_S:.0f} s")
        answer = child.line.recv()
    except (EOFError, OSError) as error:
        raise EngineFailed("its process died") from error
    finally:
        child.end()
    if isinstance(answer, str):
        raise EngineFailed(answer)
    solution, wall_s, cpu_s = answer
    return solution, wall_s, cpu_s


def work(line: Connection) -> None:
    """Answer one problem: the child's whole life."""
    import os

    from routing.improve.engine import warm
    from routing.solver import solve
    from routing.vroom import Effort, VroomError, answered

    problem, budget_s, seed, cores = line.recv()
    if cores is not None:
        os.sched_setaffinity(0, cores)
    warm()  # as in the other suites, starting a process is nobody's budget
    began_s, cpu_s = time.perf_counter(), time.process_time()
    try:
        solution = answered(problem, effort=Effort(limit_s=budget_s, seed=seed, search=solve))
        line.send((solution, time.perf_counter() - began_s, time.process_time() - cpu_s))
    except (VroomError, ValueError) as error:
        line.send(f"{type(error).__name__}: {error}")
