"""The small day in a database that a whole run shares."""

import pytest_asyncio
from small_day import SmallDay

from db.engine import connect


@pytest_asyncio.fixture
async def small_day(shared_database_url):
    """The day in a database that others use before and after, as ``settle`` makes it; nothing is left behind."""
    engine = connect(shared_database_url, pool_size=16, overflow=0, wait_s=60.0)
    day = SmallDay(engine)
    await day.clear()
    yield await day.settle()
    await day.clear()
    await engine.dispose()
