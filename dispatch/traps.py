"""Jobs that nobody on a made-up day can serve, each for a reason of its own: what a dispatcher must explain."""

from collections import Counter
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from dispatch.clock import instant
from dispatch.columns import default_unserved_cost
from dispatch.types import Contractor, Job, Window

JOBS_LEAST = 150
CONTRACTORS_LEAST = 24
"""Smaller days lack the people whom the traps are about."""

MISSPELT_TRADE = "plumer"
UNKNOWN_SKILL = "asbestos"


def set_traps(jobs: tuple[Job, ...], contractors: tuple[Contractor, ...], on: date, tz: ZoneInfo) -> tuple[Job, ...]:
    """Turn the last seven jobs into such as cannot be served.

    In order: a trade that nobody has, spelt nearly like one; a skill that nobody holds; work longer than every
    shift; a window before anybody has begun; a required contractor whose shift ends before the window opens; a
    trade of few people who are all excluded; a required contractor who does not do the trade.

    Returns
    -------
    all jobs in the same order, the last seven changed

    Raises
    ------
    ValueError : the day is too small to hold them
    """
    if len(jobs) < JOBS_LEAST or len(contractors) < CONTRACTORS_LEAST:
        raise ValueError(
            f"{len(jobs)} jobs and {len(contractors)} contractors cannot hold traps;"
            f" ask for {JOBS_LEAST} and {CONTRACTORS_LEAST} at least"
        )
    plain = [
        Job(job.id, "plumber", job.point, 60 * 60, default_unserved_cost(), address=job.address) for job in jobs[-7:]
    ]
    first_home = min(
        (c for c in contractors if "plumber" in c.trades),
        key=lambda contractor: (contractor.shift.ends_at, contractor.id),
    )
    holders = Counter(trade for contractor in contractors for trade in contractor.trades)
    rarest = min(holders, key=lambda trade: (holders[trade], trade))
    no_plumber = next(contractor.id for contractor in contractors if "plumber" not in contractor.trades)
    early = Window(instant(on, 4 * 60, tz)[0], instant(on, 5 * 60, tz)[0])
    after_work = Window(first_home.shift.ends_at, None)
    trapped = (
        replace(plain[0], trade=MISSPELT_TRADE),
        replace(plain[1], skills=frozenset({UNKNOWN_SKILL})),
        replace(plain[2], duration_s=12 * 3600),
        replace(plain[3], window=early),
        replace(plain[4], window=after_work, required_contractor=first_home.id),
        replace(
            plain[5], trade=rarest, excluded_contractors=frozenset(c.id for c in contractors if rarest in c.trades)
        ),
        replace(plain[6], required_contractor=no_plumber),
    )
    return (*jobs[:-7], *trapped)
