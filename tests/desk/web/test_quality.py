"""The quality pages over the sample: what ran, what was set aside, the model, drift, notices."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from desk.deps import Desk
from desk.modelcard import model_page
from store.contacts import read_files, read_quarantine
from store.desk_session import desk_writing
from store.drift import read_drift_weeks
from store.notices import claim, settle
from store.runs import begin_run, end_run
from store.session import transaction
from tests.desk.web.conftest import Clients, desk_of

PAGES = ("", "/quarantine", "/model", "/drift", "/notices")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["he", "en"])
def test_every_page_opens_in_both_languages(client: Clients, language: str) -> None:
    person = client("analyst")
    person.cookies.set("keshev_language", language)
    for page in PAGES:
        answer = person.get(f"/quality{page}")
        assert answer.status_code == 200, page
        assert f'<html lang="{language}"' in answer.text
        assert f'<a href="/quality{page}" aria-current="page">' in answer.text


def test_a_desk_agent_sees_none_of_it(client: Clients) -> None:
    person = client("desk")
    for page in (*PAGES, "/quarantine.csv"):
        assert person.get(f"/quality{page}").status_code == 403


def test_runs_and_files_are_counted(app: FastAPI, client: Clients) -> None:
    """A killed step, a failed one by its class alone, and files whose rows are all somewhere."""
    desk = desk_of(app)
    with desk_writing(desk.people) as connection:
        failed = begin_run(connection, "classify", NOW)
        end_run(connection, failed, NOW, state="failed", error="ModelFolderError")
        begin_run(connection, "aggregate", NOW)
    text = client("analyst").get("/quality").text
    assert "נכשל: \u2066ModelFolderError\u2069" in text
    assert "בלי סיום: רץ עכשיו, או נקטע" in text
    assert "החשבון מאוזן" in text
    with transaction(desk.data) as connection:
        files = read_files(connection)
    assert f"{files['read'].sum():,}" in text
    for name in files["name"]:
        assert f"<bdi>{name}</bdi>" in text
    beyond = client("analyst").get("/quality?page=9&files=9").text
    assert "אין עוד הרצות." in beyond


def test_the_quarantine_shows_where_and_why_and_no_words(app: FastAPI, client: Clients) -> None:
    """Neither the page nor the file holds a cell of a row that was set aside."""
    person = client("analyst")
    with transaction(desk_of(app).data) as connection:
        whole = read_quarantine(connection)
    page = person.get("/quality/quarantine").text
    sheet = person.get("/quality/quarantine.csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "attachment" in sheet.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert len(rows) == len(whole) + 1
    assert rows[1] == whole.iloc[0][["file", "line", "code", "reason_he"]].astype(str).tolist()
    words = re.findall(r'": "([^"]{12,})"', " ".join(whole["row"]))
    assert words
    assert not [one for one in words if one in page or one in sheet.text]
    few = person.get("/quality/quarantine?code=bad_date").text
    assert few.count("<tr><td><bdi>") == (whole["code"] == "bad_date").sum()


def test_a_file_s_name_is_no_formula(app: FastAPI, client: Clients) -> None:
    with transaction(desk_of(app).data) as connection:
        connection.exec_driver_sql("UPDATE quarantine SET file = '=cmd|1!A1.csv'")
    sheet = client("analyst").get("/quality/quarantine.csv").content.decode("utf-8-sig")
    assert all(line.startswith("'=cmd") for line in sheet.splitlines()[1:])


@pytest.mark.parametrize(
    "path",
    [
        "/quarantine?code=%D7%90",
        "/quarantine?page=0",
        "/quarantine?page=99999999999999999999",
        "/quarantine.csv?code=x",
        "/drift?week=yesterday",
        "/notices?page=-1",
        "?files=x",
    ],
)
def test_wrong_addresses_are_no_faults(client: Clients, path: str) -> None:
    assert client("analyst").get(f"/quality{path}").status_code == 422


def test_the_model_s_card_is_the_folder_s(app: FastAPI, client: Clients) -> None:
    text = client("analyst").get("/quality/model").text
    page = model_page(desk_of(app).settings.model_dir)
    assert page.model_id in text
    assert text.count("<h1>") == 1
    assert 'lang="en" dir="ltr"' in text
    assert "Slices of test" in text
    assert f"{page.card.figures['reasons']:.3f}" in text


def test_drift_is_of_the_newest_week_or_the_chosen_one(app: FastAPI, client: Clients) -> None:
    person = client("analyst")
    with transaction(desk_of(app).data) as connection:
        newest, before, *_ = read_drift_weeks(connection, 9)
    assert f'<option value="{newest}" selected>' in person.get("/quality/drift").text
    text = person.get(f"/quality/drift?week={before}").text
    assert f'<option value="{before}" selected>' in text
    assert "PSI" in text
    assert person.get("/quality/drift?week=1999-01-03").status_code == 404


def test_without_figures_drift_says_how_to_make_them(app: FastAPI, client: Clients) -> None:
    with transaction(desk_of(app).data) as connection:
        connection.exec_driver_sql("DELETE FROM signals")
    assert "keshev aggregate" in client("analyst").get("/quality/drift").text


def send(desk: Desk, way: str, receiver: str, subject: str, problem: str | None = None) -> None:
    kind = "weekly" if way == "mail" else "at_risk"
    with desk_writing(desk.people) as connection:
        given = claim(connection, kind, way, receiver, [subject], NOW)
        settle(connection, kind, way, receiver, given, NOW, problem)


def test_notices_say_what_was_sent_and_what_was_not(
    app: FastAPI, client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the settings of them, without their secrets."""
    person = client("analyst")
    assert "עוד לא נשלח דבר." in person.get("/quality/notices").text
    send(desk_of(app), "mail", "a@example.com", "2026-11-08")
    send(desk_of(app), "webhook", "crm.example.com", "0301", problem="answer 503")
    monkeypatch.setenv("KESHEV_WEBHOOK_URL", "https://crm.example.com/hook?token=s3cr3t")
    monkeypatch.setenv("KESHEV_WEBHOOK_SECRET", "0123456789abcdef")
    text = person.get("/quality/notices").text
    assert "8.11.2026" in text
    assert "תשובת השרת (\u2066503\u2069)" in text
    assert "<bdi>crm.example.com</bdi>" in text
    assert "s3cr3t" not in text
    assert "0123456789abcdef" not in text
    monkeypatch.setenv("KESHEV_WEBHOOK_SECRET", "short")
    assert "ההגדרות של ההודעות שגויות" in person.get("/quality/notices").text
