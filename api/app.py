"""The composition root of the server: settings in, an application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from redis.asyncio import Redis

from api import document, errors, health
from api.bodies import Bodies
from api.dispatch_runs import routes as dispatch_runs
from api.maps import nearby_routes as nearby
from api.maps import routes as maps
from api.region_rows import RegionRows
from api.roads import Roads
from api.schedule import routes as schedule
from api.settings import Settings
from api.telemetry import RequestLog
from api.tracking import routes as tracking
from api.vroom import routes as vroom
from db import engine as db_engine

VERSION = "0.1.0"
"""As in pyproject.toml; a test keeps them alike."""

DESCRIPTION = """
Dispatch and routing for the trades: who can be at the door soonest by road, days as optimised routes, batch runs
that show what they would change before anything changes.

Errors are RFC 9457 problem details with a stable `code`. Every POST that
changes something takes an `Idempotency-Key`. Whatever is not public
takes the key that `./trades up` prints, as `Authorization: Bearer KEY`.
"""


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is connected before it starts."""
    app = FastAPI(
        title="Trades Platform",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=_lifespan,
        strict_content_type=False,  # curl says "form" of every body it sends
        generate_unique_id_function=lambda route: route.name,
        responses=errors.responses(),
    )
    app.state.settings = settings
    app.include_router(health.router)
    app.include_router(maps.router)
    app.include_router(nearby.router)
    app.include_router(tracking.router)
    app.include_router(dispatch_runs.router)
    app.include_router(schedule.router)
    app.include_router(vroom.router)
    errors.install(app)
    document.install(app)
    app.add_middleware(Bodies, max_bytes=settings.max_body_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Request-ID", "ETag", "Retry-After"],
        )
    app.add_middleware(RequestLog)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.database = db_engine.connect(
        settings.database_url,
        pool_size=settings.pool_size,
        overflow=settings.pool_overflow,
        wait_s=settings.pool_wait_s,
        application="trades serve",
    )
    app.state.redis = Redis.from_url(settings.redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
    app.state.roads = Roads(
        settings.home,
        deadline_s=settings.engine_deadline_s,
        retry_after_s=settings.engine_retry_s,
        osrm_url=settings.osrm_url,
    )
    app.state.region_rows = RegionRows(app.state.database, app.state.roads)
    await app.state.region_rows.start()
    following = asyncio.create_task(app.state.region_rows.follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await app.state.roads.close()
        await app.state.redis.aclose()
        await app.state.database.dispose()
