"""./trades plan and check on Excel and GeoJSON files, alone and mixed with CSV: the plan is the same."""

import csv
import json

import openpyxl
import pytest

from dispatch.__main__ import main

PEOPLE = [{"id": "C1", "name": "Ana", "lon": -93.62, "lat": 41.58}]
JOBS = [
    {"id": "J1", "lon": -93.61, "lat": 41.585},
    {"id": "J2", "lon": -93.615, "lat": 41.59, "window_start": "10:00", "window_end": "11:00"},
    {"id": "J3", "lon": -93.612, "lat": 41.583, "duration_min": 0},
]


@pytest.fixture(autouse=True)
def home(towns, towns_home, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(towns_home))
    monkeypatch.setenv("COLUMNS", "200")


def as_csv(path):
    return path


def as_excel(path):
    """The rows as a person would have them in Excel: numbers are numbers."""
    book = openpyxl.Workbook()
    for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
        book.active.append([float(cell) if cell.replace(".", "").replace("-", "").isdigit() else cell for cell in row])
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def as_geojson(path):
    features = []
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        place = {"type": "Point", "coordinates": [float(row.pop("lon")), float(row.pop("lat"))]}
        features.append({"type": "Feature", "geometry": place, "properties": row})
    path.with_suffix(".geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path.with_suffix(".geojson")


@pytest.mark.parametrize(
    ("people_as", "jobs_as", "place"),
    [
        (as_excel, as_excel, "jobs.xlsx line 4"),
        (as_geojson, as_csv, "jobs.csv line 4"),
        (as_csv, as_geojson, "jobs.geojson line 3"),
    ],
)
def test_any_mix_of_formats_is_planned_as_the_csv_files_are_and_checks(
    desk, capsys, tmp_path, people_as, jobs_as, place
):
    desk.write(PEOPLE, JOBS)
    people, jobs = desk.files
    plans = []
    for files in ((people, jobs), (people_as(people), jobs_as(jobs))):
        given = ["--region", "towns", "--date", desk.on.isoformat()]
        given += ["--contractors", str(files[0]), "--jobs", str(files[1])]
        out = tmp_path / "plan.json"
        assert main(["plan", *given, "--limit-s", "0", "--out", str(out)]) == 0
        said = capsys.readouterr().err
        assert main(["check", str(out), *given]) == 0
        plans.append(json.loads(out.read_text(encoding="utf-8")))
    assert plans[0]["summary"]["n_assigned"] == 2
    assert plans[1]["routes"] == plans[0]["routes"]
    assert f"rejected {place}, duration_min, id J3: duration_min '0'" in said
