"""What the tour prints of answers: who is nearest by road, and what a run proposes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from geo.point import Point

CROSSING = Point(-71.2517, -29.90595)
CROSSING_NAME = "Los Carrera and Avenida Francisco de Aguirre"
"""In the centre of La Serena."""


def nearest_table(answer: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Table | str]:
    """The plumbers of a nearby answer, and how many stand elsewhere than the straight line would put them."""
    found: Sequence[Mapping[str, Any]] = answer["results"]
    title = f"Plumbers soonest at the crossing of\n{CROSSING_NAME}, by road"
    table = Table(box=None, title=title, title_justify="left")
    for heading in ("By road", "Plumber", "Free at", "Drive", "By air", "Straight", "Changes"):
        table.add_column(heading, justify="left" if heading in ("Plumber", "Changes") else "right")
    for match in found:
        moved = match["straight_rank"] - match["rank"]
        table.add_row(
            str(match["rank"]),
            names.get(match["contractor_id"], match["contractor_id"]),
            match["available_from"][11:16],
            f"{match['drive_s'] / 60:.1f} min",
            str(match["straight_rank"]),
            f"{match['distance_m'] / 1000:.1f} km",
            f"{'up' if moved > 0 else 'down'} {abs(moved)}" if moved else "",
        )
    yield table
    n_moved = sum(match["rank"] != match["straight_rank"] for match in found)
    yield f"{n_moved} of {len(found)} stand elsewhere than the straight line would put them.\n"


def proposal_lines(preview: Mapping[str, Any]) -> Iterator[str]:
    """What would change against the plan in force."""
    counts = [
        f"{len(preview[kind])} jobs {words}"
        for kind, words in (
            ("added", "are booked"),
            ("removed", "lose their place"),
            ("moved", "go to somebody else"),
            ("retimed", "keep their contractor at another time"),
        )
        if preview.get(kind)
    ]
    yield f"proposal   {', '.join(counts) or 'nothing changes'}"
