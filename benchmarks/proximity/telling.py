"""What the suite says on a terminal, in 80 columns, and the ratio that the choice of PostGIS rests on."""

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ledger import Ledger
from benchmarks.proximity.fleet import MOVE_M, N_METROS, N_TRADES, NEAREST, SPREAD_M, WITHIN_M
from benchmarks.proximity.suite import TARGET, TARGET_SIZE, ratio

CONDITIONS = (
    f"{NEAREST} nearest within {WITHIN_M / 1000:g} km; {N_METROS} metros, spread {SPREAD_M / 1000:g} km; {N_TRADES} trades, one each.",
    "One connection, one question at a time, ten a turn, warm; mem: index alone.",
    f"Moving: to {MOVE_M:g} m around home, each way by what its design needs and no other's,",
    "by another process: h3 its table, redis GEOADD; knn, gist, nearby what the",
    "product does, tracks in PostgreSQL and news in Redis, gathered for a second;",
    "then this one's index in memory.",
    "Judged on the sphere: equal but for 1 mm; Redis 0.03 % and 1 m, its own sphere.",
    "nearby: the product's whole statement and its reading, 50 people, schedules.",
)
STATES = {"rest": "at rest", "moving": "while people move"}


def tell_proximity(ledger: Ledger, console: Console) -> None:
    """A table a state, the ratio, and under which conditions."""
    figures = ledger.found.get("proximity", {})
    for state, title in STATES.items():
        names = sorted(
            (name for name in figures if name.endswith(f"_{state}")), key=lambda name: int(name.partition("_")[0])
        )
        if names:
            console.print(_table(title, state, {name: figures[name] for name in names}, ledger))
            for name in names:
                _tell_ratio(int(name.partition("_")[0]), state, figures[name], console)
    for line in CONDITIONS:
        console.print(line, markup=False, highlight=False)
    for name, value in figures.get("settings", {}).items():
        console.print(f"PostgreSQL, {name}: {value.partition(' ')[0]}", markup=False, highlight=False)
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def _table(title: str, state: str, instances: dict[str, dict[str, Any]], ledger: Ledger) -> Table:
    wrong = {(row.instance, row.engine): row.violations for row in ledger.rows}
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("people", justify="right", no_wrap=True)
    table.add_column("way", no_wrap=True)
    last = ("build s", "mem MB") if state == "rest" else ("writes/s", "")
    for heading in ("p50 ms", "p95 ms", "p99 ms", "per s", *last, "wrong"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, ways in instances.items():
        shown = f"{int(name.partition('_')[0]):,}"
        for way, one in ways.items():
            rest = (f"{one['build_s']:.2f}", f"{one['memory_bytes'] / 1e6:.1f}") if way != "nearby" else ("", "")
            table.add_row(
                shown,
                way,
                *(f"{one[key]:.3f}" for key in ("p50_ms", "p95_ms", "p99_ms")),
                f"{one['per_s']:,}",
                *(rest if state == "rest" else (f"{one['writes_per_s']:,}", "")),
                f"{wrong.get((name, way), 0)}/{one['n_judged']}",
            )
            shown = ""
    return table


def _tell_ratio(size: int, state: str, figures: dict[str, Any], console: Console) -> None:
    share = ratio(figures)
    if share is None:
        return
    console.print(f"{size:>10,} {STATES[state]}: p99 knn ÷ p99 redis = {share:.2f}", highlight=False)
    if size >= TARGET_SIZE:
        console.print(f"{'':>10} target ≤ {TARGET}: {'kept' if share <= TARGET else 'MISSED'}", highlight=False)
    server = figures["redis"].get("server_mean_ms")
    if server is not None:
        console.print(f"{'':>10} a mean GEOSEARCH takes Redis itself {server:.3f} ms", highlight=False)
