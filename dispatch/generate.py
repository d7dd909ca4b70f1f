"""One generator of believable days from a seed: for the demo, benchmarks, simulation and tests."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.clock import instant
from dispatch.columns import default_unserved_cost
from dispatch.match import eligible
from dispatch.names import full_names
from dispatch.places import Places, TooFewStreets, street_places
from dispatch.trades import CREW, SCARCE_TRADE, TRADES
from dispatch.traps import set_traps
from dispatch.types import BreakRule, Contractor, Job, Shift, Window
from geo.point import Point

__all__ = ["Day", "Places", "TooFewStreets", "generate_day", "street_places"]

N_JOBS, N_CONTRACTORS, N_PLACES = 160, 26, 320
"""A day that a town of two hundred thousand might have, and the addresses that it is drawn from."""

_SCARCE_JOBS = 6
"""What one of the scarce trade takes on in a day."""

_LATE_SHIFT_MIN = (15 * 60 + 30, 24 * 60 + 30)
_LATE_JOBS = 4
"""So that the evening goes to emergencies, not to work that could be done by day."""

_LATE_FROM_CREW = 12
"""A crew of this size has somebody on the late shift, over midnight."""

_LATE_TRADE = "plumber"
_DAYTIME_ENDS_MIN = 19 * 60
"""Work of that trade without a window begins by then: nobody wants the plumber at eleven for a dripping tap."""

_LEG_MIN = 12
"""Driving from job to job in a town, for the number of jobs that a trade can do."""


@dataclass(frozen=True, slots=True)
class Day:
    """People and jobs of one day, each sorted by id."""

    contractors: tuple[Contractor, ...]
    jobs: tuple[Job, ...]


def generate_day(
    places: Places,
    on: date,
    tz: ZoneInfo,
    *,
    seed: int,
    n_jobs: int = N_JOBS,
    n_contractors: int = N_CONTRACTORS,
    with_traps: bool = False,
) -> Day:
    """A day's people and jobs.

    Parameters
    ----------
    places : where they may be; each is used once while there are enough, homes first
    on, tz : the day, and whose clocks
    seed : same seed and arguments, same day; the date moves times alone
    n_jobs, n_contractors : every second of the people is a plumber; ids sort in order of number
    with_traps : the last seven jobs become such as cannot be served, each for a reason of its own (see
        ``dispatch.traps``)

    Returns
    -------
    jobs in proportion to what the people of each trade can do, but for one trade that is asked too much of

    Raises
    ------
    ValueError : no places, fewer than one job or contractor, or fewer than 24 contractors or 150 jobs with traps
    """
    if not len(places.street_names) or n_jobs < 1 or n_contractors < 1:
        raise ValueError(
            f"{len(places.street_names)} places, n_jobs {n_jobs}, n_contractors {n_contractors}: each must be 1 or more"
        )
    # One stream a subject: more jobs leave the people as they are.
    where, who, what = (np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(3))
    n_places = len(places.street_names)
    order = np.concatenate([where.permutation(n_places) for _ in range(-(-(n_jobs + n_contractors) // n_places))])
    points = [Point(float(lon), float(lat)) for lon, lat in places.lonlat[order]]
    contractors = _contractors(who, points[:n_contractors], on, tz)
    addressed = [
        (point, places.street_names[i]) for point, i in zip(points[n_contractors:], order[n_contractors:], strict=True)
    ]
    jobs = _jobs(what, addressed[:n_jobs], contractors, on, tz)
    if with_traps:
        jobs = set_traps(jobs, contractors, on, tz)
    return Day(contractors, jobs)


def _contractors(rng: np.random.Generator, homes: list[Point], on: date, tz: ZoneInfo) -> tuple[Contractor, ...]:
    n = len(homes)
    names = full_names(rng, n)
    crew = [CREW[i % len(CREW)] for i in rng.permutation(n)]
    late = crew.index((_LATE_TRADE,)) if n >= _LATE_FROM_CREW else None
    width = max(2, len(str(n)))
    contractors = []
    for i, (home, trades) in enumerate(zip(homes, crew, strict=True)):
        starts_min = int(rng.choice(np.arange(390, 541, 30)))
        ends_min = starts_min + int(rng.choice((480, 510, 540, 570, 600)))
        noon_min = int(rng.choice((690, 720, 750, 780)))
        pause_min, pause_slack_min = int(rng.choice((30, 30, 45, 60))), int(rng.choice((60, 90, 120)))
        chances = rng.random(5)
        if i == late:
            starts_min, ends_min = _LATE_SHIFT_MIN
            noon_min, pause_min, pause_slack_min = 19 * 60, 30, 120
        latest_min = min(noon_min + pause_slack_min, ends_min - pause_min)
        pause = BreakRule(instant(on, noon_min, tz)[0], instant(on, latest_min, tz)[0], 60 * pause_min)
        limits = int(rng.integers(6, 10)), 60 * int(rng.choice((120, 150, 180)))
        end = homes[int(rng.integers(n))]
        usual_skills = {skill for trade in trades if (skill := TRADES[trade].skill) is not None}
        contractors.append(
            Contractor(
                id=f"C{i + 1:0{width}d}",
                name=names[i],
                trades=frozenset(trades),
                home=home,
                shift=Shift(instant(on, starts_min, tz)[0], instant(on, ends_min, tz)[0]),
                end=end if chances[0] < 0.08 and end != home else None,
                skills=frozenset(usual_skills if chances[1] < 0.65 else ()),
                breaks=(pause,) if chances[2] < 2 / 3 or i == late else (),
                max_jobs=_max_jobs(trades, late=i == late, drawn=limits[0] if chances[3] < 0.2 else None),
                max_travel_s=limits[1] if chances[4] < 0.2 else None,
            )
        )
    return tuple(contractors)


def _max_jobs(trades: tuple[str, ...], *, late: bool, drawn: int | None) -> int | None:
    """The late shift and the scarce trade take on a set number; of the others, who was drawn."""
    if late:
        return _LATE_JOBS
    return _SCARCE_JOBS if SCARCE_TRADE in trades else drawn


def _jobs(
    rng: np.random.Generator,
    addressed: list[tuple[Point, str]],
    contractors: tuple[Contractor, ...],
    on: date,
    tz: ZoneInfo,
) -> tuple[Job, ...]:
    n = len(addressed)
    trades = _trades_of_jobs(rng, n, contractors)
    width = max(3, len(str(n)))
    jobs = []
    for i, ((point, street), trade) in enumerate(zip(addressed, trades, strict=True)):
        priority = int(rng.choice((50, 30, 70, 90, 100), p=(0.6, 0.2, 0.12, 0.04, 0.04)))
        opens_min = int(rng.choice(np.arange(480, 901, 30)))
        lasts_min = int(rng.choice((120, 180, 240)))
        chances = rng.random(2)
        window = Window(None, instant(on, _DAYTIME_ENDS_MIN, tz)[0]) if trade == _LATE_TRADE else None
        if chances[0] < 0.5:
            window = _window(on, tz, opens_min, opens_min + lasts_min)
        job = Job(
            id=f"J{i + 1:0{width}d}",
            trade=trade,
            point=point,
            duration_s=60 * int(rng.choice(TRADES[trade].minutes)),
            unserved_cost=default_unserved_cost(priority),
            address=street,
            window=window,
            priority=priority,
        )
        jobs.append(_with_wishes(rng, job, contractors, skilled=bool(chances[1] < 0.2)))
    return _with_evening(tuple(jobs), contractors, on, tz)


def _trades_of_jobs(rng: np.random.Generator, n_jobs: int, contractors: tuple[Contractor, ...]) -> list[str]:
    """Each trade in proportion to the jobs its people can do, the scarce one up by a third; in random order."""
    weights = dict.fromkeys(TRADES, 0.0)
    for contractor in contractors:
        shift = contractor.shift
        shift_min = (shift.ends_at - shift.starts_at).total_seconds() / 60
        for trade in contractor.trades:
            per_job_min = float(np.mean(TRADES[trade].minutes)) + _LEG_MIN
            weights[trade] += shift_min / len(contractor.trades) / per_job_min
    weights[SCARCE_TRADE] *= 4 / 3
    total = sum(weights.values())
    shares = {trade: n_jobs * weight / total for trade, weight in weights.items()}
    counts = {trade: int(share) for trade, share in shares.items()}
    by_remainder = sorted(TRADES, key=lambda trade: (counts[trade] - shares[trade], trade))
    for trade in by_remainder[: n_jobs - sum(counts.values())]:
        counts[trade] += 1
    trades = [trade for trade in TRADES for _ in range(counts[trade])]
    return [trades[i] for i in rng.permutation(n_jobs)]


def _with_wishes(rng: np.random.Generator, job: Job, contractors: tuple[Contractor, ...], *, skilled: bool) -> Job:
    """Skills that somebody of the trade holds; now and then somebody preferred, required or unwanted."""
    chance, chosen = rng.random(), rng.random()
    skill = TRADES[job.trade].skill
    if skilled and skill is not None and any(job.trade in c.trades and skill in c.skills for c in contractors):
        job = replace(job, skills=frozenset({skill}))
    able = [contractor.id for contractor in contractors if not eligible(contractor, job)]
    somebody = able[int(chosen * len(able))]
    if chance < 0.08:
        return replace(job, preferred_contractor=somebody)
    if chance < 0.10 and (job.window is None or job.window.opens_at is None):
        return replace(job, required_contractor=somebody)
    if chance < 0.14 and len(able) > 1:
        return replace(job, excluded_contractors=frozenset({somebody}))
    return job


def _with_evening(
    jobs: tuple[Job, ...], contractors: tuple[Contractor, ...], on: date, tz: ZoneInfo
) -> tuple[Job, ...]:
    """Give the late shift two emergencies in the evening, one of them past midnight."""
    evening = [_window(on, tz, 20 * 60, 22 * 60), _window(on, tz, 22 * 60, 24 * 60 + 15)]
    late_at = instant(on, _LATE_SHIFT_MIN[1], tz)[0]
    if not any(contractor.shift.ends_at == late_at for contractor in contractors):
        return jobs
    changed = list(jobs)
    plumbing = [i for i, job in enumerate(jobs) if job.trade == _LATE_TRADE]
    for i, window in zip(plumbing, evening, strict=False):
        changed[i] = Job(
            id=jobs[i].id,
            trade=_LATE_TRADE,
            point=jobs[i].point,
            duration_s=45 * 60 if window is evening[0] else 15 * 60,
            unserved_cost=default_unserved_cost(90),
            address=jobs[i].address,
            window=window,
            priority=90,
        )
    return tuple(changed)


def _window(on: date, tz: ZoneInfo, opens_min: int, closes_min: int) -> Window:
    return Window(instant(on, opens_min, tz)[0], instant(on, closes_min, tz)[0])
