"""The small day in a database that a whole run shares, and a server on it."""

from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from servers import KEY
from small_day import TOWN, SmallDay

from api.app import create_app
from api.dispatch_runs import routes as dispatch_routes
from api.schedule import routes as schedule_routes
from api.settings import Settings
from db.engine import connect
from routing.region import write


@pytest_asyncio.fixture
async def small_day(shared_database_url):
    """The day in a database that others use before and after, as ``settle`` makes it; nothing is left behind."""
    engine = connect(shared_database_url, pool_size=16, overflow=0, wait_s=60.0)
    day = SmallDay(engine)
    await day.clear()
    yield await day.settle()
    await day.clear()
    await engine.dispose()


@pytest.fixture
def home(tmp_path, coquimbo):
    """Regions that stay as they are: Coquimbo, and the small town with its description and no roads."""
    version = tmp_path / "regions" / TOWN / "versions" / coquimbo.version
    version.mkdir(parents=True)
    write(replace(coquimbo, name=TOWN, folder=version), version)
    (version.parents[1] / "current").symlink_to(version)
    (tmp_path / "regions" / "coquimbo").symlink_to(coquimbo.folder.parents[1])
    return tmp_path


@pytest_asyncio.fixture
async def server(small_day, shared_database_url, redis_url, home):
    """A client with the key, on the small day's database."""
    settings = Settings(database_url=shared_database_url, redis_url=redis_url, home=home, key=KEY, environment="test")
    app = create_app(settings)
    mounted = {getattr(route, "path", "") for route in app.routes}
    for router in (dispatch_routes.router, schedule_routes.router):
        if not any(route.path in mounted for route in router.routes):
            app.include_router(router)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://trades.test", headers=headers) as client:
            yield client
