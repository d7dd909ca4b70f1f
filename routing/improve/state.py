"""The routes that a compiled search moves about, and what it knows of them."""

from typing import NamedTuple

import numpy as np

from routing.improve import columns as at
from routing.improve.field import Field

MOST_LABELS = 16
"""Ways of driving up to a position that are kept for each number of breaks taken, one less than this; four were the most
on 400 random problems of up to 15 stops with promises, lateness, overtime and breaks. Where there would be more, a dearer
one may be taken for the cheapest: never one that cannot be driven."""

MOST_PLACES = 6
"""Rows in which a stop of a problem with links is tried in earnest, the cheapest first.

Source: six, as in the prototype that this kernel follows."""


class State(NamedTuple):
    """What changes while a search runs; a row per vehicle v, a layer per number of breaks taken.

    Parameters
    ----------
    order, saved, best : int64 (v, positions), rows now, before this iteration, at best
    row : int64 (v, columns)
    times : int64 (2, v, positions + 1, layers)
    loads : int64 (3, v, positions + 1, dimensions)
    who : by stop, the vehicle or -1
    left, left_at, n_left : stops that nobody serves, and where each stands among them
    numbers : int64, what is counted
    random : uint64 (1), state of the generator
    windows : int64 (w, 2), as ``Field.windows``; of linked stops that are served, what the others leave of them
    served : int64 (2, s), see ``columns``
    labels : scratch, int64 (positions + 1, layers, ``MOST_LABELS``, columns)
    won : scratch, int64 (2, positions + 1 + layers), two ways to drive a row
    places : scratch, ways of stops into rows
    layers : scratch, a layer each; tried : scratch, a row; bag, keys : scratch, stops and what they are sorted by
    """

    order: np.ndarray
    saved: np.ndarray
    best: np.ndarray
    row: np.ndarray
    times: np.ndarray
    loads: np.ndarray
    who: np.ndarray
    left: np.ndarray
    left_at: np.ndarray
    n_left: np.ndarray
    numbers: np.ndarray
    random: np.ndarray
    windows: np.ndarray
    served: np.ndarray
    labels: np.ndarray
    won: np.ndarray
    places: np.ndarray
    layers: np.ndarray
    tried: np.ndarray
    bag: np.ndarray
    keys: np.ndarray


def state_of(field: Field, orders: list[list[int]], seed: int) -> State:
    """Rows for given orders; nothing is known of them until ``route.refresh`` has seen each."""
    n_vehicles, n_stops = len(orders), len(field.stop)
    width, layers = n_stops + 2, field.last_return.shape[1]
    order = np.full((n_vehicles, width), -1, dtype=np.int64)
    who = np.full(n_stops, -1, dtype=np.int64)
    row = np.zeros((n_vehicles, at.TIED_ROW + 1), dtype=np.int64)
    for vehicle, stops in enumerate(orders):
        order[vehicle, : len(stops)] = stops
        who[stops] = vehicle
        row[vehicle, at.LENGTH] = len(stops)
    row[:, [at.STAMP, at.TIED_STAMP]] = -1
    unserved = np.flatnonzero(who < 0)
    left, left_at = np.full(n_stops, -1, dtype=np.int64), np.full(n_stops, -1, dtype=np.int64)
    left[: len(unserved)] = unserved
    left_at[unserved] = np.arange(len(unserved))
    return State(
        order=order,
        saved=order.copy(),
        best=order.copy(),
        row=row,
        times=np.zeros((2, n_vehicles, width, layers), dtype=np.int64),
        loads=np.zeros((3, n_vehicles, width, field.capacity.shape[1]), dtype=np.int64),
        who=who,
        left=left,
        left_at=left_at,
        n_left=np.array([len(unserved)], dtype=np.int64),
        numbers=np.zeros(at.N_TIED + 1, dtype=np.int64),
        random=np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1),
        windows=field.windows.copy(),
        served=np.zeros((2, n_stops), dtype=np.int64),
        labels=np.zeros(_labels_shape(field, width, layers), dtype=np.int64),
        won=np.zeros((2, width + 3 + 2 * layers), dtype=np.int64),
        places=np.zeros((2 * MOST_PLACES + 2 * _largest_unit(field), at.NEWLY + 1), dtype=np.int64),
        layers=np.zeros((4, layers), dtype=np.int64),
        tried=np.zeros(width, dtype=np.int64),
        bag=np.zeros(n_stops + 1, dtype=np.int64),
        keys=np.zeros(n_stops + 1, dtype=np.float64),
    )


def _labels_shape(field: Field, width: int, layers: int) -> tuple[int, int, int, int]:
    n_columns = at.RESTS + 2 * layers
    return (width + 1, layers, MOST_LABELS, n_columns) if field.flags[at.LABELLED] else (1, 1, 1, n_columns)


def _largest_unit(field: Field) -> int:
    return int((field.stop[:, at.UNIT_TO] - field.stop[:, at.UNIT_FROM]).max(initial=1))


def best_orders(state: State) -> list[list[int]]:
    """The best rows as lists."""
    return [state.best[v, :n].tolist() for v, n in enumerate(state.row[:, at.BEST_LENGTH].tolist())]
