"""Rows become contacts or customers field by field, or go to the quarantine with their reason."""

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from keshev.errors import ExportError, ProfileError
from store.exports import Export, find_exports
from store.profiles import profile_of
from tests.store.exportfiles import (
    HEADERS,
    ROW,
    Row,
    codes,
    notes_profile,
    pseudonym,
    read,
    read_bytes,
    row,
)

STATUSES = ("טופל", "הועבר לטיפול המטה", "", "No")


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ({"text": " - "}, "empty_text"),
        ({"text": "א" * 20_001}, "text_too_long"),
        ({"text": "הלקוח \ufffd\ufffd"}, "broken_encoding"),
        ({"channel": "טל\ufffdון"}, "broken_encoding"),
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


@pytest.mark.parametrize("nobody", ["", "לא ידוע"])
def test_a_contact_of_nobody_known_is_kept_without_a_customer(nobody: str) -> None:
    """It happened, so it is counted; only the figures that need a customer leave it out."""
    export = read([row(), row(customer_id=nobody)])
    assert export.rejected.empty
    assert export.contacts["customer_id"].isna().sum() == 1


def test_contact_is_read_field_by_field() -> None:
    """Times become UTC, words their meanings, empty cells None, and the id carries its source."""
    columns = HEADERS | {
        "handle_seconds": "משך",
        "crm_resolved": "טופל",
        "survey_resolved": "נפתר",
        "queue": "תור",
    }
    profile = notes_profile(
        columns=columns,
        values={"channel": {"צ'אט": "chat"}, "crm_resolved": {"כן": True}, "queue": {"ת": "תמיכה"}},
    )
    lines = [",".join(columns.values()), "12.0,5001.0,8.9.26 10:32,Phone, שלום ,9/10,03:25,כן,no,ת"]
    lines += ["13,5001,9.9.26,,תודה,,,,,"]
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
        "survey_resolved": False,
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


def test_a_roster_tells_its_own_columns() -> None:
    """An outcomes file is a roster of two columns; what it does not name stays untold."""
    profile = profile_of(
        {
            "name": "outcomes",
            "kind": "roster",
            "files": ["*"],
            "columns": {"customer_id": "לקוח", "churned_at": "עזב", "customer_since": "מאז"},
        },
        "test",
    )
    lines = ["לקוח,מאז,עזב", "1,3/5/1987,14/11/2026", "2,01/02/2020,פעיל", "3,,40/1/2026"]
    export = read_bytes("a.csv", "\n".join(lines).encode("cp1255"), profile)
    assert export.customers is not None
    assert export.told == {"customer_id", "churned_at", "customer_since"}
    assert list(export.customers["churned_at"]) == [date(2026, 11, 14), None]
    assert list(export.customers["customer_since"]) == [date(1987, 5, 3), date(2020, 2, 1)]
    assert codes(export) == ["bad_date"]


def test_unknown_status_keeps_its_contact() -> None:
    """A status word that nobody mapped says nothing about the case; the note still counts."""
    profile = notes_profile(
        columns=HEADERS | {"crm_resolved": "סטטוס"}, values={"crm_resolved": {"טופל": True}}
    )
    lines = [",".join([*HEADERS.values(), "סטטוס"])]
    lines += [f",5001,0{day}/09/2026,,תודה,,{status}" for day, status in enumerate(STATUSES, 1)]
    export = read_bytes("a.csv", "\n".join(lines).encode(), profile)
    assert list(export.contacts["crm_resolved"]) == [True, None, None, False]
    assert export.rejected.empty


@pytest.mark.parametrize("code", ["404", "A204", "00012", "נ17"])
def test_agents_codes_stay(code: str) -> None:
    """A code names nobody to a stranger, and the house looks it up."""
    assert list(agents([code]).contacts["agent_id"]) == [code]


def test_agents_names_are_stored_nowhere() -> None:
    """Names and addresses become one short pseudonym each, in kept and in rejected rows alike."""
    names = ["Dana Levi", "דנה לוי", "dana@mokedim.co.il", "1234567890123", "דנה"]
    export = agents([*names, " dana  LEVI "])
    stored = list(export.contacts["agent_id"])
    assert all(re.fullmatch("agent-[0-9a-f]{8}", one) for one in stored)
    assert stored[0] == stored[-1]
    assert len(set(stored)) == len(names)
    rejected = agents(names, nps="99").rejected
    assert [json.loads(one)["נציג"] for one in rejected["row"]] == stored[:-1]


def agents(names: list[str], nps: str = "") -> Export:
    lines = [",".join([*HEADERS.values(), "נציג"])]
    lines += [f",5001,0{day}/09/2026,,תודה,{nps},{name}" for day, name in enumerate(names, 1)]
    profile = notes_profile(columns=HEADERS | {"agent_id": "נציג"})
    return read_bytes("a.csv", "\n".join(lines).encode(), profile)


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
