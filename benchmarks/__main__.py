"""./trades bench: measure this engine and others on the same problems, judged in the same run."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import compare, http_load, proximity, screen
from benchmarks.choices import ENGINES, BadChoice, budgets_of, chosen, engines_of, seeds_of
from benchmarks.contest import Effort, compete
from benchmarks.engines import Engines
from benchmarks.explain import CASES as EXPLAIN_CASES
from benchmarks.explain import explain_names, run_explain, tell_explain
from benchmarks.field import field_instances, field_names, smoke
from benchmarks.ledger import Ledger, opened, read_ledger
from benchmarks.live import CASES as LIVE_CASES
from benchmarks.live import run_live, tell_live
from benchmarks.plots import write_plots
from benchmarks.replan import replan_names, run_replan, tell_replan
from benchmarks.solver import impossible, solver_instances, solver_names
from benchmarks.tours import CASES as TOURS_CASES
from benchmarks.tours import run_tours, tell_tours
from benchmarks.vroom import CASES as VROOM_CASES
from benchmarks.vroom import run_vroom, tell_vroom, vroom_names
from routing.errors import RoutingError

EXAMPLES = """\
examples:
  ./trades bench list
  ./trades bench run field --engines trades,vroom --budget-s 5 --out field.json
  ./trades bench run field --data DIR --instances 'baltimore*' --seeds 1..3
  ./trades bench run solver --data DIR --instances 'r1*,RC1_2_*' --resume
  ./trades bench run live --data DIR --instances 'columbus_1000x100_101'
  ./trades bench run explain --cases 1000 --out explain.json
  ./trades bench run proximity --sizes 1e3..1e6 --out proximity.json
  ./trades bench run http --region coquimbo --rates 10,25,50 --out http.json
  ./trades bench compare before.json after.json

Each run of an engine is a process of its own on one core, measured without its
start-up. Every plan becomes a timetable of ours, is shown to our judge, and is
priced by it. Gaps are to a published reference, else to the run's best plan.

Engines: trades; trades-nosearch (insertion and relocation alone); ortools (our
statement of the problem, OR-Tools' own search, its best settings); ortools-
tutorial (as its guide teaches); vroom-x0, vroom-x5 (or vroom); pyvrp. VROOM has
priorities and no prices: each job's priority is its price as a share of the
dearest, 1 to 100; who may serve it is said by skills. A job that is dearer to
serve than its price is served by VROOM, since it serves all it can.

Ways of proximity: gist, h3, cellindex, redis, ckdtree, nearby (the product's
statement). It makes a database of its own on the embedded or the given server
and drops it. http drives a server that runs here: start it with ./trades up.

VROOM and PyVRP are installed under TRADES_HOME/peers when first asked.
Exit status: 0 done, 1 something is wrong with a plan of ours or with a figure,
2 an input cannot be used, 130 interrupted (--resume goes on).
"""

SUITES = {
    "field": "days of ./trades plan: from --data, or made up on the sample region",
    "solver": "published instances from --data, against the best known",
    "live": "urgent jobs into days of suite field: placed, or refused and why",
    "replan": "a cancellation on ten days: promises moved, and what holding them costs",
    "tours": "the best order of one person's day: how often proven, how soon",
    "explain": "why jobs are left out: every change offered, tried and checked again",
    "vroom": "VROOM's own format: our answers against VROOM's, in VROOM's order",
    "proximity": "the nearest contractors: PostGIS, H3, Redis and indexes in memory",
    "http": "a running ./trades up under load, beside the bare cost of its answers",
}
BUDGETS_S = {"field": "5", "solver": "5", "live": "10", "replan": "5", "vroom": "3"}
ENGINES_USUAL = {
    "field": ENGINES,
    "solver": ENGINES,
    "live": ("trades",),
    "replan": ("trades",),
    "tours": ("trades",),
    "explain": ("trades-nosearch",),
    "vroom": ("trades", "vroom-x5", "vroom-x0"),
    "proximity": proximity.WAYS,
    "http": ("trades",),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of ``run``, read."""

    suite: str
    data: Path | None
    instances: str | None
    effort: Effort
    cases: int
    home: Path
    options: argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 something is wrong with a figure, 2 an input cannot be used, 130 interrupted."""
    given = _parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        if given.command == "list":
            return _list(given.data, console)
        if given.command == "compare":
            compare.tell(read_ledger(given.a), read_ledger(given.b), console)
            return 0
        return _run(given, console, errors)
    except (RoutingError, OSError) as fault:
        errors.print(f"trades bench: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        errors.print("interrupted; the same command with --resume goes on from here")
        return 130


def _list(data: Path | None, console: Console) -> int:
    for name, what in SUITES.items():
        console.print(f"{name:<10}{what}", markup=False, highlight=False)
    for title, first, last in (("engines", 0, 4), ("", 4, len(ENGINES))):
        console.print(f"{title:<10}{', '.join(ENGINES[first:last])}", markup=False, highlight=False)
    if data is not None:
        for suite, names in (("field", field_names), ("solver", solver_names)):
            try:
                console.print(f"{suite}: {', '.join(names(data))}", markup=False, highlight=False)
            except BadChoice as nothing:
                console.print(f"{suite}: {nothing}", markup=False, highlight=False)
    return 0


def _run(given: argparse.Namespace, console: Console, errors: Console) -> int:
    usual = ENGINES_USUAL[given.suite]
    effort = Effort(
        engines_of(given.engines, usual) if given.engines else usual[:2] if given.suite == "vroom" else usual,
        seeds_of(given.seeds),
        budgets_of(given.budget_s or BUDGETS_S.get(given.suite, "1")),
        given.cores,
    )
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades")
    asked = _Asked(given.suite, given.data, given.instances, effort, given.cases, home, given)
    ledger = opened(given.suite, given.out, resume=given.resume)
    ledger.write()
    status = _measured(asked, ledger, console, errors)
    ledger.write()
    if given.plots is not None:
        drawn = {"proximity": proximity.write_pictures, "http": http_load.write_pictures}.get(given.suite, write_plots)
        for file in drawn(ledger, given.plots):
            errors.print(f"· wrote {file}", markup=False, highlight=False)
    return status


def _measured(asked: _Asked, ledger: Ledger, console: Console, errors: Console) -> int:
    def tell(text: str) -> None:
        errors.print(f"· {text}", markup=False, highlight=False)

    if asked.suite == "explain":
        status = run_explain(chosen(explain_names(asked.cases or EXPLAIN_CASES), asked.instances), ledger, tell)
        tell_explain(ledger, console)
        return status
    if asked.suite == "tours":
        status = run_tours(asked.cases or TOURS_CASES, asked.effort.seeds, ledger, tell)
        tell_tours(ledger, console)
        return status
    if asked.suite == "vroom":
        names = chosen(vroom_names(asked.cases or VROOM_CASES), asked.instances)
        status = run_vroom(names, asked.effort, asked.home, ledger, tell)
        tell_vroom(ledger, console)
        return status
    if asked.suite == "proximity":
        status = proximity.run_proximity(_proximity(asked), ledger, tell)
        proximity.tell_proximity(ledger, console)
        return status
    if asked.suite == "http":
        status = http_load.run_http(_http(asked), ledger, tell)
        http_load.tell_http(ledger, console)
        return status
    if asked.suite in ("live", "replan"):
        return _live(asked, ledger, console, tell)
    return _contest(asked, ledger, console, errors, tell)


def _live(asked: _Asked, ledger: Ledger, console: Console, tell: Callable[[str], None]) -> int:
    days = field_instances(_days(asked), asked.data, asked.home, tell)
    budget_s, seed = asked.effort.budgets_s[0], asked.effort.seeds[0]
    if asked.suite == "live":
        status = run_live(days, asked.cases or LIVE_CASES, budget_s, seed, ledger, tell)
        tell_live(ledger, console)
        return status
    status = run_replan(days, budget_s, seed, ledger, tell)
    tell_replan(ledger, console)
    return status


def _days(asked: _Asked) -> list[str]:
    known = replan_names(asked.data) if asked.suite == "replan" else field_names(asked.data)
    return chosen(known, asked.instances) if asked.instances else smoke(known)


def _proximity(asked: _Asked) -> proximity.Asked:
    names = proximity.proximity_names(proximity.sizes_of(asked.options.sizes), asked.options.metros)
    return proximity.Asked(
        chosen(names, asked.instances),
        asked.effort.engines,
        asked.effort.seeds[0],
        asked.options.metros,
        asked.cases or proximity.CASES,
        asked.options.seconds or proximity.MOVING_S,
        asked.home,
        os.environ,
    )


def _http(asked: _Asked) -> http_load.Asked:
    return http_load.asked(
        url=asked.options.url,
        region=asked.options.region,
        endpoints=asked.instances,
        rates=asked.options.rates,
        seconds=asked.options.seconds or http_load.SECONDS,
        seed=asked.effort.seeds[0],
        home=asked.home,
        environ=os.environ,
    )


def _contest(asked: _Asked, ledger: Ledger, console: Console, errors: Console, tell: Callable[[str], None]) -> int:
    if asked.suite == "field":
        instances = field_instances(_days(asked), asked.data, asked.home, tell)
    else:
        names = chosen(solver_names(asked.data), asked.instances)
        instances = solver_instances(names, asked.data or Path())
    engines = Engines(asked.home, tell, asked.effort.n_cores)
    compete(instances, asked.effort, engines, ledger, lambda row, why: screen.told(row, why, errors))
    screen.tables(ledger, console)
    wrong = impossible(ledger)
    wrong += [
        f"the judge refuses {row.engine} on {row.instance}, seed {row.seed}"
        for row in ledger.rows
        if row.violations and row.engine.startswith("trades")
    ]
    for said in wrong:
        errors.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./trades bench",
        description="Measure this engine and others on the same problems.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.suggest_on_error = True  # type: ignore[attr-defined, unused-ignore]
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="suites, engines, and what a folder holds")
    listing.add_argument("--data", type=Path, metavar="DIR", help="list the instances in it")
    run = commands.add_parser(
        "run", help="run a suite", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    run.add_argument("suite", choices=list(SUITES), metavar="SUITE", help=", ".join(SUITES))
    run.add_argument("--data", type=Path, metavar="DIR", help="folder of instances")
    run.add_argument("--instances", metavar="GLOB,…", help="names or patterns; case and extension do not matter")
    run.add_argument("--seeds", "--seed", default="1", metavar="1..3", help="or 1,2,7 (default: 1)")
    run.add_argument("--budget-s", metavar="S,…", help="seconds of search (default: 5; live 10, vroom 3)")
    run.add_argument("--engines", metavar="E,…", help="which (default: all that the suite can run)")
    run.add_argument("--cores", type=_count, default=1, metavar="N", help="cores of each engine (default: 1)")
    run.add_argument(
        "--cases",
        type=_count,
        default=0,
        metavar="N",
        help="days (1000; tours 200), problems (50), questions (2000), urgent jobs (200)",
    )
    run.add_argument(
        "--sizes", default="1e3..1e6", metavar="1e3..1e6", help="proximity: contractors (default: 1e3..1e6)"
    )
    run.add_argument(
        "--metros", default="zipf", choices=sorted(proximity.METROS), help="proximity: how cities' sizes fall (zipf)"
    )
    run.add_argument("--url", default=http_load.URL, help=f"http: a server here (default: {http_load.URL})")
    run.add_argument("--region", metavar="NAME", help="http: where to ask (default: the only region)")
    run.add_argument("--rates", default=http_load.RATES, metavar="R,…", help=f"http: a second ({http_load.RATES})")
    run.add_argument("--seconds", type=_seconds, metavar="S", help="http: of each rate (20); proximity: of moves (10)")
    run.add_argument("--out", type=Path, metavar="F.json", help="keep the rows here, each as it is found")
    run.add_argument("--plots", type=Path, metavar="DIR", help="write a picture per class (SVG)")
    run.add_argument("--resume", action="store_true", help="go on with what --out holds already")
    comparison = commands.add_parser("compare", help="two runs of the same suite, pair by pair")
    comparison.add_argument("a", type=Path, metavar="A.json")
    comparison.add_argument("b", type=Path, metavar="B.json")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} must be seconds above 0 and at most 600")
    return seconds


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
