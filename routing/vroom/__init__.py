"""VROOM's format, in and out: its documented problem JSON becomes its solution JSON, or its error object.

Source: VROOM's documentation of its API (docs/API.md of version 1.15). The code is ours.
"""

import time
from typing import Any

from routing.errors import InvalidProblem, SolveFailed
from routing.vroom.answer import add_geometry, solution
from routing.vroom.check import planned
from routing.vroom.ground import Roads, ground_of
from routing.vroom.input import read_request
from routing.vroom.plan import Effort, solved
from routing.vroom.types import INTERNAL, ROUTING, VroomError

__all__ = ["Effort", "Roads", "VroomError", "answered"]


def answered(
    found: Any,
    engine: Roads | None = None,
    *,
    geometry: bool = False,
    choose_eta: bool = False,
    effort: Effort | None = None,
) -> dict[str, Any]:
    """Answer a request.

    Parameters
    ----------
    found : VROOM's problem, as ``json.load`` gives it
    engine : roads of a region, where the request has coordinates instead of custom matrices
    geometry : add the line of each route along the roads, and distances (VROOM's -g)
    choose_eta : plan mode (VROOM's -c): time the given steps and say what is wrong with them

    Returns
    -------
    VROOM's solution; ``code`` is 0

    Raises
    ------
    VroomError : code 1, a fault of ours; 2, the request, with every field; 3, the roads
    """
    began = time.monotonic()
    ground = ground_of(read_request(found), engine, geometry=geometry)
    if geometry and engine is None:
        message = "geometry along the roads (-g) needs roads: name a region with --region, or leave out -g"
        raise VroomError(ROUTING, message)
    loaded = time.monotonic()
    try:
        routes = planned(ground) if choose_eta else solved(ground, effort or Effort())
    except (InvalidProblem, SolveFailed) as ours:
        raise VroomError(INTERNAL, f"the search failed: {ours}; please report this problem") from ours
    done = time.monotonic()
    times = {"loading": round((loaded - began) * 1000), "solving": round((done - loaded) * 1000), "routing": 0}
    answer = solution(ground, routes, times)
    if geometry and engine is not None:
        add_geometry(ground, routes, answer, engine)
        times["routing"] = round((time.monotonic() - done) * 1000)
    return answer
