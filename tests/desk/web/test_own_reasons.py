"""Reasons of one's own at the desk: added, used by a run, confirmed note by note."""

import re
import time
from datetime import date
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, select

from desk.presenters.behind import notes_url
from desk.presenters.ownreasons import examples_in
from desk.searching.searcher import Searcher
from desk.searching.snapshot import Snapshot
from flows.aggregating import aggregate
from flows.indexing import is_indexed
from flows.owning import apply_own
from flows.steps import classify
from labels.codebook import Reason
from labels.corpus import read_split
from store import tables
from store.behind import Behind
from store.desk_session import desk_reading
from store.ownpredictions import count_present, read_figures
from store.ownreasons import count_checks, read_reasons
from store.session import transaction
from tests.desk.web.conftest import Clients, desk_of

TEXTS = [note.text for note in read_split("train") if Reason.STAFF in note.reasons][::17][:20]
FORM = {"name": "נציג שעזב", "description": "מי שטיפל עזב", "examples": "\n\n".join(TEXTS)}


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_pasted_notes_are_parted_by_empty_lines_or_by_lines() -> None:
    assert examples_in("אחת\n שתיים \nשלוש\n") == ["אחת", "שתיים", "שלוש"]
    assert examples_in("אחת\r\nעוד\r\n\r\n\r\nשתיים") == ["אחת\nעוד", "שתיים"]
    assert examples_in(" \n ") == []


def test_a_reason_is_added_used_and_its_precision_measured(app: FastAPI, client: Clients) -> None:
    analyst, desk = client("analyst"), desk_of(app)
    assert analyst.post("/reasons", data=FORM).status_code == 303
    assert "בשימוש מההרצה הבאה" in analyst.get("/reasons").text
    with desk_reading(desk.people) as connection:
        reason_id = read_reasons(connection)[0].reason_id
    assert analyst.get(f"/reasons/{reason_id}/check").status_code == 404
    apply_own(desk.settings, desk.data)
    with transaction(desk.data) as connection:
        asked, given = count_present(connection, reason_id)
    assert asked > 100
    assert given > 1
    assert "עוד לא נמדד" in analyst.get("/reasons").text
    seen = set()
    for present in ("true", "false"):
        form = hidden(analyst.get(f"/reasons/{reason_id}/check").text)
        seen.add(form["note"])
        answer = analyst.post(f"/reasons/{reason_id}/check", data={**form, "present": present})
        assert answer.status_code == 303
    assert len(seen) == 2
    page = analyst.get("/reasons").text
    assert "n=2" in page
    assert "50%" in page
    stale = {**form, "version": "older", "present": "true"}
    assert analyst.post(f"/reasons/{reason_id}/check", data=stale).status_code == 409
    assert analyst.post(f"/reasons/{reason_id}/remove").status_code == 303
    assert "עוד אין סיבות משלכם" in analyst.get("/reasons").text
    with desk_reading(desk.people) as connection:
        assert count_checks(connection, reason_id, form["version"]) == (0, 0)


def test_a_reason_is_a_chip_on_every_page_and_a_filter_of_the_search(
    app: FastAPI, client: Clients
) -> None:
    """By queue in the week too; a page shows it only of the notes that were given it."""
    analyst, desk = client("analyst"), desk_of(app)
    assert "chip own" not in client("desk").get("/queue").text
    assert 'name="own"' not in analyst.get("/search").text
    analyst.post("/reasons", data=FORM)
    before = app.state.searcher.snapshot(60)
    classify(desk.settings, desk.data)
    assert is_indexed(desk.settings, desk.data)
    aggregate(desk.settings, desk.data)
    with transaction(desk.data) as connection:
        (figures,) = read_figures(connection)
        own = tables.own_predictions.c
        query = select(own.contact_id).where(own.present.is_(True))
        given = set(connection.execute(query).scalars())
        customer, day = listed_among(connection, given)
    assert "הסיבות שהוספתם לפי תור" in client("manager").get("/week").text
    behind = notes_url(Behind(day, own=figures.reason_id))
    for page in (
        client("desk").get("/queue", params={"customer": customer}),
        client("desk").get(f"/cases/{customer}"),
        client("manager").get(behind),
    ):
        assert page.status_code == 200
        assert page.text.count('class="chip own"') >= 1, page.url
        assert FORM["name"] in page.text
        assert "עוד לא נמדד" in page.text
    wait_for_newer(app.state.searcher, before)
    found = analyst.get("/search", params={"own": figures.reason_id, "unclear": ""})
    app.state.searcher.close()
    assert f'<option value="{figures.reason_id}" selected>' in found.text
    shown = re.findall(r"/search\?like=([^\"]+)", found.text)
    assert shown
    assert {unquote(one) for one in shown} <= given
    assert found.text.count('class="chip own"') == len(shown)


def wait_for_newer(searcher: Searcher, before: Snapshot | None) -> None:
    """Return when the search has read what a run left; until then it answers from before."""
    for _ in range(600):
        if searcher.snapshot(60) is not before:
            return
        time.sleep(0.1)
    raise AssertionError("no newer snapshot within a minute")


def listed_among(connection: Connection, given: set[str]) -> tuple[str, date]:
    """Return a customer of the list with one of these contacts lately, and that contact's day."""
    contact, listed = tables.contacts.c, tables.at_risk.c
    query = (
        select(contact.customer_id, contact.contacted_at)
        .join(tables.at_risk, listed.customer_id == contact.customer_id)
        .where(contact.contact_id.in_(sorted(given)), contact.direction == "in")
        .where(contact.channel != "survey")
        .order_by(contact.contacted_at.desc())
    )
    customer, moment = connection.execute(query.limit(1)).one()
    return customer, moment.date()


def test_notes_of_the_store_and_masked_texts_are_examples(app: FastAPI, client: Clients) -> None:
    desk = desk_of(app)
    with transaction(desk.data) as connection:
        contact = tables.contacts.c
        rows = connection.execute(select(contact.contact_id, contact.text).limit(25)).all()
    pasted = "טלפון 054-1234567 של הלקוח"
    given = {"name": "מהמאגר", "examples": pasted, "notes": "\n".join(row[0] for row in rows)}
    assert client("analyst").post("/reasons", data=given).status_code == 303
    with desk_reading(desk.people) as connection:
        found = read_reasons(connection)[0]
    assert {row[1].strip() for row in rows} <= set(found.examples)
    assert not any("054-1234567" in text for text in found.examples)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "צריך שם"),
        ({"examples": "אחת\nשתיים"}, "ניתנו 2"),
        ({"notes": "notes:none"}, "notes:none"),
    ],
)
def test_what_is_missing_is_said_and_the_form_stays_filled(
    client: Clients, wrong: dict[str, str], says: str
) -> None:
    answer = client("analyst").post("/reasons", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert says in answer.text
    assert FORM["description"] in answer.text


def test_a_name_stands_once(client: Clients) -> None:
    analyst = client("analyst")
    analyst.post("/reasons", data=FORM)
    assert "כבר יש סיבה" in analyst.post("/reasons", data=FORM).text
    assert analyst.post("/reasons/own-none/remove").status_code == 404
