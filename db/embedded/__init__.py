"""A private PostgreSQL with PostGIS and a private Redis under TRADES_HOME, for a machine that has no servers."""

from db.embedded.errors import (
    AddressNotUnderstood,
    HomeNotUsable,
    NotStarted,
    Occupied,
    OtherVersion,
    ServerFailed,
    ServerMissing,
    ServersError,
)
from db.embedded.programs import Machine
from db.embedded.servers import Stopped, addresses, create_database, remove, start, stop
from db.embedded.state import ServerStatus, status
from db.embedded.urls import Addresses, without_password

__all__ = [
    "AddressNotUnderstood",
    "Addresses",
    "HomeNotUsable",
    "Machine",
    "NotStarted",
    "Occupied",
    "OtherVersion",
    "ServerFailed",
    "ServerMissing",
    "ServerStatus",
    "ServersError",
    "Stopped",
    "addresses",
    "create_database",
    "remove",
    "start",
    "status",
    "stop",
    "without_password",
]
