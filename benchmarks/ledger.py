"""F.json: rows as they are found, written after each one, so that a long run can be gone on with.

``{"suite", "machine", "versions", "rows", "instances", "notes"}``; a row's fields are those of ``Row``. ``instances``
says of each its class, size and what its matrix took, which lies outside every budget.
"""

import json
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, versions
from benchmarks.remaining import Key
from routing.errors import UnreadableFile
from routing.text_files import read_text, write_text

PEERS = ("pyvroom", "pyvrp")
"""Packages of other people's solvers, which say their versions themselves."""

RUN = "run"
"""Reference kind of an instance without a published reference: the best plan of the run that the judge accepts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One engine on one instance.

    Parameters
    ----------
    budget_s : seconds it was given; 0 for engines that take none
    wall_s, cpu_s : what it took, measured in its own process, without start-up
    objective, travel : points by our judge, in all and for driving; None without a plan
    reference, reference_kind : what the gap is to, and where that comes from
    gap : objective / reference - 1, or travel / reference - 1 where the reference puts vehicles first; None without a
        plan, and beside a published reference without one that serves everybody
    violations : how many the judge found; a plan that has any is no plan
    iterations : plans that a search of ours looked at, None of others
    """

    instance: str
    engine: str
    seed: int
    cores: int
    budget_s: float
    wall_s: float
    cpu_s: float
    objective: int | None
    travel: int | None
    n_routes: int
    reference: int | None
    reference_kind: str | None
    gap: float | None
    n_unassigned: int
    violations: int
    iterations: int | None = None

    @property
    def key(self) -> Key:
        """What makes two rows the same measurement."""
        return self.instance, self.engine, self.seed, self.cores, self.budget_s

    @property
    def counts(self) -> bool:
        """Whether there is a plan to compare: beside a published reference, one that leaves nobody out."""
        return self.total is not None and (self.reference_kind in (None, RUN) or self.gap is not None)

    @property
    def label(self) -> str:
        """The engine, and its cores where it had several: such rows stand apart."""
        return self.engine if self.cores == 1 else f"{self.engine}, {self.cores} cores"

    @property
    def total(self) -> int | None:
        """Points of a plan that the judge accepts, None without one."""
        return None if self.violations else self.objective


@dataclass(slots=True)
class Ledger:
    """The rows of one run, on disk after each one when there is a file."""

    suite: str
    path: Path | None = None
    rows: list[Row] = field(default_factory=list)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    peers: dict[str, str] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    measured_on: dict[str, Any] = field(default_factory=machine)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def has(self, *key: object) -> bool:
        """Whether this was measured already."""
        return any(row.key == key for row in self.rows)

    def add(self, row: Row) -> None:
        """Keep a row, bring references up to date, and write."""
        with self.lock:
            self.rows.append(row)
            self.rows = with_references(self.rows)
            self.write()

    def note(self, text: str) -> None:
        """Keep something a reader has to know, once."""
        with self.lock:
            if text not in self.notes:
                self.notes.append(text)
                self.write()

    def as_json(self) -> dict[str, Any]:
        """The whole file as JSON values."""
        made = {
            "suite": self.suite,
            "machine": self.measured_on,
            "versions": versions(self.peers),
            "rows": [asdict(row) for row in self.rows],
        }
        return made | self.found | {"instances": self.instances, "notes": self.notes}

    def write(self) -> None:
        """Replace the file in one step; a row is a line."""
        if self.path is not None:
            with self.lock:
                write_text(self.path, _as_text(self.as_json()))


def _as_text(made: dict[str, Any]) -> str:
    """JSON with an entry of rows, instances and notes on a line of its own."""
    parts = []
    for key, value in made.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in value)
            text = f"[\n{lines}\n ]"
        elif isinstance(value, dict) and value and isinstance(next(iter(value.values())), dict):
            lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in value.items())
            text = f"{{\n{lines}\n }}"
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def opened(suite: str, path: Path | None, *, resume: bool) -> Ledger:
    """A ledger that goes on with its file under ``resume``, else a fresh one.

    Raises
    ------
    UnreadableFile : what is there belongs to another suite, or is no such file
    """
    if path is None or not resume or not path.exists():
        return Ledger(suite, path)
    found = read_ledger(path)
    if found.suite != suite:
        raise UnreadableFile(path, 0, f"it holds suite {found.suite!r}, not {suite!r}; name another file with --out")
    found.path = path
    if found.measured_on != machine():
        found.note(f"gone on with on another machine: {machine()['cpu']}")
    return found


def read_ledger(path: Path) -> Ledger:
    """What a run has written.

    Raises
    ------
    UnreadableFile : it is not there, no JSON, or its rows are not rows
    """
    try:
        made = json.loads(read_text(path))
        rows = [_row(row) for row in made["rows"]]
        suite = str(made["suite"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(path, 0, f"not what ./trades bench run --out writes ({error!r})") from error
    known = {"suite", "machine", "versions", "rows", "instances", "notes"}
    rest = {key: value for key, value in made.items() if key not in known}
    instances, notes = dict(made.get("instances", {})), list(made.get("notes", []))
    peers = {name: told for name, told in dict(made.get("versions", {})).items() if name in PEERS}
    return Ledger(suite, None, rows, instances, notes, peers, rest, dict(made.get("machine", {})))


def _row(found: dict[str, Any]) -> Row:
    # Files of before this column have none.
    return Row(
        **{part.name: found[part.name] for part in fields(Row) if part.name in found or part.name != "iterations"}
    )


def with_references(rows: list[Row]) -> list[Row]:
    """Rows without a published reference, measured by the best accepted plan of the run for their instance."""
    best: dict[str, int] = {}
    for row in rows:
        if row.objective is not None and not row.violations:
            best[row.instance] = min(row.objective, best.get(row.instance, row.objective))
    return [
        row
        if row.reference_kind not in (None, RUN)
        else replace(
            row,
            reference=best.get(row.instance),
            reference_kind=RUN if row.instance in best else None,
            gap=gap_to(row.objective if not row.violations else None, best.get(row.instance)),
        )
        for row in rows
    ]


def gap_to(value: int | None, reference: int | None) -> float | None:
    """How far above a reference, as a fraction; None when either is missing."""
    if value is None or reference is None:
        return None
    return round(value / reference - 1, 6) if reference else float(value > 0)
