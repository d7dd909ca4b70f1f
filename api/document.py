"""The API's description of itself: what FastAPI finds out, and the error body that every operation refers to."""

from typing import Any

from fastapi import FastAPI

from api.errors import ProblemOut

_WHERE = "#/components/schemas/{model}"


def install(app: FastAPI) -> None:
    """Complete the app's OpenAPI document, made once when it is first asked for."""
    found_out = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = found_out().setdefault("components", {}).setdefault("schemas", {})
            problem = ProblemOut.model_json_schema(mode="serialization", ref_template=_WHERE)
            schemas |= problem.pop("$defs", {})
            schemas[ProblemOut.__name__] = problem
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]
