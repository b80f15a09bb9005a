"""Review: notes are labelled by form, blind where people and model are measured."""

import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from desk.model import model_id
from labels.agreement import NAMES
from store.audit_log import read_log
from store.desk_session import desk_reading, desk_writing
from store.review_queue import Part, candidates, for_two
from store.reviewing import find_note
from store.reviews import BOOLS, read_reviews, read_settlements, save_review
from store.session import transaction
from tests.desk.web.conftest import Clients, desk_of

FORM = {"churn_intent": "signal", "resolution": "open", "reasons": ["trust", "neglect"]}


def hidden(page: str) -> dict[str, str]:
    """Return the note's hidden fields of the page's form."""
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: found[name] for name in ("note", "text_digest", "part")}


def reviews(app: FastAPI) -> pd.DataFrame:
    with desk_reading(desk_of(app).people) as connection:
        return read_reviews(connection)


def order(app: FastAPI, part: Part) -> list[str]:
    desk = desk_of(app)
    with transaction(desk.data) as connection:
        return [
            one.contact_id
            for one in candidates(connection, part, model_id(desk.settings.model_dir))
        ]


def checked(page: str) -> set[str]:
    return set(re.findall(r'value="(\w+)" data-key="\w+"[^>]* checked', page))


def test_unclear_notes_come_first_with_what_the_model_suggests(
    app: FastAPI, client: Clients
) -> None:
    analyst = client("analyst")
    page = analyst.get("/review").text
    given = hidden(page)
    assert given["part"] == "unclear"
    assert given["note"] == order(app, Part.UNCLEAR)[0]
    desk = desk_of(app)
    with transaction(desk.data) as connection:
        note = find_note(connection, given["note"], model_id(desk.settings.model_dir))
    assert note is not None
    assert note.suggested is not None
    assert {note.suggested["churn_intent"], note.suggested["resolution"]} <= checked(page)
    assert page.count("<kbd") >= 12 + 3 + 3 + 1


def test_the_random_sample_shows_nothing_of_the_model(app: FastAPI, client: Clients) -> None:
    analyst, first = client("analyst"), order(app, Part.RANDOM)[0]
    desk = desk_of(app)
    with transaction(desk.data) as connection:
        note = find_note(connection, first, model_id(desk.settings.model_dir))
    assert note is not None
    page = analyst.get("/review?part=random").text
    assert hidden(page)["note"] == first
    assert checked(page) == {"none", "unstated"}
    assert "<mark" not in page
    assert analyst.get(f"/review?part=random&note={first}").text.count("<mark") == 0


def test_labels_are_saved_and_the_next_note_comes(app: FastAPI, client: Clients) -> None:
    analyst = client("analyst")
    given = hidden(analyst.get("/review?part=random").text)
    answer = analyst.post("/review", data={**given, **FORM, "repeat": "true"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?part=random")
    row = reviews(app).iloc[0]
    assert (row["contact_id"], row["user_name"], row["source"]) == (
        given["note"],
        "analyst",
        "review",
    )
    assert row["blind"]
    labels = {name for name in BOOLS if row[name]}
    assert labels == {"trust", "neglect", "repeat"}
    assert (row["churn_intent"], row["resolution"]) == ("signal", "open")
    assert hidden(analyst.get("/review?part=random").text)["note"] != given["note"]
    with desk_reading(desk_of(app).people) as connection:
        logged = [(one.action, one.object) for one in read_log(connection, user_name="analyst")]
    assert ("review_saved", given["note"]) in logged
    assert ("review_seen", given["note"]) in logged


def test_undo_brings_the_last_note_back_and_skip_leaves_it(app: FastAPI, client: Clients) -> None:
    analyst = client("analyst")
    first = hidden(analyst.get("/review?part=random").text)
    analyst.post("/review", data={**first, **FORM})
    back = analyst.post("/review/undo", data={"part": "random"})
    assert reviews(app).empty
    assert hidden(analyst.get(back.headers["location"]).text)["note"] == first["note"]
    analyst.post("/review/skip", data={"note": first["note"], "part": "random"})
    assert hidden(analyst.get("/review?part=random").text)["note"] == order(app, Part.RANDOM)[1]
    assert analyst.post("/review/undo", data={"part": "random"}).status_code == 303


def test_a_text_that_changed_meanwhile_is_not_labelled(app: FastAPI, client: Clients) -> None:
    analyst = client("analyst")
    given = hidden(analyst.get("/review?part=random").text)
    changed = analyst.post("/review", data={**given, **FORM, "text_digest": "another"})
    assert changed.status_code == 409
    gone = analyst.post("/review", data={**given, **FORM, "note": "notes:none"})
    assert gone.status_code == 404
    assert reviews(app).empty


@pytest.mark.parametrize(
    "wrong", [{"reasons": ["weather"]}, {"churn_intent": ""}, {"part": "all"}, {"note": ""}]
)
def test_input_outside_the_codebook_is_refused(client: Clients, wrong: dict[str, Any]) -> None:
    analyst = client("analyst")
    given = hidden(analyst.get("/review?part=random").text)
    assert analyst.post("/review", data={**given, **FORM, **wrong}).status_code == 422


def label(app: FastAPI, who: str, contact_id: str, *given: str, blind: bool = True) -> None:
    """Let somebody label a note."""
    desk = desk_of(app)
    with transaction(desk.data) as connection:
        note = find_note(connection, contact_id, model_id(desk.settings.model_dir))
    assert note is not None
    labels: dict[str, Any] = {name: name in given for name in NAMES}
    with desk_writing(desk.people) as connection:
        save_review(
            connection,
            contact_id=contact_id,
            text_digest=note.text_digest,
            user_name=who,
            at=datetime.now(UTC),
            source="review",
            labels={**labels, "churn_intent": "none", "resolution": "open"},
            blind=blind,
        )


def test_nobody_sees_what_another_said_before_labelling(app: FastAPI, client: Clients) -> None:
    """A note for two comes to the second person as it came to the first."""
    double = next(one for one in order(app, Part.RANDOM) if for_two(one, 0.2))
    analyst = client("analyst")
    before = analyst.get(f"/review?part=random&note={double}").text
    label(app, "admin", double, "trust", "repeat")
    after = analyst.get(f"/review?part=random&note={double}").text
    assert checked(after) == checked(before) == {"none", "unstated"}
    assert "admin" not in after


def test_agreement_and_the_model_are_told_with_their_n(app: FastAPI, client: Clients) -> None:
    names = order(app, Part.RANDOM)[:6]
    for one in names:
        label(app, "analyst", one, "trust")
    for one in names[:4]:
        label(app, "admin", one, "trust", *(["neglect"] if one == names[0] else []))
    page = client("analyst").get("/review/agreement").text
    assert "4 פניות תויגו בידי שניים" in page
    assert "5 פניות מהמדגם האקראי" in page  # the disputed one is not counted
    assert "פנייה אחת במחלוקת" in page


def test_a_dispute_is_settled_and_kept_with_who(app: FastAPI, client: Clients) -> None:
    analyst, one = client("analyst"), order(app, Part.RANDOM)[0]
    label(app, "analyst", one, "trust")
    label(app, "admin", one, "neglect")
    page = analyst.get("/review/agreement").text
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert form["note"] == one
    given = {"note": one, "text_digest": form["text_digest"], **FORM, "reasons": ["trust"]}
    assert analyst.post("/review/settle", data=given).status_code == 303
    with desk_reading(desk_of(app).people) as connection:
        row = read_settlements(connection).iloc[0]
    assert (row["contact_id"], row["user_name"]) == (one, "analyst")
    assert row["trust"]
    assert not row["neglect"]
    assert "אין מחלוקות" in analyst.get("/review/agreement").text
    other = {**given, "note": order(app, Part.RANDOM)[1]}
    assert analyst.post("/review/settle", data=other).status_code == 409


def test_every_key_of_the_form_is_used_once(client: Clients) -> None:
    page = client("analyst").get("/review?part=random").text
    keys = re.findall(r'data-key="(\w+)"', page)
    assert len(keys) == len(set(keys)) > 20
    assert {"1", "0", "Enter", "S"} <= set(keys)


def works_with(client: TestClient, path: str) -> bool:
    return client.get(path).status_code == 200


def test_all_of_it_is_an_analyst_s(client: Clients) -> None:
    manager = client("manager")
    assert not works_with(manager, "/review")
    assert not works_with(manager, "/review/agreement")
    assert works_with(client("analyst"), "/review/agreement")
