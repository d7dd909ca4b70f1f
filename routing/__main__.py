"""./trades solve: a problem in, a plan out; no server, no database."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from routing.errors import InvalidProblem, RoutingError
from routing.search_options import add_search_options
from routing.solve_command import Asked, native, vroom
from routing.vroom import Effort

EXAMPLES = """\
examples:
  ./trades solve problem.json --out plan.json
  ./trades solve problem.json --start plan.json --limit-s 30 > better.json
  ./trades solve --vroom problem.json --limit-s 10 > solution.json
  ./trades solve --vroom problem.json --region coquimbo -g
  ./trades solve --vroom routes.json -c
  ./trades solve --vroom - < problem.json

problem.json holds stops, vehicles and a matrix, as the project's own types
name them; or, with --region, places ([[longitude, latitude], ...]) in place
of the matrix. With --vroom it holds jobs, shipments, vehicles and matrices
as VROOM documents them, and the answer is VROOM's solution JSON.

Exit status: 0 done, 1 the judge found violations, 2 an input cannot be used.
With --vroom VROOM's codes: 1 a fault of ours, 2 the input, 3 the roads.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see the exit statuses above, and 130 interrupted."""
    parser = _parser()
    given = parser.parse_args(arguments)
    _check(parser, given)
    console = Console(stderr=True)
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades")
    limit_s = None if given.budget_iterations is not None else given.limit_s
    effort = Effort(limit_s, given.budget_iterations, given.seed)
    osrm_url = os.environ.get("OSRM_URL", "").strip()
    asked = Asked(given.vroom or given.problem, given.out, given.region, home, effort, osrm_url)
    try:
        if given.vroom is not None:
            return vroom(asked, geometry=given.geometry, choose_eta=given.choose_eta)
        return native(asked, given.start, console)
    except InvalidProblem as invalid:
        for fault in invalid.faults:
            console.print(f"{asked.file}: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except (RoutingError, OSError) as fault:
        console.print(f"trades solve: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        console.print("interrupted")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./trades", description="Solve a problem.")
    parser.suggest_on_error = True  # type: ignore[attr-defined, unused-ignore]
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    says = "Find routes for a problem, in our format or in VROOM's."
    solve = commands.add_parser(
        "solve", help=says, description=says, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = solve.add_mutually_exclusive_group(required=True)
    what.add_argument("problem", type=Path, nargs="?", metavar="PROBLEM", help="problem.json in our format")
    what.add_argument("--vroom", type=Path, metavar="FILE", help="problem in VROOM's format; - is stdin")
    solve.add_argument("--region", metavar="NAME", help="roads of a region that ./trades ingest built")
    solve.add_argument("-g", "--geometry", action="store_true", help="VROOM: add lines along the roads")
    solve.add_argument("-c", "--choose-eta", action="store_true", help="VROOM: time the given steps, report violations")
    solve.add_argument("--start", type=Path, metavar="PLAN", help="ours: a plan.json to start from")
    solve.add_argument("--out", type=Path, metavar="FILE", help="write the answer here (default: stdout)")
    add_search_options(solve, default_s=5.0)
    return parser


def _check(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Refuse options that the format asked for does not have."""
    if given.vroom is None and (given.geometry or given.choose_eta):
        parser.error("-g and -c belong to VROOM's format: write --vroom FILE")
    if given.vroom is not None and given.start is not None:
        parser.error("--start belongs to our format; in VROOM's, give vehicles their steps")


if __name__ == "__main__":
    sys.exit(main())
