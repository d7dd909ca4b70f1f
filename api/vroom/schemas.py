"""VROOM's format as far as its documentation needs describing here; reading it is the business of ``routing.vroom``."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class VroomSolution(BaseModel):
    """VROOM's solution, field by field as VROOM documents it."""

    model_config = ConfigDict(extra="allow")

    code: int = Field(description="0", examples=[0])
    summary: dict[str, Any] = Field(examples=[{"cost": 18, "routes": 1, "unassigned": 0, "duration": 18}])
    unassigned: list[dict[str, Any]] = Field(examples=[[]])
    routes: list[dict[str, Any]] = Field(examples=[[{"vehicle": 1, "cost": 18, "duration": 18, "steps": []}]])


class VroomErrorOut(BaseModel):
    """VROOM's error object."""

    code: int = Field(description="1 ours, 2 the request, 3 the roads, 4 too large", examples=[2])
    error: str = Field(examples=["vehicles = None: give at least one vehicle (missing)"])


OWN_TIMES = {
    "summary": "With travel times of one's own",
    "value": {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
        "jobs": [{"id": 7, "location_index": 1}, {"id": 8, "location_index": 2}],
        "matrices": {"car": {"durations": [[0, 5, 6], [5, 0, 7], [6, 7, 0]]}},
        "options": {"l": 1},
    },
}

BY_ROAD = {
    "summary": "With coordinates, longitude first",
    "value": {
        "vehicles": [{"id": 1, "start": [-71.2520, -29.9027], "end": [-71.2520, -29.9027]}],
        "jobs": [
            {"id": 7, "location": [-71.2742, -29.9146], "service": 1800},
            {"id": 8, "location": [-71.3363, -29.9533], "service": 900, "priority": 10},
        ],
        "options": {"g": True, "l": 1},
    },
}

REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "title": "VroomProblem",
                "description": "VROOM's documented problem, and options as vroom-express takes them",
                "required": ["vehicles"],
                "properties": {
                    "vehicles": {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": 200},
                    "jobs": {"type": "array", "items": {"type": "object"}, "maxItems": 1000},
                    "shipments": {"type": "array", "items": {"type": "object"}, "maxItems": 500},
                    "matrices": {"type": "object", "additionalProperties": {"type": "object"}},
                    "options": {
                        "type": "object",
                        "properties": {
                            "g": {"description": "true: lines along the roads, and distances", "examples": [True]},
                            "c": {"description": "true: plan mode, which times the given steps", "examples": [False]},
                            "l": {"type": "number", "exclusiveMinimum": 0, "maximum": 60, "description": "seconds"},
                            "x": {"type": "integer", "minimum": 0, "maximum": 5, "description": "without l: seconds"},
                            "t": {"description": "threads; passed over"},
                        },
                    },
                },
            },
            "examples": {"own_times": OWN_TIMES, "by_road": BY_ROAD},
        }
    },
}
