"""The rows and the plan of a day under other ids: those of the database become those that people know."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from dispatch.types import Contractor, Job

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

WRITTEN_FOR_PEOPLE = frozenset({"message", "from", "to", "reason", "warnings"})
"""Members of plan.json, and of what is made from it, whose strings are sentences or cells of a row."""


def text(said: str, labels: Mapping[str, str]) -> str:
    """A text with every known id replaced; unknown ones stay."""
    return _ID.sub(lambda found: labels.get(found.group(), found.group()), said)


def everywhere[Said](said: Said, labels: Mapping[str, str]) -> Said:
    """A text or a JSON document with every known id replaced in every string, also where it is an id."""
    return cast("Said", _relabelled(said, labels, is_text=True))


def texts[Said](said: Said, labels: Mapping[str, str]) -> Said:
    """A text, or a JSON document with every known id replaced in what is written for people; fields of ids stay.

    See ``WRITTEN_FOR_PEOPLE``; a remedy's ``from`` and ``to`` are what somebody is to type into a file.
    """
    return cast("Said", _relabelled(said, labels, is_text=isinstance(said, str)))


def ids_in(said: Any) -> frozenset[str]:
    """The ids that the texts of a JSON document speak of, as ``texts`` would replace them."""
    return frozenset(found for string in _strings(said, is_text=isinstance(said, str)) for found in _ID.findall(string))


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


def _relabelled(said: Any, labels: Mapping[str, str], *, is_text: bool) -> Any:
    if isinstance(said, str):
        return text(said, labels) if is_text else said
    if isinstance(said, Mapping):
        return {
            name: _relabelled(part, labels, is_text=is_text or name in WRITTEN_FOR_PEOPLE)
            for name, part in said.items()
        }
    if isinstance(said, Sequence):
        return [_relabelled(part, labels, is_text=is_text) for part in said]
    return said


def _strings(said: Any, *, is_text: bool) -> Iterator[str]:
    if isinstance(said, str):
        if is_text:
            yield said
    elif isinstance(said, Mapping):
        for name, part in said.items():
            yield from _strings(part, is_text=is_text or name in WRITTEN_FOR_PEOPLE)
    elif isinstance(said, Sequence):
        for part in said:
            yield from _strings(part, is_text=is_text)
