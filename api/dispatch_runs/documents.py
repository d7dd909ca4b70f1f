"""Between plan.json, rows of a plan and what a preview shows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from db.booking import Booking
from db.plan_store import PlanRow, RouteRow, StopRow
from dispatch.difference import Changed, Difference, Figures, Placing, difference, unassigned_cost

type Json = dict[str, Any]

OF_THE_RUN = ("seen", "weights", "history")
"""What a run keeps in its document for itself."""

NOBODY: tuple[RouteRow, ...] = ()
"""The routes of a day without a plan."""


def routes_of(document: Mapping[str, Any]) -> tuple[RouteRow, ...]:
    """The routes that a plan.json with ids of rows states."""
    return tuple(_route(said) for said in document["routes"])


def bookings(routes: Iterable[RouteRow]) -> list[Booking]:
    """Who is booked when: each from driving off to a stop until driving on from it."""
    found = []
    for route in routes:
        leaves_at = route.starts_at
        for stop in route.stops:
            times = stop.arrives_at, stop.service_starts_at, stop.departs_at
            found.append(Booking(stop.job_id, route.contractor_id, leaves_at, *times))
            leaves_at = stop.departs_at
    return found


def placings(routes: Iterable[RouteRow]) -> list[Placing]:
    """Who serves what, from when on."""
    return [
        Placing(str(stop.job_id), str(route.contractor_id), stop.service_starts_at)
        for route in routes
        for stop in route.stops
    ]


def compared(
    before: PlanRow | None, routes: Sequence[RouteRow], unassigned: Sequence[Json], weights: Mapping[str, int]
) -> Json:
    """What changes from the plan in force to these routes, as a preview shows it.

    Parameters
    ----------
    unassigned : as in plan.json, with reasons
    weights : job -> points for leaving it out, of every job there is to serve
    """
    old = NOBODY if before is None else before.routes
    change = difference(placings(old), placings(routes), (_figures(old, weights), _figures(routes, weights)))
    why = {str(stop.job_id): list(stop.reasons) for route in routes for stop in route.stops}
    why |= {left["job_id"]: left["reasons"] for left in unassigned}
    return {**difference_json(change, why), "unassigned": list(unassigned)}


def changed_since(before: PlanRow | None, after: PlanRow | None) -> Json:
    """What somebody else has changed between two versions."""
    old, new = (NOBODY if plan is None else plan.routes for plan in (before, after))
    return difference_json(difference(placings(old), placings(new), (_figures(old, {}), _figures(new, {}))), {})


def difference_json(change: Difference, why: Mapping[str, Sequence[Any]]) -> Json:
    """A difference as JSON.

    Parameters
    ----------
    why : job -> reasons of its place in the later plan, or for having none
    """
    return {
        "added": [_changed(case, why) for case in change.added],
        "removed": [_changed(case, why) for case in change.removed],
        "moved": [_changed(case, why) for case in change.moved],
        "retimed": [_changed(case, why) for case in change.retimed],
        "n_unchanged": change.n_unchanged,
        "figures": {
            name: {"before": getattr(change.before, name), "after": getattr(change.after, name)}
            for name in ("travel_s", "distance_m", "n_served", "unassigned_cost")
        },
    }


def stored(document: Mapping[str, Any]) -> Json:
    """What a version keeps of its plan.json: everything but the routes, which are rows, and what only a run needs."""
    return {name: value for name, value in document.items() if name not in ("routes", *OF_THE_RUN)}


def revised(
    document: Mapping[str, Any],
    routes: Sequence[RouteRow],
    unassigned: Sequence[Json],
    objective: Mapping[str, int] | None,
) -> Json:
    """A version's document after single routes were changed: figures follow the routes.

    Parameters
    ----------
    routes : all routes of the new version
    objective : its price by component; None when it is not known any more
    """
    served = sum(len(route.stops) for route in routes)
    summary = {
        **document.get("summary", {}),
        "n_jobs": served + len(unassigned),
        "n_assigned": served,
        "n_contractors_used": sum(bool(route.stops) for route in routes),
        "travel_s": sum(route.travel_s for route in routes),
        "distance_m": sum(route.distance_m for route in routes),
        "wait_s": sum(route.wait_s for route in routes),
    }
    # They were about the plan as the search left it; a digest that does not fit is worse than none.
    rest = {name: value for name, value in stored(document).items() if name not in ("digest", "bound", "summary")}
    return {**rest, "objective": objective, "summary": summary, "unassigned": list(unassigned), "revised": True}


def _figures(routes: Sequence[RouteRow], weights: Mapping[str, int]) -> Figures:
    served = [str(stop.job_id) for route in routes for stop in route.stops]
    return Figures(
        travel_s=sum(route.travel_s for route in routes),
        distance_m=sum(route.distance_m for route in routes),
        n_served=len(served),
        unassigned_cost=unassigned_cost(weights, served),
    )


def _changed(case: Changed, why: Mapping[str, Sequence[Any]]) -> Json:
    return {
        "job_id": case.job_id,
        "before": _place(case.before),
        "after": _place(case.after),
        "reasons": list(why.get(case.job_id, ())),
    }


def _place(place: Placing | None) -> Json | None:
    if place is None:
        return None
    return {"contractor_id": place.contractor_id, "service_starts_at": place.starts_at.isoformat()}


def _route(said: Mapping[str, Any]) -> RouteRow:
    instant = datetime.fromisoformat
    return RouteRow(
        contractor_id=UUID(said["contractor_id"]),
        starts_at=instant(said["starts_at"]),
        ends_at=instant(said["ends_at"]),
        travel_s=said["travel_s"],
        service_s=said["service_s"],
        wait_s=said["wait_s"],
        distance_m=said["distance_m"],
        geometry=said["geometry"],
        breaks=tuple((instant(pause["starts_at"]), instant(pause["ends_at"])) for pause in said["breaks"]),
        stops=tuple(
            StopRow(
                job_id=UUID(stop["job_id"]),
                arrives_at=instant(stop["arrives_at"]),
                service_starts_at=instant(stop["service_starts_at"]),
                departs_at=instant(stop["departs_at"]),
                travel_s=stop["travel_s"],
                distance_m=stop["distance_m"],
                wait_s=stop["wait_s"],
                reasons=stop["reasons"],
            )
            for stop in said["stops"]
        ),
    )
