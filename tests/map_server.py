"""A server that answers questions about the map and needs no database for it."""

from contextlib import asynccontextmanager

import httpx
from servers import KEY

from api.app import create_app
from api.settings import Settings


def map_settings(home, **changes):
    """Settings without a database or Redis: nobody listens at these addresses."""
    return Settings(
        database_url="postgresql+psycopg://nobody@/nothing?host=/nowhere",
        redis_url="unix:///nowhere/redis.sock",
        home=home,
        key=KEY,
        environment="test",
        **changes,
    )


@asynccontextmanager
async def serving(settings, *, key=KEY):
    """A client of a running application; ``client.app`` is that application."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://trades.test", headers=headers, timeout=60
        ) as client:
            client.app = app
            yield client
