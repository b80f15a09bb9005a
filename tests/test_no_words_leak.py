"""Customers' words never reach a log, an artifact, an error message, or Prefect's database."""

import os
import subprocess
import sys
from pathlib import Path

from keshev.settings import ROOT

MARK = "זברהסגולה"
PROFILE = """
name: mine
files: ["*.csv"]
columns: {contact_id: id, customer_id: customer, contacted_at: date, text: text}
defaults: {channel: phone}
"""
ROWS = f"""id,customer,date,text
1,77,2026-09-03,{MARK} אמרה שהיא עוזבת
2,77,2026-09-04,שוב {MARK} וגם טלפון 050-1234567
3,77,nonsense,{MARK} בלי תאריך
4,78,2026-09-05,"{MARK}
שורה שנייה"
3,79,2026-09-06,{MARK} עמודה, מיותרת
"""


def run(home: Path, *args: str) -> str:
    environment = {
        **os.environ,
        "KESHEV_HOME": str(home / "store"),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    environment.pop("PREFECT_API_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "keshev.cli", "--verbose", *args],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_marked_notes_stay_in_store_and_report(tmp_path: Path) -> None:
    """A verbose run, a second one, and a run that fails half-way print and keep none of them."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    (exports / "a.csv").write_text(ROWS, encoding="utf-8")
    printed = run(tmp_path, "run", str(exports))
    (exports / "b.csv").write_text(f"id,customer,date\n1,2,{MARK}\n", encoding="utf-8")
    printed += run(tmp_path, "run", str(exports))
    assert "b.csv" in printed
    assert MARK not in printed
    kept = [path for path in (tmp_path / "prefect").rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in kept)
    for path in kept:
        content = path.read_bytes()
        assert MARK.encode() not in content, path.name
        assert MARK.encode("unicode-escape") not in content, path.name
    report = next((tmp_path / "store" / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert MARK in report
    assert "050-1234567" not in report
