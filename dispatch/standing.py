"""People and jobs as they stand from day to day: clock times instead of instants, until a day is given.

What changes of clocks do to a time, and whether a shift can hold its break, is decided on the day: see
``contractor_on`` and ``job_on``.
"""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.columns import (
    CONTRACTOR_COLUMNS,
    CONTRACTOR_REQUIRED,
    JOB_COLUMNS,
    JOB_REQUIRED,
    default_unserved_cost,
)
from dispatch.hours import Notes, Unfit, break_on, shift_on, window_on
from dispatch.standing_cells import contractor_of, job_of
from dispatch.standing_types import StandingContractor, StandingJob, StandingShift
from dispatch.table_reading import Columns, Table, read_table
from dispatch.types import BreakRule, Contractor, Job

__all__ = [
    "ORDINARY_DAY",
    "StandingContractor",
    "StandingJob",
    "StandingShift",
    "contractor_on",
    "contractor_placed",
    "job_on",
    "job_placed",
    "read_standing_contractors",
    "read_standing_jobs",
]

ORDINARY_DAY = (date(2026, 11, 24), ZoneInfo("UTC"))
"""A day without a change of clocks, on which standing hours must not contradict each other."""


def read_standing_contractors(path: Path, day: tuple[date, ZoneInfo] = ORDINARY_DAY) -> Table[StandingContractor]:
    """The people of a CSV file, an Excel workbook or a GeoJSON FeatureCollection, for no day in particular.

    Parameters
    ----------
    path : with the headings ``CONTRACTOR_COLUMNS``
    day : on whose clocks a shift must hold its break; warnings are about that day

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    return read_table(path, *day, Columns(CONTRACTOR_COLUMNS, CONTRACTOR_REQUIRED), contractor_of)


def read_standing_jobs(path: Path, day: tuple[date, ZoneInfo] = ORDINARY_DAY) -> Table[StandingJob]:
    """The jobs of a file; as ``read_standing_contractors``, with the headings ``JOB_COLUMNS``.

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    return read_table(path, *day, Columns(JOB_COLUMNS, JOB_REQUIRED), job_of)


def contractor_on(standing: StandingContractor, on: date, tz: ZoneInfo) -> tuple[Contractor | None, tuple[str, ...]]:
    """Somebody on a day.

    Parameters
    ----------
    on, tz : the day on which the shift begins, and whose clocks its times are

    Returns
    -------
    the contractor, None when a change of clocks leaves a shift that is too long or cannot hold its break; and a
    sentence for each time that is skipped or doubled on the day, or for why there is nobody
    """
    try:
        person, notes = contractor_placed(standing, on, tz)
    except Unfit as unfit:
        return None, _said(standing.id, ((unfit.column, unfit.sentence),))
    return person, _said(standing.id, notes)


def job_on(standing: StandingJob, on: date, tz: ZoneInfo) -> tuple[Job, tuple[str, ...]]:
    """A job on a day, and a sentence for each time that is skipped or doubled on it.

    Raises
    ------
    Unfit : its window closes before it opens
    """
    job, notes = job_placed(standing, on, tz)
    return job, _said(standing.id, notes)


def contractor_placed(standing: StandingContractor, on: date, tz: ZoneInfo) -> tuple[Contractor, Notes]:
    """As ``contractor_on``, with the heading of each sentence beside it.

    Raises
    ------
    Unfit : the shift lasts too long on that day, or cannot hold its break
    """
    hours = standing.shift
    shift, notes = shift_on(hours.starts_min, hours.ends_min, on, tz)
    breaks: tuple[BreakRule, ...] = ()
    if hours.break_earliest_min is not None and hours.break_latest_min is not None and hours.break_s is not None:
        pause, more = break_on(hours.break_earliest_min, hours.break_latest_min, hours.break_s, shift, on, tz)
        breaks, notes = (pause,), notes + more
    person = Contractor(
        id=standing.id,
        name=standing.name,
        trades=standing.trades,
        home=standing.home,
        shift=shift,
        end=standing.end,
        skills=standing.skills,
        breaks=breaks,
        max_jobs=standing.max_jobs,
        max_travel_s=standing.max_travel_s,
        cost_per_hour=standing.cost_per_hour,
        cost_per_km=standing.cost_per_km,
        cost_fixed=standing.cost_fixed,
        area=standing.area,
    )
    return person, notes


def job_placed(standing: StandingJob, on: date, tz: ZoneInfo) -> tuple[Job, Notes]:
    """As ``job_on``, with the heading of each sentence beside it.

    Raises
    ------
    Unfit : its window closes before it opens
    """
    window, notes = window_on(standing.window_start_min, standing.window_end_min, on, tz)
    unserved_cost = standing.unserved_cost
    job = Job(
        id=standing.id,
        trade=standing.trade,
        point=standing.point,
        duration_s=standing.duration_s,
        unserved_cost=default_unserved_cost(standing.priority) if unserved_cost is None else unserved_cost,
        address=standing.address,
        window=window,
        priority=standing.priority,
        skills=standing.skills,
        preferred_contractor=standing.preferred_contractor,
        required_contractor=standing.required_contractor,
        excluded_contractors=standing.excluded_contractors,
        priced=unserved_cost is not None,
    )
    return job, notes


def _said(row_id: str, notes: Notes) -> tuple[str, ...]:
    return tuple(f"column {column}, id {row_id}: {sentence}" for column, sentence in notes)
