"""People and jobs of a made-up region, with what a test is about set and the rest as usual."""

from datetime import UTC, datetime
from pathlib import Path

import shapely

from dispatch.standing_types import StandingContractor, StandingJob, StandingShift
from geo.point import Point
from routing.region import Region, Source

TZ = "America/Santiago"
TOWN = Region(
    name="town",
    folder=Path("nowhere"),
    algorithm="mld",
    version="20261124T000000Z-mld",
    built_at=datetime(2026, 11, 24, tzinfo=UTC),
    timezone=TZ,
    outline=shapely.MultiPolygon([shapely.box(-72, -31, -71, -29)]),
    source=Source("town.osm.pbf", "0", 1),
    statistics={},
    bindings="1",
)
OFFICE = StandingShift(8 * 60, 17 * 60, 12 * 60, 13 * 60, 30 * 60)


def person(number=1, *, trades=("plumber",), shift=OFFICE, **differs):
    given = {"name": f"Person {number}", "home": Point(-71.25 - number / 1000, -29.9), **differs}
    return StandingContractor(f"C{number:02d}", trades=frozenset(trades), shift=shift, **given)


def job(number=1, **differs):
    given = {"trade": "plumber", "point": Point(-71.25, -29.9 - number / 1000), "duration_s": 3600, **differs}
    return StandingJob(f"J{number:03d}", **given)
