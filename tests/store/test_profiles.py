"""Profiles are read as people write them, and what is wrong is named with the line to mend."""

from pathlib import Path
from typing import Any

import pytest

from keshev.errors import ExportError, ProfileError
from store.headers import check_headers, shown_headers
from store.profiles import (
    Profile,
    match,
    profile_digest,
    profile_of,
    read_profile,
    read_profiles,
    write_profile,
)
from store.rawrows import RawTable

GOOD = """
name: agent_notes
files: ["notes_*.csv", הערות*.csv]
columns:
  text: הערות נציג
  customer_id: "ת.ז"
  contacted_at: תאריך
values:
  channel: {טלפון: phone, 12: chat}
  crm_resolved: {כן: true, no: false}
defaults:
  queue: תמיכה
"""
BASE: dict[str, Any] = {
    "name": "notes",
    "files": ["*.csv"],
    "columns": {"text": "הערות", "customer_id": "לקוח", "contacted_at": "תאריך"},
}


def profile(**changes: object) -> Profile:
    return profile_of(BASE | changes, "test")


def save(folder: Path, text: str, name: str = "p.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_profile_is_read_as_written(tmp_path: Path) -> None:
    """Words that YAML takes for numbers or truths stay the export's words."""
    read = read_profile(save(tmp_path, GOOD))
    assert read.columns["text"] == "הערות נציג"
    assert read.values.channel == {"טלפון": "phone", "12": "chat"}
    assert read.values.crm_resolved == {"כן": True, "no": False}
    assert (read.dates.timezone, read.encoding, read.no_customer) == (
        "Asia/Jerusalem",
        "auto",
        False,
    )


def test_written_profile_reads_back(tmp_path: Path) -> None:
    """Writing and reading a profile changes nothing, whatever its words; comments are comments."""
    words = {'צ\'אט "חדש"': "chat", "no": "web", "a: b # c": "sms", "null": "other", "כן": "phone"}
    original = profile(values={"channel": words}, dates={"fixed": "2026-09-08"})
    write_profile(original, tmp_path / "p.yaml", {"": "ראש", "columns.text": "the\nnotes"})
    assert read_profile(tmp_path / "p.yaml") == original
    text = (tmp_path / "p.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ראש\n")
    assert "  # the\n  # notes\n  text: הערות\n" in text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"columns": {"customer_id": "לקוח", "contacted_at": "תאריך"}}, "columns.text: is missing"),
        ({"columns": {"text": "הערות", "contacted_at": "תאריך"}}, "no_customer: true"),
        ({"columns": {"text": "הערות", "customer_id": "לקוח"}}, "set dates.fixed"),
        ({"columns": BASE["columns"] | {"date": "יום"}}, "two columns for one field"),
        (
            {"columns": BASE["columns"] | {"queue": "הערות"}},
            "columns.queue: is the header",
        ),
        ({"columns": BASE["columns"] | {"mood": "מצב"}}, "columns.mood: no such field"),
        ({"no_customer": True}, "remove one"),
        ({"colums": {}}, "colums: there is no such key"),
        ({"name": "הערות"}, "name"),
        ({"files": []}, "files"),
        ({"dates": {"timezone": "Asia/Nowhere"}}, "dates.timezone: no such time zone"),
        ({"values": {"channel": {"פקס": "fax"}}}, "values.channel.פקס"),
        ({"delimiter": "::"}, "delimiter"),
        ({"kind": "roster", "columns": {"company": "חברה"}}, "columns.customer_id: is missing"),
    ],
)
def test_wrong_profiles_name_the_key(changed: dict[str, Any], says: str) -> None:
    """Each mistake is told by its key and what to write instead."""
    with pytest.raises(ProfileError, match=r"p\.yaml") as caught:
        profile_of(BASE | changed, "p.yaml")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns:\n  text: א\n  text: ב\n", ":3: two values for the one key 'text'"),
        ("columns: [א", "mend this line"),
        ("- רשימה", "is no profile"),
        ("", "is no profile"),
    ],
)
def test_broken_yaml_names_the_line(tmp_path: Path, text: str, says: str) -> None:
    """A file that is no profile is refused by name and line; a field is mapped once."""
    with pytest.raises(ProfileError, match=r"p\.yaml") as caught:
        read_profile(save(tmp_path, text))
    assert says in str(caught.value)


def test_match_by_file_name() -> None:
    """The most specific pattern wins; none and two alike are errors that say what to do."""
    week, notes = profile(name="week", files=["*.csv"]), profile(files=["notes_*.csv"])
    assert match([week, notes], Path("x/Notes_7.CSV")) is notes
    assert match([week, notes], Path("סקר.csv")) is week
    with pytest.raises(ProfileError, match="keshev profile"):
        match([week], Path("a.xlsx"))
    with pytest.raises(ProfileError, match="week, other"):
        match([week, profile(name="other", files=["*.csv"])], Path("a.csv"))


def test_profiles_near_the_exports(tmp_path: Path) -> None:
    """Profiles lie beside the exports or in `profiles`; a name stands once; none is an error."""
    exports = tmp_path / "exports"
    (tmp_path / "profiles").mkdir()
    exports.mkdir()
    with pytest.raises(ProfileError, match="keshev profile"):
        read_profiles(None, [exports])
    save(exports, GOOD)
    save(tmp_path / "profiles", GOOD.replace("agent_notes", "surveys"))
    assert [one.name for one in read_profiles(None, [exports])] == ["agent_notes", "surveys"]
    assert [one.name for one in read_profiles(exports / "p.yaml", [])] == ["agent_notes"]
    save(exports, GOOD, "q.yaml")
    with pytest.raises(ProfileError, match="is the name of"):
        read_profiles(exports, [])


def test_digest_changes_with_any_line() -> None:
    """The digest is the same for the same profile and another for any change."""
    assert profile_digest(profile()) == profile_digest(profile())
    others = [profile(name="b"), profile(defaults={"queue": "א"}), profile(encoding="cp1255")]
    assert len({profile_digest(one) for one in [profile(), *others]}) == 4


def test_headers_are_checked_against_the_profile() -> None:
    """A missing column names the profile's line and lists the headers; a double one is refused."""
    table = RawTable(("לקוח", "תאריך", "הערה"), frozenset(), iter(()), "utf-8")
    with pytest.raises(ProfileError, match=r"'הערות'; mend `columns: text:`.*לקוח, תאריך, הערה"):
        check_headers(profile(), Path("a.csv"), table)
    double = RawTable(("לקוח", "תאריך", "הערות", "הערות (2)"), frozenset({"הערות"}), iter(()), "x")
    with pytest.raises(ExportError, match="two columns for one field"):
        check_headers(profile(), Path("a.csv"), double)


def test_peoples_words_are_not_shown_as_headers() -> None:
    """In a file without a header row the first note is not printed in the error."""
    table = RawTable(("הלקוח ביקש לבטל", "C1", "דנה לוי"), frozenset(), iter(()), "utf-8")
    with pytest.raises(ProfileError, match="add a header row") as caught:
        check_headers(profile(), Path("a.csv"), table)
    assert not any(cell in str(caught.value) for cell in table.headers)
    assert shown_headers(["לקוח", "050-1234567", "א" * 41, "a@b.il"]) == ", ".join(
        ["לקוח", "(no name)", "(no name)", "(no name)"]
    )
