"""What can be typed behind ./trades bench."""

import argparse
from pathlib import Path

from benchmarks import http_load, proximity
from benchmarks.ablation import SHIPPED
from benchmarks.ablation_parts import PARTS
from benchmarks.choices import ENGINES
from benchmarks.sets import SETS

EXAMPLES = """\
examples:
  ./trades bench list
  ./trades bench run field --out field.json --plots pictures
  ./trades bench run field --engines trades,vroom --budget-s 5
  ./trades bench run solver --data DIR --set whole --out s.json --resume
  ./trades bench run field --data DIR --instances 'baltimore*' --seeds 1..3
  ./trades bench run solver --data DIR --instances 'r1*,RC1_2_*'
  ./trades bench run live --data DIR --instances 'columbus_1000x100_101'
  ./trades bench run ablation --data DIR --set whole --out ablation.json
  ./trades bench run explain --cases 1000 --out explain.json
  ./trades bench run proximity --sizes 1e3..1e6 --out proximity.json
  ./trades bench run http --region coquimbo --rates 10,25,50 --out http.json
  ./trades bench show field.json --plots pictures
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

Sets: smoke, the default, takes 25 minutes at most on one core; whole takes
hours, and --resume goes on with it. --instances, --seeds, --budget-s and
--engines say what is done instead. --parallel 2 measures on two cores at once.

Ways of proximity: knn, gist, h3, cellindex, redis, ckdtree, nearby (the product's
statement). It makes a database of its own on the embedded or the given server
and drops it. http drives a server that runs here: start it with ./trades up.

VROOM and PyVRP are installed under TRADES_HOME/peers when first asked.
compare: B has got worse when, of an engine of ours, more plans are worse than
better, coins would rarely be as one-sided (sign test, p <= 0.05), and the mean
is worse too; or when a plan of B breaks a limit and A's did not.

Exit status: 0 done, 1 something is wrong with a plan of ours or with a figure,
or B has got worse, 2 an input cannot be used, 130 interrupted (--resume).
"""

SUITES = {
    "field": "days of a trade business on real roads: from --data, or on the sample region",
    "solver": "published instances from --data, against the best known",
    "live": "urgent jobs into days of suite field: placed, or refused and why",
    "replan": "a cancellation on ten days: promises moved, and what holding them costs",
    "tours": "the best order of one person's day: how often proven, how soon",
    "growth": "200 to 3,000 jobs: iterations a second, and time to a good plan",
    "ablation": "what each part of the search gives: left out, or changed",
    "explain": "why jobs are left out: every change offered, tried and checked again",
    "vroom": "VROOM's own format: our answers against VROOM's, in VROOM's order",
    "proximity": "the nearest contractors: PostGIS, H3, Redis and indexes in memory",
    "http": "a running ./trades up under load, beside the bare cost of its answers",
}
ENGINES_USUAL: dict[str, tuple[str, ...]] = {
    "field": ENGINES,
    "solver": ENGINES,
    "live": ("trades",),
    "replan": ("trades",),
    "tours": ("trades",),
    "growth": ("trades",),
    "ablation": (SHIPPED, *PARTS),
    "explain": ("trades-nosearch",),
    "vroom": ("trades", "vroom-x5", "vroom-x0"),
    "proximity": proximity.WAYS,
    "http": ("trades",),
}
"""What each suite can run, the usual ones."""


def parser() -> argparse.ArgumentParser:
    """Everything that is understood."""
    made = argparse.ArgumentParser(
        prog="./trades bench",
        description="Measure this engine and others on the same problems.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.suggest_on_error = True  # type: ignore[attr-defined, unused-ignore]
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="suites, engines, and what a folder holds")
    listing.add_argument("--data", type=Path, metavar="DIR", help="list the instances in it")
    run = commands.add_parser(
        "run", help="run a suite", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    run.add_argument("suite", choices=list(SUITES), metavar="SUITE", help=", ".join(SUITES))
    run.add_argument("--data", type=Path, metavar="DIR", help="folder of instances")
    run.add_argument("--instances", metavar="GLOB,…", help="names or patterns; case and extension do not matter")
    run.add_argument("--set", choices=SETS, dest="which", help="what is run unless it is named (default: smoke)")
    run.add_argument("--seeds", "--seed", metavar="1..3", help="of the search, or 1,2,7 (default: by the set)")
    run.add_argument("--budget-s", metavar="S,…", help="seconds of search (default: by the set; live 10, vroom 3)")
    run.add_argument("--engines", metavar="E,…", help="which (default: all that the suite can run)")
    run.add_argument("--cores", type=_count, default=1, metavar="N", help="cores of each engine (default: 1)")
    run.add_argument(
        "--parallel", type=_count, default=1, metavar="N", help="measure so many at once, each on its own cores"
    )
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
    run.add_argument("--plots", type=Path, metavar="DIR", help="write pictures there (PNG)")
    run.add_argument("--resume", action="store_true", help="go on with what --out holds already")
    showing = commands.add_parser("show", help="tables and pictures of a file that a run has kept")
    showing.add_argument("file", type=Path, metavar="F.json")
    showing.add_argument("--plots", type=Path, metavar="DIR", help="write pictures there (PNG)")
    showing.add_argument(
        "--into", type=Path, metavar="FILE.md", help="put the tables between <!-- F --> and <!-- /F -->, or at the end"
    )
    comparison = commands.add_parser("compare", help="two runs of the same suite, pair by pair")
    comparison.add_argument("a", type=Path, metavar="A.json")
    comparison.add_argument("b", type=Path, metavar="B.json")
    return made


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
