"""Suite proximity: the nearest contractors of a trade, found in five ways and judged by a look at all of them."""

from benchmarks.proximity.fleet import METROS
from benchmarks.proximity.picture import write_pictures
from benchmarks.proximity.suite import CASES, MOVING_S, WAYS, Asked, proximity_names, run_proximity, sizes_of
from benchmarks.proximity.telling import tell_proximity

__all__ = [
    "CASES",
    "METROS",
    "MOVING_S",
    "WAYS",
    "Asked",
    "proximity_names",
    "run_proximity",
    "sizes_of",
    "tell_proximity",
    "write_pictures",
]
