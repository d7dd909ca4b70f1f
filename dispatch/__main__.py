"""./trades plan and check: files in, plan out; no server, no database."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from dispatch import commands
from dispatch.planning import Effort
from routing.errors import RoutingError
from routing.search_options import add_search_options

PLAN_EXAMPLES = """\
examples:
  ./trades plan --region coquimbo --contractors contractors.csv \\
      --jobs jobs.csv --date 2026-11-24 --out plan.json --map routes.html
  ./trades plan --region columbus --contractors c.csv --jobs j.csv \\
      --date 2026-11-24 --budget-iterations 2000 > plan.json

contractors.csv: id,name,trades,lon,lat,shift_start,shift_end
  and, if you like: end_lon,end_lat,skills,break_start,break_end,break_min,
  max_jobs,max_travel_min,cost_per_hour,cost_per_km,cost_fixed,service_area
jobs.csv: id,trade,lon,lat,duration_min
  and, if you like: address,window_start,window_end,priority,unserved_cost,
  skills,preferred_contractor,required_contractor,excluded_contractors
Lists inside a cell are separated by ; and clock times are HH:MM. A service area
is POLYGON((lon lat, …)) or the text of a GeoJSON Polygon; empty is anywhere.

Each file may be CSV, an Excel workbook (.xlsx) with these headings in one of
its sheets, or GeoJSON: Points whose properties have these names, without lon
and lat. Rows that cannot be used are named by line, row or feature, from 1.
"""

CHECK_EXAMPLES = """\
examples:
  ./trades check plan.json --region coquimbo --contractors contractors.csv \\
      --jobs jobs.csv --date 2026-11-24
  ./trades check plan.json --region coquimbo --contractors day.xlsx \\
      --jobs day.xlsx --date 2026-11-24

The files may be CSV, Excel (.xlsx) or GeoJSON, as for ./trades plan.

Exit status: 0 nothing wrong, 1 violations, 2 an input cannot be used.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 violations or refused rows, 2 an input cannot be used, 130 interrupted."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades")
    try:
        region = commands.road_data(home, given.region, given.graph)
        # A folder is road data that somebody wants to be used; a name may be known to a server elsewhere.
        osrm_url = os.environ.get("OSRM_URL", "") if given.graph is None else ""
        of = commands.given(given.contractors, given.jobs, given.date, region, given.tz, osrm_url.strip())
        if given.command == "check":
            return commands.check(given.plan, of, Console())
        limit_s = None if given.budget_iterations is not None else given.limit_s
        return commands.plan(
            of,
            Effort(limit_s=limit_s, iterations=given.budget_iterations, seed=given.seed),
            console,
            out=given.out,
            geojson=given.geojson,
            map_file=given.map,
            strict=given.strict,
        )
    except (RoutingError, OSError) as fault:
        said = f"trades {given.command}: {fault}"
        console.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        console.print("interrupted")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./trades", description="Plan a day, judge a plan.")
    parser.suggest_on_error = True  # type: ignore[attr-defined, unused-ignore]
    commands_ = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    plan = _command(commands_, "plan", "Turn a file of people and a file of jobs into optimised routes.", PLAN_EXAMPLES)
    _add_files(plan)
    add_search_options(plan, default_s=10.0)
    plan.add_argument("--out", type=Path, metavar="FILE", help="write plan.json here (default: stdout)")
    plan.add_argument("--geojson", type=Path, metavar="FILE", help="write routes and stops as GeoJSON")
    plan.add_argument("--map", type=Path, metavar="FILE", help="write a map page that opens without network")
    plan.add_argument("--strict", action="store_true", help="plan nothing if any row cannot be used")
    check = _command(
        commands_, "check", "Judge any plan.json: what is wrong, by how much, what it costs.", CHECK_EXAMPLES
    )
    check.add_argument("plan", type=Path, metavar="PLAN", help="plan.json, ours or hand-made")
    _add_files(check)
    return parser


def _command(
    commands_: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, says: str, examples: str
) -> argparse.ArgumentParser:
    return commands_.add_parser(
        name, help=says, description=says, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    roads = parser.add_mutually_exclusive_group(required=True)
    roads.add_argument("--region", metavar="NAME", help="a region that ./trades ingest built")
    roads.add_argument("--graph", type=Path, metavar="DIR", help="a data-set folder that ingest built")
    parser.add_argument(
        "--contractors", type=Path, required=True, metavar="FILE", help="who works: .csv, .xlsx or .geojson"
    )
    parser.add_argument("--jobs", type=Path, required=True, metavar="FILE", help="what is to be done: the same")
    parser.add_argument("--date", type=_day, required=True, metavar="DAY", help="the day, as 2026-11-24")
    parser.add_argument("--tz", metavar="ZONE", help="time zone of clock times (default: the region's)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-24") from None


if __name__ == "__main__":
    sys.exit(main())
