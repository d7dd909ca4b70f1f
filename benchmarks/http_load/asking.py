"""Whom and what to ask: points that a running server answers, and requests made of them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.choices import BadChoice
from benchmarks.http_load.client import Client, Request
from geo.point import Point
from routing.region import Region

ENDPOINTS = ("nearby", "night", "optimize", "schedule")
"""``night`` is nearby when hardly anybody is at work: all who might have been are looked at."""

BY_DAY, BY_NIGHT = time(10), time(3)
"""When nearby is asked for, so that figures do not depend on when they are measured: on the next weekday, local clocks."""

N_POINTS = 100
MOST_PROBES = 1000
N_DESTINATIONS = 8
"""Destinations of a request to optimize-route: a person's day; every order of so many is weighed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server was found to answer.

    Parameters
    ----------
    points : in the region, near a road, with somebody to come
    contractor_ids, trades : of those who would come
    timezone : of the region
    """

    timezone: str
    points: tuple[Point, ...]
    contractor_ids: tuple[str, ...]
    trades: tuple[str, ...]


async def looked_around(client: Client, region: Region, seed: int) -> Answered:
    """Ask the server about random points of a region's outline box until enough are answered.

    Raises
    ------
    BadChoice : the server does not answer, knows no region there, or nobody would come
    """
    west, south, east, north = region.outline.bounds
    rng = np.random.default_rng(seed)
    points: list[Point] = []
    ids: dict[str, None] = {}
    trades: dict[str, None] = {}
    covered = False
    for lon, lat in rng.uniform((west, south), (east, north), (MOST_PROBES, 2)).round(6).tolist():
        point = Point(lon, lat)
        response = await client.send(nearby(point, weekday(BY_DAY, region.timezone)), with_body=True)
        if response.status in ("refused", "timeout", "broken"):
            raise BadChoice(
                f"no server answers at http://{client.host}:{client.port} ({response.status}); "
                "start one with ./trades up, or name another with --url"
            )
        if response.status != "200":
            continue  # off every road
        answer = json.loads(response.body)
        covered |= bool(answer["covered"])
        if not answer["covered"] or not answer["results"]:
            continue
        # Somebody may come by an estimate to where no road leads; an order of drives needs roads.
        ordered = await client.send(_order(point, points[:1] or [point]))
        if ordered.status == "401":
            raise BadChoice(
                "the server refuses the key; TRADES_KEY or TRADES_HOME must be those that ./trades up runs with"
            )
        if ordered.status != "200":
            continue
        points.append(point)
        ids |= dict.fromkeys(str(one["contractor_id"]) for one in answer["results"])
        trades |= dict.fromkeys(trade for one in answer["results"] for trade in one["trades"])
        if len(points) == N_POINTS:
            break
    if not points:
        missing = "nobody would come to any point" if covered else "the server covers no point"
        raise BadChoice(
            f"{missing} near a road of region {region.name!r}; fill it: ./trades ingest demo-day --region {region.name}, "
            "on the TRADES_HOME that the server uses"
        )
    return Answered(region.timezone, tuple(points), tuple(ids), tuple(trades))


def requests_of(endpoint: str, found: Answered, seed: int) -> list[Request]:
    """Requests to one endpoint, different from each other."""
    rng = np.random.default_rng([seed, ENDPOINTS.index(endpoint)])
    if endpoint in ("nearby", "night"):
        at = weekday(BY_DAY if endpoint == "nearby" else BY_NIGHT, found.timezone)
        return [nearby(point, at, str(rng.choice(found.trades))) for point in found.points]
    if endpoint == "optimize":
        return [_optimize(rng, found.points) for _ in found.points]
    today = datetime.now(UTC).date().isoformat()
    return [Request("GET", f"/schedule/{contractor_id}/{today}") for contractor_id in found.contractor_ids]


def weekday(clock: time, timezone: str) -> datetime:
    """When clocks next show that on a day from Monday to Friday."""
    zone = ZoneInfo(timezone)
    on = datetime.now(zone).date() + timedelta(days=1)
    while on.isoweekday() > 5:  # Friday
        on += timedelta(days=1)
    return datetime.combine(on, clock, zone)


def nearby(point: Point, at: datetime, trade: str | None = None) -> Request:
    """Who can be at the door soonest, from a moment on."""
    asked = {"lat": point.lat, "lng": point.lon, "at": at.isoformat()} | ({"trade": trade} if trade else {})
    return Request("GET", f"/maps/contractors/nearby?{urlencode(asked)}")


def _optimize(rng: np.random.Generator, points: Sequence[Point]) -> Request:
    drawn = rng.choice(len(points), min(N_DESTINATIONS + 1, len(points)), replace=False).tolist()
    origin, *rest = (points[number] for number in drawn)
    return _order(origin, rest or [origin])


def _order(origin: Point, destinations: Sequence[Point]) -> Request:
    places = [{"lat": point.lat, "lng": point.lon} for point in (origin, *destinations)]
    body = {"origin": places[0], "destinations": places[1:]}
    return Request("POST", "/maps/optimize-route", json.dumps(body).encode())


def look_around(host: str, port: int, key: str | None, region: Region, seed: int) -> Answered:
    """``looked_around``, for those who have no event loop."""

    async def looking() -> Answered:
        client = Client(host, port, key)
        try:
            return await looked_around(client, region, seed)
        finally:
            await client.close()

    return asyncio.run(looking())
