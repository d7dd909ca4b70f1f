"""From an extract to a region in force: read it, describe it, build its road data."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.osm import describe, read_roads
from ingest.sample import sample_extract
from routing.dataset import build, fingerprint, in_force
from routing.region import Algorithm, Region, checked_name
from routing.roads import write_roads


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of it; ``seconds`` by step, ``peak_memory_mb`` of this process or the largest of OSRM's."""

    region: Region
    built: bool
    seconds: dict[str, float]
    peak_memory_mb: int

    def summary(self) -> dict[str, Any]:
        """Figures for people and programs, without a path of this machine."""
        statistics = dict(self.region.statistics)
        counts = {name: statistics.pop(name) for name in [*statistics] if name.startswith("n_")}
        return {
            "region": self.region.name,
            "version": self.region.version,
            "algorithm": self.region.algorithm,
            "skipped": not self.built,
            "seconds": self.seconds,
            "peak_memory_mb": self.peak_memory_mb,
            "timezone": self.region.timezone,
            "counts": counts,
            **statistics,
            "folder": str(self.region.folder.relative_to(self.region.folder.parents[3])),
        }


def ingest_region(
    home: Path,
    name: str,
    *,
    extract: Path | None = None,
    sample: str | None = None,
    algorithm: Algorithm = "mld",
    force: bool = False,
    progress: Callable[[str, float], None] = lambda _step, _share: None,
) -> Ingested:
    """Build the region ``name`` from an extract or a sample, and put it in force.

    Raises
    ------
    UnreadableFile, ValueError : the extract, the sample or the name cannot be used; nothing has changed
    BuildFailed : see ``routing.dataset.build``
    """
    checked_name(name)
    seconds: dict[str, float] = {}
    if sample is not None:
        progress("sample", 0.0)
        began = time.monotonic()
        extract = sample_extract(sample, home / "samples")
        seconds["sample"] = round(time.monotonic() - began, 2)
    if extract is None:
        raise ValueError("give an extract (--pbf, --osm) or a sample (--sample)")
    there = None if force else in_force(home, name, fingerprint(extract), algorithm)
    if there is not None:
        return Ingested(there, False, seconds, _peak_memory_mb())
    progress("read", 0.0)
    began = time.monotonic()
    roads = read_roads(extract)
    details = describe(roads)
    seconds["read and describe"] = round(time.monotonic() - began, 2)
    began, step_in_hand = time.monotonic(), ""

    def timed(step: str, share: float) -> None:
        nonlocal began, step_in_hand
        if step != step_in_hand:
            began, step_in_hand = time.monotonic(), step
        seconds[step] = round(time.monotonic() - began, 2)
        progress(step, share)

    def with_lines(folder: Path) -> None:
        write_roads(folder, [tags["highway"] for tags in roads.tags], roads.lonlat)

    region = build(
        home, name, extract, algorithm=algorithm, details=details, progress=timed, force=force, finish=with_lines
    )
    return Ingested(region, True, seconds, _peak_memory_mb())


def _peak_memory_mb() -> int:
    """Of this process or the largest child it has waited for, whichever needed more."""
    peak_kb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(peak_kb / 1024)
