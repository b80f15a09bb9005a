"""Every row of an export is a contact, a duplicate, or kept in the quarantine: nothing is lost."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshev.errors import ExportError, ProfileError
from labels.frames import Contacts
from store.exports import Export, find_exports, read_export
from store.profiles import Profile, profile_of

NOW = datetime(2026, 11, 15, 6, tzinfo=UTC)
HEADERS = {
    "contact_id": "מס פנייה",
    "customer_id": "מס לקוח",
    "contacted_at": "תאריך",
    "channel": "ערוץ",
    "text": "הערות",
    "nps": "ציון המלצה",
}
ROW = {
    "contact_id": "",
    "customer_id": "5001",
    "contacted_at": "08/09/2026 10:32",
    "channel": "טלפון",
    "text": "לקוחה ביקשה לנתק, המחיר עלה",
    "nps": "",
}
Row = dict[str, str]


def mask(texts: Iterable[str]) -> Iterable[str]:
    """Mask phones as the real masker does, one text for one."""
    return (re.sub(r"05\d-?\d{7}", "[טלפון]", text) for text in texts)


def pseudonym(customer: str) -> str:
    return "k" + hashlib.sha256(customer.encode()).hexdigest()[:8]


def notes_profile(**changes: Any) -> Profile:  # noqa: ANN401 - any key of a profile
    raw = {"name": "notes", "files": ["*"], "columns": HEADERS}
    return profile_of(raw | {"values": {"channel": {"טלפון": "phone"}}} | changes, "test")


def row(**changes: str) -> Row:
    return ROW | changes


def as_csv(rows: list[Row], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS.values())
    writer.writerows([*(one.get(field, "") for field in HEADERS), *extras(one)] for one in rows)
    return text.getvalue().encode(encoding)


def as_jsonl(rows: list[Row]) -> bytes:
    records = ({HEADERS.get(key, key): value for key, value in one.items()} for one in rows)
    return "\n".join(json.dumps(record) for record in records).encode()


def as_xlsx(rows: list[Row]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(HEADERS.values()))
    for one in rows:
        cells = [*(one.get(field) for field in HEADERS), *extras(one)]
        book.active.append(cells)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if cell.value is not None else cell.data_type
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def extras(one: Row) -> list[str]:
    return [one["extra"]] if "extra" in one else []


def read(rows: list[Row], profile: Profile | None = None, **options: Any) -> Export:  # noqa: ANN401
    return read_bytes("a.csv", as_csv(rows), profile, **options)


def read_bytes(name: str, data: bytes, profile: Profile | None = None, **options: Any) -> Export:  # noqa: ANN401
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_export(path, profile or notes_profile(), mask=mask, now=NOW, **options)


def codes(export: Export) -> list[str]:
    return list(export.rejected["code"])


words = st.lists(
    st.sampled_from(["המחיר", "יקר, מדי", '"מבצע"', "לא\nעבד", "=1+1", "050-1234567", 'ש"ח; 5']),
    max_size=4,
).map(" ".join)
defects = st.sampled_from(
    [{}] * 6
    + [
        {"customer_id": ""},
        {"contacted_at": "31/02/2026"},
        {"contacted_at": "01/01/2031"},
        {"contacted_at": "08/09/2026 10:33"},
        {"channel": "פקס"},
        {"nps": "11"},
        {"nps": "7"},
        {"contact_id": "77"},
        {"contact_id": "78"},
        {"extra": "תא נוסף"},
        {"customer_id": "5002"},
    ]
)
FORMATS = {
    **{f"{code}.csv": code for code in ("utf-8", "utf-8-sig", "utf-16", "cp1255", "iso8859_8")},
    "a.jsonl": "jsonl",
    "a.xlsx": "xlsx",
}


@settings(max_examples=50, deadline=None)
@given(
    table=st.lists(st.tuples(st.integers(0, 5), words, defects), min_size=1, max_size=8),
    name=st.sampled_from(sorted(FORMATS)),
    pseudonymous=st.booleans(),
)
def test_every_row_is_accounted_for(
    table: list[tuple[int, str, Row]], name: str, pseudonymous: bool
) -> None:
    """Whatever is wrong, in whatever format: counts add up and each text is somewhere."""
    rows = [row(text=f"פנייה {'אבגדהו'[n]}{n} {note}", **defect) for n, note, defect in table]
    encode = {"jsonl": as_jsonl, "xlsx": as_xlsx}.get(FORMATS[name])
    data = encode(rows) if encode else as_csv(rows, FORMATS[name])
    export = read_bytes(name, data, pseudonym=pseudonym if pseudonymous else None)
    assert export.read == len(rows)
    assert export.read == len(export.contacts) + export.duplicates + len(export.rejected)
    kept = [*export.contacts["text"], *(text_in(one) for one in export.rejected["row"])]
    for one in rows:
        (wanted,) = mask([one["text"].strip()])
        assert wanted in [text.strip() for text in kept]
    assert not any(re.search(r"05\d-?\d{7}", text) for text in [*kept, *export.rejected["row"]])
    assert set(export.contact_lines) == set(export.contacts["contact_id"])
    assert list(export.contacts.columns) == list(Contacts.to_schema().columns)


def text_in(record: str) -> str:
    return str(json.loads(record)["הערות"])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["5001", "5002"]), st.integers(0, 300), st.sampled_from("אב")),
        max_size=12,
    )
)
def test_duplicates_equal_their_slow_twin(table: list[tuple[str, int, str]]) -> None:
    """A copy within two minutes of the kept row before it is a duplicate; only the first stays."""
    start = datetime(2026, 9, 8, 10, 0)
    rows = [
        row(customer_id=who, text=f"ביקש זיכוי {what}", contacted_at=f"{start + timedelta(0, s)}")
        for who, s, what in table
    ]
    kept: list[tuple[str, int, str]] = []
    for who, second, what in sorted(table, key=lambda one: one[1]):
        before = [s for w, s, t in kept if (w, t) == (who, what)]
        if not before or second - max(before) > 120:
            kept.append((who, second, what))
    export = read(rows)
    assert export.duplicates == len(table) - len(kept)
    moments = [start - timedelta(hours=3) + timedelta(0, second) for _, second, _ in kept]
    assert list(export.contacts["contacted_at"].dt.tz_localize(None)) == moments


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ({"text": " - "}, "empty_text"),
        ({"text": "א" * 20_001}, "text_too_long"),
        ({"text": "הלקוח \ufffd\ufffd"}, "broken_encoding"),
        ({"channel": "טל\ufffdון"}, "broken_encoding"),
        ({"customer_id": "לא ידוע"}, "missing_customer"),
        ({"contacted_at": "אתמול"}, "bad_date"),
        ({"contacted_at": "08/09/2027"}, "date_in_future"),
        ({"contacted_at": "08/09/1998"}, "date_too_old"),
        ({"nps": "11"}, "bad_number"),
        ({"nps": "גבוה"}, "bad_number"),
        ({"channel": "פקס"}, "unknown_value"),
        ({"extra": "עוד"}, "wrong_cell_count"),
    ],
)
def test_each_defect_has_its_reason(defect: Row, code: str) -> None:
    """A defect sends its row, and no other, to the quarantine with file, line and both reasons."""
    export = read([row(), row(**defect)])
    (rejected,) = export.rejected.to_dict("records")
    assert (rejected["code"], rejected["file"], rejected["line"]) == (code, "a.csv", 3)
    assert re.search("[א-ת]", rejected["reason_he"])
    assert re.search("[a-z]", rejected["reason_en"])
    assert json.loads(rejected["row"])["הערות"] == row(**defect)["text"]
    assert len(export.contacts) == 1


def test_contact_is_read_field_by_field() -> None:
    """Times become UTC, words their meanings, empty cells None, and the id carries its source."""
    columns = HEADERS | {"handle_seconds": "משך", "crm_resolved": "טופל", "queue": "תור"}
    profile = notes_profile(
        columns=columns,
        values={"channel": {"צ'אט": "chat"}, "crm_resolved": {"כן": True}, "queue": {"ת": "תמיכה"}},
    )
    lines = [",".join(columns.values()), "12.0,5001.0,8.9.26 10:32,Phone, שלום ,9/10,03:25,כן,ת"]
    lines += ["13,5001,9.9.26,,תודה,,,,"]
    export = read_bytes("a.csv", "\n".join(lines).encode(), profile)
    first, second = export.contacts.to_dict("records")
    assert first == {
        "contact_id": "notes:12",
        "source": "notes",
        "customer_id": "5001",
        "contacted_at": pd.Timestamp("2026-09-08 07:32", tz="UTC"),
        "channel": "phone",
        "queue": "תמיכה",
        "agent_id": None,
        "direction": "in",
        "text": "שלום",
        "product": None,
        "team": None,
        "segment": None,
        "handle_seconds": 205.0,
        "crm_resolved": True,
        "nps": 9.0,
        "csat": pytest.approx(float("nan"), nan_ok=True),
    }
    assert (second["channel"], second["queue"], second["crm_resolved"]) == ("other", None, None)


def test_same_id_again() -> None:
    """The same id with the same content is a duplicate; with other content it goes aside."""
    rows = [row(contact_id="7"), row(contact_id="7"), row(contact_id="7", text="ביטל בסוף")]
    export = read(rows)
    assert (len(export.contacts), export.duplicates, codes(export)) == (1, 1, ["conflicting_id"])
    assert export.contact_lines == {"notes:7": 2}


def test_conflict_on_a_shared_line() -> None:
    """In a JSON array on one line, the row in conflict is the one that is kept aside."""
    profile = notes_profile(columns={key: key for key in ROW})
    records = [row(contact_id="7"), row(contact_id="7", text="ביטל"), row(contact_id="8")]
    export = read_bytes("a.json", json.dumps(records).encode(), profile)
    assert [json.loads(record)["text"] for record in export.rejected["row"]] == ["ביטל"]


def test_optional_keys_may_be_absent_from_records() -> None:
    """Records without scores fit a profile that maps scores; a number of any size is judged."""
    profile = notes_profile(columns={key: key for key in ROW})
    record = {key: value for key, value in ROW.items() if key != "nps"}
    assert len(read_bytes("a.jsonl", json.dumps(record).encode(), profile).contacts) == 1
    huge = json.dumps(record | {"nps": 10**400}).encode()
    assert codes(read_bytes("a.jsonl", huge, profile)) == ["bad_number"]


def test_ids_are_stable_and_tell_rows_apart() -> None:
    """Without an id column a row keeps its id elsewhere; nobody's rows are no copies."""
    profile = notes_profile(
        columns={"text": "הערות"}, no_customer=True, dates={"fixed": "2026-09-08"}
    )
    thanks = [row(text="תודה"), row(text="תודה"), row(text="בושה")]
    first, again = read(thanks, profile), read(thanks[::-1], profile)
    assert len(first.contacts) == 3
    assert list(first.contacts["contact_id"]) == list(again.contacts["contact_id"])
    assert first.contacts["customer_id"].isna().all()
    assert set(first.contacts["contacted_at"]) == {pd.Timestamp("2026-09-08 09:00", tz="UTC")}


def test_personal_data_reaches_neither_contacts_nor_quarantine() -> None:
    """Texts are masked and ids become pseudonyms, in stored and rejected rows alike."""
    rows = [
        row(text="לחזור ל-050-1234567"),
        row(text="לחזור ל-050-1234567", nps="99", customer_id="034567897"),
        row(text="לחזור ל-050-1234567", customer_id="034567897", extra="034567897"),
    ]
    export = read(rows, pseudonym=pseudonym)
    shown = export.contacts.to_json() + "".join(export.rejected["row"])
    assert "1234567" not in shown
    assert "034567897" not in shown
    assert shown.count(pseudonym("034567897")) == 3
    assert list(export.contacts["customer_id"]) == [pseudonym("5001")]


def test_hard_characters() -> None:
    """NUL, direction marks and lone surrogates are cleaned out of notes; the rows stay."""
    lines = json.dumps(row(text="של\x00ום \u202eלכם \ud83d סוף")).encode()
    export = read_bytes("a.jsonl", lines, notes_profile(columns={key: key for key in ROW}))
    assert re.sub(" +", " ", export.contacts["text"][0]) == "שלום לכם סוף"
    export.contacts["text"][0].encode()


def test_roster() -> None:
    """A roster gives customers; copies are counted and contradictions go to the quarantine."""
    columns = {"customer_id": "לקוח", "contract_end": "סיום", "monthly_value": "תשלום"}
    profile = profile_of(
        {"name": "roster", "kind": "roster", "files": ["*"], "columns": columns}, "test"
    )
    lines = [
        "לקוח,סיום,תשלום",
        '2,31/12/2027,"1,250.50 ₪"',
        "1,ללא,",
        "1,ללא,",
        "1,,5",
        "3,32/1/2027,5",
    ]
    export = read_bytes("a.csv", "\n".join(lines).encode("cp1255"), profile)
    assert export.customers is not None
    assert list(export.customers["customer_id"]) == ["1", "2"]
    assert list(export.customers["contract_end"]) == [None, date(2027, 12, 31)]
    assert export.customers["monthly_value"][1] == 1250.5
    assert (export.read, export.duplicates) == (5, 1)
    assert codes(export) == ["conflicting_id", "bad_date"]
    assert export.contacts.empty


def test_missing_column_and_no_rows() -> None:
    """A header without rows is an empty export; a missing column names the profile's line."""
    export = read([])
    assert (export.read, len(export.contacts), len(export.rejected)) == (0, 0, 0)
    with pytest.raises(ProfileError, match="columns: contact_id:"):
        read_bytes("a.csv", "לקוח,תאריך\n1,2\n".encode(), notes_profile(columns=HEADERS))


def test_find_exports(tmp_path: Path) -> None:
    """Folders are searched in depth and order, without lock files, hidden files and profiles."""
    for name in ("b.csv", "sub/a.xlsx", "~$b.xlsx", ".c.csv", ".git/d.csv", "p.yaml", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = find_exports(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["b.csv", "sub/a.xlsx"]
    assert find_exports([tmp_path / "b.csv", tmp_path]) == found
    assert find_exports([tmp_path / "README.md"]) == [tmp_path / "README.md"]
    with pytest.raises(ExportError, match="no such file"):
        find_exports([tmp_path / "missing"])
