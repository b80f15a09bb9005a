"""Every kind of export file is read row by row, and what is no export is refused with advice."""

import gzip
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from keshev.errors import ExportError
from store.rawrows import RawRow, ReadOptions
from store.readers import read_rows
from store.rejections import Rejection

HEADER = "מס' לקוח,תאריך,הערות"


def save(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(path: Path, **options: str) -> list[RawRow]:
    return [row for row in read_rows(path, ReadOptions(**options)).rows if row.filled()]


def workbook(folder: Path, name: str, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, lines in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"גיליון{number}")
        for line in lines:
            sheet.append(line)
    book.save(folder / name)
    return folder / name


def test_lines_of_quoted_notes(tmp_path: Path) -> None:
    """A note over several lines is one row, and each row knows the line that it begins on."""
    path = save(
        tmp_path, "a.csv", f'{HEADER}\r\n1,8.9,"שורה\r\nושנייה"\r\n\r\n2,9.9,"אמר ""די"""\r\n'
    )
    rows = rows_of(path)
    assert [row.line for row in rows] == [2, 5]
    assert [row.cells["הערות"] for row in rows] == ["שורה\r\nושנייה", 'אמר "די"']


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1255"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Excel's tab-separated UTF-16 and the semicolons of Israeli settings are read unasked."""
    text = f"{HEADER}\n17,8.9.26,לא מרוצה מהמחיר\n".replace(",", delimiter)
    (row,) = rows_of(save(tmp_path, "a.csv", text.encode(encoding)))
    assert row.cells == {"מס' לקוח": "17", "תאריך": "8.9.26", "הערות": "לא מרוצה מהמחיר"}


def test_visual_cells_keep_their_columns(tmp_path: Path) -> None:
    """A visual file's cells are turned one by one: the columns stay where they are."""
    lines = ["מספר,הערות נציגים", "12,להתקשר 050-1234567 היום", "13,אין מענה (שלישי)"]
    visual = ["רפסמ,םיגיצנ תורעה", "12,םויה 050-1234567 רשקתהל", "13,(ישילש) הנעמ ןיא"]
    rows = rows_of(save(tmp_path, "a.csv", "\n".join(visual).encode("iso8859_8")))
    assert [",".join(map(str, row.cells.values())) for row in rows] == lines[1:]
    assert list(rows[0].cells) == lines[0].split(",")


def test_rows_with_other_cell_counts_are_rejected_whole(tmp_path: Path) -> None:
    """Too many and too few cells make a rejected row that keeps all of its cells."""
    path = save(tmp_path, "a.csv", f"{HEADER}\n1,8.9,הכל טוב,עוד,ועוד\n2,9.9\n3,1.1,תקין,,\n")
    many, few, fine = rows_of(path)
    assert many.problem is few.problem is Rejection.WRONG_CELL_COUNT
    assert list(many.cells.values()) == ["1", "8.9", "הכל טוב", "עוד", "ועוד"]
    assert list(few.cells.values()) == ["2", "9.9"]
    assert fine.problem is None


def test_loose_quotes_do_not_swallow_rows(tmp_path: Path) -> None:
    """In a file that quotes nothing, a note that begins with a quote ends with its line."""
    text = f'{HEADER}\n1,8.9,"נורא ואיום\n2,9.9,ש"ח זה ש"ח\n3,1.9,"די"\n'
    rows = rows_of(save(tmp_path, "a.tsv", text.replace(",", "\t")))
    assert [row.cells["הערות"] for row in rows] == ['"נורא ואיום', 'ש"ח זה ש"ח', '"די"']


def test_one_column_of_notes(tmp_path: Path) -> None:
    """In a file of one column, commas belong to the notes."""
    rows = rows_of(save(tmp_path, "a.txt", "הערות\nיקר, איטי, לא מוכן\nתודה\n"))
    assert [row.cells["הערות"] for row in rows] == ["יקר, איטי, לא מוכן", "תודה"]


def test_hard_characters_come_through(tmp_path: Path) -> None:
    """NUL bytes and a million characters are no reason to lose a row."""
    note = "א" * 1_000_000
    path = save(tmp_path, "a.csv", f"{HEADER}\n1,8.9,של\x00ום\n2,9.9,{note}\n")
    first, second = rows_of(path)
    assert first.cells["הערות"] == "של\x00ום"
    assert second.cells["הערות"] == note


def test_header_only_and_gzip(tmp_path: Path) -> None:
    """A header without rows is an export of no rows; a packed CSV is read as it is."""
    path = save(tmp_path, "a.csv.gz", gzip.compress(HEADER.encode()))
    table = read_rows(path)
    assert table.headers == ("מס' לקוח", "תאריך", "הערות")
    assert list(table.rows) == []


def test_repeated_headers_lose_nothing(tmp_path: Path) -> None:
    """Columns of one name are told apart and named as repeated."""
    table = read_rows(save(tmp_path, "a.csv", "הערות, הערות ,\nאחת,שתיים,\n"))
    assert table.repeated == {"הערות"}
    assert [row.cells for row in table.rows] == [{"הערות": "אחת", "הערות (2)": "שתיים"}]


def test_spreadsheet_values(tmp_path: Path) -> None:
    """Whole numbers lose their `.0`, dates are dates, titles above the header are passed over."""
    lines: list[list[object]] = [
        ["דוח פניות שבועי"],
        [],
        ["לקוח", "תאריך", "הערות", "ציון"],
        [12345.0, datetime(2026, 9, 8, 10, 32), "תודה", 4.5],
        [],
        [12346, "9.9.2026", "=1+1 לא נוסחה", None],
    ]
    book = workbook(tmp_path, "a.xlsx", [], lines)
    table = read_rows(book)
    rows = [row for row in table.rows if row.filled()]
    assert table.headers == ("לקוח", "תאריך", "הערות", "ציון")
    assert [row.line for row in rows] == [4, 6]
    assert list(rows[0].cells.values()) == [12345, datetime(2026, 9, 8, 10, 32), "תודה", 4.5]
    assert isinstance(rows[0].cells["לקוח"], int)


def test_wanted_sheet(tmp_path: Path) -> None:
    """The profile's sheet is read; a missing one is named with those that are there."""
    book = workbook(tmp_path, "a.xlsx", [["א"], ["1"]], [["ב"], ["2"]])
    assert rows_of(book, sheet="גיליון2")[0].cells == {"ב": "2"}
    with pytest.raises(ExportError, match="גיליון1, גיליון2"):
        read_rows(book, ReadOptions(sheet="חסר"))


def test_content_decides_over_the_name(tmp_path: Path) -> None:
    """A CSV named .xls and a workbook named .csv are read for what they are."""
    assert rows_of(save(tmp_path, "a.xls", "הערות\tציון\nתודה\t5\n"))[0].cells["הערות"] == "תודה"
    book = workbook(tmp_path, "b.xlsx", [["הערות"], ["תודה"]])
    assert rows_of(book.rename(tmp_path / "b.csv"))[0].cells == {"הערות": "תודה"}


def test_json_lines(tmp_path: Path) -> None:
    """Objects are flattened one level; a line that is none is rejected and kept as it stood."""
    lines = [
        json.dumps({"text": "שלום\u2028לכם", "customer": {"id": 7, "name": {"a": 1}}}),
        "",
        '{"text": "נקטע באמצ',
        '["לא רשומה"]',
        '{"text": "א", "text": "ב"}',
        '{"text": "בסדר", "n": NaN}',
    ]
    rows = rows_of(save(tmp_path, "a.jsonl", "\r\n".join(lines)))
    assert [row.line for row in rows] == [1, 3, 4, 5, 6]
    assert rows[0].cells == {"text": "שלום\u2028לכם", "customer.id": 7, "customer.name": '{"a": 1}'}
    assert [row.problem for row in rows[1:4]] == [Rejection.BROKEN_JSON] * 3
    assert rows[1].cells == {"raw": lines[2]}
    assert rows[4].cells == {"text": "בסדר", "n": None}


def test_json_array(tmp_path: Path) -> None:
    """One array over many lines is read too; where it breaks, the line is named."""
    good = save(tmp_path, "a.json", '[\n {"text": "א"},\n {"text": "ב"}\n]\n')
    assert [(row.line, row.cells["text"]) for row in rows_of(good)] == [(2, "א"), (3, "ב")]
    with pytest.raises(ExportError, match="line 2"):
        read_rows(save(tmp_path, "b.json", '[\n {"text": "א\n'))


def test_parquet(tmp_path: Path) -> None:
    """Parquet's dates, numbers and missing values come as they are, one row a line."""
    moment = datetime(2026, 9, 8, 10, 32)
    frame = pd.DataFrame({"text": ["א", None], "at": [moment, None], "nps": [9.0, None]})
    frame.to_parquet(tmp_path / "a.parquet")
    first, second = read_rows(tmp_path / "a.parquet").rows
    assert first == RawRow(1, {"text": "א", "at": moment, "nps": 9})
    assert not second.filled()


ENCRYPTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n", "empty"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.csv", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n....", "picture"),
        ("a.csv", b"MZ\x90\x00\x03\x00\x00\x00", "program"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table>", "web page"),
        ("a.xlsx", ENCRYPTED, "password"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Office document"),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged"),
        ("a.parquet", b"PAR1 cut off", "damaged"),
        ("a.csv", bytes(range(1, 32)) * 40, "no text"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 900, mtime=0)[:30], "cannot be read to its end"),
        ("a.jsonl", "לא, JSON\nבכלל, לא\n", "no line is a JSON record"),
    ],
)
def test_no_export_is_refused_with_advice(
    tmp_path: Path, name: str, content: bytes | str, says: str
) -> None:
    """Each file that is no export is refused by what it is, with what to do next."""
    path = save(tmp_path, name, content)
    with pytest.raises(ExportError, match=says) as caught:
        list(read_rows(path).rows)
    assert caught.value.path == path
    assert ";" in str(caught.value)


@contextmanager
def without_rights(path: Path) -> Iterator[None]:
    """Take the right to read a file away, from the superuser too (tests in containers)."""
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights and links")
def test_unreadable_files_say_what_to_do(tmp_path: Path) -> None:
    """No right, a broken link, a ring of links: the file is named, with the next step."""
    path = save(tmp_path, "a.csv", "לקוח\n1\n")
    with without_rights(path), pytest.raises(ExportError, match=r"a\.csv: may not be read; close"):
        read_rows(path)
    broken, ring = tmp_path / "broken.csv", tmp_path / "ring.csv"
    broken.symlink_to(tmp_path / "gone.csv")
    ring.symlink_to(ring)
    with pytest.raises(ExportError, match=r"broken\.csv: this is a link to .* give the file"):
        read_rows(broken)
    with pytest.raises(ExportError, match=r"ring\.csv: cannot be read .* copy it"):
        read_rows(ring)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A wrong path is a user's error, not a crash."""
    with pytest.raises(ExportError, match="no such file"):
        read_rows(tmp_path / "missing.csv")
    with pytest.raises(ExportError, match="folder"):
        read_rows(tmp_path)


def test_zip_bomb_and_other_archives(tmp_path: Path) -> None:
    """A workbook that unpacks to far more than it weighs is refused before it is opened."""
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60 * 2**20))
    with pytest.raises(ExportError, match="zip bomb"):
        read_rows(bomb)
    archive_path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(archive_path, "w") as archive:
        archive.writestr("readme.txt", "שלום")
    with pytest.raises(ExportError, match="no spreadsheet"):
        read_rows(archive_path)


def test_stray_cell_at_the_far_end(tmp_path: Path) -> None:
    """A small workbook with a cell at XFD1048576 must not lay out seventeen billion cells."""
    book = openpyxl.Workbook()
    book.active["A1"] = "הערות"
    book.active["XFD1048576"] = "."
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ExportError, match="stray cells"):
        read_rows(tmp_path / "a.xlsx")


def test_damaged_sheet_inside_a_good_archive(tmp_path: Path) -> None:
    """A workbook whose sheet is not XML is damaged, not a crash."""
    book = workbook(tmp_path, "a.xlsx", [["הערות"], ["תודה"]])
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name in source.namelist():
            broken = name.startswith("xl/worksheets/")
            target.writestr(name, b"<worksheet><sheetData><row" if broken else source.read(name))
    with pytest.raises(ExportError, match="damaged"):
        list(read_rows(tmp_path / "b.xlsx").rows)
