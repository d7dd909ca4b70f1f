"""What was found, as HTTP shows it."""

from api.maps.directions import Way
from api.maps.matching import Matched
from api.maps.optimise import Drive
from api.maps.places import Places
from api.maps.schemas import (
    LatLngOut,
    LineOut,
    MatchedLegOut,
    MatchOut,
    OptimiseOut,
    OrderedLegOut,
    RouteLegOut,
    RouteOut,
    StepOut,
)
from geo import polyline
from geo.point import Point
from routing.engine import Step
from routing.turns import sentence


def drive_out(drive: Drive) -> OptimiseOut:
    """An order of destinations."""
    tour = drive.tour
    return OptimiseOut(
        order=list(tour.order),
        legs=[OrderedLegOut(from_=a, to=b, travel_s=s, distance_m=m) for a, b, s, m in drive.legs],
        travel_s=tour.travel_s,
        distance_m=tour.distance_m,
        geometry=drive.geometry,
        geometry_source=drive.geometry_source,
        saved_s=drive.saved_s,
        proven=tour.proven,
        found_by=tour.found_by,
        travel_time_source=drive.travel_time_source,
        region=drive.region,
    )


def way_out(way: Way, places: Places, *, geojson: bool) -> RouteOut:
    """Directions through places."""
    found = way.directions
    legs = zip(places.points[:-1], places.points[1:], found.travel_s, found.distance_m, found.steps, strict=True)
    return RouteOut(
        legs=[
            RouteLegOut(
                from_=_lat_lng(a),
                to=_lat_lng(b),
                travel_s=int(travel_s),
                distance_m=int(distance_m),
                steps=[_step(step) for step in steps],
            )
            for a, b, travel_s, distance_m, steps in legs
        ],
        travel_s=int(found.travel_s.sum()),
        distance_m=int(found.distance_m.sum()),
        geometry=LineOut(coordinates=found.lonlat.tolist()) if geojson else polyline.encode(found.lonlat),
        travel_time_source=found.source,
        region=way.region,
    )


def matched_out(matched: Matched) -> MatchOut:
    """The road behind a trace."""
    road = matched.road
    legs = zip(road.travel_s.tolist(), road.distance_m.tolist(), strict=True)
    return MatchOut(
        geometry=polyline.encode(road.lonlat),
        legs=[MatchedLegOut(travel_s=travel_s, distance_m=distance_m) for travel_s, distance_m in legs],
        travel_s=int(road.travel_s.sum()),
        distance_m=int(road.distance_m.sum()),
        travel_time_source=road.source,
        region=matched.region,
    )


def _lat_lng(point: Point) -> LatLngOut:
    return LatLngOut(lat=point.lat, lng=point.lon)


def _step(step: Step) -> StepOut:
    lng, lat = step.lonlat
    return StepOut(
        sentence=sentence(step),
        street=step.street,
        distance_m=step.distance_m,
        travel_s=step.travel_s,
        lat=lat,
        lng=lng,
        type=step.kind,
        modifier=step.modifier,
    )
