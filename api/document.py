"""The API's description of itself: what FastAPI finds out, made true and made useful.

FastAPI describes a parameter that may be left out as one that may be null, which no address can say; a key that need
not be given as one that must; and of Idempotency-Key and of what leads from one answer to the next question it knows
nothing.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import operator
from api.errors import ProblemOut
from api.repeatable import DESCRIPTION, Repeatable

_WHERE = "#/components/schemas/{model}"

_THIS_RUN = {"run_id": "$request.path.run_id"}
_NEW_RUN = {"run_id": "$response.body#/run_id"}
_LATEST_RUN = {"run_id": "$response.body#/runs/0/run_id"}

LINKS: dict[tuple[str, str], dict[str, dict[str, str]]] = {
    ("request_run", "202"): {
        "read_run": _NEW_RUN,
        "read_proposed_plan": _NEW_RUN,
        "commit_run": _NEW_RUN,
        "cancel_run": _NEW_RUN,
    },
    ("list_runs", "200"): {"read_run": _LATEST_RUN, "read_proposed_plan": _LATEST_RUN},
    ("read_run", "200"): {"read_proposed_plan": _THIS_RUN, "commit_run": _THIS_RUN, "cancel_run": _THIS_RUN},
    ("commit_run", "200"): {"undo_run": _THIS_RUN, "read_run": _THIS_RUN},
    ("nearby_contractors", "200"): {"read_schedule": {"contractor_id": "$response.body#/results/0/contractor_id"}},
}
"""By operation and status: which operation can follow, and where in the answer its parameters stand."""


ALIASES: dict[str, dict[str, str]] = {"nearby_contractors": {"lon": "lng", "radius_m": "radius"}}
"""By operation: parameters that are taken in place of another. Only one of the two may be given, which OpenAPI cannot say:
the description of the one that is listed names the other."""

REQUIRED = {("nearby_contractors", "lng")}
"""Parameters that must be given, if not under their own name."""


def install(app: FastAPI) -> None:
    """Complete the app's OpenAPI document, made once when it is first asked for."""
    found_out = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = found_out()
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            problem = ProblemOut.model_json_schema(mode="serialization", ref_template=_WHERE)
            schemas |= problem.pop("$defs", {})
            schemas[ProblemOut.__name__] = problem
            _complete(app, made)
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]


def _complete(app: FastAPI, made: dict[str, Any]) -> None:
    keyless, repeatable = _kinds(app)
    for operation in _operations(made):
        name = operation["operationId"]
        listed = [it for it in operation.get("parameters", []) if it["name"] not in ALIASES.get(name, {})]
        if listed:
            operation["parameters"] = listed
        for parameter in listed:
            parameter["schema"] = _never_null(parameter["schema"])
            parameter["required"] = parameter["required"] or (name, parameter["name"]) in REQUIRED
        if name in keyless and "security" in operation:
            operation["security"].insert(0, {})
        if name in repeatable:
            operation["description"] += f"\n\n{DESCRIPTION}"
        for status, answer in operation["responses"].items():
            links = LINKS.get((name, status), {})
            if links:
                answer["links"] = {to: {"operationId": to, "parameters": given} for to, given in links.items()}


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in made["paths"].values():
        yield from item.values()


def _kinds(app: FastAPI) -> tuple[set[str], set[str]]:
    """Names of the operations that answer without a key, and of those that can be sent twice."""
    keyless, repeatable = set(), set()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        if not _needs(route.dependant, operator):
            keyless.add(route.name)
        if isinstance(route, Repeatable) and "POST" in (route.methods or ()):
            repeatable.add(route.name)
    return keyless, repeatable


def _needs(dependant: Dependant, call: object) -> bool:
    return dependant.call is call or any(_needs(part, call) for part in dependant.dependencies)


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema without null: it is left out instead."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: value for name, value in schema.items() if name != "anyOf"}}
