"""The same questions to every way: by turns, warm, one at a time; then while people move."""

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched, cycle, islice

import numpy as np

from benchmarks.proximity.fleet import Fleet, Question, is_right, moved, moves
from benchmarks.proximity.ways import Mover, Way
from benchmarks.proximity.writing import BATCH, MOST_BATCHES, PER_S, Writer
from db.live import TAKEN_AT_ONCE
from db.tracks import LONGEST_PAUSE_S

WARM_UP = 100
"""Questions before the clock counts: statements are prepared, pages read."""

N_JUDGED = 200
IN_A_ROW = 10
"""Questions of a way before it is the next one's turn: soon enough that noise of the machine hits all alike. With one at
a time every question would also pay for waking a server that has slept while others were asked."""

SLICE_S, LEAD_S = 4.0, 1.5
"""How long each way is asked in turn while people move, and how long they have moved before: a design that gathers what it
writes has its usual share of writes in the time that counts."""


@dataclass(slots=True)
class Measured:
    """What one way did.

    Parameters
    ----------
    took_s : of every question that counts
    cpu_s : of this process meanwhile
    n_judged, n_wrong : answers that were compared with a look at everybody, and those that failed
    writes_per_s : positions written for it meanwhile; None when nobody moved
    """

    took_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    n_judged: int = 0
    n_wrong: int = 0
    writes_per_s: float | None = None

    def percentile_ms(self, percent: float) -> float:
        """A percentile of what questions took."""
        return float(np.percentile(self.took_s, percent)) * 1000

    @property
    def per_s(self) -> float:
        """Questions a second of one connection."""
        return len(self.took_s) / sum(self.took_s)


def at_rest(ways: Sequence[Way], of: Fleet, asked: Sequence[Question]) -> dict[str, Measured]:
    """Every question to every way, a few questions at a time; each time another way is the first."""
    found = {way.name: Measured() for way in ways}
    _warm_up(ways, asked)
    for number, some in enumerate(batched(asked, IN_A_ROW)):
        first = number % len(ways)
        for way in (*ways[first:], *ways[:first]):
            for question in some:
                _ask(way, question, found[way.name])
    for way in ways:
        _judge(way, of, asked, found[way.name])
    return found


def while_moving(
    ways: Sequence[Way], of: Fleet, asked: Sequence[Question], writers: Mapping[str, Writer], seconds: float, seed: int
) -> dict[str, Measured]:
    """Questions without a pause while a way's people are moved, a few seconds each way in turn, so that noise hits all.

    Parameters
    ----------
    writers : by ``Way.writes``; what a ``Mover`` has to be told this process tells it between questions, as ``db.tracks``
        and ``db.live`` do: what was gathered comes in one, some are taken in, and a question waits for those
    seconds : for each way
    """
    found = {way.name: Measured(writes_per_s=0.0) for way in ways}
    _warm_up(ways, asked)
    rounds = max(1, round(seconds / SLICE_S))
    question = cycle(asked)
    n_moved = {way.name: 0 for way in ways if isinstance(way, Mover)}
    in_memory = {name: moves(of, MOST_BATCHES, 1, seed) for name in n_moved}
    length_s = seconds / rounds
    for turn in range(rounds):
        for way in (*ways[turn % len(ways) :], *ways[: turn % len(ways)]):
            mine, writer = found[way.name], writers.get(way.writes)
            if writer is not None:
                before = writer.n_batches
                writer.begin(LEAD_S + length_s)
                time.sleep(LEAD_S)
            done, due = 0, []
            if isinstance(way, Mover):
                due = list(islice(in_memory[way.name], round(length_s * PER_S)))
            began_s = time.perf_counter()
            while (passed_s := time.perf_counter() - began_s) < length_s:
                if isinstance(way, Mover):
                    due_at_s = time.perf_counter()
                    arrived = round(int(passed_s / LONGEST_PAUSE_S + 0.5) * LONGEST_PAUSE_S * PER_S)
                    for move in due[done : min(arrived, done + TAKEN_AT_ONCE)]:
                        way.move(*move)
                        done += 1
                    _ask(way, next(question), mine, time.perf_counter() - due_at_s)
                else:
                    _ask(way, next(question), mine)
            rates = []
            if writer is not None:
                writer.ended()
                rates.append((writer.n_batches - before) * BATCH / (LEAD_S + length_s))
            if isinstance(way, Mover):
                rates.append(done / length_s)
                for move in due[done:]:  # what a stall left over; the next second begins where this one ended
                    way.move(*move)
                n_moved[way.name] += len(due)
            mine.writes_per_s = (mine.writes_per_s or 0.0) + min(rates) / rounds
    for way in ways:
        told = n_moved.get(way.name)
        now = moved(of, writers[way.writes].n_batches, BATCH, seed) if told is None else moved(of, told, 1, seed)
        _judge(way, now, asked, found[way.name])
    return found


def _warm_up(ways: Sequence[Way], asked: Sequence[Question]) -> None:
    for question in asked[:WARM_UP]:
        for way in ways:
            way.ask(question)
    # Millions of objects of an index in memory would be looked through in the middle of somebody else's question.
    gc.collect()
    gc.freeze()


def _ask(way: Way, question: Question, found: Measured, already_s: float = 0.0) -> None:
    cpu_s, began_s = time.process_time(), time.perf_counter()
    way.ask(question)
    found.took_s.append(time.perf_counter() - began_s + already_s)
    found.cpu_s += time.process_time() - cpu_s


def _judge(way: Way, of: Fleet, asked: Sequence[Question], found: Measured) -> None:
    """Compare answers of questions spread over all with a look at everybody."""
    for question in asked[:: max(1, len(asked) // N_JUDGED)]:
        found.n_judged += 1
        found.n_wrong += not is_right(of, question, way.numbers(way.ask(question)), way.share, way.metres)
