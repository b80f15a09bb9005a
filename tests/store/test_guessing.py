"""A first profile is guessed from headers and values, and its doubts are said."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.exports import read_export
from store.guessing import Guess, guess_profile
from store.headerwords import header_score, meaning_of
from store.profiles import match, read_profile

AGENT_NOTES = """מס' פנייה,ת.ז,תאריך פנייה,שעה,ערוץ,מוקד,שם הנציג,כיוון,הערות נציג,טופל?,קוד
1001,034567897,13/09/2026,10:22,טלפון,תמיכה,דנה,נכנסת,לקוחה ביקשה לנתק את הקו כי המחיר עלה,כן,x
1002,034567897,14/09/2026,11:22,צ'אט,תמיכה,רון,נכנסת,לא קיבל מענה מהטכנאי כבר שבוע,בבדיקה,y
1003,111111118,15/09/2026,12:05,פקס,תמיכה,רון,יוצאת,תודה רבה על הטיפול המהיר,לא,z
"""


def save(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def test_hebrew_agent_notes(tmp_path: Path) -> None:
    """Hebrew headers, their values and their dates are recognised; unknown values are listed."""
    path = save(tmp_path, "הערות_2026-09.csv", AGENT_NOTES, "cp1255")
    guess = guess_profile(path)
    assert guess.profile is not None
    assert guess.profile.columns == {
        "contact_id": "מס' פנייה",
        "customer_id": "ת.ז",
        "date": "תאריך פנייה",
        "time": "שעה",
        "channel": "ערוץ",
        "queue": "מוקד",
        "agent_id": "שם הנציג",
        "direction": "כיוון",
        "text": "הערות נציג",
        "crm_resolved": "טופל?",
    }
    assert guess.profile.files == ("הערות_*.csv",)
    assert guess.profile.dates.order == "dmy"
    assert guess.profile.values.channel == {"טלפון": "phone", "צ'אט": "chat"}
    assert guess.profile.values.direction == {"נכנסת": "in", "יוצאת": "out"}
    assert guess.profile.values.crm_resolved == {"כן": True, "לא": False}
    doubts = "\n".join(guess.unsure)
    assert "פקס" in doubts
    assert "בבדיקה" in doubts
    assert "'קוד'" in doubts


def test_written_guess_reads_its_file(tmp_path: Path) -> None:
    """The YAML of a guess is a profile that reads the file it was guessed from."""
    path = save(tmp_path, "notes.csv", AGENT_NOTES.replace("פקס", "מייל").replace("בבדיקה", "פתוח"))
    profile = read_profile(save(tmp_path, "p.yaml", guess_profile(path).profile_yaml))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    export = read_export(path, profile, mask=lambda texts: texts, now=now)
    assert list(export.contacts["channel"]) == ["phone", "chat", "email"]
    assert export.rejected.empty


def test_english_chats(tmp_path: Path) -> None:
    """English keys of JSON Lines are recognised, also in camel case and one level down."""
    records = [
        {"messageId": f"m{n}", "customer": {"id": f"C{n % 2}"}, "body": "למה חויבתי פעמיים החודש?",
         "createdAt": f"2026-09-0{n}T10:00:00Z"}
        for n in range(1, 5)
    ]  # fmt: skip
    lines = "\n".join(json.dumps(record) for record in records)
    guess = guess_profile(save(tmp_path, "whatsapp_37.jsonl", lines))
    assert guess.profile is not None
    assert guess.profile.columns == {
        "contact_id": "messageId",
        "customer_id": "customer.id",
        "contacted_at": "createdAt",
        "text": "body",
    }
    assert guess.profile.defaults.channel == "whatsapp"


def test_survey_workbook(tmp_path: Path) -> None:
    """The scores of a survey are told apart by header and scale, and dates in cells are dates."""
    book = openpyxl.Workbook()
    lines = [
        ["מזהה לקוח", "תאריך", "ציון המלצה (0-10)", "שביעות רצון", "תגובה"],
        [5001, datetime(2026, 9, 8), 9, 5, "שירות מעולה, תודה רבה לנציגה"],
        [5002, datetime(2026, 9, 9), 0, 1, "חיכיתי ארבעים דקות ונותקתי, בושה"],
    ]
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "survey.xlsx")
    guess = guess_profile(tmp_path / "survey.xlsx")
    assert guess.profile is not None
    assert guess.profile.columns == {
        "customer_id": "מזהה לקוח",
        "contacted_at": "תאריך",
        "text": "תגובה",
        "nps": "ציון המלצה (0-10)",
        "csat": "שביעות רצון",
    }
    assert guess.profile.defaults.channel == "survey"


def test_bare_comments_say_what_is_missing(tmp_path: Path) -> None:
    """Comments with neither date nor customer: the YAML says how to supply what is missing."""
    text = "comment\tlabel\nכל הכבוד לנשיא המדינה\t0\nבושה וחרפה , עד מתי\t1\n"
    guess = guess_profile(save(tmp_path, "test.tsv", text))
    assert guess.profile is None
    assert "no_customer: true" in guess.profile_yaml
    assert "fixed: null" in guess.profile_yaml
    assert "text: comment" in guess.profile_yaml
    assert "channel: survey" in guess.profile_yaml
    doubts = "\n".join(guess.unsure)
    for said in ("dates.fixed", "no_customer: true", "at-risk", "'label'"):
        assert said in doubts
    mended = guess.profile_yaml.replace("fixed: null", "fixed: 2014-07-24")
    assert read_profile(save(tmp_path, "p.yaml", mended)).no_customer


def test_roster(tmp_path: Path) -> None:
    """A list of customers without notes is guessed to be a roster."""
    text = "מספר לקוח,סיום התחייבות,תשלום חודשי,סוג לקוח\n17,31/12/2026,129.90,פרטי\n"
    guess = guess_profile(save(tmp_path, "לקוחות.csv", text))
    assert guess.profile is not None
    assert (guess.profile.kind, guess.profile.name) == ("roster", "lkvhvt")
    assert set(guess.profile.columns) == {"customer_id", "contract_end", "monthly_value", "segment"}


def test_unclear_order_of_dates_is_said(tmp_path: Path) -> None:
    """Where no day is over 12, day first is set and the doubt is said; American dates are seen."""
    text = "לקוח,תאריך,הערות\n1,03/04/2026,ביקש לבטל את המנוי\n"
    unclear = guess_profile(save(tmp_path, "a.csv", text))
    assert any(line.startswith("dates.order") for line in unclear.unsure)
    american = guess_profile(save(tmp_path, "b.csv", text.replace("03/04", "03/24")))
    assert american.profile is not None
    assert american.profile.dates.order == "mdy"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("מס' ת\"ז", "customer_id"),
        ("תוכן השיחה:", "text"),
        ("סיכום_שיחה", "text"),
        ("customerId", "customer_id"),
        ("  NPS ", "nps"),
        ("תאריך הפנייה", "contacted_at"),
    ],
)
def test_headers_are_known_in_their_variants(header: str, field: str) -> None:
    """Punctuation, articles, case and underscores do not hide a header."""
    assert header_score(header, field) > 0.4


def test_values_are_known_in_their_variants() -> None:
    """Values are known whatever their quotes and case; others stand for nothing."""
    assert meaning_of("channel", "WhatsApp") == "whatsapp"
    assert meaning_of("channel", 'דוא"ל') == "email"
    assert meaning_of("direction", "פנימית") is None


def test_a_few_defects_do_not_hide_a_column(tmp_path: Path) -> None:
    """Doubled ids, a score off the scale and an impossible date leave the columns recognised."""
    lines = ["מספר פנייה,מס' לקוח,תאריך,הערות,כמה סביר שתמליץ עלינו? (0-10)"]
    lines += [f"{n},{n % 9},{n % 28 + 1}/09/2026,לא מרוצה מהיחס,{n % 10}" for n in range(100, 160)]
    lines += [lines[1], "160,7,09/31/2026,לא מרוצה מהיחס,11"]
    guess = guess_profile(save(tmp_path, "a.csv", "\n".join(lines)))
    assert guess.profile is not None
    assert guess.profile.columns["contact_id"] == "מספר פנייה"
    assert guess.profile.columns["nps"].startswith("כמה סביר")
    assert guess.profile.dates.order == "dmy"
    assert not any(line.startswith("dates.order") for line in guess.unsure)


NOTE = "לקוח,תאריך,הערות\n1,13/04/2026,ביקש לבטל את המנוי\n"


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("calls.csv", "calls*.csv"),
        ("calls_week2.csv", "calls*.csv"),
        ("notes_2026-09.csv", "notes_*.csv"),
        ("202609.csv", "*.csv"),
        ("2026-09 שיחות.csv", "*שיחות*.csv"),
        ("צ'אטים ספטמבר.csv", "צ'אטים*.csv"),
    ],
)
def test_pattern_fits_next_weeks_file(tmp_path: Path, name: str, pattern: str) -> None:
    """The name's leading word stays and the rest is open; the comment says what is matched."""
    guess = guess_profile(save(tmp_path, name, NOTE))
    assert guess.profile is not None
    assert guess.profile.files == (pattern,)
    (said,) = (line for line in guess.profile_yaml.splitlines() if "ends in .csv" in line)
    assert pattern.strip("*").removesuffix("*.csv").removesuffix(".csv") in said


@settings(max_examples=30)
@given(st.text("אש7[]()*?-_ .'é\u0301A", min_size=1, max_size=12))
def test_pattern_fits_the_file_itself(stem: str) -> None:
    """Whatever a file is called, the profile that is guessed from it reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder), f"{stem}.csv", NOTE)
        guess = guess_profile(path)
    assert guess.profile is not None
    assert match([guess.profile], path) == guess.profile


def guess_of(folder: Path, header: str, values: list[str]) -> Guess:
    lines = [f"{value},13/04/2026,ביקש לבטל את המנוי" for value in values]
    return guess_profile(save(folder, "a.csv", "\n".join([f"{header},תאריך,הערות", *lines])))


@pytest.mark.parametrize(
    ("header", "values", "warned"),
    [
        ("תעודת זהות", ["5001"], True),
        ("ת.ז.", ["5001"], True),
        ("ID number", ["5001"], True),
        ("מספר לקוח", ["034567891", "12345-6782", "111111118", "5001"], False),
        ("מספר לקוח", ["000000018", "123456782", "111111118", "5001"], True),
        ("מספר לקוח", ["3370038", "3370078", "3370079", "3370080"], False),
    ],
)
def test_identity_numbers_are_pointed_out(
    tmp_path: Path, header: str, values: list[str], warned: bool
) -> None:
    """Whoever would store identity numbers in clear is told of the key before the first run."""
    guess = guess_of(tmp_path, header, values)
    assert guess.profile is not None
    assert guess.profile.columns["customer_id"] == header
    assert any("KESHEV_PSEUDONYM_KEY" in line for line in guess.unsure) is warned


@pytest.mark.parametrize(("agent", "said"), [("דנה לוי", True), ("a@b.il", True), ("404", False)])
def test_agents_names_are_pointed_out(tmp_path: Path, agent: str, said: bool) -> None:
    """It is said when agents are stored under pseudonyms, and not where they are codes."""
    path = save(
        tmp_path, "a.csv", NOTE.replace("\n", ",שם נציג\n", 1).replace("מנוי", f"מנוי,{agent}")
    )
    guess = guess_profile(path)
    assert guess.profile is not None
    assert guess.profile.columns["agent_id"] == "שם נציג"
    assert any(line.startswith("agent_id") for line in guess.unsure) is said
