"""The suite: three endpoints, each at every rate and then as fast as it goes, and who pays for an answer.

A row's objective and travel are the 99th and 50th percentile of an answer in microseconds (at saturation: microseconds
of the machine for an answer, and the 50th percentile), ``n_unassigned`` the requests without a good answer;
``http`` in F.json holds the rest.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.choices import BadChoice, chosen
from benchmarks.http_load.asking import ENDPOINTS, Answered, look_around, requests_of
from benchmarks.http_load.bare import bare_cost
from benchmarks.http_load.load import Load, Outcome, Sender
from benchmarks.http_load.processes import cpu_of_parts
from benchmarks.ledger import Ledger, Row
from db import embedded
from db.engine import DatabaseError
from routing import dataset
from routing.errors import RoutingError
from routing.region import Region

URL = "http://127.0.0.1:8000"
RATES = "10,25,50,100"
SECONDS = 20.0
MOST_RATE_PER_S = 2000.0
AT_ONCE = (1, 2, 4, 8, 16)
"""Connections of the closed loops that look for the most answers a second."""

SATURATION = "saturation"
TARGET = 0.6
"""Answers of ``nearby`` a second at the least, as a share of what all cores could give at the bare cost."""

ENOUGH_TARGETS = 40
ENGINE = "trades"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure.

    Parameters
    ----------
    host, port, key : of the server
    region : where to ask
    endpoints : of ``ENDPOINTS``
    rates_per_s : of open load
    seconds : of each rate; a closed loop takes a quarter
    home, environ : of the server that is asked
    """

    host: str
    port: int
    key: str
    region: Region
    endpoints: Sequence[str]
    rates_per_s: Sequence[float]
    seconds: float
    seed: int
    home: Path
    environ: Mapping[str, str]


def asked(
    *,
    url: str,
    region: str | None,
    endpoints: str | None,
    rates: str,
    seconds: float,
    seed: int,
    home: Path,
    environ: Mapping[str, str],
) -> Asked:
    """Read what was typed.

    Raises
    ------
    BadChoice, UnknownRegion : says what to type instead
    """
    host, port = _loopback(url)
    return Asked(
        host,
        port,
        _key(home, environ),
        _region(home, region),
        chosen(ENDPOINTS, endpoints),
        rates_of(rates),
        seconds,
        seed,
        home.absolute(),
        environ,
    )


def rates_of(text: str) -> tuple[float, ...]:
    """Rates of a text like ``10,25.5``, in order and each once; raises ``BadChoice``."""
    found = []
    for part in text.split(","):
        try:
            rate = float(part)
        except ValueError:
            rate = -1.0
        if not 0 < rate <= MOST_RATE_PER_S:
            raise BadChoice(f"--rates {text!r}: {part!r} must be requests a second, up to {MOST_RATE_PER_S:g}")
        found.append(rate)
    return tuple(sorted(set(found)))


def run_http(asked: Asked, ledger: Ledger, tell: Callable[[str], None]) -> int:
    """Measure what is not in the ledger yet; 1 when the server failed at a request, else 0.

    Raises
    ------
    BadChoice : no server, nobody in the region; says what to do
    EngineFailed : the process that sends requests died
    """
    wanted = [name for name in _names(asked) if not ledger.has(name, ENGINE, asked.seed, _cores(), 0.0)]
    if wanted:
        found = look_around(asked.host, asked.port, asked.key, asked.region, asked.seed)
        tell(f"{len(found.points)} points of {asked.region.name}, {len(found.contractor_ids)} people who would come")
        figures = ledger.found.setdefault("http", {})
        figures["region"], figures["seconds"] = asked.region.name, asked.seconds
        if "bare" not in figures:
            _keep_bare(asked, found, ledger)
        with closing(Sender()) as sender:
            for endpoint in dict.fromkeys(name.partition(" ")[0] for name in wanted):
                requests = requests_of(endpoint, found, asked.seed)
                load = partial(Load, asked.host, asked.port, asked.key, requests, seed=asked.seed)
                # Statements are prepared and engines opened before the clock counts.
                sender.apply(load(seconds=min(1.0, asked.seconds), n_at_once=2))
                for name in wanted:
                    if name.startswith(f"{endpoint} "):
                        _measure(name, asked, partial(_watched, sender, asked), load, ledger, tell)
    _keep_share(ledger)
    return 1 if any(one.get("n_failed") for one in ledger.found.get("http", {}).get("runs", {}).values()) else 0


def _names(asked: Asked) -> list[str]:
    """Names of instances: each endpoint at each rate, then saturated."""
    loads = [*(f"{rate:g}/s" for rate in asked.rates_per_s), SATURATION]
    return [f"{endpoint} {load}" for endpoint in asked.endpoints for load in loads]


def _measure(
    name: str,
    asked: Asked,
    watched: Callable[[Load], dict[str, Any]],
    load: Callable[..., Load],
    ledger: Ledger,
    tell: Callable[[str], None],
) -> None:
    endpoint, _, how = name.partition(" ")
    if how == SATURATION:
        tries: dict[int, dict[str, Any]] = {}
        for n_at_once in AT_ONCE:
            tries[n_at_once] = watched(load(seconds=asked.seconds / 4, n_at_once=n_at_once))
            if _per_s(tries[n_at_once]) < 0.9 * max(map(_per_s, tries.values())):
                break  # more at once only wait for each other
        n_at_once = max(tries, key=lambda n: _per_s(tries[n]))
        about = tries[n_at_once] | {"n_at_once": n_at_once}
        about["by_n_at_once"] = {str(n): round(_per_s(one), 1) for n, one in tries.items()}
    else:
        about = watched(load(seconds=asked.seconds, rate_per_s=float(how.removesuffix("/s"))))
    outcome: Outcome = about.pop("outcome")
    about["per_s"] = round(len(outcome.took_s) / outcome.wall_s, 1)
    ledger.found["http"].setdefault("runs", {})[name] = about
    ledger.instances[name] = {"class": endpoint}
    ledger.add(_row(name, asked.seed, outcome, about, saturated=how == SATURATION))
    said = "no answer" if not outcome.took_s else f"p50 {about['p50_ms']:.1f}, p99 {about['p99_ms']:.1f} ms"
    tell(f"{name:<20} {said}, {about['per_s']:.1f}/s" + (f", {about['statuses']}" if about["n_bad"] else ""))


def _watched(sender: Sender, asked: Asked, load: Load) -> dict[str, Any]:
    """Apply a load and say what it cost whom."""
    before = cpu_of_parts(asked.home, asked.environ)
    outcome = sender.apply(load)
    after = cpu_of_parts(asked.home, asked.environ)
    n_good = len(outcome.took_s)
    about: dict[str, Any] = {
        "outcome": outcome,
        **{f"p{percent}_ms": _rounded(outcome.percentile_ms(percent)) for percent in (50, 95, 99)},
        "n_sent": outcome.n_sent,
        "n_bad": outcome.n_sent - n_good,
        "n_failed": sum(n for status, n in outcome.statuses.items() if status[0] == "5" and status != "503"),
        "statuses": outcome.statuses,
        "travel_time_source": outcome.sources,
        "client_late_ms": round(outcome.late_s * 1000, 2),
    }
    if outcome.n_sent:
        about["cpu_ms"] = {"client": round(outcome.cpu_s / outcome.n_sent * 1000, 3)}
        if before is not None and after is not None:
            about["cpu_ms"] |= {
                part: round((after[part] - before[part]) / outcome.n_sent * 1000, 3) for part in after if part in before
            }
    return about


def _row(name: str, seed: int, outcome: Outcome, about: Mapping[str, Any], *, saturated: bool) -> Row:
    p50_ms, p99_ms = about["p50_ms"], about["p99_ms"]
    objective_ms = 1000 / about["per_s"] if saturated and about["per_s"] else p99_ms
    server_s = sum(ms for part, ms in about.get("cpu_ms", {}).items() if part != "client") * outcome.n_sent / 1000
    return Row(
        instance=name,
        engine=ENGINE,
        seed=seed,
        cores=_cores(),
        budget_s=0.0,
        wall_s=round(outcome.wall_s, 3),
        cpu_s=round(server_s, 3),
        objective=None if objective_ms is None else round(objective_ms * 1000),
        travel=None if p50_ms is None else round(p50_ms * 1000),
        n_routes=0,
        reference=None,
        reference_kind=None,
        gap=None,
        n_unassigned=int(about["n_bad"]),
        violations=0,
    )


def _keep_bare(asked: Asked, found: Answered, ledger: Ledger) -> None:
    """What an answer cannot cost less than; a note when it cannot be measured from here."""
    try:
        url = embedded.addresses(asked.home, asked.environ).database_url
        cost = bare_cost(url, asked.region, found.points, found.trades)
    except (embedded.ServersError, DatabaseError, RoutingError) as error:
        ledger.note(f"the bare cost was not measured: {str(error).splitlines()[0]}")
        return
    ledger.found["http"]["bare"] = {
        key: None if value is None else round(value, 4) for key, value in asdict(cost).items()
    }
    ledger.found["http"]["bare"]["total_ms"] = round(cost.total_ms, 4)
    if cost.n_targets < ENOUGH_TARGETS:
        ledger.note(
            f"a question finds {cost.n_targets:.0f} people of a trade; for tables of 50 put more into the region:"
            f" ./trades ingest demo-day --region {asked.region.name} --contractors 2000"
        )


def _keep_share(ledger: Ledger) -> None:
    """How much of what the machine could give at the bare cost comes out at saturation."""
    figures = ledger.found.get("http", {})
    run = figures.get("runs", {}).get(f"nearby {SATURATION}")
    if run and "bare" in figures:
        bare = figures["bare"]
        most_per_s = _cores() / (bare["total_ms"] / 1000)
        by_mld_ms = bare["total_ms"] - bare["table_ms"] + (bare["mld_table_ms"] or bare["table_ms"])
        figures["share"] = {
            "per_s": run["per_s"],
            "bare_per_s": round(most_per_s, 1),
            "share": round(run["per_s"] / most_per_s, 3),
            "share_by_mld": round(run["per_s"] * by_mld_ms / 1000 / _cores(), 3),
            "target": TARGET,
        }
        ledger.write()


def _per_s(about: Mapping[str, Any]) -> float:
    outcome: Outcome = about["outcome"]
    return len(outcome.took_s) / outcome.wall_s


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)


def _cores() -> int:
    return os.cpu_count() or 1


def _loopback(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise BadChoice(f"--url {url!r}: {error}; write {URL}") from error
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadChoice(f"--url {url!r} must be the address of a server alone, such as {URL}")
    if parts.hostname not in LOOPBACK:
        raise BadChoice(f"--url {url!r}: load is sent to this machine only; write 127.0.0.1, or run this over there")
    return parts.hostname, port


def _key(home: Path, environ: Mapping[str, str]) -> str:
    given = environ.get("TRADES_KEY", "").strip()
    if given:
        return given
    try:
        return (home / "key").read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadChoice(
            f"no key: TRADES_KEY is not set, and {home / 'key'} cannot be read ({error.strerror}); "
            "./trades up makes one; TRADES_HOME must be the one it runs with"
        ) from error


def _region(home: Path, name: str | None) -> Region:
    if name is not None:
        return dataset.region(home, name)
    there = dataset.regions(home)
    if not there:
        raise BadChoice("there is no road data; ./trades ingest region NAME makes some")
    if len(there) > 1:
        raise BadChoice(f"--region is needed; there are: {', '.join(region.name for region in there)}")
    return there[0]
