"""./trades bench: measure this engine and others on the same problems, judged in the same run."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import compare
from benchmarks.arguments import SUITES, parser
from benchmarks.choices import ENGINES, BadChoice
from benchmarks.field import field_names
from benchmarks.ledger import Ledger, opened, read_ledger
from benchmarks.results import put_into
from benchmarks.runs import Run, measured, shown, write_pictures
from benchmarks.solver import solver_names
from routing.errors import RoutingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 something is wrong with a figure, 2 an input cannot be used, 130 interrupted."""
    given = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        if given.command == "list":
            return _list(given.data, console)
        if given.command == "compare":
            return compare.tell(read_ledger(given.a), read_ledger(given.b), console)
        if given.command == "show":
            return _show(given.file, given.plots, given.into, console, errors)
        home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades")
        run = Run.of(given, home)
        ledger = opened(run.suite, given.out, resume=given.resume)
        ledger.write()
        status = measured(run, ledger, console, errors)
        ledger.write()
        _draw(ledger, given.plots, errors)
    except (RoutingError, OSError) as fault:
        errors.print(f"trades bench: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        errors.print("interrupted; the same command with --resume goes on from here")
        return 130
    return status


def _show(file: Path, plots: Path | None, into: Path | None, console: Console, errors: Console) -> int:
    ledger = read_ledger(file)
    shown(ledger, console)
    if into is not None:
        put_into(into, file.stem, ledger)
        errors.print(f"· the tables are in {into}", markup=False, highlight=False)
    _draw(ledger, plots, errors)
    return 0


def _draw(ledger: Ledger, folder: Path | None, errors: Console) -> None:
    if folder is not None:
        for file in write_pictures(ledger, folder):
            errors.print(f"· wrote {file}", markup=False, highlight=False)


def _list(data: Path | None, console: Console) -> int:
    for name, what in SUITES.items():
        console.print(f"{name:<10}{what}", markup=False, highlight=False)
    for title, first, last in (("engines", 0, 4), ("", 4, len(ENGINES))):
        console.print(f"{title:<10}{', '.join(ENGINES[first:last])}", markup=False, highlight=False)
    if data is not None:
        lists: tuple[tuple[str, Callable[[Path | None], list[str]]], ...]
        lists = (("field", field_names), ("solver", solver_names))
        for suite, names in lists:
            try:
                console.print(f"{suite}: {', '.join(names(data))}", markup=False, highlight=False)
            except BadChoice as nothing:
                console.print(f"{suite}: {nothing}", markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
