"""Two layers of schedules: with the break taken or none owed, and with it still owed.

Source: Kok, Meyer, Kopfer & Schutten (2010), "A dynamic programming heuristic for the vehicle routing problem with time
windows and European Community social legislation", Transportation Science 44(4), cut down to one break.
"""

import numpy as np

from routing.improve.compiled import woven
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NEVER


@woven
def driven(who: np.ndarray, free_s: int, owing_s: int, drive_s: int) -> tuple[int, int]:
    """Earliest readiness at the end of a leg, with the break taken or none owed, and with it owed; ``NEVER`` for neither."""
    ready_s = free_s + drive_s
    if owing_s >= NEVER:
        return ready_s, NEVER
    done_s = owing_s + drive_s
    if owing_s <= who[at.BREAK_UNTIL]:
        ready_s = min(ready_s, max(done_s, who[at.BREAK_FROM]) + who[at.BREAK_S])
    return ready_s, done_s


@woven
def served(earliest_s: int, until_s: int, service_s: int, free_s: int, owing_s: int) -> tuple[int, int]:
    """Earliest end of service by the same two layers."""
    free_s = max(free_s, earliest_s) + service_s if free_s <= until_s else NEVER
    owing_s = max(owing_s, earliest_s) + service_s if owing_s <= until_s else NEVER
    return free_s, owing_s


@woven
def goes_on(who: np.ndarray, free_s: int, owing_s: int, drive_s: int, free_by: int, owing_by: int) -> bool:
    """Whether a row goes on in time from two layers over a leg, at whose end one must be ready by then."""
    if owing_s < NEVER:
        done_s = owing_s + drive_s
        if done_s <= owing_by:
            return True
        if owing_s <= who[at.BREAK_UNTIL] and max(done_s, who[at.BREAK_FROM]) + who[at.BREAK_S] <= free_by:
            return True
    return bool(free_s < NEVER and free_s + drive_s <= free_by)
