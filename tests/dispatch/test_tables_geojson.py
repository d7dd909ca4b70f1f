"""People and jobs from GeoJSON: Points with properties under the names of the columns."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.sheets import geojson
from dispatch.tables import read_contractors, read_jobs, write_contractors, write_jobs
from dispatch.types import Job
from geo.area import to_geojson
from geo.point import Point
from routing.errors import UnreadableFile

ON = date(2026, 11, 24)
TZ = ZoneInfo("America/Chicago")


def feature(coordinates=(-71.25, -29.9), *, geometry=None, **properties):
    """A job whose properties are as usual but for those named."""
    usual = {"id": "J1", "trade": "plumber", "duration_min": 60}
    point = {"type": "Point", "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry or point, "properties": usual | properties}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs.geojson"


@pytest.fixture
def read(path):
    """Read jobs from features."""

    def of(*features, **members):
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), encoding="utf-8")
        return read_jobs(path, ON, TZ)

    return of


def test_features_say_what_the_same_csv_file_says(read, tmp_path):
    table = read(
        feature(
            address="Calle Ñuñoa",
            window_start="22:00",
            window_end="25:30",
            priority=70,
            unserved_cost=5.0,
            skills=["gas", "heights"],
            excluded_contractors="C3;C4",
            required_contractor=None,
        ),
        feature((1, 2, 300), id=7),
    )
    write_jobs(tmp_path / "jobs.csv", table.rows, TZ, ON)
    again = read_jobs(tmp_path / "jobs.csv", ON, TZ)
    assert (again.rows, again.rejected, table.rejected, table.warnings) == (table.rows, (), (), ())
    assert [row.id for row in table.rows] == ["7", "J1"]
    assert table.rows[1].skills == {"gas", "heights"}


def test_contractors_are_points_with_an_end_of_their_own(tmp_path):
    properties = {
        "id": "C1",
        "name": "Ana",
        "trades": ["plumber", "hvac"],
        "shift_start": "08:00",
        "shift_end": "17:00",
    }
    properties |= {"end_lon": -71.3, "end_lat": -30}
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(**properties)]}))
    table = read_contractors(path, ON, TZ)
    write_contractors(tmp_path / "people.csv", table.rows, TZ, ON)
    assert read_contractors(tmp_path / "people.csv", ON, TZ).rows == table.rows
    assert (table.rows[0].home, table.rows[0].end) == (Point(-71.25, -29.9), Point(-71.3, -30.0))
    assert len(table.warnings) == 1
    assert "trade, duration_min" in table.warnings[0]


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.xlsx", "jobs"])
def test_a_leading_brace_is_geojson_under_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf\n " + json.dumps({"type": "FeatureCollection", "features": [feature()]}).encode())
    assert read_jobs(path, ON, TZ).rows == (Job("J1", "plumber", Point(-71.25, -29.9), 3600, 10_800),)


def test_names_may_be_in_any_case_and_the_id_may_be_the_features_own(read):
    one = {"type": "Feature", "id": 12, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    table = read(one | {"properties": {"Trade": "plumber", " DURATION_MIN ": 5, "Colour": "red"}})
    assert [row.id for row in table.rows] == ["12"]
    assert table.warnings == ("jobs.geojson: columns that mean nothing here are ignored: colour",)


@pytest.mark.parametrize("digits", [0.0, 4e-7])
def test_properties_that_repeat_the_geometry_do_not_matter_even_rounded(read, digits):
    assert read(feature(lon=-71.25 + digits, lat="-29.9")).rows[0].point == Point(-71.25, -29.9)


LINE = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


@pytest.mark.parametrize(
    ("bad", "column", "says"),
    [
        (feature(geometry=LINE), "geometry", "geometry is of type 'LineString'; write a Point"),
        (feature() | {"geometry": None}, "geometry", "geometry is missing"),
        (feature(()), "geometry", "two numbers, longitude first"),
        (feature(("-71.25", "-29.9")), "geometry", "two numbers, longitude first"),
        (feature((True, 2)), "geometry", "two numbers, longitude first"),
        (feature((float("nan"), 2)), "geometry", "[NaN, 2]"),
        (feature((181, 2)), "lon", "-180 to 180"),
        (feature((-29.9, -171.25)), "lat", "look swapped"),
        (feature(lon=-71.2), "lon", "lon '-71.2' contradicts the geometry, which says -71.25; remove it"),
        (feature(lat="north"), "lat", "lat 'north' contradicts the geometry"),
        (feature(lat=[]), "lat", "lat is a list"),
        (feature(ID="J2"), "id", "id stands twice in the properties"),
        (feature(trade={"name": "plumber"}), "trade", "trade is an object; write a text or a number"),
        (feature(trade=["plumber"]), "trade", "trade is a list; write one value"),
        (feature(trade=None), "trade", "trade is empty"),
        (feature(skills=["gas;heights"]), "skills", "'gas;heights'"),
        (feature(skills=[["gas"]]), "skills", 'skills holds ["gas"]; write names'),
        (feature(duration_min=45.5), "duration_min", "'45.5'"),
        (feature(duration_min=True), "duration_min", "'true'"),
        (feature(duration_min=10**400), "duration_min", "from 1 to 1,440"),
        (feature(address="a\0b"), "address", "zero character"),
        (feature(address="\ud800"), "address", "half of a character"),
        (feature(window_start="14:00", window_end="12:00"), "window_end", "closes before it opens"),
    ],
)
def test_a_feature_that_cannot_be_used_is_rejected_with_its_number_and_what_to_do(read, bad, column, says):
    table = read(feature(id="J0"), bad)
    assert [row.id for row in table.rows] == ["J0"]
    (rejected,) = table.rejected
    assert (rejected.file, rejected.line, rejected.column) == ("jobs.geojson", 2, column)
    assert rejected.id == ("" if column == "id" else "J1")
    assert says in rejected.reason
    assert len(rejected.reason) < 200, "said once, and briefly"


def test_what_is_no_feature_is_rejected_and_the_rest_is_read(read):
    table = read(None, 5, feature() | {"type": "Point"}, {"type": "Feature"}, feature(id="J5"))
    assert [row.id for row in table.rows] == ["J5"]
    assert [(row.line, row.column) for row in table.rejected] == [(line, "geometry") for line in (1, 2, 3, 4)]


def test_twins_are_named_by_the_number_of_the_feature(read):
    table = read(feature(), feature(), feature(id="J2"))
    assert [row.reason for row in table.rejected] == [
        "id is also that of feature 2; give each row its own",
        "id is also that of feature 1; give each row its own",
    ]


def test_a_member_that_stands_twice_in_an_object_rejects_its_feature(path):
    text = json.dumps({"type": "FeatureCollection", "features": [feature(), feature(id="J2")]})
    path.write_text(text.replace('"trade": "plumber"', '"trade": "plumber", "trade": "hvac"', 1))
    table = read_jobs(path, ON, TZ)
    assert [(row.line, row.column) for row in table.rejected] == [(1, "trade")]
    assert [row.id for row in table.rows] == ["J2"]


def test_a_warning_names_the_feature(path):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(window_start="02:30")]}))
    (warning,) = read_jobs(path, date(2026, 3, 8), TZ).warnings
    assert warning.startswith("jobs.geojson feature 1, column window_start, id J1: 02:30 on 2026-03-08 does not exist")


def test_no_features_are_no_rows(read):
    table = read()
    assert (table.rows, table.rejected, table.warnings) == ((), (), ())


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ('{"type": "Feature"}', 0, "is of type 'Feature', not a GeoJSON FeatureCollection"),
        ('{"routes": []}', 0, "has no type, not a GeoJSON FeatureCollection"),
        ("[]", 0, "has no type, not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": {}}', 0, "its features are no list"),
        ('{"type": "FeatureCollection",\n"features": [}', 2, "is no GeoJSON: Expecting value at column 14"),
        ("id,trade\n", 1, "is no GeoJSON"),
        ("", 0, "is empty"),
        ('{"a": ' * 100_000, 0, "nesting beyond all measure"),
        ('{"a": ' + "9" * 5000 + "}", 0, "beyond all measure"),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": 1, "highway": "x"}}]}',
            0,
            "no feature has the properties trade, duration_min; there are: id, highway. Needed are id, trade, duration_min",
        ),
        (
            '{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}',
            0,
            "export it in WGS 84",
        ),
    ],
)
def test_a_file_that_is_no_feature_collection_is_refused_as_a_whole(path, content, line, says):
    path.write_text(content)
    with pytest.raises(UnreadableFile) as refused:
        read_jobs(path, ON, TZ)
    assert refused.value.line == line
    assert says in refused.value.reason


def test_the_crs_that_geojson_is_in_may_be_said(read):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(read(feature(), crs=crs).rows) == 1


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(path):
    path.write_bytes(b'{"type":\n"\xe9"}')
    with pytest.raises(UnreadableFile, match=r"line 2: byte 0xe9 is not UTF-8"):
        read_jobs(path, ON, TZ)


def test_more_features_than_can_be_used_are_refused(read, monkeypatch):
    monkeypatch.setattr(geojson, "ROWS_MOST", 1)
    assert len(read(feature()).rows) == 1
    with pytest.raises(UnreadableFile, match="2 features, more than 1; split it"):
        read(feature(), feature(id="J2"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["id", "trade", "duration_min", "lon", "LAT", "skills", "window_start"]) | st.text(max_size=5)


@given(
    features=st.lists(
        VALUES
        | st.fixed_dictionaries(
            {
                "type": st.just("Feature") | VALUES,
                "properties": st.dictionaries(NAMES, VALUES, max_size=7) | VALUES,
                "geometry": VALUES | st.fixed_dictionaries({"type": st.just("Point"), "coordinates": VALUES}),
            }
        ),
        max_size=3,
    )
)
def test_whatever_features_hold_they_are_used_or_rejected_and_never_crash(features, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "anything.geojson"
    whole = feature(id="a job that is whole")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [whole, *features]}))
    table = read_jobs(path, ON, TZ)
    assert len(table.rows) + len(table.rejected) == 1 + len(features)
    assert all(row.reason for row in table.rejected)
    assert all(text.encode("utf-8") is not None for text in (*table.warnings, *(row.reason for row in table.rejected)))


def test_a_service_area_is_a_geometry_among_the_properties(tmp_path):
    area = shapely.box(-72, -30, -71, -29)
    who = {"id": "C1", "name": "Ana", "trades": ["plumber"], "shift_start": "08:00", "shift_end": "17:00"}
    path = tmp_path / "people.geojson"
    features = [feature(**who, service_area=to_geojson(area)), feature(**who | {"id": "C2"}, service_area=None)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    table = read_contractors(path, ON, TZ)
    assert table.rejected == ()
    assert table.rows[0].area.equals(area)
    assert table.rows[1].area is None
