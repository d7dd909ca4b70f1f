"""./trades ingest: from the command line into the registry of regions and the database."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from db.embedded import ServersError
from db.engine import DatabaseError
from dispatch.civil_days import check_day
from ingest.commands import Setting, ingest_contractors, ingest_demo_day, ingest_jobs
from ingest.database import said, tell_of_region
from ingest.demo_day import N_CONTRACTORS, N_JOBS
from ingest.region import Ingested, ingest_region
from ingest.report import Filled, RowsRejected, tell_filled, tell_rows
from ingest.sample import SAMPLES
from routing.errors import BuildFailed, RoutingError
from routing.region import ALGORITHMS
from routing.search_options import count

EXAMPLES = """\
examples:
  ./trades ingest region coquimbo --sample coquimbo
  ./trades ingest region columbus --pbf columbus.osm.pbf
  ./trades ingest region porto --pbf porto.osm.pbf --algorithm ch --json
"""

REGION_NOTES = """
mld is built in seconds; ch took a minute for Columbus and answers tables of
1,000 to 3,000 points five to nine times as fast there; its data hold mld's
part, too, for short ways. The same extract twice changes nothing. A build
that was ended goes on after its last finished step when the same command is
given again.
"""

ROWS_EXAMPLES = """\
examples:
  ./trades ingest contractors people.csv --region coquimbo
  ./trades ingest jobs jobs.xlsx --region coquimbo --date 2026-11-24
  ./trades ingest demo-day --region coquimbo
"""

ROWS_NOTES = """
CSV, Excel and GeoJSON with the headings of ./trades plan. A row is known by
its region and id: the same file again changes nothing, a changed row changes
itself alone, and rows that a later file leaves out stay. Shifts hold for every
day of the week.

Exit status: 0 done, 1 the database failed or --strict refused rows, 2 an
input cannot be used. Then nothing was written.
"""

DEMO_DAY = date(2026, 11, 24)
"""That of ./trades demo: with the usual numbers the two are the same day."""

SUBJECTS = {
    "contractors": "write a file of people into the database",
    "jobs": "write a file of jobs into the database",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 work failed or refused, 2 an input cannot be used, 130 interrupted."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades").absolute()
    try:
        return _region(given, console, home) if given.command == "region" else _rows(given, console, home)
    except (BuildFailed, RowsRejected, ServersError) as failure:
        _complain(console, str(failure))
        return 1
    except DatabaseError as failure:
        _complain(console, f"the database failed and nothing was written: {said(failure)}")
        return 1
    except (RoutingError, ValueError, OSError) as fault:
        _complain(console, str(fault))
        return 2
    except KeyboardInterrupt:
        again = "goes on after the last finished step" if given.command == "region" else "starts again"
        # Not by the console: it may have been interrupted in the middle of a line, and would say that line again.
        sys.stderr.write(f"\ninterrupted; the same command {again}\n")
        return 130


def _region(given: argparse.Namespace, console: Console, home: Path) -> int:
    with _progress(console) as progress:
        done = ingest_region(
            home,
            given.name,
            extract=given.pbf or given.osm,
            sample=given.sample,
            algorithm=given.algorithm,
            force=given.force,
            progress=progress,
        )
    trouble = tell_of_region(home, os.environ, done.region)
    if trouble is not None:
        _say(console, f"warning: the database does not know of it yet ({trouble}); ./trades up brings it into line")
    if given.json:
        _print(done.summary())
    else:
        _report(console, done)
    return 0


def _rows(given: argparse.Namespace, console: Console, home: Path) -> int:
    with _progress(console) as progress:
        setting = Setting(home, os.environ, progress, partial(tell_rows, console))
        filled: tuple[Filled, ...]
        if given.command == "demo-day":
            filled = ingest_demo_day(
                setting,
                given.region,
                given.date,
                seed=given.seed,
                n_jobs=given.jobs,
                n_contractors=given.contractors,
            )
        elif given.command == "jobs":
            filled = (ingest_jobs(setting, given.file, given.region, given.tz, given.date, strict=given.strict),)
        else:
            filled = (ingest_contractors(setting, given.file, given.region, given.tz, strict=given.strict),)
    for one in filled:
        tell_filled(console, one)
    if given.json:
        by_subject = {one.subject: one.summary() for one in filled}
        _print(by_subject if given.command == "demo-day" else by_subject[given.command])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./trades ingest",
        description="Fill the platform with road data, people and jobs.",
        epilog=EXAMPLES + ROWS_EXAMPLES.removeprefix("examples:\n"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_region(
        commands.add_parser(
            "region",
            help="build the road data of a region from an OpenStreetMap extract",
            description="Build road data from an OpenStreetMap extract and put it in force.",
            epilog=EXAMPLES + REGION_NOTES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    for name, says in SUBJECTS.items():
        rows = _add_rows(commands, name, says)
        rows.add_argument("file", type=Path, metavar="FILE", help="CSV, Excel (.xlsx) or GeoJSON")
        rows.add_argument("--tz", metavar="ZONE", help="time zone of clock times (default: the region's)")
        rows.add_argument("--strict", action="store_true", help="write nothing if any row cannot be used")
        if name == "jobs":
            rows.add_argument("--date", type=_day, metavar="DAY", help="the day they are wanted on (default: any)")
    demo = _add_rows(commands, "demo-day", "make up a day's people and jobs on the region's streets")
    demo.add_argument("--date", type=_day, default=DEMO_DAY, metavar="DAY", help=f"default: {DEMO_DAY}")
    demo.add_argument("--seed", type=count, default=1, metavar="N", help="which day (default: 1)")
    demo.add_argument("--jobs", type=count, default=N_JOBS, metavar="N", help=f"default: {N_JOBS}")
    demo.add_argument("--contractors", type=count, default=N_CONTRACTORS, metavar="N", help=f"default: {N_CONTRACTORS}")
    return parser


def _add_region(region: argparse.ArgumentParser) -> None:
    region.add_argument("name", metavar="NAME", help="lower-case letters, digits, - and _")
    source = region.add_mutually_exclusive_group(required=True)
    source.add_argument("--pbf", type=Path, metavar="FILE", help="an extract, .osm.pbf")
    source.add_argument("--osm", type=Path, metavar="FILE", help="an extract, .osm, .osm.gz or .osm.bz2")
    source.add_argument(
        "--sample",
        choices=SAMPLES,
        metavar="SAMPLE",
        help=f"a sample that comes with the set-up: {' or '.join(SAMPLES)}",
    )
    region.add_argument("--algorithm", choices=ALGORITHMS, default="mld", help="default: mld")
    region.add_argument("--force", action="store_true", help="build even if the same extract is in force")
    region.add_argument("--json", action="store_true", help="print a summary on stdout")


def _add_rows(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, says: str
) -> argparse.ArgumentParser:
    rows = commands.add_parser(
        name,
        help=says,
        description=f"{says[0].upper()}{says[1:]}.",
        epilog=ROWS_EXAMPLES + ROWS_NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rows.add_argument("--region", required=True, metavar="NAME", help="a region that ./trades ingest built")
    rows.add_argument("--json", action="store_true", help="print a summary on stdout")
    return rows


def _day(text: str) -> date:
    try:
        on = date.fromisoformat(text)
        check_day(on)
    except (ValueError, RoutingError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-24") from error
    return on


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal, a line per step elsewhere."""
    if not console.is_terminal:
        told: set[str] = set()

        def tell(step: str, _share: float) -> None:
            if step not in told:
                told.add(step)
                console.print(f"· {step}", highlight=False)

        yield tell
        return
    columns = (TextColumn("{task.description:<12}"), BarColumn(30), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda step, share: bar.update(task, description=step, completed=share)


def _report(console: Console, done: Ingested) -> None:
    of = done.region
    km = sum(of.statistics.get("km_by_class", {}).values())
    what = (
        f"region {of.name}: {km:,.0f} km of road, {of.statistics['n_junctions']:,} junctions,"
        f" {of.statistics['n_street_names']:,} street names, time zone {of.timezone}"
    )
    took = f"built in {sum(done.seconds.values()):.1f} s" if done.built else "in force already"
    _say(console, f"· {what}; {of.algorithm}, {took}")


def _complain(console: Console, sentence: str) -> None:
    console.print(f"trades ingest: {sentence}", style="red", markup=False, highlight=False, soft_wrap=True)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _print(summary: object) -> None:
    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
