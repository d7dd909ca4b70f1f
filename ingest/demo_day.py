"""A made-up day on a region's streets, as files that are then ingested like any other."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.generate import N_CONTRACTORS, N_JOBS, N_PLACES, generate_day
from dispatch.places import street_places
from dispatch.tables import write_contractors, write_jobs
from dispatch.traps import CONTRACTORS_LEAST, JOBS_LEAST
from routing.dataset import open_engine
from routing.region import Region

__all__ = ["N_CONTRACTORS", "N_JOBS", "write_demo_day"]


def write_demo_day(
    folder: Path, region: Region, on: date, *, seed: int, n_jobs: int = N_JOBS, n_contractors: int = N_CONTRACTORS
) -> tuple[Path, Path]:
    """Write contractors.csv and jobs.csv of a believable day; with the usual numbers, the day of ``./trades demo``.

    Parameters
    ----------
    folder : where the two files go
    on, seed : the day and the chance; the same give the same files
    n_jobs, n_contractors : when large enough, seven of the jobs are such as cannot be served

    Raises
    ------
    TooFewStreets : the region has hardly any street with a name
    ValueError : fewer than one job or contractor
    """
    tz = ZoneInfo(region.timezone)
    with open_engine(region) as engine:
        places = street_places(engine, region.outline, seed, max(N_PLACES, n_jobs + n_contractors))
    with_traps = n_jobs >= JOBS_LEAST and n_contractors >= CONTRACTORS_LEAST
    made_up = generate_day(places, on, tz, seed=seed, n_jobs=n_jobs, n_contractors=n_contractors, with_traps=with_traps)
    people_file, jobs_file = folder / "contractors.csv", folder / "jobs.csv"
    write_contractors(people_file, made_up.contractors, tz, on)
    write_jobs(jobs_file, made_up.jobs, tz, on)
    return people_file, jobs_file
