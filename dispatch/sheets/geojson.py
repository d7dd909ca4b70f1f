"""A GeoJSON FeatureCollection as rows: a Point is lon and lat, its properties are the other columns.

A feature counts as a line: the first is 1. Source: RFC 7946.
"""

import json
import math
from collections.abc import Collection, Sequence
from pathlib import Path

from dispatch.columns import AREA_COLUMNS, LIST_COLUMNS, LIST_SEPARATOR
from dispatch.sheets.sheet import FILE_BYTES_MOST, ROWS_MOST, Record, Sheet, number_text, unwritable
from routing.errors import UnreadableFile

GEOMETRY = "geometry"
"""The column under which a feature without a usable Point is rejected."""

_PLACE = ("lon", "lat")
_SAME_PLACE_DEG = 1e-6
"""Properties are often rounded to six decimals, a tenth of a metre; the geometry counts."""

_WGS_84 = ("CRS84", "EPSG::4326", "EPSG:4326")


class _Doubled(dict[str, object]):
    """An object that names a member twice; JSON allows it and means nothing by it."""

    doubled: frozenset[str] = frozenset()


def read_geojson(path: Path, raw: bytes, known: Sequence[str], required: Sequence[str]) -> Sheet:
    """Read a FeatureCollection of Points.

    Parameters
    ----------
    path : for messages
    raw : JSON in UTF-8, with or without byte order mark
    known : names of properties that mean something, in lower case; theirs may be in any case
    required : those without which nothing can be read; lon and lat come from the geometry

    Raises
    ------
    UnreadableFile : no JSON, no FeatureCollection, not WGS 84, too large, or no feature has what is required
    """
    features = _features(path, _parsed(path, raw))
    members = [_members(feature) for feature in features]
    names = dict.fromkeys(name for properties, _ in members for name in properties)
    extras = [name for name in names if name not in known]
    _check_required(path, names, known, required, n_features=len(features))
    heading = (*known, *extras)
    records = (
        _record(number, feature, *member, known, len(extras))
        for number, (feature, member) in enumerate(zip(features, members, strict=True), 1)
    )
    return Sheet(heading, 0, tuple(records), unit="feature")


def _parsed(path: Path, raw: bytes) -> object:
    if len(raw) > FILE_BYTES_MOST:
        raise UnreadableFile(path, 0, f"is larger than {FILE_BYTES_MOST // 10**6} MB; split it")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(path, line, f"byte {raw[error.start]:#04x} is not UTF-8; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        at = f"{error.msg} at column {error.colno}"
        raise UnreadableFile(path, error.lineno, f"is no GeoJSON: {at}; export it again") from None
    except (ValueError, RecursionError):
        raise UnreadableFile(
            path, 0, "is no GeoJSON: a number or a nesting beyond all measure; export it again"
        ) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    found = _Doubled(members)
    found.doubled = frozenset(name for name in members if names.count(name) > 1)
    return found


def _features(path: Path, content: object) -> list[object]:
    """The features, once it is clear that this is a FeatureCollection in degrees."""
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        kind = content.get("type") if isinstance(content, dict) else None
        what = f"is of type {str(kind)[:40]!r}" if kind else "has no type"
        raise UnreadableFile(path, 0, f"{what}, not a GeoJSON FeatureCollection; export points as a FeatureCollection")
    features = content.get("features")
    if not isinstance(features, list):
        raise UnreadableFile(path, 0, "its features are no list; export points as a GeoJSON FeatureCollection")
    if len(features) > ROWS_MOST:
        raise UnreadableFile(path, 0, f"has {len(features):,} features, more than {ROWS_MOST:,}; split it")
    crs = json.dumps(content.get("crs"))
    if content.get("crs") is not None and not any(name in crs for name in _WGS_84):
        raise UnreadableFile(path, 0, f"its crs is {crs[:80]}; export it in WGS 84 (EPSG:4326), in degrees")
    return features


def _members(feature: object) -> tuple[dict[str, object], tuple[str, ...]]:
    """Properties by name in lower case, and the names that occur twice; the feature's own id stands in for one."""
    if not isinstance(feature, dict):
        return {}, ()
    given = feature.get("properties")
    properties: dict[str, object] = {}
    twice = sorted(given.doubled) if isinstance(given, _Doubled) else []
    for name, value in given.items() if isinstance(given, dict) else ():
        column = name.strip().lower().encode("utf-8", "replace").decode()
        if column in properties:
            twice.append(column)
        properties[column] = value
    if properties.get("id") is None and feature.get("id") is not None:
        properties["id"] = feature["id"]
    return properties, tuple(name.strip().lower() for name in twice)


def _check_required(
    path: Path, names: Collection[str], known: Sequence[str], required: Sequence[str], *, n_features: int
) -> None:
    needed = [column for column in required if column not in _PLACE]
    missing = [column for column in needed if column not in names]
    if n_features and missing:
        there = ", ".join(sorted(names, key=lambda name: (name not in known, name))[:20]) or "none"
        raise UnreadableFile(
            path,
            0,
            f"no feature has the properties {', '.join(missing)}; there are: {there}."
            f" Needed are {', '.join(needed)} and a Point as geometry",
        )


def _record(
    number: int,
    feature: object,
    properties: dict[str, object],
    twice: Sequence[str],
    known: Sequence[str],
    n_extras: int,
) -> Record:
    place, geometry_fault = _place(feature)
    faults: list[tuple[str, str]] = [] if geometry_fault is None else [(GEOMETRY, geometry_fault)]
    unread = set() if geometry_fault is None else set(_PLACE)
    texts: dict[str, str] = {}
    for column in known:
        text, fault = _text(column, properties.get(column))
        if column in twice:
            fault = "stands twice in the properties; keep one of them"
        elif column in _PLACE and place is not None:
            fault = None if fault is None else f"{fault}; the geometry says where it is"
            if fault is None and text and not _agrees(text, place[_PLACE.index(column)]):
                fault = f"{text[:40]!r} contradicts the geometry, which says {number_text(place[_PLACE.index(column)])}; remove it"
            text = number_text(place[_PLACE.index(column)])
        elif column in _PLACE:
            text = ""
        if fault is not None:
            faults.append((column, f"{column} {fault}"))
            unread.add(column)
        texts[column] = "" if column in unread else text
    cells = (*(texts[column] for column in known), *("",) * n_extras)
    return Record(number, cells, faults=tuple(faults), unread=frozenset(unread))


def _place(feature: object) -> tuple[tuple[float, float] | None, str | None]:
    """(lon, lat) of a feature, or why it has none; whether they are on earth is for the reader of columns."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return None, "is no Feature; write a Feature with a Point as geometry"
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        what = f"geometry is of type {str(kind)[:40]!r}" if kind else "geometry is missing"
        return None, f"{what}; write a Point with longitude and latitude"
    coordinates = geometry.get("coordinates")
    if isinstance(coordinates, list) and len(coordinates) in (2, 3) and all(map(_is_number, coordinates[:2])):
        return (float(coordinates[0]), float(coordinates[1])), None
    return None, f"geometry has the coordinates {json.dumps(coordinates)[:60]}; write two numbers, longitude first"


def _is_number(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**15
    return isinstance(value, float) and math.isfinite(value)


def _agrees(text: str, value: float) -> bool:
    try:
        return abs(float(text) - value) <= _SAME_PLACE_DEG
    except ValueError:
        return False


def _text(column: str, value: object) -> tuple[str, str | None]:
    """A property as the text of a cell, and why it is none."""
    text, fault = "", None
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int | float):
        text = number_text(value)
    elif isinstance(value, str):
        text = value
    elif isinstance(value, list):
        text, fault = _list_text(column, value)
    elif isinstance(value, dict) and column in AREA_COLUMNS:
        text = json.dumps(value)
    elif value is not None:
        fault = "is an object; write a text or a number"
    return text, fault or unwritable(text)


def _list_text(column: str, values: list[object]) -> tuple[str, str | None]:
    if column not in LIST_COLUMNS:
        return "", "is a list; write one value"
    texts = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return "", f"holds {json.dumps(value)[:40]}; write names"
        text = value if isinstance(value, str) else number_text(value)
        if LIST_SEPARATOR in text:
            return "", f"holds {text[:40]!r}; write the parts between {LIST_SEPARATOR} as names of their own"
        texts.append(text)
    return LIST_SEPARATOR.join(texts), None
