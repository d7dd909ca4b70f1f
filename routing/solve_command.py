"""What ./trades solve does, once its arguments are read: our own problem JSON, or VROOM's."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from geo.point import InvalidLonLat
from routing.best import Progress
from routing.check import violations
from routing.dataset import Engine, open_engine, region
from routing.errors import Fault, InvalidProblem, RoutingError, UnreadableFile
from routing.files import plan_to_json, problem_from_json, read_plan, write_plan
from routing.json_fields import as_json
from routing.json_lines import laid_out, parsed
from routing.pool import solve_in_child
from routing.text_files import checked_target, read_text, write_text
from routing.types import Plan, Problem
from routing.vroom import Effort, VroomError, answered
from routing.vroom.types import INPUT, ROUTING

STDIN = Path("-")
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments: where to read and write, which roads, how long to search."""

    file: Path
    out: Path | None
    region: str | None
    home: Path
    effort: Effort
    osrm_url: str = ""


def vroom(asked: Asked, *, geometry: bool, choose_eta: bool) -> int:
    """Answer a request in VROOM's format as VROOM would, its exit status included.

    The answer, be it an error object, goes to stdout or ``out``; the sentence of an error to stderr as well.
    """
    writable = asked.out is not None
    try:
        if asked.out is not None:
            checked_target(asked.out)
        with _roads(asked) as engine:
            found = parsed(*_text(asked.file))
            answer = answered(found, engine, geometry=geometry, choose_eta=choose_eta, effort=asked.effort)
            if engine is not None and engine.source != "osrm":
                sys.stderr.write("[Warning] the road engine failed; travel is estimated by straight lines\n")
        code = 0
    except VroomError as error:
        code, answer = error.code, error.answer()
    except UnreadableFile as error:
        code, answer = INPUT, VroomError(INPUT, str(error)).answer()
    except RoutingError as error:
        code, answer = ROUTING, VroomError(ROUTING, str(error)).answer()
    except OSError as error:
        code, answer, writable = INPUT, VroomError(INPUT, str(error)).answer(), False
    if code:
        sys.stderr.write(f"[Error] {answer['error']}\n")
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n"
    if asked.out is not None and writable:
        write_text(asked.out, text)
    else:
        sys.stdout.write(text)
    return code


def native(asked: Asked, start: Path | None, console: Console) -> int:
    """Solve a problem of our own format; 0 done, 1 the judge refuses the plan.

    Raises
    ------
    InvalidProblem, UnreadableFile : what is wrong with the problem, every fault at once, or with the plan to start from
    RoutingError, OSError : roads, search, the file to write
    """
    if asked.out is not None:
        checked_target(asked.out)
    problem = _problem(asked)
    plan = _searched(problem, asked.effort, None if start is None else read_plan(start), console)
    if asked.out is None:
        sys.stdout.write(laid_out(plan_to_json(plan), n_levels=4))
    else:
        write_plan(plan, asked.out)
    found = violations(problem, plan)
    _tell(problem, plan, console)
    for violation in found:
        console.print(f"{violation.kind}: {violation.message}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"judge: {len(found)} violations", highlight=False)
    return 1 if found else 0


def _problem(asked: Asked) -> Problem:
    """The problem of a file; travel between its ``places`` from a region's roads where it has no matrix."""
    found = parsed(*_text(asked.file))
    if not isinstance(found, dict):
        raise InvalidProblem([Fault("wrong_type", "the whole", type(found).__name__, "must be an object in braces")])
    if "places" in found:
        found = dict(found)
        found["matrix"] = _matrix(asked, found.pop("places"), found.get("matrix"))
    elif asked.region is not None:
        remedy = "give places, a list of [longitude, latitude], in place of the matrix"
        raise InvalidProblem([Fault("missing", "places", None, f"is what --region is for: {remedy}")])
    return problem_from_json(found)


def _matrix(asked: Asked, places: Any, given: Any) -> Any:
    if given is not None:
        raise InvalidProblem(
            [Fault("matrix_twice", "places", len(places), "the matrix is there already: give one of them")]
        )
    if asked.region is None:
        raise InvalidProblem(
            [Fault("region_missing", "places", len(places), "name the region they are in: --region NAME")]
        )
    try:
        lonlat = np.array(places, dtype=np.float64).reshape(len(places), 2)
    except (TypeError, ValueError):
        remedy = "must be a list of [longitude, latitude]"
        raise InvalidProblem([Fault("wrong_type", "places", str(places)[:60], remedy)]) from None
    with _roads(asked) as engine:
        try:
            return as_json(engine.table(lonlat)) if engine is not None else None
        except InvalidLonLat as invalid:
            raise InvalidProblem([Fault("lonlat_range", "places", str(invalid), "longitude comes first")]) from invalid


def _text(file: Path) -> tuple[str, Path]:
    """The text of a file, and the name to call it by."""
    return (sys.stdin.read(), Path("standard input")) if file == STDIN else (read_text(file), file)


@contextmanager
def _roads(asked: Asked) -> Iterator[Engine | None]:
    if asked.region is None:
        yield None
        return
    with open_engine(region(asked.home, asked.region), asked.osrm_url) as engine:
        yield engine


def _searched(problem: Problem, effort: Effort, start: Plan | None, console: Console) -> Plan:
    def search(better: Any) -> Plan:
        return solve_in_child(
            problem,
            limit_s=effort.limit_s,
            iterations=effort.iterations,
            seed=effort.seed,
            start=start,
            on_progress=better,
        )

    if not console.is_terminal:
        return search(None)
    with console.status("search") as status:

        def better(now: Progress) -> None:
            status.update(now.told(effort.limit_s))

        return search(better)


def _tell(problem: Problem, plan: Plan, console: Console) -> None:
    """What the plan costs, by component, and what it leaves out."""
    for name, points in asdict(plan.objective).items():
        if points:
            console.print(f"  {name:<11}{points:>16,}", highlight=False)
    console.print(f"  {'total':<11}{plan.objective.total:>16,} points", highlight=False)
    console.print(f"routes     {len(plan.routes)} of {len(problem.vehicles)} vehicles", highlight=False)
    named = ", ".join(plan.unassigned[:MOST_NAMED])
    more = f" and {len(plan.unassigned) - MOST_NAMED} more" if len(plan.unassigned) > MOST_NAMED else ""
    said = f"unassigned {len(plan.unassigned)} of {len(problem.stops)} stops{': ' if named else ''}{named}{more}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)
    how = f"search     {plan.search.iterations:,} {plan.search.iteration_unit}s, found by {plan.search.found_by}"
    console.print(how, markup=False, highlight=False, soft_wrap=True)
