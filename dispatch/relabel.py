"""The rows and the plan of a day under other ids: those of the database become those that people know."""

import re
from collections.abc import Mapping
from dataclasses import replace

from dispatch.types import Contractor, Job

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def text(said: str, labels: Mapping[str, str]) -> str:
    """A text with every known id replaced; unknown ones stay."""
    return _ID.sub(lambda found: labels.get(found.group(), found.group()), said)


def contractor(person: Contractor, labels: Mapping[str, str]) -> Contractor:
    """The same person under their label."""
    return replace(person, id=labels.get(person.id, person.id))


def job(work: Job, labels: Mapping[str, str]) -> Job:
    """The same job under its label, the people it names under theirs."""

    def known(name: str | None) -> str | None:
        return None if name is None else labels.get(name, name)

    return replace(
        work,
        id=labels.get(work.id, work.id),
        preferred_contractor=known(work.preferred_contractor),
        required_contractor=known(work.required_contractor),
        excluded_contractors=frozenset(labels.get(name, name) for name in work.excluded_contractors),
    )
