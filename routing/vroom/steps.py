"""Routes that a VROOM request gives for its vehicles: every step known, no task in two places."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

from routing.vroom.fields import UINT64, Fields
from routing.vroom.types import Pause, Step, StepKind, Task, Van

_KINDS: dict[Any, StepKind] = {kind: kind for kind in get_args(StepKind.__value__)}


def read_steps(fields: Fields, raw: Sequence[Any], vans: Sequence[Van], tasks: Sequence[Task]) -> list[Van]:
    """Return the vehicles with their routes; ``raw`` holds what each says under "steps"."""
    ranks: dict[tuple[str, int], int] = {(task.kind, task.id): rank for rank, task in enumerate(tasks)}
    taken: set[tuple[str, int]] = set()
    read = []
    for van, listed in zip(vans, raw, strict=True):
        at = f"{van.at}.steps"
        if not isinstance(listed, list):
            fields.fault("wrong_type", at, listed, "must be a list of steps in brackets")
            continue
        steps = []
        for i, value in enumerate(listed):
            where = f"{at}[{i}]"
            if not isinstance(value, dict):
                fields.fault("wrong_type", where, value, "must be an object in braces")
                continue
            step = _step(fields, value, where, ranks, van.breaks)
            if step is None:
                continue
            if (step.kind == "start" and i > 0) or (step.kind == "end" and i < len(listed) - 1):
                place = "first" if step.kind == "start" else "last"
                fields.fault("step_misplaced", f"{where}.type", step.kind, f"may only be the {place} step")
            name = (step.kind, step.rank)
            if step.kind in ("job", "pickup", "delivery"):
                if name in taken:
                    fields.fault(
                        "step_repeated", f"{where}.id", value.get("id"), f"this {step.kind} stands in a route already"
                    )
                taken.add(name)
            steps.append(step)
        read.append(replace(van, steps=tuple(steps)))
    return read


def _step(
    fields: Fields, value: dict[str, Any], at: str, ranks: dict[tuple[str, int], int], breaks: Sequence[Pause]
) -> Step | None:
    said = value.get("type")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    if kind is None:
        fields.fault("wrong_type", f"{at}.type", said, f"must be one of {', '.join(_KINDS)}")
        return None
    at_s, after_s, before_s = (fields.most(value, f"service_{name}", at) for name in ("at", "after", "before"))
    if kind in ("start", "end"):
        return Step(kind, 0, at_s, after_s, before_s)
    before = len(fields.faults)
    name = fields.whole(value, "id", at, default=None, most=UINT64)
    if len(fields.faults) > before:
        return None
    found = (
        {pause.id: rank for rank, pause in enumerate(breaks)}.get(name) if kind == "break" else ranks.get((kind, name))
    )
    if found is None:
        whose = "this vehicle has no break of this id" if kind == "break" else f"there is no {kind} of this id"
        fields.fault("id_unknown", f"{at}.id", name, whose)
        return None
    return Step(kind, found, at_s, after_s, before_s)
