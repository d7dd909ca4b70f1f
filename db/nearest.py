"""The nearest first by an index on a plane, and their order proven on the sphere: steps of statements about homes.

Homes stand twice: as a geography, and as ``home_xy`` on Mercator's map of a sphere of radius 1, where x is the longitude
and y the ``asinh`` of the latitude's tangent. A walk by ``<->`` through an index of plain points takes less than half the
time of one through geographies, whose boxes have three dimensions and whose every distance is computed twice. The index is
SP-GiST, quarters of quarters, and so has no room for the trade: each trade has a strip of the plane of its own, and x is
``STRIP`` times the trade more than the longitude. GiST over (trade, point) took 1.4 times as long, at the 99th percentile
twice (all measured on 1,000,000 people).

But the plane stretches what lies nearer to a pole, so its order is not that of distances. What holds is this: an arc of an
angle s from a latitude p is t after an angle t at no latitude above p + t, and the map stretches by the secant of the
latitude. So on the plane that arc is at most y(p + s) - y(p) long, and the straight line no longer. Hence:

- A walk goes on for ``MARGIN`` people more than are asked for, and all are sorted by their distance on the sphere. Let the
  last who was asked for be s away. If the walk ended farther than y(p + s) - y(p) on the plane, whom it did not come to
  is farther than s on the sphere: the order is proven.
- If it did not, or where the map is cut (the date line or a pole is within reach), a second statement sorts everybody
  in the box around s, or around the reach. The box is one of latitudes and longitudes; across the date line it has a
  second part. ``look_again_m`` decides.

What was asked stands in ``asked``: ``lon``, ``lat`` in degrees and ``point``, a geography. Rows of people have
``contractor_id``, ``home_m`` and ``apart``.
"""

import math

from geo.point import Point

# ruff: noqa: S608  # put together from constants and from parts of statements

STRIP = 8
"""How far apart the trades lie on the plane: more than the way around the earth."""

HOME_XY = "point(radians(st_x(home::geometry)), asinh(tan(radians(st_y(home::geometry)))))"
OFFERED_XY = HOME_XY.replace("point(", f"point({STRIP} * trade_id + ", 1)
"""What ``home_xy`` is generated from: of a contractor, and of an offering."""

HOME_M = "ST_Distance(home, (select point from asked), false)"
"""Metres from what was asked, on the sphere."""

APART = "home_xy <-> (select xy from around)"
"""The same on the plane: what a walk goes by."""

MARGIN = 4
"""How much farther the last of them is than the k-th: 4 % for 50, 10 % for 20. The plane's error is below 0.2 % within
10 km up to latitude 60, so hardly a question is asked twice."""

# A radius below PostGIS's 6,371,008.77 m, and 6 mm on top: by rounding an angle comes out too large, never too small.
_RADIUS_M, _SLACK_RAD = 6_371_000.0, 1e-9

_BOX = """
select x, y, wide, south, north from (
  select radians(lat) as phi, radians(lon) as x, asinh(tan(radians(lat))) as y, {angle} as reach from asked offset 0) a
cross join lateral (select
  case when abs(phi) + reach < pi() / 2 then asin(least(1, sin(reach) / cos(phi))) else float8 'infinity' end as wide,
  case when phi - reach > -pi() / 2 then asinh(tan(phi - reach)) else float8 '-infinity' end as south,
  case when phi + reach < pi() / 2 then asinh(tan(phi + reach)) else float8 'infinity' end as north offset 0) b"""


def look_again_m(point: Point, reach_m: float, walk_ended: float | None, last_m: float | None) -> float | None:
    """None when the order of a walk is proven, else within how many metres everybody must be sorted.

    Parameters
    ----------
    reach_m : within which people were walked through
    walk_ended : how far on the plane the last of k + ``MARGIN`` is; None when there were fewer
    last_m : how far on the sphere the k-th of them is
    """
    x, phi, reach = abs(math.radians(point.lon)), abs(math.radians(point.lat)), _angle(reach_m)
    if phi + reach >= math.pi / 2 or x + math.asin(min(1.0, math.sin(reach) / math.cos(phi))) > math.pi:
        return reach_m
    if walk_ended is None or last_m is None:
        return None
    most = math.asinh(math.tan(phi + _angle(last_m))) - math.asinh(math.tan(phi))
    return None if walk_ended > most else last_m


def homes_in_box(k: int, metres: str, rows: str, passing: str, trade: str = "0") -> str:
    """The step ``homes`` (contractor_id, m) for whoever looks again: everybody within so many metres is sorted."""
    return f"""
around as materialized (select {STRIP} * {trade} + x as x, wide, south, north, null::point as xy from ({_box(metres)}) reached),
homes as materialized (
  select o.contractor_id, o.home_m as m from (
    select o.* from around cross join (values (0), (-2 * pi()), (2 * pi())) turns (turn)
    cross join lateral ({rows}
      and home_xy <@ box(point(x + turn - wide, south), point(x + turn + wide, north)) offset 0) o
    where turn = 0 or wide < float8 'infinity'
    order by o.home_m, o.contractor_id offset 0
  ) o
  where {passing} limit {k}
)"""


def around(reach_m: str, trade: str = "0") -> str:
    """The step ``around``: what was asked on the plane, and the box of the reach, an expression.

    Parameters
    ----------
    trade : id of the trade whose strip it is, an expression; 0 for contractors
    """
    return f"""
around as materialized (
  select point(x + middle, y) as xy, box(point(x + middle - wide, south), point(x + middle + wide, north)) as box,
    box(point(middle - {STRIP / 2}, '-infinity'), point(middle + {STRIP / 2}, 'infinity')) as strip
  from ({_box(reach_m)}) reached, (select {STRIP} * {trade} as middle) trade
)"""


def walk(rows: str) -> str:
    """People in the box, nearest on the plane first; ``rows``: select them ``from … where …``.

    That they are in the strip too keeps the walk there where the box is wider. And the planner, to whom each such condition
    leaves a thousandth, expects so few of both that to sort them instead does not look cheaper.
    """
    return f"{rows} and home_xy <@ (select box from around) and home_xy <@ (select strip from around) order by {APART}"


def walked(name: str, walk: str, passing: str, k: int, on_condition: str = "true") -> str:
    """A step that follows a walk until k people and the margin have passed, or there are no more.

    Parameters
    ----------
    passing : a condition on a row ``o``
    """
    return f"""
{name} as materialized (
  select o.contractor_id, o.home_m as m, o.apart from ({walk}) o where {on_condition} and {passing} limit {k + MARGIN}
)"""


def _angle(metres: float) -> float:
    return metres / _RADIUS_M + _SLACK_RAD


def _box(metres: str) -> str:
    return _BOX.format(angle=f"({metres} / {_RADIUS_M} + {_SLACK_RAD})")
