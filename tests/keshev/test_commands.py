"""Every command: its help, its JSON, and a clear word for what goes wrong."""

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from keshev.cli import app
from store.tables_out import TABLES
from tests.flows.conftest import EXPORTS
from tests.keshev.conftest import Cli

COMMANDS = sorted(
    str(command.name or command.callback.__name__).replace("_", "-")
    for command in app.registered_commands
)
NOTES = "מספר,לקוח,תאריך,ערוץ,הערות\n"
PROFILE = """
name: mine
files: ["*.csv", "*.pdf", "*.xlsx"]
columns: {contact_id: מספר, customer_id: לקוח, contacted_at: תאריך, channel: ערוץ, text: הערות}
dates: {order: dmy}
values: {channel: {טלפון: phone}}
"""


def exports(folder: Path, name: str, content: str | bytes) -> Path:
    """Write one export with a profile beside it, and return the export."""
    folder.mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_there_are_the_promised_commands() -> None:
    """The commands of a week's work, of the desk, and those around model and corpus."""
    assert set(COMMANDS) == {
        "run", "profile", "ingest", "classify", "aggregate", "report", "predict", "export",
        "deploy", "train", "evaluate", "corpus", "audit-labels", "audit", "desk",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(cli: Cli, command: str) -> None:
    """`keshev COMMAND --help` ends with a line that can be typed."""
    ran = cli(command, "--help")
    assert ran.code == 0
    assert re.search(rf"Example:\s+keshev {command}", ran.out)


def test_step_by_step_for_scripts(cli: Cli, tmp_path: Path) -> None:
    """ingest, classify, aggregate, report and export each print one JSON object that adds up."""
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(EXPORTS / "chats_2026-11.jsonl", folder)
    profiles = EXPORTS.parent / "profiles"
    ingested = json.loads(cli("ingest", folder, "-p", profiles, "--json").out)
    (counts,) = ingested["files"]
    assert counts["read"] == 49
    classified = json.loads(cli("classify", "--json").out)
    assert classified["contacts"] == counts["stored"]
    assert json.loads(cli("aggregate", "--json").out)["changed"] is True
    assert json.loads(cli("aggregate", "--json").out)["changed"] is False
    reported = json.loads(cli("report", "--week", "2026-11-03", "--json").out)
    assert reported["week"] == "2026-11-01"
    assert Path(reported["html"]).is_file()
    for table in TABLES:
        target = tmp_path / f"{table}.parquet"
        said = json.loads(cli("export", table, target, "--json").out)
        assert said["rows"] == len(pd.read_parquet(target))
    assert json.loads(cli("ingest", folder, "-p", profiles, "--json").out)["files"] == []


def test_profile_is_written_once(cli: Cli, tmp_path: Path) -> None:
    """A guessed profile reads its export; an existing file is never overwritten."""
    target = tmp_path / "notes.yaml"
    ran = cli("profile", EXPORTS / "notes_2026-11.csv", "--out", target)
    assert (ran.code, target.is_file()) == (0, True)
    first = target.read_bytes()
    again = cli("profile", EXPORTS / "notes_2026-11.csv", "--out", target)
    assert again.code == 2
    assert "exists already" in again.err
    assert target.read_bytes() == first


def bomb() -> bytes:
    """Return a spreadsheet of a few kilobytes that unpacks to 600 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(600):
                sheet.write(bytes(1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"%PDF-1.7\n...", "PDF"),
        ("a.csv", b"", "empty"),
        ("a.xlsx", bomb, "unpack"),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged"),
        ("a.csv", "מספר,לקוח,תאריך,ערוץ\n1,2,03/09/2026,טלפון\n", "הערות"),
        ("a.csv", "מספר,לקוח,תאריך,ערוץ,הערות,הערות\n1,2,03/09/2026,טלפון,א,ב\n", "הערות"),
    ],
)
def test_a_wrong_file_is_named_and_changes_nothing(
    cli: Cli, tmp_path: Path, name: str, content: object, says: str
) -> None:
    """No export, empty, a bomb, damaged, a column missing or twice: exit 2, one line, no rows."""
    data = content() if callable(content) else content
    path = exports(tmp_path / "exports", name, data)
    ran = cli("ingest", path)
    assert ran.code == 2
    assert name in ran.err
    assert says in ran.err
    assert "Traceback" not in ran.err
    target = tmp_path / "contacts.jsonl"
    assert cli("export", "contacts", target).code == 0
    assert target.read_text() == ""


def test_wrong_rows_are_kept_and_counted(cli: Cli, tmp_path: Path) -> None:
    """A million-character note, NUL bytes, impossible and future dates: none stops the others."""
    rows = [
        "1,77,03/09/2026,טלפון,הכול תקין",
        f"2,77,04/09/2026,טלפון,{'ארוך ' * 200_000}",
        "3,77,31/09/2026,טלפון,תאריך שאין",
        "4,77,03/09/1999,טלפון,ישן מדי",
        "5,77,03/09/2062,טלפון,עתידי",
        "6,77,05/09/2026,טלפון,יש\x00כאן בית ריק",
        '7,77,06/09/2026,טלפון,"=HYPERLINK(""http://x"")"',
    ]
    path = exports(tmp_path / "exports", "a.csv", NOTES + "\n".join(rows) + "\n")
    (counts,) = json.loads(cli("ingest", path, "--json").out)["files"]
    assert (counts["read"], counts["stored"], counts["quarantined"]) == (7, 3, 4)
    kept = tmp_path / "quarantine.jsonl"
    cli("export", "quarantine", kept)
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [line["line"] for line in lines] == [3, 4, 5, 6]
    assert len(lines[0]["row"]) > 900_000
    table = tmp_path / "contacts.csv"
    cli("export", "contacts", table)
    assert "'=HYPERLINK" in table.read_text(encoding="utf-8-sig")


def test_customers_are_pseudonymised_by_a_key(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key no id is stored as it was, and the same customer stays one customer."""
    monkeypatch.setenv("KESHEV_PSEUDONYM_KEY", "a secret of the house")
    rows = "1,7788991,03/09/2026,טלפון,אחת\n2,7788991,04/09/2026,טלפון,שתיים\n"
    rows += "3,7788991,אתמול,טלפון,שלוש\n"
    path = exports(tmp_path / "exports", "a.csv", NOTES + rows)
    assert cli("ingest", path).code == 0
    store = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())
    assert b"7788991" not in store
    monkeypatch.setenv("KESHEV_PSEUDONYM_KEY", "another secret")
    refused = cli("ingest", path)
    assert refused.code == 2
    assert "another key" in refused.err
    assert "another secret" not in refused.err
    target = tmp_path / "contacts.parquet"
    cli("export", "contacts", target)
    assert len(set(pd.read_parquet(target)["customer_id"])) == 1


def test_comments_without_customer_and_date_go_through(cli: Cli, tmp_path: Path) -> None:
    """A file that nobody here planned for: the guess says what to supply, the report what lacks."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    comments = ["השירות היה איטי מאוד", "אחלה חברה, תודה", "יקר מדי ולא שווה", "עברתי למתחרים"]
    lines = [f"{text}\t{number % 3}" for number, text in enumerate(comments)]
    (folder / "comments.tsv").write_text("comment\tlabel\n" + "\n".join(lines), encoding="utf-8")
    profile = folder / "comments.yaml"
    ran = cli("profile", folder / "comments.tsv", "--out", profile)
    assert "dates.fixed" in ran.err
    assert "no_customer" in ran.err
    assert cli("ingest", folder / "comments.tsv").code == 2
    text = profile.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"fixed: null", "fixed: 2026-09-01", text), encoding="utf-8")
    assert cli("ingest", folder / "comments.tsv").code == 0
    assert cli("classify").code == cli("aggregate").code == 0
    reported = json.loads(cli("report", "--json").out)
    html = Path(reported["html"]).read_text(encoding="utf-8")
    assert "אין מזהי לקוח בנתונים" in html


def test_an_empty_store_says_what_to_do(cli: Cli) -> None:
    """A report of nothing is an error that names the command to begin with."""
    ran = cli("report")
    assert ran.code == 2
    assert "keshev ingest" in ran.err


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("KESHEV_DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("KESHEV_DATABASE_URL", "nonsense", "sqlite:///"),
        ("KESHEV_MODEL_DIR", "/nowhere", "KESHEV_MODEL_DIR"),
        ("KESHEV_WINDOW_DAYS", "99", "KESHEV_WINDOW_DAYS"),
    ],
)
def test_a_wrong_setting_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    """The message names the variable and what it should be."""
    monkeypatch.setenv(variable, value)
    ran = cli("classify")
    assert ran.code == 2
    assert says in ran.err


def test_a_deployment_that_could_not_run_is_refused_at_once(cli: Cli, tmp_path: Path) -> None:
    """Not on Sunday morning, and without a server of Prefect's left behind."""
    ran = cli("deploy", tmp_path / "none")
    assert ran.code == 2
    assert "none" in ran.err
