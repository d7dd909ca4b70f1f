"""A contractor's day as HTTP speaks of it; instants carry the contractor's own offset."""

from datetime import date as civil_date
from datetime import datetime
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from api.schedule.service import Schedule


class StopOut(BaseModel):
    """One visit; `travel_s` and `distance_m` are the leg that leads to it."""

    position: int = Field(description="from 0")
    job_id: UUID
    number: str = Field(examples=["J1001"])
    external_id: str | None
    status: str = Field(description="of the job at this moment")
    trade: str
    address: str
    lat: float
    lng: float
    arrives_at: datetime
    service_starts_at: datetime
    departs_at: datetime
    travel_s: int
    distance_m: int
    wait_s: int
    duration_s: int
    reasons: list[dict[str, Any]]


class PauseOut(BaseModel):
    """A break."""

    starts_at: datetime
    ends_at: datetime


class ScheduleOut(BaseModel):
    """A contractor's day; without stops when nothing is planned."""

    contractor_id: UUID
    external_id: str
    name: str
    region: str
    date: civil_date
    timezone: str
    version: int = Field(description="of the day's plan; 0: there was never one")
    starts_at: datetime | None = Field(description="leaving home")
    ends_at: datetime | None = Field(description="being back")
    travel_s: int
    service_s: int
    wait_s: int
    distance_m: int
    geometry: str = Field(description="polyline of precision 6, latitude first")
    breaks: list[PauseOut]
    stops: list[StopOut]

    @classmethod
    def of(cls, day: Schedule) -> Self:
        """From what the service answers."""
        person, route, zone = day.person, day.route, ZoneInfo(day.person.timezone)
        pauses = () if route is None else route.breaks
        return cls(
            contractor_id=person.id,
            external_id=person.external_id,
            name=person.name,
            region=person.region,
            date=day.on_date,
            timezone=person.timezone,
            version=day.version,
            starts_at=None if route is None else route.starts_at.astimezone(zone),
            ends_at=None if route is None else route.ends_at.astimezone(zone),
            travel_s=0 if route is None else route.travel_s,
            service_s=0 if route is None else route.service_s,
            wait_s=0 if route is None else route.wait_s,
            distance_m=0 if route is None else route.distance_m,
            geometry="" if route is None else route.geometry,
            breaks=[PauseOut(starts_at=a.astimezone(zone), ends_at=b.astimezone(zone)) for a, b in pauses],
            stops=_stops(day, zone),
        )


def _stops(day: Schedule, zone: ZoneInfo) -> list[StopOut]:
    found = []
    for position, stop in enumerate(() if day.route is None else day.route.stops):
        job = day.jobs[stop.job_id]
        found.append(
            StopOut(
                position=position,
                job_id=job.id,
                number=job.number,
                external_id=job.external_id,
                status=job.status,
                trade=job.trade,
                address=job.address,
                lat=job.lat,
                lng=job.lon,
                arrives_at=stop.arrives_at.astimezone(zone),
                service_starts_at=stop.service_starts_at.astimezone(zone),
                departs_at=stop.departs_at.astimezone(zone),
                travel_s=stop.travel_s,
                distance_m=stop.distance_m,
                wait_s=stop.wait_s,
                duration_s=job.duration_s,
                reasons=[dict(reason) for reason in stop.reasons],
            )
        )
    return found
