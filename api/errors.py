"""What can go wrong, as RFC 9457 problem details: one table from exception class to status and stable code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from procrastinate.exceptions import ConnectorException
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from db.engine import DiskFull, DriverError
from dispatch.places import TooFewStreets
from routing import errors as routing_errors
from routing.region import InvalidRegionName

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 100
"""Told of one request: whoever sends a thousand wrong values learns nothing from the last."""

INTEGRITY = "23"
AWAY = ("08", "53", "57", "58", "40")
"""Classes of SQLSTATE. 08: connection; 53: out of connections, memory or disk; 57: shut down, crashed, statement ended by
time-out; 58: files; 40: serialisation and deadlock, which repeating cures."""

LOG = structlog.get_logger("api")


class ApiError(Exception):
    """A use case that cannot be done. Subclasses say why in a sentence and carry the data in ``details``.

    Parameters
    ----------
    message : what is wrong and what to do about it
    details : further members of the answer, such as the regions there are
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class Unauthorised(ApiError):
    """No key, or not ours."""


class NotFound(ApiError):
    """There is no such thing, or not for this viewer."""


class Conflict(ApiError):
    """Somebody else was first; the details say what is in force now."""


class OutsideCoverage(ApiError):
    """A point lies in no region."""


class Unusable(ApiError):
    """Understood, but cannot be acted on."""


class KeyReused(ApiError):
    """An Idempotency-Key came with another request before."""


class BodyTooLarge(ApiError):
    """More bytes than the server takes."""


class Unavailable(ApiError):
    """A part that the answer needs does not answer; trying again later helps."""


TABLE: Mapping[type[Exception], tuple[int, str]] = {
    Unauthorised: (401, "unauthorised"),
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    BodyTooLarge: (413, "body_too_large"),
    OutsideCoverage: (422, "outside_coverage"),
    Unusable: (422, "unusable"),
    KeyReused: (422, "idempotency_key_reused"),
    Unavailable: (503, "unavailable"),
    DiskFull: (503, "disk_full"),
    routing_errors.RoutingError: (503, "routing_failed"),
    routing_errors.InvalidProblem: (422, "invalid_problem"),
    routing_errors.InvalidMove: (422, "invalid_move"),
    routing_errors.NoOrder: (422, "no_order"),
    InvalidRegionName: (422, "invalid_region_name"),
    TooFewStreets: (422, "too_few_streets"),
    routing_errors.OffRoad: (422, "off_road"),
    routing_errors.NoRoute: (422, "no_route"),
    routing_errors.UnknownRegion: (404, "unknown_region"),
    routing_errors.UnreadableFile: (503, "region_damaged"),
    routing_errors.EngineFailed: (503, "engine_failed"),
    routing_errors.SolveFailed: (503, "solve_failed"),
}
"""The nearest class in an exception's ancestry counts. Slices add theirs by ``register`` when they are mounted."""

_REGISTERED: dict[type[Exception], tuple[int, str]] = dict(TABLE)


def register(rows: Mapping[type[Exception], tuple[int, str]]) -> None:
    """Add a slice's own errors: exception class → (status, stable code)."""
    _REGISTERED.update(rows)


def status_of(error: BaseException) -> tuple[int, str] | None:
    """Status and code of an exception; None for one that nobody expected."""
    for kind in type(error).__mro__:
        if kind in _REGISTERED:
            return _REGISTERED[kind]
    return None


class FieldError(BaseModel):
    """One thing wrong with one value."""

    pointer: str = Field(description="JSON pointer into the body, or the parameter's name", examples=["/origin/lat"])
    message: str
    code: str


class ProblemOut(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field("about:blank")
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; switch on this", examples=["outside_coverage"])
    request_id: str | None = None
    errors: list[FieldError] | None = None


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation may answer besides success, for its documentation; 422, 500 and 503 always may."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted({*statuses, 413, 422, 500, 503})
    }


class _Body(JSONResponse):
    """JSON that may repeat what came in, such as half of a surrogate pair: UTF-8 cannot hold it, an escape can."""

    def render(self, content: Any) -> bytes:
        """The bytes."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes over the wire."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None

    def response(self, request: Request | None) -> Response:
        """The answer, with the request's id so that the log can be found."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        request_id = request.scope.get("request_id") if request is not None else None
        if request_id is not None:
            body["request_id"] = request_id
        if self.errors:
            body["errors"] = list(self.errors)
        body |= self.details or {}
        return _Body(body, self.status, dict(self.headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception of an app as problem details."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    away = (DBAPIError, DriverError, ConnectorException, PoolTimeoutError, ConnectionError, TimeoutError)
    for kind in (*_REGISTERED, *away):
        app.add_exception_handler(kind, _known)


async def _known(request: Request, error: Exception) -> Response:
    found = status_of(error) or status_of(_beneath(error))
    if found is not None:
        status, code = found
        details = getattr(error, "details", None)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {"Retry-After": "2"} if status == 503 else None
        return Problem(status, code, _said(error), details=details, headers=headers).response(request)
    state = _sqlstate(error)
    if state[:2] == INTEGRITY:
        name = getattr(getattr(_beneath(error), "diag", None), "constraint_name", None) or ""
        LOG.warning("conflict", constraint=name)
        detail = "Somebody else changed the same thing at the same time; read it again, then repeat."
        return Problem(409, "conflict", detail, details={"constraint": name}).response(request)
    if database_is_away(error):
        LOG.warning("database unavailable", kind=type(error).__name__)
        detail = "The database does not answer; nothing was changed. Try again in a moment."
        return Problem(503, "database_unavailable", detail, headers={"Retry-After": "2"}).response(request)
    return await _unexpected(request, error)


def _said(error: Exception) -> str:
    """What a caller may know; where a file lies in this machine is the log's business."""
    if isinstance(error, routing_errors.UnreadableFile):
        LOG.error("unreadable", file=str(error.file), line=error.line, reason=error.reason)
        return "Road data cannot be read; the server's log says which. Ingesting the region again mends it."
    full = _beneath(error)
    if isinstance(full, DiskFull):
        LOG.error("the database's disk is full", reason=full.diag.message_primary)
        return "The database's disk is full; nothing was changed. Make room on it: the server goes on by itself then."
    return str(error)


def database_is_away(error: Exception) -> bool:
    """Whether trying again helps: the statement was sound, and the database could not do it now."""
    if isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = _sqlstate(error)
    if state:
        return state[:2] in AWAY
    # No state: the line to the server broke, or could not be had.
    return isinstance(error, OperationalError) or type(_beneath(error)).__name__ in ("OperationalError", "PoolTimeout")


def _beneath(error: Exception) -> BaseException:
    """The driver's own error, whoever has dressed it up."""
    if isinstance(error, ConnectorException):
        return error.__cause__ or error
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def _sqlstate(error: Exception) -> str:
    return getattr(_beneath(error), "sqlstate", None) or ""


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # for the type checker: registered for this class
    faults = []
    for fault in error.errors()[:MOST_FAULTS]:
        where, *rest = fault["loc"]
        pointer = "/" + "/".join(str(part) for part in rest) if where == "body" else str(rest[-1] if rest else where)
        faults.append({"pointer": pointer, "message": fault["msg"], "code": fault["type"]})
    if any(fault["code"] == "json_invalid" for fault in faults):
        return Problem(422, "invalid_json", "The body is not JSON.", faults).response(request)
    named = ", ".join(dict.fromkeys(str(fault["pointer"]) for fault in faults[:5]))
    return Problem(422, "invalid", f"Some values cannot be used: {named}.", faults).response(request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # for the type checker: registered for this class
    if error.status_code == 400 and str(error.detail).startswith("There was an error parsing the body"):
        # Not UTF-8, nested too deeply, a number of thousands of digits: to whoever sent it the same as a missing brace.
        return Problem(422, "invalid_json", "The body is not JSON that can be read.").response(request)
    if error.status_code == 405:
        error.headers = {"Allow": ", ".join(_methods(request))}
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
    detail = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    said = detail.get(error.status_code, str(error.detail))
    return Problem(error.status_code, code, said, headers=error.headers).response(request)


def _methods(request: Request) -> list[str]:
    """What an address takes; the framework names the methods of the first route of several only."""
    return [
        method
        for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


async def _unexpected(request: Request, error: Exception) -> Response:
    incident = uuid4().hex[:12]
    LOG.error("unexpected", incident=incident, path=request.scope["path"], exc_info=error)
    detail = f"This is a fault of ours. It has been written down as incident {incident}."
    return Problem(500, "internal", detail, details={"incident": incident}).response(request)
