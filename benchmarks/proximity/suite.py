"""The suite: fleets of growing size, six ways and the product's own statement, at rest and while people move.

A row's objective and travel are the 99th and 50th percentile of a question in microseconds, its violations the answers
that a look at everybody contradicts; ``proximity`` in F.json holds the rest, by instance and way.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from benchmarks.choices import BadChoice
from benchmarks.ledger import Ledger, Row
from benchmarks.proximity.by_postgres import ByCells, ByGist, ByKnn, ByProduct
from benchmarks.proximity.by_redis import PREFIX, ByRedis
from benchmarks.proximity.fleet import Fleet, fleet, questions
from benchmarks.proximity.measuring import Measured, at_rest, while_moving
from benchmarks.proximity.scratch import ScratchDatabase, scratch_database
from benchmarks.proximity.ways import Built, ByCellIndex, ByTree, Way
from benchmarks.proximity.writing import Order, Writer, forget_track
from db import embedded
from db.embedded import Addresses
from db.engine import DatabaseError

WAYS = ("knn", "gist", "h3", "cellindex", "redis", "ckdtree", "nearby")
TARGET, TARGET_SIZE = 0.3, 1_000_000
"""p99 of ``knn`` as a share of p99 of ``redis``, at the most, with so many contractors, at rest and while they move."""

CASES = 2000
MOVING_S = 10.0
LEAST, MOST = 100, 10_000_000
_IN_THE_DATABASE: Mapping[str, Callable[[ScratchDatabase], Way]] = {
    "knn": ByKnn,
    "gist": ByGist,
    "h3": ByCells,
    "nearby": ByProduct,
}
_SIZE = re.compile(r"[0-9]{1,8}|[1-9]e[0-9]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure.

    Parameters
    ----------
    names : of instances, see ``proximity_names``
    ways : of ``WAYS``
    metros : of ``fleet.METROS``
    n_questions : of each way at each size
    moving_s : seconds of each way while people move
    home, environ : where the servers are found, see ``db.embedded.start``
    """

    names: Sequence[str]
    ways: Sequence[str]
    seed: int
    metros: str
    n_questions: int
    moving_s: float
    home: Path
    environ: Mapping[str, str]


def sizes_of(text: str) -> tuple[int, ...]:
    """Numbers of contractors of a text like ``1e3..1e6``, in powers of ten, or ``1000,50000``.

    Raises
    ------
    BadChoice
    """
    found: list[int] = []
    for part in text.split(","):
        ends = [piece.strip().lower() for piece in part.split("..")]
        if len(ends) > 2 or not all(_SIZE.fullmatch(end) for end in ends):
            raise BadChoice(f"--sizes {text!r}: {part!r} is no size; write 1e3..1e6 or 1000,50000")
        low, high = round(float(ends[0])), round(float(ends[-1]))
        if not LEAST <= low <= high <= MOST:
            raise BadChoice(f"--sizes {text!r}: {part!r} must lie in {LEAST:,} to {MOST:,}, the smaller first")
        while low <= high:
            found.append(low)
            low *= 10
    return tuple(sorted(set(found)))


def proximity_names(sizes: Sequence[int], metros: str = "zipf") -> list[str]:
    """Names of instances: each size at rest and while people move; with the shape of metros where it is not Zipf's."""
    shape = "" if metros == "zipf" else f"{metros}_"
    return [f"{size}_{shape}{state}" for size in sizes for state in ("rest", "moving")]


def run_proximity(asked: Asked, ledger: Ledger, tell: Callable[[str], None]) -> int:
    """Measure what is not in the ledger yet; 0 when no answer was wrong, else 1.

    Raises
    ------
    BadChoice : a server is missing, does not answer, or gives us no rights; says what to do
    """
    wanted = [
        name
        for name in asked.names
        if not all(ledger.has(name, way, asked.seed, 1, 0.0) for way in _able(name, asked.ways))
    ]
    if wanted:
        try:
            _measure(wanted, asked, embedded.start(asked.home.absolute(), asked.environ), ledger, tell)
        except (embedded.ServersError, DatabaseError, RedisError) as error:
            raise BadChoice(f"proximity: {error}") from error
    return 1 if any(row.violations for row in ledger.rows) else 0


def ratio(figures: dict[str, Any]) -> float | None:
    """p99 of ``knn`` as a share of that of ``redis`` in one instance; None when either is missing."""
    if "knn" not in figures or "redis" not in figures:
        return None
    return float(figures["knn"]["p99_ms"]) / float(figures["redis"]["p99_ms"])


def _measure(
    names: Sequence[str], asked: Asked, addresses: Addresses, ledger: Ledger, tell: Callable[[str], None]
) -> None:
    put = questions(asked.n_questions, asked.seed, asked.metros)
    with scratch_database(addresses) as database:
        ledger.found.setdefault("proximity", {})["settings"] = database.settings()
        for size in dict.fromkeys(_size(name) for name in names):
            of = fleet(size, asked.seed, asked.metros)
            with _made(asked.ways, of, addresses, database, ledger, tell) as made:
                rest, moving = proximity_names((size,), asked.metros)
                if rest in names:
                    server = next((way for way in made if isinstance(way, ByRedis)), None)
                    before = server.spent() if server else (0, 0)
                    found = at_rest(list(made), of, put)
                    _keep(rest, found, made, asked.seed, ledger)
                    if server:
                        _keep_server(rest, before, server.spent(), ledger)
                    tell(f"{size:>10,} at rest: {_said(found)}")
                if moving in names and (able := [way for way in made if way.writes]):
                    with _writers(able, of, asked, addresses, database) as writers:
                        found = while_moving(able, of, put, writers, asked.moving_s, asked.seed)
                    _keep(moving, found, made, asked.seed, ledger)
                    tell(f"{size:>10,} moving : {_said(found)}")


@contextmanager
def _made(
    names: Sequence[str],
    of: Fleet,
    addresses: Addresses,
    database: ScratchDatabase,
    ledger: Ledger,
    tell: Callable[[str], None],
) -> Iterator[dict[Way, Built]]:
    """Every way with the fleet in it; all of them are gone at the end."""
    if _IN_THE_DATABASE.keys() & set(names):
        tell(f"{len(of):>10,} contractors go into PostgreSQL")
        database.load(of)
        ledger.found["proximity"].setdefault("load_s", {})[str(len(of))] = dict(database.load_s)
    with ExitStack() as stack:
        made: dict[Way, Built] = {}
        for name in names:
            way = _way(name, addresses, database)
            stack.callback(way.close)
            made[way] = way.build(of)
        yield made


def _way(name: str, addresses: Addresses, database: ScratchDatabase) -> Way:
    if name in _IN_THE_DATABASE:
        return _IN_THE_DATABASE[name](database)
    if name == "redis":
        return ByRedis(addresses.redis_url)
    return ByCellIndex() if name == "cellindex" else ByTree()


@contextmanager
def _writers(
    ways: Sequence[Way], of: Fleet, asked: Asked, addresses: Addresses, database: ScratchDatabase
) -> Iterator[dict[str, Writer]]:
    with ExitStack() as stack:
        made: dict[str, Writer] = {}
        for store in {way.writes for way in ways} - {"memory"}:
            if store == "track":
                stack.callback(forget_track, addresses.redis_url, PREFIX)
            order = Order(store, database.url, addresses.redis_url, PREFIX, len(of), asked.seed, asked.metros)
            made[store] = Writer(order)
            stack.callback(made[store].close)
        yield made


def _keep(name: str, found: Mapping[str, Measured], made: Mapping[Way, Built], seed: int, ledger: Ledger) -> None:
    built = {way.name: one for way, one in made.items()}
    ledger.instances[name] = {"class": name.partition("_")[2], "n_contractors": _size(name)}
    ledger.rows = [row for row in ledger.rows if row.instance != name or row.engine not in found or row.seed != seed]
    figures: dict[str, Any] = ledger.found["proximity"].setdefault(name, {})
    for way, measured in found.items():
        figures[way] = {
            **{f"p{percent}_ms": round(measured.percentile_ms(percent), 4) for percent in (50, 95, 99)},
            "per_s": round(measured.per_s),
            "n_questions": len(measured.took_s),
            "n_judged": measured.n_judged,
            "writes_per_s": None if measured.writes_per_s is None else round(measured.writes_per_s),
            "build_s": round(built[way].build_s, 3),
            "memory_bytes": built[way].memory_bytes,
            **built[way].about,
        }
        ledger.add(_row(name, way, measured, seed))


def _row(name: str, way: str, measured: Measured, seed: int) -> Row:
    return Row(
        instance=name,
        engine=way,
        seed=seed,
        cores=1,
        budget_s=0.0,
        wall_s=round(sum(measured.took_s), 3),
        cpu_s=round(measured.cpu_s, 3),
        objective=round(measured.percentile_ms(99) * 1000),
        travel=round(measured.percentile_ms(50) * 1000),
        n_routes=0,
        reference=None,
        reference_kind=None,
        gap=None,
        n_unassigned=0,
        violations=measured.n_wrong,
    )


def _keep_server(name: str, before: tuple[int, int], after: tuple[int, int], ledger: Ledger) -> None:
    """What Redis itself spent on a question: the rest is the way there and back."""
    calls, spent_us = after[0] - before[0], after[1] - before[1]
    if calls > 0:
        ledger.found["proximity"][name]["redis"]["server_mean_ms"] = round(spent_us / calls / 1000, 4)
        ledger.write()


def _able(name: str, ways: Sequence[str]) -> list[str]:
    return [way for way in ways if way != "ckdtree" or name.endswith("_rest")]


def _size(name: str) -> int:
    return int(name.partition("_")[0])


def _said(found: Mapping[str, Measured]) -> str:
    return ", ".join(
        f"{name} {one.percentile_ms(50):.2f}/{one.percentile_ms(99):.2f} ms" for name, one in found.items()
    )
