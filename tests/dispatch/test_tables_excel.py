"""People and jobs from Excel workbooks: the same rows and rejections as from CSV, under Excel's names for cells."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.sheets import workbook, workbook_parts
from dispatch.tables import contractor_row, read_contractors, read_jobs, write_jobs
from dispatch.types import Job
from geo.point import Point
from routing.errors import UnreadableFile

ON = date(2026, 11, 24)
TZ = ZoneInfo("America/Santiago")
HEADING = ("id", "trade", "lon", "lat", "duration_min", "address", "window_start", "window_end")
MORNING = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 — Excel knows no zones
PEOPLE = ("id", "name", "trades", "lon", "lat", "shift_start", "shift_end")


def job(row_id="J1", *, lon=-71.25, minutes=60, address=None, opens=None, closes=None):
    """A row under ``HEADING``."""
    return (row_id, "plumber", lon, -29.9, minutes, address, opens, closes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs.xlsx"


@pytest.fixture
def read(path):
    """Read jobs from the rows of a workbook's only sheet, changed by ``change`` before it is saved."""

    def of(*rows, change=lambda sheet: None):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        change(book.active)
        book.save(path)
        return read_jobs(path, ON, TZ)

    return of


def reasons(table):
    return [(row.line, row.column, row.id, row.reason) for row in table.rejected]


def test_a_workbook_says_what_the_same_csv_file_says(read, tmp_path):
    rows = [job("J1", address="Calle Ñuñoa 5, fondo", opens=time(9, 0), closes="25:30"), job("J2", minutes=45.0)]
    table = read(HEADING, *rows)
    write_jobs(tmp_path / "jobs.csv", table.rows, TZ, ON)
    assert read_jobs(tmp_path / "jobs.csv", ON, TZ) == table
    assert [row.id for row in table.rows] == ["J1", "J2"]
    assert table.lines == {"J1": 2, "J2": 3}


@pytest.mark.parametrize("lon", [-71.25190000000001, 0.3, 1e-7, -71, 5e-324])
def test_numbers_keep_every_digit(read, lon):
    assert read(HEADING, job(lon=lon)).rows[0].point == Point(lon, -29.9)


@pytest.mark.parametrize(("typed", "said"), [(7, "7"), (7.0, "7"), (12345678901234.0, "12345678901234"), (7.5, "7.5")])
def test_an_id_of_digits_is_as_excel_shows_it(read, typed, said):
    assert read(HEADING, job(typed)).rows[0].id == said


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        (time(7, 30), 450),
        (time(0, 0), 0),
        ("07:30", 450),
        (timedelta(hours=25, minutes=30), 1530),
        (timedelta(hours=7, minutes=30), 450),
        (timedelta(days=1), 1440),
    ],
)
def test_times_and_durations_are_clock_times(read, typed, minutes):
    window = read(HEADING, job(opens=typed)).rows[0].window
    assert window.opens_at == datetime(2026, 11, 24, tzinfo=TZ) + timedelta(minutes=minutes)


@pytest.mark.parametrize("serial", [8.5 / 24, 0.354166666, 0.3541667, (1 + 1e-12) * 8.5 / 24])
def test_a_time_that_excel_counted_a_little_beside_the_minute_is_that_minute(read, serial):
    def as_time(sheet):
        sheet["G2"].number_format = "hh:mm"

    window = read(HEADING, job(opens=serial), change=as_time).rows[0].window
    assert window.opens_at == datetime(2026, 11, 24, 8, 30, tzinfo=TZ)


def test_a_day_and_a_half_hour_shown_as_a_time_of_day_is_past_midnight(read):
    def as_time(sheet):
        sheet["H2"].number_format = "hh:mm"

    window = read(HEADING, job(closes=25.5 / 24), change=as_time).rows[0].window
    assert window.closes_at == datetime(2026, 11, 25, 1, 30, tzinfo=TZ)


def test_times_of_a_workbook_that_counts_from_1904_are_the_same(path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(HEADING)
    book.active.append(job(opens=time(8, 30), closes=25.5 / 24))
    book.active["H2"].number_format = "hh:mm"
    book.save(path)
    window = read_jobs(path, ON, TZ).rows[0].window
    assert window.closes_at - window.opens_at == timedelta(hours=17)


@pytest.mark.parametrize(
    ("row", "column", "cell", "says"),
    [
        (job(opens=time(8, 30, 15)), "window_start", "G2", "window_start holds 08:30:15; write a time of whole"),
        (job(opens=MORNING), "window_start", "G2", "holds the date 2026-11-24 09:00"),
        (job(address=date(2026, 11, 24)), "address", "F2", "holds the date 2026-11-24; format the cell as text"),
        (job(opens=timedelta(hours=48)), "window_start", "G2", "'48:00' is no clock time"),
        (job(opens=timedelta(hours=-1)), "window_start", "G2", "negative time"),
        (job(lon="=1/0"), "lon", "C2", "lon is a formula without a value; open the file in Excel and save it"),
        (job(lon="#N/A"), "lon", "C2", "lon shows the error #N/A"),
        (job(lon=True), "lon", "C2", "'TRUE' is not a number"),
        (job(lon=181), "lon", "C2", "-180 to 180"),
        (job(minutes=time(0, 45)), "duration_min", "E2", "'00:45': write a whole number of minutes"),
        (job(minutes=45.5), "duration_min", "E2", "'45.5'"),
        (job(lon=None), "lon", "C2", "lon is empty"),
        (job(opens=time(14, 0), closes=time(12, 0)), "window_end", "H2", "36:00 for the next day"),
    ],
)
def test_a_cell_that_cannot_be_used_rejects_its_row_with_its_name_in_excel(read, row, column, cell, says):
    table = read(HEADING, row, job("J2"))
    assert [row.id for row in table.rows] == ["J2"]
    ((line, named, row_id, reason),) = reasons(table)
    assert (line, named, row_id) == (2, column, "J1")
    assert says in reason
    assert reason.endswith(f"(cell {cell})")
    assert reason.count(";") <= 2, "said once"


def test_an_id_that_excel_made_a_date_of_rejects_its_row(read):
    ((_, column, row_id, reason),) = reasons(read(HEADING, job(date(2026, 1, 2))))
    assert (column, row_id) == ("id", "")
    assert "holds the date 2026-01-02" in reason


def test_rows_are_numbered_as_excel_shows_them_and_empty_ones_are_nothing(read):
    def below(sheet):
        for at, value in enumerate(job("J9", lon="x"), 1):
            sheet.cell(row=12, column=at, value=value)
        sheet["A300"].number_format = "hh:mm"
        sheet["B301"] = "  "

    table = read((), ("Jobs of Tuesday",), (), HEADING, (), job("J1"), change=below)
    assert table.lines == {"J1": 6}
    assert [(row.line, row.id) for row in table.rejected] == [(12, "J9")]


def test_a_table_may_begin_beside_the_first_column_and_have_notes_beside_it(read):
    table = read(
        (None, *HEADING), (None, *job("J1"), "call first"), (None, *job("J2", lon="x")), ("", *[None] * 9, "sum")
    )
    assert [row.id for row in table.rows] == ["J1"]
    assert table.warnings == ("jobs.xlsx: what stands beside the table is ignored, in column J, K",)
    assert "(cell D3)" in table.rejected[0].reason


def test_columns_that_mean_nothing_may_hold_anything(read):
    table = read((*HEADING, "Paid on", "Total"), (*job(), date(2026, 1, 2), "=SUM(A1:A9)"))
    assert (len(table.rows), table.rejected) == (1, ())
    assert table.warnings == ("jobs.xlsx: columns that mean nothing here are ignored: Paid on, Total",)


def test_a_cell_under_a_merged_one_is_not_taken_for_empty(read):
    def merge(sheet):
        sheet.merge_cells("B2:B4")
        sheet.merge_cells("F3:G3")
        sheet.merge_cells("A10:H10")

    table = read(HEADING, job("J1"), job("J2", address="Calle 5"), job("J3"), job("J4"), change=merge)
    assert [row.id for row in table.rows] == ["J1", "J4"]
    assert [(line, column, row_id) for line, column, row_id, _ in reasons(table)] == [
        (3, "trade", "J2"),
        (4, "trade", "J3"),
    ]
    assert "trade is merged with cell B2; unmerge the cells and fill each (cell B3)" in table.rejected[0].reason
    assert "window_start is merged with cell F3" in table.rejected[0].reason
    assert "is empty" not in table.rejected[1].reason


def test_twins_are_named_by_row(read):
    table = read(HEADING, job("J1"), job("J2"), job("J1"))
    assert [reason for *_, reason in reasons(table)] == [
        "id is also that of row 4; give each row its own (cell A2)",
        "id is also that of row 2; give each row its own (cell A4)",
    ]


def test_a_warning_names_the_row(path):
    book = openpyxl.Workbook()
    book.active.append(PEOPLE)
    book.active.append(("C1", "Ana", "plumber;hvac", -71.25, -29.9, time(2, 30), time(17, 0)))
    book.save(path)
    (warning,) = read_contractors(path, date(2026, 3, 8), ZoneInfo("America/Chicago")).warnings
    assert warning.startswith("jobs.xlsx row 2, column shift_start, id C1: 02:30 on 2026-03-08 does not exist")


def two_tables(path, *, hide=()):
    """A workbook with a cover, people and jobs."""
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(("Week 48",))
    for title, *rows in (
        ("People", PEOPLE, ("C1", "Ana", "plumber", -71.25, -29.9, time(8, 0), time(17, 0))),
        ("Jobs", HEADING, job("J1"), job("J2", lon="x")),
        ("Old jobs", HEADING, job("J3")),
    ):
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hide else "visible"
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_people_and_jobs_may_be_sheets_of_one_workbook(path):
    two_tables(path)
    people, jobs = read_contractors(path, ON, TZ), read_jobs(path, ON, TZ)
    assert [contractor_row(person, ON, TZ)["shift_end"] for person in people.rows] == ["17:00"]
    assert [row.id for row in jobs.rows] == ["J1"]
    assert jobs.rejected[0].reason.endswith("(cell Jobs!C3)")
    assert jobs.warnings == ("jobs.xlsx: of the sheets with these headings Jobs is read; not read: Old jobs",)


def test_hidden_sheets_are_not_read(path):
    two_tables(path, hide=("Jobs",))
    assert [row.id for row in read_jobs(path, ON, TZ).rows] == ["J3"]
    two_tables(path, hide=("Jobs", "Old jobs"))
    with pytest.raises(UnreadableFile, match="lacks trade, duration_min; it has: id, name, trades"):
        read_jobs(path, ON, TZ)


def test_a_workbook_without_our_headings_names_its_sheets(path):
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    book.create_sheet("Old").sheet_state = "hidden"
    book.save(path)
    with pytest.raises(UnreadableFile) as refused:
        read_jobs(path, ON, TZ)
    assert refused.value.reason == (
        "no sheet has the headings id, trade, lon, lat, duration_min among its first rows;"
        " its sheets are: Prices, Old (hidden, not read)"
    )


def test_a_heading_that_lacks_something_is_named_with_its_row(read):
    with pytest.raises(UnreadableFile, match="the heading lacks duration_min") as refused:
        read((), HEADING[:4], job()[:4])
    assert refused.value.line == 2


def zipped(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def small():
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(HEADING)
    book.active.append(job())
    book.save(content)
    return content.getvalue()


SMALL = small()
STRICT = '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04", "is no Excel workbook, or a damaged one"),
        (SMALL[:-400], "damaged"),
        (SMALL.replace(b"\x00\x00\x08\x00", b"\x01\x00\x08\x00"), "protected by a password"),
        (zipped({"a.txt": "x"}), "is a zip file, no Excel workbook"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "is an OpenDocument file"),
        (zipped({"xl/workbook.bin": "x", "[Content_Types].xml": "x"}), "binary Excel workbook (.xlsb)"),
        (zipped({"xl/workbook.xml": STRICT, "[Content_Types].xml": "x"}), "is a Strict Open XML workbook"),
        (zipped({"xl/workbook.xml": "<x/>", "[Content_Types].xml": "no xml"}), "is a damaged Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"\xd0\xcf\x11\xe0 and so on", "is an old Excel file; save it as Excel workbook (.xlsx)"),
        (b"id,trade\n", "is named .xlsx but is no Excel workbook"),
        (b"", "is empty"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_with_what_to_do(path, content, says):
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read_jobs(path, ON, TZ)
    assert says in refused.value.reason
    assert any(word in refused.value.reason for word in ("save", "headings"))


@given(at=st.integers(0, len(SMALL) - 1), byte=st.integers(0, 255))
def test_a_workbook_with_a_wrong_byte_is_read_or_refused_and_never_crashes(at, byte, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "wrong.xlsx"
    content = bytearray(SMALL)
    content[at] = byte
    path.write_bytes(content)
    try:
        table = read_jobs(path, ON, TZ)
    except UnreadableFile:
        return
    assert len(table.rows) + len(table.rejected) <= 1


def with_sheet(path, xml):
    """A workbook whose sheet is this XML."""
    with zipfile.ZipFile(io.BytesIO(SMALL)) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        for name in whole.namelist():
            to.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else whole.read(name))


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def xml_row(line, *cells):
    return f'<row r="{line}">{"".join(cells)}</row>'


def text_cell(text):
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


XML_HEADING = xml_row(1, *map(text_cell, HEADING))


def test_a_small_file_that_unpacks_to_much_is_refused_before_it_is_unpacked(path):
    with_sheet(path, SHEET.format(" " * 210_000_000))
    assert path.stat().st_size < 300_000
    with pytest.raises(UnreadableFile, match=r"of 210 MB unpacked, more than 200; split it"):
        read_jobs(path, ON, TZ)


def test_more_rows_than_can_be_used_are_refused(read, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_MOST", 2)
    assert len(read(HEADING, job("J1"), job("J2")).rows) == 2
    with pytest.raises(UnreadableFile, match="more than 2 rows; split the table"):
        read(HEADING, job("J1"), job("J2"), job("J3"))


def test_a_row_wider_than_a_sheet_is_refused(path, monkeypatch):
    monkeypatch.setattr(workbook_parts, "_ELEMENTS_MOST", 100)
    with_sheet(path, SHEET.format(XML_HEADING + xml_row(2, "<c/>" * 101)))
    with pytest.raises(UnreadableFile, match="wider than Excel's sheets"):
        read_jobs(path, ON, TZ)


@pytest.mark.parametrize(("line", "says"), [(1_048_577, "Excel has 1,048,576 rows"), ("x", "damaged")])
def test_rows_that_excel_has_not_are_refused(path, line, says):
    with_sheet(path, SHEET.format(XML_HEADING + xml_row(line, *map(text_cell, ("J1", "a")))))
    with pytest.raises(UnreadableFile, match=says):
        read_jobs(path, ON, TZ)


def test_styles_that_would_fill_the_memory_are_refused(path):
    with zipfile.ZipFile(io.BytesIO(SMALL)) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        for name in whole.namelist():
            to.writestr(name, whole.read(name) + (b" " * 40_000_000 if name == "xl/styles.xml" else b""))
    with pytest.raises(UnreadableFile, match="MB of styles"):
        read_jobs(path, ON, TZ)


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ('<c r="F2" t="str"><f>B2&amp;"!"</f><v>plumber!</v></c>', "plumber!"),
        ('<c r="F2" t="str"><f>IF(TRUE,"","x")</f><v></v></c>', ""),
        ('<c r="F2"><f>1+2</f><v>3</v></c>', "3"),
        ('<c r="F2"><v>0.30000000000000004</v></c>', "0.30000000000000004"),
        ('<c r="F2" t="b"><v>0</v></c>', "FALSE"),
    ],
)
def test_a_cell_is_what_the_file_says_and_a_formula_what_it_last_came_to(path, cell, address):
    row = [text_cell("J1"), text_cell("plumber"), "<c><v>1</v></c>", "<c><v>2</v></c>", "<c><v>60</v></c>", cell]
    with_sheet(path, SHEET.format(XML_HEADING + xml_row(2, *row)))
    assert [job.address for job in read_jobs(path, ON, TZ).rows] == [address]


def test_faulty_print_settings_and_a_wrong_size_do_not_matter(path):
    row = [text_cell("J1"), text_cell("plumber"), "<c><v>1</v></c>", "<c><v>2</v></c>", "<c><v>60</v></c>"]
    sheet = SHEET.format(XML_HEADING + xml_row(2, *row))
    sheet = sheet.replace("<sheetData>", '<dimension ref="A1:A1"/><sheetData>')
    sheet = sheet.replace("</sheetData>", '</sheetData><pageSetup orientation="sideways"/><dataValidations count="x"/>')
    with_sheet(path, sheet)
    assert read_jobs(path, ON, TZ).rows == (Job("J1", "plumber", Point(1, 2), 3600, 10_800),)


def test_what_a_file_holds_decides_and_not_its_name(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_bytes(SMALL)
    assert [row.id for row in read_jobs(path, ON, TZ).rows] == ["J1"]


def test_a_csv_file_whose_first_heading_is_pk_is_no_workbook(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text("PK,id,trade,lon,lat,duration_min\n5,J1,plumber,1,2,60\n")
    assert [row.id for row in read_jobs(path, ON, TZ).rows] == ["J1"]
