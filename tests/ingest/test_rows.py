"""People, jobs and made-up days into the database, by command."""

import json
import shutil
from datetime import date

import pytest
from full_disk import full_disk
from openpyxl import Workbook
from sqlalchemy import create_engine, text
from tiny_extracts import one_town

from db import embedded
from ingest import __main__ as command
from ingest import report
from ingest.region import ingest_region

PEOPLE = """id,name,trades,lon,lat,shift_start,shift_end,break_start,break_end,break_min
C1,Ada,plumber;roofer,10.1301,54.3201,08:00,17:00,12:00,13:00,30
C2,Bo,plumber,10.1320,54.3210,22:00,06:00,,,
"""
JOBS = """id,trade,lon,lat,duration_min,window_start,window_end
J1,plumber,10.1301,54.3220,60,09:00,10:00
J2,roofer,10.1322,54.3221,30,,
"""
SPAIN = "C9,Far,plumber,-3.7,40.4,08:00,17:00,,,\n"
ODD = "C8,Odd,plumber,10.13,54.32,25 o'clock,17:00,,,\n"


@pytest.fixture(scope="module")
def roads_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("roads")
    ingest_region(home, "kiel", extract=one_town(home / "kiel.osm.pbf"))
    return home


@pytest.fixture
def home(roads_home, database_url, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(roads_home))
    monkeypatch.setenv("DATABASE_URL", database_url)
    return roads_home


@pytest.fixture
def people(tmp_path):
    return written(tmp_path / "people.csv", PEOPLE)


def written(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def run(capsys, *arguments):
    """Exit status, what was printed and what was said."""
    status = command.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def rows_of(url, sql):
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(sql)).all()
    engine.dispose()
    return found


def test_people_and_jobs_are_added_and_the_same_files_change_nothing(home, database_url, people, tmp_path, capsys):
    jobs = written(tmp_path / "jobs.csv", JOBS)
    status, out, err = run(capsys, "contractors", people, "--region", "kiel")
    assert (status, out) == (0, "")
    assert err.splitlines()[-1] == "· contractors of kiel from people.csv: 2 added, 0 changed, 0 unchanged"
    status, _, err = run(capsys, "jobs", jobs, "--region", "kiel", "--date", "2026-11-24")
    assert err.splitlines()[-1] == "· jobs of kiel from jobs.csv: 2 added, 0 changed, 0 unchanged"
    every = "select xmin::text, external_id from contractors union all select xmin::text, external_id from jobs"
    before = rows_of(database_url, every)
    for arguments in (["contractors", people], ["jobs", jobs, "--date", "2026-11-24"]):
        status, _, err = run(capsys, *arguments, "--region", "kiel")
        assert status == 0
        assert "0 added, 0 changed, 2 unchanged" in err
    assert rows_of(database_url, every) == before
    assert rows_of(database_url, "select timezone, version <> '' from regions") == [("Europe/Berlin", True)]
    assert rows_of(database_url, "select wanted_on, window_start_min, window_end_min from jobs order by 2") == [
        (date(2026, 11, 24), 540, 600),
        (date(2026, 11, 24), None, None),
    ]


def test_a_changed_row_is_counted_and_rows_that_a_file_leaves_out_stay(home, database_url, people, tmp_path, capsys):
    run(capsys, "contractors", people, "--region", "kiel")
    fewer = "\n".join(PEOPLE.splitlines()[:2]).replace("Ada", "Ada Lovelace")
    _, _, err = run(capsys, "contractors", written(tmp_path / "fewer.csv", fewer), "--region", "kiel")
    assert "0 added, 1 changed, 0 unchanged; 1 more in the region that this file does not name" in err
    names = rows_of(database_url, "select name from contractors order by 1")
    assert [row.name for row in names] == ["Ada Lovelace", "Bo"]


def test_rows_that_cannot_be_used_are_named_and_the_rest_is_written(home, database_url, tmp_path, capsys):
    file = written(tmp_path / "people.csv", PEOPLE + SPAIN + ODD)
    status, out, err = run(capsys, "contractors", file, "--region", "kiel", "--json")
    summary = json.loads(out)
    assert status == 0
    assert (summary["added"], summary["subject"], summary["timezone"]) == (2, "contractors", "Europe/Berlin")
    far, odd = summary["rejected_rows"]
    assert (far["file"], far["line"], far["column"], far["id"]) == ("people.csv", 4, "lon", "C9")
    assert "the nearest road, more than 1,000 m" in far["reason"]
    assert (odd["line"], odd["column"], odd["id"]) == (5, "shift_start", "C8")
    assert "rejected people.csv line 4, lon, id C9: (-3.7, 40.4) is " in err
    assert 'rejected people.csv line 5, shift_start, id C8: shift_start "25 o\'clock" is no clock time' in err
    assert "2 added, 0 changed, 0 unchanged, 2 rejected" in err
    assert rows_of(database_url, "select count(*) from contractors") == [(2,)]


def test_strict_writes_nothing_and_ends_with_1(home, database_url, tmp_path, capsys):
    file = written(tmp_path / "people.csv", PEOPLE + SPAIN)
    status, out, err = run(capsys, "contractors", file, "--region", "kiel", "--strict", "--json")
    assert (status, out) == (1, "")
    assert "people.csv: 1 row cannot be used and --strict was asked for; nothing was written" in err
    assert rows_of(database_url, "select count(*) from contractors") == [(0,)]


def test_a_file_without_a_row_that_can_be_used_ends_with_2(home, database_url, tmp_path, capsys):
    file = written(tmp_path / "people.csv", PEOPLE.splitlines()[0] + "\n" + SPAIN)
    status, _, err = run(capsys, "contractors", file, "--region", "kiel")
    assert status == 2
    assert "people.csv: no row of it can be used (1 rejected)" in err
    assert rows_of(database_url, "select count(*) from regions") == [(0,)]


def test_a_place_where_the_day_ends_must_be_near_a_road_too(home, tmp_path, capsys):
    file = written(
        tmp_path / "people.csv",
        "id,name,trades,lon,lat,shift_start,shift_end,end_lon,end_lat\nC1,Ada,plumber,10.13,54.32,8:00,17:00,0,0\n",
    )
    status, _, err = run(capsys, "contractors", file, "--region", "kiel")
    assert status == 2
    assert "rejected people.csv line 2, end_lon, id C1" in err


def test_excel_and_geojson_say_the_same_as_csv(home, database_url, people, tmp_path, capsys):
    run(capsys, "contractors", people, "--region", "kiel")
    heading, *rows = (line.split(",") for line in PEOPLE.splitlines())
    book = Workbook()
    for row in (heading, *rows):
        book.active.append([float(cell) if name in ("lon", "lat") and row is not heading else cell or None
                            for name, cell in zip(heading, row, strict=True)])  # fmt: skip
    book.save(tmp_path / "people.xlsx")
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(row[3]), float(row[4])]},
            "properties": {n: v for n, v in zip(heading, row, strict=True) if n not in ("lon", "lat") and v},
        }
        for row in rows
    ]
    collection = json.dumps({"type": "FeatureCollection", "features": features})
    for file in (tmp_path / "people.xlsx", written(tmp_path / "people.geojson", collection)):
        status, _, err = run(capsys, "contractors", file, "--region", "kiel")
        assert status == 0
        assert "0 added, 0 changed, 2 unchanged" in err


def test_trades_that_are_new_are_made_and_the_known_one_that_may_be_meant_is_named(
    home, database_url, tmp_path, capsys
):
    file = written(tmp_path / "jobs.csv", JOBS.replace("plumber", "plumer").replace("roofer", "falconer"))
    _, out, err = run(capsys, "jobs", file, "--region", "kiel", "--json")
    assert "trade 'plumer' was not known and is now; if 'plumber' was meant, mend the file" in err
    assert "warning: trade 'falconer' was not known and is now\n" in err
    assert json.loads(out)["new_trades"] == [{"name": "falconer", "near": None}, {"name": "plumer", "near": "plumber"}]
    assert rows_of(database_url, "select count(*) from trades where name in ('plumer', 'falconer')") == [(2,)]
    _, _, err = run(capsys, "jobs", file, "--region", "kiel")
    assert "not known" not in err


def test_jobs_that_were_kept_are_named(home, tmp_path, database_url, capsys):
    stored = report.Stored(added=0, changed=0, unchanged=0, kept=tuple(f"J{n}" for n in range(12)), unnamed=0)
    report.tell_filled(command.Console(stderr=True), report.Filled("kiel", "jobs", "jobs.csv", "UTC", stored))
    said = capsys.readouterr().err
    assert "12 jobs differ from the file and were kept as they are" in said
    assert "J9 and 2 more" in said


def test_windows_by_other_clocks_are_kept_by_those_of_the_region(home, database_url, tmp_path, capsys):
    jobs = written(tmp_path / "jobs.csv", JOBS)
    arguments = ("jobs", jobs, "--region", "kiel", "--date", "2026-11-24", "--tz")
    assert run(capsys, *arguments, "Europe/London")[0] == 0
    windows = "select window_start_min, window_end_min from jobs where external_id = 'J1'"
    assert rows_of(database_url, windows) == [(600, 660)]
    status, _, err = run(capsys, *arguments, "Pacific/Auckland")
    assert status == 0
    assert "rejected jobs.csv line 2, window_start, id J1: window_start: 2026-11-23T21:00:00+01:00 is neither on" in err
    assert rows_of(database_url, windows) == [(600, 660)]


def test_windows_by_other_clocks_need_a_day(home, tmp_path, capsys):
    jobs = written(tmp_path / "jobs.csv", JOBS)
    status, _, err = run(capsys, "jobs", jobs, "--region", "kiel", "--tz", "Europe/London")
    assert status == 2
    assert "give --date, or write the file by the clocks of Europe/Berlin" in err


def test_people_keep_the_time_zone_that_was_given(home, database_url, people, capsys):
    assert run(capsys, "contractors", people, "--region", "kiel", "--tz", "Europe/London")[0] == 0
    zones = "select distinct c.timezone, o.timezone from contractors c join offerings o on o.contractor_id = c.id"
    assert rows_of(database_url, zones) == [("Europe/London", "Europe/London")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--region", "bonn"], "no region 'bonn'; there are: kiel"),
        (["--region", "kiel", "--tz", "Mars/Base"], "--tz 'Mars/Base' is not a time zone"),
    ],
)
def test_a_region_or_time_zone_that_is_not_there_ends_with_2(home, people, capsys, arguments, words):
    status, out, err = run(capsys, "contractors", people, *arguments)
    assert (status, out) == (2, "")
    assert words in err


def test_a_file_that_is_not_there_ends_with_2_and_a_day_that_is_none_too(home, tmp_path, capsys):
    status, _, err = run(capsys, "jobs", tmp_path / "nowhere.csv", "--region", "kiel")
    assert (status, "nowhere.csv" in err) == (2, True)
    with pytest.raises(SystemExit) as ended:
        command.main(["jobs", "jobs.csv", "--region", "kiel", "--date", "24.11.2026"])
    assert ended.value.code == 2
    assert "write it as 2026-11-24" in capsys.readouterr().err


def test_a_database_that_does_not_answer_ends_with_1_and_one_sentence(home, people, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/trades")
    status, out, err = run(capsys, "contractors", people, "--region", "kiel")
    assert (status, out) == (1, "")
    assert "trades ingest: the database failed and nothing was written: " in err
    assert "Traceback" not in err


def test_a_demo_day_is_made_once_and_the_same_again_changes_nothing(home, database_url, capsys):
    arguments = ("demo-day", "--region", "kiel", "--jobs", "20", "--contractors", "6")
    status, out, err = run(capsys, *arguments, "--json")
    assert status == 0
    made = json.loads(out)
    assert [made[subject]["added"] for subject in ("contractors", "jobs")] == [6, 20]
    assert made["contractors"]["seconds"].keys() == {"make up", "write"}
    assert "· contractors of kiel from a made-up day: 6 added, 0 changed, 0 unchanged" in err
    ids = rows_of(database_url, "select min(external_id), max(external_id), max(wanted_on) from jobs")
    assert ids == [("J001", "J020", date(2026, 11, 24))]
    every = "select xmin::text, external_id from contractors union all select xmin::text, external_id from jobs"
    before = rows_of(database_url, every)
    _, _, err = run(capsys, *arguments)
    assert "0 added, 0 changed, 6 unchanged" in err
    assert "0 added, 0 changed, 20 unchanged" in err
    assert rows_of(database_url, every) == before
    _, _, err = run(capsys, *arguments, "--seed", "2", "--date", "2026-11-25")
    assert "jobs of kiel from a made-up day: 0 added, 20 changed, 0 unchanged" in err


def test_the_demo_day_of_the_sample_region_holds_jobs_that_cannot_be_served(
    coquimbo, sample_home, database_url, monkeypatch, capsys
):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    monkeypatch.setenv("DATABASE_URL", database_url)
    status, out, _ = run(capsys, "demo-day", "--region", "coquimbo", "--json")
    assert status == 0
    made = json.loads(out)
    assert (made["contractors"]["added"], made["jobs"]["added"]) == (26, 160)
    assert made["jobs"]["new_trades"] == [{"name": "plumer", "near": "plumber"}]


@pytest.mark.parametrize("table", ["jobs", "contractors", "offerings", "shifts"])
def test_a_made_up_day_for_which_there_is_no_room_is_not_written_at_all(home, servers, database_url, table, capsys):
    arguments = ("demo-day", "--region", "kiel", "--jobs", "20", "--contractors", "5")
    with full_disk(servers, database_url, table):
        status, _, err = run(capsys, *arguments)
    assert status == 1
    assert "nothing was written: could not extend file" in err
    assert "No space left on device; make room on its disk, then give the same command again" in err
    for subject in ("jobs", "contractors", "offerings", "shifts"):
        assert rows_of(database_url, f"select * from {subject}") == []
    status, _, err = run(capsys, *arguments)
    assert (status, "20 added" in err, "5 added" in err) == (0, True, True)


def test_a_region_is_written_into_the_database_when_it_is_built(tmp_path, database_url, monkeypatch, capsys):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    extract = one_town(tmp_path / "kiel.osm.pbf")
    assert run(capsys, "region", "kiel", "--pbf", extract)[0] == 0
    (row,) = rows_of(database_url, "select name, st_covers(outline, st_point(10.131, 54.321)) as holds from regions")
    assert tuple(row) == ("kiel", True)
    before = rows_of(database_url, "select xmin::text from regions")
    assert run(capsys, "region", "kiel", "--pbf", extract)[0] == 0
    assert rows_of(database_url, "select xmin::text from regions") == before


def test_a_database_that_fails_does_not_spoil_a_region(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/trades")
    status, _, err = run(capsys, "region", "kiel", "--pbf", one_town(tmp_path / "kiel.osm.pbf"))
    assert status == 0
    assert "warning: the database does not know of it yet (" in err
    assert "); ./trades up brings it into line" in err
    assert "region kiel: " in err


def test_servers_that_do_not_run_are_started_for_the_time_and_keep_what_was_written(
    roads_home, people, tmp_path, monkeypatch, capsys
):
    home = tmp_path / "home"
    shutil.copytree(roads_home / "regions", home / "regions", symlinks=True)
    for name in ("DATABASE_URL", "POSTGRES_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADES_HOME", str(home))
    try:
        assert run(capsys, "contractors", people, "--region", "kiel")[0] == 0
        assert embedded.status(home)[0].answers is False
        _, _, err = run(capsys, "contractors", people, "--region", "kiel")
        assert "0 added, 0 changed, 2 unchanged" in err
    finally:
        embedded.remove(home)


@pytest.mark.parametrize("name", ["contractors", "jobs", "demo-day"])
def test_help_of_rows_fits_80_columns_and_shows_how(capsys, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert f"./trades ingest {name}" in shown
