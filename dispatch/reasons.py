"""What routing found out, said in the words of the two files: why this contractor, why nobody, and what to type."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from dispatch.batch import SKILL, TRADE, Clock
from dispatch.cell_values import Cells
from dispatch.clock import clock_text, wall_text
from dispatch.columns import PRIORITY_MOST, default_unserved_cost
from dispatch.match import nearest_spelling
from dispatch.rows import contractor_row, job_row
from dispatch.types import JOB_REMEDIES, Contractor, Job, Reason, Remedy, Shift, Window
from geo.area import to_wkt
from routing.changes import UNIT_S
from routing.experiment import Change
from routing.explain import Choice, LeftOut
from routing.types import Vehicle

KINDS = {
    "price": "priority",
    "window": "window",
    "shift": "shift",
    "max_stops": "max_jobs",
    "max_travel": "max_travel",
    "skill": "skill",
    "required": "required",
    "excluded": "excluded",
    "vehicle": "contractor",
}
"""Kinds of change as plan.json names them."""

ALSO = {"required_vehicles": "required_contractor", "preferred_vehicles": "preferred_contractor"}
"""Columns of the job's row that a new contractor has to be written into as well, where no single change helps."""

CAUSES = {
    "priority": "serving it would cost more than leaving it out",
    "window": "nobody who may do it is there within its window",
    "shift": "everybody who may do it is booked to the end of the shift",
    "max_jobs": "somebody who could come already has the most jobs allowed",
    "max_travel": "somebody who could come would drive more than allowed",
    "skill": "those who have the trade and skills for it have no room",
    "required": "the contractor it must be served by has no room",
    "excluded": "a contractor who could come is excluded",
    "service_area": "it lies outside the service area of somebody who could come",
    "contractor": "everybody's day is full",
}
"""What is in the way, by kind of the change that would remove it."""


def why_this_one(job: Job, choice: Choice, names: Mapping[str, str]) -> tuple[Reason, ...]:
    """Why the contractor who serves a job does: marginal points here and at the next best.

    Parameters
    ----------
    names : contractor id -> name
    """
    mine = f"{names[choice.vehicle]} adds {choice.points:,} points"
    if job.required_contractor:
        return (Reason("required", f"must be served by {names[choice.vehicle]}; {mine}"),)
    if choice.n_eligible == 1:
        return (Reason("only_one", f"only {names[choice.vehicle]} may do it; {mine}"),)
    if not choice.others:
        n_others = choice.n_eligible - 1
        who = "the other" if n_others == 1 else f"none of the {n_others} others"
        room = "no room" if n_others == 1 else "room"
        return (Reason("no_room_elsewhere", f"{mine}; {who} who may do it has {room}"),)
    said = ", ".join(f"{names[other]} {points:,} ({points - choice.points:+,})" for other, points in choice.others)
    if choice.others[0][1] >= choice.points:
        reason = Reason("cheapest", f"{mine}; next {said}")
    else:
        reason = Reason("not_cheapest", f"{mine}; as the plan stands it would be cheaper with {said}")
    if job.preferred_contractor == choice.vehicle:
        return (Reason("preferred", f"{names[choice.vehicle]} is preferred"), reason)
    return (reason,)


def why_nobody(job: Job, left: LeftOut, contractors: Mapping[str, Contractor], clock: Clock) -> tuple[Reason, ...]:
    """Why a job is not served: the cause with the cheapest remedy first, a reason for each further kind."""
    said = [(change, _remedy(job, change, contractors, clock)) for change in left.changes]
    # Somebody new beside a wish for somebody else takes two changes: only said when no single one helps.
    single = [remedy for change, remedy in said if remedy is not None and change.also is None]
    remedies = single or [remedy for _, remedy in said if remedy is not None]
    reasons = [Reason(_code(remedy.kind), CAUSES[remedy.kind], remedy) for remedy in remedies]
    special = {
        "unreachable": "no contractor gets there and back by road",
        "too_long": f"it takes {job.duration_s // 60} min, longer than every shift",
        "no_skill": _nobody_has(job, contractors.values()),
    }
    if left.code in special:
        first = reasons.pop(0).remedy if reasons and left.code != "unreachable" else None
        reasons.insert(0, Reason(left.code, special[left.code], first))
    elif not reasons and job.unserved_cost == 0:
        reasons.append(Reason("priority", "leaving it out costs nothing, so nobody's coming pays"))
    elif not reasons:
        reasons.append(Reason("required", "nobody who may do it has room, and no single change makes room"))
    return tuple(reasons)


def _code(kind: str) -> str:
    return "capacity" if kind == "contractor" else kind


def _nobody_has(job: Job, contractors: Collection[Contractor]) -> str:
    trades = {trade for person in contractors for trade in person.trades}
    if job.trade not in trades:
        near = nearest_spelling(job.trade, trades)
        return f"nobody has the trade {job.trade!r}" + (f"; did you mean {near!r}?" if near else "")
    needs = ", ".join(sorted(job.skills))
    return f"nobody has the trade {job.trade!r} together with {needs}"


def _remedy(job: Job, change: Change, contractors: Mapping[str, Contractor], clock: Clock) -> Remedy | None:
    """A change as cells of a file, None when no cell can say it."""
    try:
        if isinstance(change.to, Vehicle):
            return _new_contractor(job, change, change.to, clock)
        if change.kind == "excluded" and change.vehicle not in job.excluded_contractors:
            return _area_remedy(change, contractors[change.vehicle])
        if KINDS[change.kind] in JOB_REMEDIES:
            return _job_remedy(job, change, contractors, clock)
        return _contractor_remedy(change, contractors[change.subject], clock)
    except ValueError:
        return None


def _job_remedy(job: Job, change: Change, contractors: Mapping[str, Contractor], clock: Clock) -> Remedy | None:
    who, changed, field = contractors[change.vehicle].name, job, str(change.field)
    if change.kind == "price" and isinstance(change.to, int):
        priority = next((p for p in range(PRIORITY_MOST + 1) if default_unserved_cost(p) >= change.to), None)
        if priority is not None and not job.priced and job.unserved_cost == default_unserved_cost(job.priority):
            changed, field = replace(job, priority=priority, unserved_cost=default_unserved_cost(priority)), "priority"
            text = f"from priority {priority} on it pays for {who} to come"
        else:
            changed, text = (
                replace(job, unserved_cost=change.to, priced=True),
                f"from {change.to:,} points on it pays for {who} to come",
            )
    elif change.kind == "window" and isinstance(change.to, int):
        window = job.window or Window(None, None)
        later = change.field == "closes_s"
        at = _instant(change.to, clock, 1 if later else -1)
        window = replace(window, closes_at=at) if later else replace(window, opens_at=at)
        changed, field = replace(job, window=window), "window_end" if later else "window_start"
        said = "ended" if later else "opened"
        text = f"if the window {said} at {clock_text(at, clock.on, clock.tz)}, {who} could come"
    elif change.kind == "required":
        changed, field = replace(job, required_contractor=None), "required_contractor"
        text = f"if anybody might come, {who} could"
    elif isinstance(change.to, frozenset):
        if not contractors[change.vehicle].serves(job.point):
            raise ValueError(f"{who} is excluded and does not serve the place: no single cell says it")
        rest = job.excluded_contractors - {change.vehicle}
        changed, field = replace(job, excluded_contractors=rest), "excluded_contractors"
        text = f"if {who} were not excluded, {who} could come"
    before, after = (job_row(case, clock.on, clock.tz)[field] for case in (job, changed))
    # A row leaves out what is as usual; somebody told to type something is told the number.
    after = str(getattr(changed, field)) if change.kind == "price" else after
    return Remedy(KINDS[change.kind], job.id, field, before, after, text, change.extra_points, change.verified)


def _area_remedy(change: Change, person: Contractor) -> Remedy | None:
    """Somebody who goes anywhere, instead of into their service area alone."""
    if person.area is None:
        return None
    text = f"if {person.name} served more than their area, {person.name} could come"
    area = to_wkt(person.area)
    return Remedy("service_area", person.id, "service_area", area, "", text, change.extra_points, change.verified)


def _contractor_remedy(change: Change, person: Contractor, clock: Clock) -> Remedy:
    changed, field = person, str(change.field)
    if isinstance(change.to, frozenset):
        trades = frozenset(tag.removeprefix(TRADE) for tag in change.to if tag.startswith(TRADE))
        skills = frozenset(tag.removeprefix(SKILL) for tag in change.to if tag.startswith(SKILL))
        changed, field = (
            replace(person, trades=trades, skills=skills),
            "trades" if trades != person.trades else "skills",
        )
        learned = ", ".join(sorted((trades - person.trades) | (skills - person.skills)))
        text = f"if {person.name} did {learned} too, {person.name} could come"
    elif change.kind == "shift":
        later = change.field == "shift_ends_s"
        at = _instant(int(str(change.to)), clock, 1 if later else -1)
        shift = Shift(person.shift.starts_at, at) if later else Shift(at, person.shift.ends_at)
        changed, field = replace(person, shift=shift), "shift_end" if later else "shift_start"
        text = f"if {person.name} worked {'until' if later else 'from'} {wall_text(at, clock.tz)}"
    elif change.kind == "max_stops":
        changed, field = replace(person, max_jobs=int(str(change.to))), "max_jobs"
        text = f"if {person.name} took {change.to} jobs"
    else:
        minutes = int(str(change.to)) // 60
        changed, field = replace(person, max_travel_s=minutes * 60), "max_travel_min"
        text = f"if {person.name} might drive {minutes} min"
    before, after = _row(person, clock), _row(changed, clock)
    if before is None or after is None or {**before, field: after[field]} != after:
        raise ValueError(f"no single cell of {person.id} says it")
    return Remedy(
        KINDS[change.kind], person.id, field, before[field], after[field], text, change.extra_points, change.verified
    )


def _instant(seconds: int, clock: Clock, step: int) -> datetime:
    """The instant, or the next in the direction of ``step`` that a clock time means: it cannot mean a second 01:30.

    In UTC, as tables hold it: Python finds a doubled time of one zone unequal to every instant of another.
    """
    while clock.at(seconds).fold:
        seconds += step * UNIT_S
    return clock.at(seconds).astimezone(UTC)


def _row(person: Contractor, clock: Clock) -> dict[str, str] | None:
    """The cells of a row that is read as this shift; a day of 25 hours has shifts of 24 that none can say."""
    try:
        row = contractor_row(person, clock.on, clock.tz)
    except ValueError:
        return None
    return row if Cells(row, clock.on, clock.tz).shift("shift_start", "shift_end") == person.shift else None


def _new_contractor(job: Job, change: Change, driver: Vehicle, clock: Clock) -> Remedy | None:
    """Somebody who lives at the job and works the day that the judge saw, or as much of it as the job takes."""
    ends_s = change.starts_s + job.duration_s
    for from_s, to_s in (
        (driver.shift_starts_s, driver.shift_ends_s),
        (change.starts_s // UNIT_S * UNIT_S, -(-ends_s // UNIT_S) * UNIT_S),
    ):
        person = Contractor(
            id=driver.id,
            name="New contractor",
            trades=frozenset({job.trade}),
            home=job.point,
            shift=Shift(_instant(from_s, clock, -1), _instant(to_s, clock, 1)),
            skills=job.skills,
        )
        row = _row(person, clock)
        if row is not None:
            starts, ends = (wall_text(at, clock.tz) for at in (person.shift.starts_at, person.shift.ends_at))
            text = f"if one more {job.trade} worked {starts} to {ends} from there"
            if change.also is not None:
                text += f", and were {job.id}'s {ALSO[change.also]}"
            return Remedy(KINDS["vehicle"], driver.id, None, None, row, text, change.extra_points, change.verified)
    return None
