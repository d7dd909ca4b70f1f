"""./trades ingest: from the command line into the registry of regions."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.region import Ingested, ingest_region
from ingest.sample import SAMPLES
from routing.errors import BuildFailed, RoutingError
from routing.region import ALGORITHMS

EXAMPLES = """\
examples:
  ./trades ingest region coquimbo --sample coquimbo
  ./trades ingest region columbus --pbf columbus.osm.pbf
  ./trades ingest region porto --pbf porto.osm.pbf --algorithm ch --json

mld is built in seconds; ch took a minute for Columbus and answers tables of
1,000 to 3,000 points five to nine times as fast there. The same extract twice
changes nothing. A build that was ended goes on after its last finished step
when the same command is given again.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 a build failed, 2 an input cannot be used, 130 interrupted."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades")
    try:
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
    except BuildFailed as failure:
        console.print(f"trades ingest: {failure}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except (RoutingError, ValueError, OSError) as fault:
        console.print(f"trades ingest: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        # Not by the console: it may have been interrupted in the middle of a line, and would say that line again.
        sys.stderr.write("\ninterrupted; the same command goes on after the last finished step\n")
        return 130
    if given.json:
        sys.stdout.write(json.dumps(done.summary(), ensure_ascii=False, indent=1) + "\n")
    else:
        _report(console, done)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./trades ingest",
        description="Fill the platform with road data.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    region = commands.add_parser(
        "region",
        help="build the road data of a region from an OpenStreetMap extract",
        description="Build road data from an OpenStreetMap extract and put it in force.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
    return parser


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
    said = (
        f"region {of.name}: {km:,.0f} km of road, {of.statistics['n_junctions']:,} junctions,"
        f" {of.statistics['n_street_names']:,} street names, time zone {of.timezone}"
    )
    took = f"built in {sum(done.seconds.values()):.1f} s" if done.built else "in force already"
    console.print(f"· {said}; {of.algorithm}, {took}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
