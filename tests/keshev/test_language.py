"""The report in English by `--language en` or by the setting, beside the Hebrew one."""

import json
from pathlib import Path

import pytest

from tests.keshev.conftest import Cli
from tests.keshev.test_audit import week


def test_a_report_in_each_language(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option wins over the setting, Hebrew is the default, and neither overwrites the other."""
    week(cli, tmp_path / "exports")
    assert cli("aggregate").code == 0
    hebrew, english = cli("report"), cli("report", "--language", "en")
    assert "פניות חוזרות" in hebrew.out
    assert "Repeat contacts" in english.out
    assert "The week of 8 Nov 2026" in english.out
    reports = tmp_path / "home" / "reports"
    names = {path.name: path.read_bytes() for path in reports.iterdir()}
    assert set(names) == {
        f"keshev-2026-11-08{language}.{kind}"
        for language in ("", ".en")
        for kind in ("html", "xlsx")
    }
    assert b'<html lang="en" dir="ltr">' in names["keshev-2026-11-08.en.html"]
    monkeypatch.setenv("KESHEV_LANGUAGE", "en")
    assert cli("report").out == english.out
    assert cli("report", "--language", "he").out == hebrew.out
    assert json.loads(cli("report", "--json").out)["html"].endswith(".en.html")
    assert {path.name: path.read_bytes() for path in reports.iterdir()} == names


def test_an_unknown_language_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.setenv("KESHEV_LANGUAGE", "fr")
    ran = cli("report")
    assert ran.code == 2
    assert "KESHEV_LANGUAGE" in ran.err
