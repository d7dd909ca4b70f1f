"""Problems and plans as JSON, without loss: field names and units are those of ``routing.types``.

Sets are sorted lists, pairs without a road are null in both matrices, ``t0_at`` is ISO 8601 with its offset from
UTC. Fields that have a default may be left out; a field that does not exist is an error, because a wish that no
engine understands must not be passed over in silence.
"""

from pathlib import Path
from typing import Any

from routing.errors import Fault, InvalidProblem, UnreadableFile
from routing.json_fields import Reading, as_json
from routing.json_lines import laid_out, line_of, parsed
from routing.text_files import read_text, write_text
from routing.types import Plan, Problem

_FAULTS_NAMED = 5


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON values, every field stated."""
    return dict(as_json(problem))


def problem_from_json(found: dict[str, Any], where: Path | None = None) -> Problem:
    """Return the problem that JSON values state.

    Parameters
    ----------
    found : what ``json.load`` gives
    where : the file they came from, if any

    Raises
    ------
    InvalidProblem : it contradicts itself; without ``where`` also unknown, missing and mistyped fields
    UnreadableFile : with ``where``: unknown, missing and mistyped fields
    """
    problem: Problem = _read(Problem, found, where, None)
    return problem


def read_problem(path: Path) -> Problem:
    """Return the problem in a file.

    Raises
    ------
    UnreadableFile : not there, not JSON, or a field is unknown, missing or mistyped; with the line of the first
    InvalidProblem : it contradicts itself; every fault at once
    """
    text = read_text(path)
    problem: Problem = _read(Problem, parsed(text, path), path, text)
    return problem


def write_problem(problem: Problem, path: Path) -> None:
    """Write a problem, one stop, vehicle or row of the matrix a line; the file is replaced in one step."""
    write_text(path, laid_out(problem_to_json(problem), n_levels=2))


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values, how it came about included."""
    return dict(as_json(plan))


def plan_from_json(found: dict[str, Any], where: Path | None = None) -> Plan:
    """Return the plan that JSON values state; whether it may be driven is for ``routing.check`` to say.

    Raises
    ------
    InvalidProblem : unknown, missing or mistyped fields, all at once
    UnreadableFile : the same, when ``where`` names the file
    """
    plan: Plan = _read(Plan, found, where, None)
    return plan


def read_plan(path: Path) -> Plan:
    """Return the plan in a file.

    Raises
    ------
    UnreadableFile : not there, not JSON, or a field is unknown, missing or mistyped; with the line of the first
    """
    text = read_text(path)
    plan: Plan = _read(Plan, parsed(text, path), path, text)
    return plan


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan, one visit a line; the file is replaced in one step."""
    write_text(path, laid_out(plan_to_json(plan), n_levels=4))


def _read(kind: type[Any], found: Any, where: Path | None, text: str | None) -> Any:
    reading = Reading()
    try:
        value = reading.read(kind, found)
    except InvalidProblem as invalid:
        if where is not None:
            invalid.add_note(f"in {where}")
        raise
    if not reading.faults:
        return value
    if where is None:
        raise InvalidProblem(reading.faults)
    line = 0 if text is None else line_of(text, reading.ways[0])
    raise UnreadableFile(where, line, _told(reading.faults))


def _told(faults: list[Fault]) -> str:
    told = "; ".join(str(fault) for fault in faults[:_FAULTS_NAMED])
    n_more = len(faults) - _FAULTS_NAMED
    return f"{told}; and {n_more} more" if n_more > 0 else told
