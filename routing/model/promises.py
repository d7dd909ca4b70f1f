"""What was promised of a start of service, and the points that breaking it costs."""

from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout
from routing.model.time import Clock


def state_promises(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock) -> None:
    """Price each stop whose service begins further from its promise than tolerated.

    OR-Tools has no price for leaving an interval. In the dimension "moved" a stop's value is 1 when it was moved, else
    0: it may fall or rise by 1 on any leg, and being over 0 costs the price.
    """
    priced = [
        (node, stop.promise)
        for node, stop in enumerate(layout.stops)
        if stop.promise is not None and stop.promise.cost_time
    ]
    if not priced:
        return
    falls = routing.RegisterUnaryTransitVector([-1] * layout.n_nodes)
    routing.AddDimension(falls, 2, 1, False, "moved")
    moved, solver = routing.GetDimensionOrDie("moved"), routing.solver()
    for node, promise in priced:
        promised_s = promise.starts_s - clock.earliest_s
        kept = solver.IsBetweenVar(
            clock.starts.CumulVar(node), promised_s - promise.tolerance_s, promised_s + promise.tolerance_s
        )
        solver.Add(moved.CumulVar(node) == routing.ActiveVar(node) - routing.ActiveVar(node) * kept)
        moved.SetCumulVarSoftUpperBound(node, 0, promise.cost_time)
