"""A part of a ground: some of its people and some of its stops, as a ground of its own."""

import numpy as np

from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground


def part_of(ground: Ground, vehicles: np.ndarray, stops: np.ndarray) -> Ground:
    """The ground of some vehicles and stops, numbered as they stand in the arrays of numbers given.

    Parameters
    ----------
    vehicles, stops : int (m), each number once; of a delivery both ends or none
    """
    vehicle, stop = ground.vehicle[vehicles], ground.stop[stops]
    ends = np.unique(vehicle[:, [at.START, at.END]])
    nodes = np.concatenate([stops, ends])
    n = ground.drive.shape[1]
    number = np.full(n, -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    vehicle[:, [at.START, at.END]] = number[vehicle[:, [at.START, at.END]]]
    own = [at.DRIVE_AT, at.COST_AT, at.METRES_AT]
    vehicle[:, own] = vehicle[:, own] // n * len(nodes)
    # What belongs to no other stop is -1, and -1 it stays.
    stop[:, [at.BRINGS, at.FETCHED]] = np.append(number, -1)[stop[:, [at.BRINGS, at.FETCHED]]]
    may = np.ascontiguousarray(ground.may[:, vehicles])
    able = [np.flatnonzero(row) for row in may]
    drive, drive_to = _square(ground.drive, ground.drive_to, nodes)
    one_matrix = ground.cost is ground.drive
    cost, cost_to = (drive, drive_to) if one_matrix else _square(ground.cost, ground.cost_to, nodes)
    return ground._replace(
        drive=drive,
        drive_to=drive_to,
        cost=cost,
        cost_to=cost_to,
        metres=_cut(ground.metres, nodes),
        stop=stop,
        worth=ground.worth[stops],
        vehicle=vehicle,
        service=np.ascontiguousarray(ground.service[:, stops]),
        setup=np.ascontiguousarray(ground.setup[:, stops]),
        place=ground.place[nodes],
        spans=ground.spans[stops] if len(ground.spans) else ground.spans,
        surcharge=np.ascontiguousarray(ground.surcharge[:, stops]),
        able=np.concatenate(able).astype(np.int32),
        able_from=np.cumsum([0, *map(len, able)]).astype(np.int32),
        may=may,
        promise=ground.promise[stops] if len(ground.promise) else ground.promise,
        near=_near(ground.near[:, stops], number),
    )


def _square(there: np.ndarray, back: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Legs between some nodes, and the way back; one array where it is one."""
    part = _cut(there, nodes)
    return part, part if back is there else _cut(back, nodes)


def _cut(matrices: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Some nodes of matrices that stand one below the other."""
    begins = np.arange(0, len(matrices), max(1, matrices.shape[1]))
    rows = (begins[:, None] + nodes).reshape(-1)
    return np.ascontiguousarray(matrices[np.ix_(rows, nodes)]) if len(rows) else matrices


def _near(near: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Neighbours that are in the part, the nearest first; lists that end early go on with the stop itself.

    A ruin passes by a stop whose row it has touched, and it begins with the stop itself.
    """
    inside = number[near]
    gone = inside < 0
    order = np.argsort(gone, axis=2, kind="stable")
    width = int((~gone).sum(axis=2).max(initial=0))
    itself = np.arange(near.shape[1])[None, :, None]
    inside = np.take_along_axis(np.where(gone, itself, inside), order, axis=2)
    return np.ascontiguousarray(inside[:, :, :width], dtype=np.int32)
