"""The table of regions follows the registry of road data for as long as a server runs.

Runs and imports look a region up in the database, maps ask the registry. A region that is built while the database is
down gets its row as soon as both are there, and one whose files are gone is marked, so that nobody plans for it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.roads import LOOK_EVERY_S, Roads
from db import engine as db_engine
from db import regions
from routing.region import Region

START_WITHIN_S = 2.0
"""How long a server that starts waits for the database; afterwards it goes on trying while it serves."""

TRY_WITHIN_S = 30.0
"""How long any later attempt may take: a connection that died unseen would hold up the next for ever."""

LOG = structlog.get_logger("regions")


class RegionRows:
    """Keeps the table in line: ``start`` once, then leave ``follow`` running."""

    def __init__(self, database: AsyncEngine, roads: Roads) -> None:
        self._database, self._roads = database, roads
        self._written: dict[str, str] | None = None
        self._has_complained = False

    def are_in_line(self) -> bool:
        """Whether the table says what the registry says now."""
        return self._written == _versions(self._roads.regions())

    async def start(self) -> None:
        """Bring the table into line, unless the database does not answer soon."""
        await self._bring_into_line(START_WITHIN_S)

    async def follow(self) -> None:
        """Bring the table into line whenever the registry has changed, or could not be written; until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                if not self.are_in_line():
                    await self._bring_into_line(TRY_WITHIN_S)
            except Exception:
                LOG.exception("bringing regions into line failed")  # the next look may not; ending would help nobody

    async def _bring_into_line(self, within_s: float) -> None:
        found = self._roads.regions()
        try:
            async with asyncio.timeout(within_s), db_engine.transaction(self._database) as tx:
                report = await regions.bring_into_line(tx, found)
        except (db_engine.DatabaseError, OSError) as error:
            if not self._has_complained:
                LOG.warning("the database does not take the regions; trying again", kind=type(error).__name__)
            self._has_complained = True
            return
        self._written, self._has_complained = _versions(found), False
        if not report.is_empty:
            LOG.info("regions brought into line", **asdict(report))


def _versions(found: Iterable[Region]) -> dict[str, str]:
    return {region.name: region.version for region in found}
