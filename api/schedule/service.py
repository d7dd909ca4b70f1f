"""Reading a contractor's day from the plan in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.errors import NotFound
from db import plan_store
from db.plan_store import JobFacts, Person, RouteRow


class NoSuchContractor(NotFound):
    """No contractor has this id."""

    def __init__(self, contractor_id: UUID) -> None:
        super().__init__(f"There is no contractor {contractor_id}.", contractor_id=str(contractor_id))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A contractor's day; ``route`` None when nothing is planned."""

    person: Person
    on_date: date
    version: int
    route: RouteRow | None
    jobs: Mapping[UUID, JobFacts]


async def read(tx: AsyncConnection, contractor_id: UUID, on_date: date) -> Schedule:
    """The day as it is in force; raises ``NoSuchContractor``."""
    person = await plan_store.person(tx, contractor_id)
    if person is None:
        raise NoSuchContractor(contractor_id)
    at = await plan_store.head(tx, person.region, on_date)
    route = await plan_store.route_in_force(tx, at, contractor_id)
    jobs = await plan_store.facts(tx, [stop.job_id for stop in route.stops] if route else [])
    return Schedule(person, on_date, at.version, route, jobs)
