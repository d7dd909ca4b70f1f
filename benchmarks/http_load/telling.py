"""What the suite says on a terminal, in 80 columns, and its picture."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.http_load.processes import PARTS
from benchmarks.http_load.suite import SATURATION
from benchmarks.ledger import Ledger
from routing.text_files import write_text

_WIDTH, _BAR, _LEFT = 640, 22, 170


def tell_http(ledger: Ledger, console: Console) -> None:
    """Answers by endpoint and load, who paid for them, and the share of the machine that comes out."""
    figures = ledger.found.get("http", {})
    runs: dict[str, dict[str, Any]] = figures.get("runs", {})
    console.print(_answers(runs))
    console.print(_payers(runs))
    for name, one in runs.items():
        if one["n_bad"]:
            statuses = ", ".join(f"{status} × {n}" for status, n in sorted(one["statuses"].items()))
            console.print(f"{name}: {statuses}", markup=False, highlight=False)
        if set(one["travel_time_source"]) - {"osrm"}:
            console.print(f"{name}: travel times by {one['travel_time_source']}", markup=False, highlight=False)
    bare, share = figures.get("bare"), figures.get("share")
    if bare:
        by_mld = "" if bare["mld_table_ms"] is None else f" ({bare['mld_table_ms']:.2f} by MLD)"
        console.print(
            f"bare nearby, CPU ms: statement {bare['statement_ms']:.2f} here + {bare['backend_ms']:.2f} in PostgreSQL,\n"
            f"  table 1 × {bare['n_targets']:.0f} {bare['table_ms']:.2f}{by_mld}; together {bare['total_ms']:.2f}",
            highlight=False,
        )
    if share:
        verdict = "kept" if share["share"] >= share["target"] else "MISSED"
        console.print(
            f"saturation of nearby: {share['per_s']:.0f}/s = {share['share']:.2f} × {share['bare_per_s']:.0f}/s "
            f"(cores ÷ bare);\n  target ≥ {share['target']}: {verdict}; with MLD's table in the bare cost {share['share_by_mld']:.2f}",
            highlight=False,
        )
    console.print("Open load is Poisson, its clock runs from the instant a request is due.", highlight=False)
    console.print("The client has a process of its own on the same cores; its CPU is shown.", highlight=False)
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def write_pictures(ledger: Ledger, folder: Path) -> list[Path]:
    """One picture: a bar a run as long as its p99, a mark at its p50. The folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = {name: one for name, one in ledger.found.get("http", {}).get("runs", {}).items() if one["p99_ms"]}
    if not runs:
        return []
    most = max(one["p99_ms"] for one in runs.values())
    room = _WIDTH - _LEFT - 90
    parts = ['<text x="8" y="20" font-size="14">answers: p50 (line) and p99 (bar), ms</text>']
    for number, (name, one) in enumerate(runs.items()):
        y = 34 + number * _BAR
        parts.append(f'<text x="8" y="{y + 13}">{name}</text>')
        length, middle = one["p99_ms"] / most * room, _LEFT + one["p50_ms"] / most * room
        parts.append(f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="16" fill="#1b6ca8" opacity="0.5"/>')
        parts.append(
            f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{y}" y2="{y + 16}" stroke="#b03a5b" stroke-width="2"/>'
        )
        parts.append(f'<text x="{_LEFT + room + 8}" y="{y + 13}">{one["p50_ms"]:.1f} / {one["p99_ms"]:.1f}</text>')
    height = 44 + _BAR * len(runs)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">'
    file = folder / "http.svg"
    write_text(file, "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n")
    return [file]


def _answers(runs: dict[str, dict[str, Any]]) -> Table:
    table = Table(title="answers", title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("endpoint and load", no_wrap=True)
    for heading in ("sent", "per s", "p50 ms", "p95 ms", "p99 ms", "bad", "client late ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in runs.items():
        times = ["" if one[key] is None else f"{one[key]:.1f}" for key in ("p50_ms", "p95_ms", "p99_ms")]
        late = "" if name.endswith(SATURATION) else f"{one['client_late_ms']:.1f}"
        table.add_row(name, f"{one['n_sent']:,}", f"{one['per_s']:.1f}", *times, str(one["n_bad"] or ""), late)
    return table


def _payers(runs: dict[str, dict[str, Any]]) -> Table:
    table = Table(title="CPU ms a request", title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("endpoint and load", no_wrap=True)
    for part in (*PARTS, "client"):
        table.add_column(part, justify="right", no_wrap=True)
    for name, one in runs.items():
        spent = one.get("cpu_ms", {})
        table.add_row(name, *(f"{spent[part]:.2f}" if part in spent else "" for part in (*PARTS, "client")))
    return table
