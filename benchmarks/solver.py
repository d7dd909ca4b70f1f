"""Suite solver: published instances of vehicle routing, with the best results that anybody has published.

``--data DIR`` is searched for files of Solomon's and Gehring & Homberger's, Li & Lim's, and VRPLIB's. References:
of Solomon and of Gehring & Homberger the total distance in ``BKS_dimacs_distance.csv`` and nothing else; of a VRPLIB
file the ``.sol`` beside it; of Li & Lim vehicles first, then distance, in ``BKS_vroom_pdptw.json``.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.choices import BadChoice, plain
from benchmarks.contest import Instance, Opening
from benchmarks.ledger import Ledger
from routing.errors import UnreadableFile
from routing.li_lim import THOUSANDTHS, read_li_lim
from routing.solomon import read_solomon
from routing.text_files import read_text
from routing.types import Problem
from routing.vrplib import read_solution, read_vrplib

DISTANCES = "BKS_dimacs_distance.csv"
PAIRS = "BKS_vroom_pdptw.json"

MULTI_DEPOT_UNITS = 1000
"""Instances of several depots are compared by thousandths, rounded to the nearest."""

PROVEN_SLACK = -0.0001
"""A plan that is better than a proven optimum by more than this says that something is counted wrongly."""


@dataclass(frozen=True, slots=True)
class Known:
    """The best that is known of an instance: its total, and whether nothing can be better."""

    total: int
    proven: bool


def solver_names(data: Path | None) -> list[str]:
    """Instance files below a folder, relative to it.

    Raises
    ------
    BadChoice : no folder, or nothing in it
    """
    if data is None:
        raise BadChoice("suite solver needs --data DIR with instances (.txt of Solomon's or Li & Lim's kind, .vrp)")
    files = [file for kind in ("*.txt", "*.vrp") for file in data.rglob(kind)]
    names = sorted(str(file.relative_to(data)) for file in files if file.is_file())
    if not names:
        raise BadChoice(f"--data {data} holds no .txt and no .vrp; name a folder that does")
    return names


def solver_instances(names: list[str], data: Path) -> Iterator[tuple[str, Opening]]:
    """Instances by the stems of their files, each read when it is its turn."""
    distances, pairs = _distances(data / DISTANCES), _pairs(data / PAIRS)
    for name in names:
        file = data / name
        yield file.stem, lambda file=file: _opened(file, distances, pairs)


def impossible(ledger: Ledger) -> list[str]:
    """Rows that beat a proven optimum, said; what is counted wrongly must not pass for a record."""
    return [
        f"{row.engine} on {row.instance}, seed {row.seed}: {100 * row.gap:.3f} % below a proven optimum"
        for row in ledger.rows
        if row.gap is not None and row.gap < PROVEN_SLACK and ledger.instances.get(row.instance, {}).get("proven")
    ]


def _opened(file: Path, distances: dict[str, Known], pairs: dict[str, Any]) -> Instance:
    if file.suffix.lower() == ".vrp":
        return _vrplib(file)
    head = next((line for _, line in zip(range(1), read_text(file).split("\n"), strict=False)), "")
    # Li & Lim's files begin with three numbers, Solomon's with a name.
    if re.fullmatch(r"\s*\d+\s+\d+\s+\S+\s*", head):
        return _li_lim(file, pairs)
    return _solomon(file, distances)


def _solomon(file: Path, distances: dict[str, Known]) -> Instance:
    known = distances.get(plain(file.name))
    problem = read_solomon(file).problem()
    of = re.match(r"(rc?|c)([12])", file.stem.lower())
    group = "other" if of is None else of[0].upper()
    if "_2_" in file.stem:
        group = "GH-200"
    about = _about(problem, group) | {"proven": known is not None and known.proven}
    kind = DISTANCES if known else None
    return Instance(file.stem, problem, about, known.total if known else None, kind, by_travel=False)


def _li_lim(file: Path, pairs: dict[str, Any]) -> Instance:
    problem = read_li_lim(file).problem()
    about, known = _about(problem, "Li-Lim"), pairs.get(plain(file.name))
    if known is None:
        return Instance(file.stem, problem, about, by_travel=True)
    about["reference_routes"] = int(known["solved_with_vehicles"])
    reference = round(known["best_known_cost"] * THOUSANDTHS)
    return Instance(file.stem, problem, about, reference, PAIRS, by_travel=True)


def _vrplib(file: Path) -> Instance:
    read = read_vrplib(file)
    several = len(read.depots) > 1
    problem = read.problem(MULTI_DEPOT_UNITS if several else 1)
    about, solution = _about(problem, "MDVRPTW" if several else "VRPLIB"), file.with_suffix(".sol")
    if not solution.exists():
        return Instance(file.stem, problem, about)
    return Instance(file.stem, problem, about, round(read_solution(solution).cost), solution.name)


def _about(problem: Problem, group: str) -> dict[str, Any]:
    return {"class": group, "n_stops": len(problem.stops), "n_vehicles": len(problem.vehicles), "matrix_s": 0.0}


def _distances(file: Path) -> dict[str, Known]:
    """Best total distances in tenths, by plain name; none where the table is missing."""
    if not file.exists():
        return {}
    rows = csv.DictReader(read_text(file).splitlines())
    try:
        return {plain(row["name"]): Known(int(row["cost_x10"]), row["proven"].strip() == "1") for row in rows}
    except (KeyError, ValueError, AttributeError) as error:
        raise UnreadableFile(file, rows.line_num, f"needs columns name, cost_x10, proven ({error!r})") from error


def _pairs(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return {plain(name): dict(known) for name, known in json.loads(read_text(file)).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise UnreadableFile(file, 0, f"needs an object of instances ({error!r})") from error
