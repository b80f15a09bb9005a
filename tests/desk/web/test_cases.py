"""How cases end: outcomes, corrections, and who comes back to the queue."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from desk.app import create_app
from keshev.errors import PlaybookError
from keshev.settings import Settings
from labels.playbook import PATH as PLAYBOOK
from store import tables
from store.cases import read_case, read_history
from store.desk_session import desk_reading, desk_writing
from store.reviews import read_reviews
from store.session import transaction
from store.users import User, add_user
from tests.desk.web.casework import taken, waiting, words
from tests.desk.web.conftest import HERE, Clients, desk_of, sign_in


def test_an_outcome_goes_on_to_the_next_customer(app: FastAPI, client: Clients) -> None:
    person = client("desk")
    case = taken(person)
    following = waiting(person)[0]
    said = {"outcome": "saved", "offer": "plan", "words": "דיברנו, 052-1234567 יחזור"}
    answer = person.post(f"{case}/outcome", data=said)
    assert answer.headers["location"] == f"{following}?after=saved"
    assert "נרשם: נשאר." in person.get(answer.headers["location"]).text
    assert case not in waiting(person)
    page = person.get(case).text
    assert "נשאר: מסלול אחר" in page
    with desk_reading(desk_of(app).people) as connection:
        event = read_history(connection, case.removeprefix("/cases/"), 1)[0]
    assert event.note == "דיברנו, [טלפון] יחזור"
    closed = person.get("/queue?state=closed").text
    assert f'href="{case}"' in closed
    assert " 1 נלקחו היום 1 נשארו 0 עזבו" in words(person.get("/queue").text)


def test_a_page_from_before_the_outcome_takes_nobody_again(client: Clients) -> None:
    person, other = client("desk"), client("manager")
    case = taken(person)
    assert person.post(f"{case}/outcome", data={"outcome": "not_at_risk"}).status_code == 303
    answer = other.post(f"{case}/take")
    assert answer.status_code == 409
    assert "המצב השתנה מאז שהעמוד נפתח" in answer.text
    seen = re.findall(r'name="seen" value="(\d+)"', other.get(case).text)
    assert other.post(f"{case}/take", data={"seen": seen[0]}).status_code == 303


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"outcome": "saved"}, "צריך לבחור מה עזר"),
        ({"outcome": "lost"}, "באיזה יום הלקוח עזב"),
        ({"outcome": "lost", "left_on": "2099-01-01"}, "היום או לפני כן"),
        ({"outcome": "lost", "left_on": "0001-01-01"}, "היום או לפני כן"),
        ({"outcome": "later"}, "באיזה יום לחזור"),
        ({"outcome": "later", "call_on": "2020-01-01"}, "ממחר ועד שנה"),
        ({"outcome": "later", "call_on": "9999-12-31"}, "ממחר ועד שנה"),
        ({"outcome": "saved", "words": "א" * 501}, "ארוכה מדי"),
        ({"outcome": "won"}, "אינו תקין"),
        ({}, "אינו תקין"),
        ({"outcome": "saved", "offer": "gold"}, "אינו תקין"),
        ({"outcome": "lost", "left_on": "מחר"}, "אינו תקין"),
        ({"outcome": "saved", "words": "a\x00b"}, "אינו תקין"),
        ({"outcome": "wrong_reason", "reasons": "boredom"}, "אינו תקין"),
        ({"outcome": "wrong_reason", "contact_id": "nobody's"}, "אין פנייה"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_written(
    app: FastAPI, client: Clients, said: dict[str, str], problem: str
) -> None:
    person = client("desk")
    case = taken(person)
    answer = person.post(f"{case}/outcome", data=said)
    assert answer.status_code == 422
    assert problem in answer.text
    with desk_reading(desk_of(app).people) as connection:
        assert read_case(connection, case.removeprefix("/cases/")).holder == "desk"


def test_only_who_holds_a_case_ends_it(client: Clients) -> None:
    case = taken(client("desk"))
    answer = client("manager").post(f"{case}/outcome", data={"outcome": "not_at_risk"})
    assert answer.status_code == 409


def test_a_promised_call_comes_back_on_its_day_and_first(
    app: FastAPI, client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = client("desk")
    case = waiting(person)[5]
    person.post(f"{case}/take")
    day = date.today() + timedelta(days=3)
    later = {"outcome": "later", "call_on": day.isoformat()}
    assert person.post(f"{case}/outcome", data=later).status_code == 303
    assert case not in waiting(person)
    assert f'href="{case}"' in person.get("/queue?state=later").text
    from desk.pages import queue as page

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=3)

    monkeypatch.setattr(page, "datetime", Later)
    assert waiting(person)[0] == case


def test_a_newer_sign_brings_a_closed_customer_back(app: FastAPI, client: Clients) -> None:
    """A newer contact that says nothing of leaving does not."""
    person = client("desk")
    case = taken(person)
    name = case.removeprefix("/cases/")
    assert person.post(f"{case}/outcome", data={"outcome": "not_at_risk"}).status_code == 303
    desk = desk_of(app)
    moment = datetime.now(UTC) + timedelta(minutes=1)
    row = select(tables.at_risk).where(tables.at_risk.c.customer_id == name)
    with transaction(desk.data) as connection:
        listed = connection.execute(row).one()
        newer = re.sub(
            r'"last_contacted_at": "[^"]*"',
            f'"last_contacted_at": "{moment.isoformat()}"',
            listed.row,
        )
        connection.execute(
            update(tables.at_risk).where(tables.at_risk.c.rank == listed.rank).values(row=newer)
        )
    desk.risk.__init__()
    assert case not in waiting(person)
    with transaction(desk.data) as connection:
        told = (tables.contacts.c.customer_id == name, tables.contacts.c.direction == "in")
        connection.execute(update(tables.contacts).where(*told).values(contacted_at=moment))
    assert waiting(person)[0] == case
    assert "חזרה לתור אחרי: לא בסיכון" in person.get("/queue").text


def test_a_wrong_reason_becomes_a_correction(app: FastAPI, client: Clients) -> None:
    person = client("desk")
    case = taken(person)
    page = person.get(case).text
    contact = re.findall(r'name="contact_id" value="([^"]+)"', page)[0]
    checked = re.findall(r'name="reasons" value="(\w+)" checked', page)
    same = {
        "outcome": "wrong_reason",
        "contact_id": contact,
        "reasons": checked,
        "churn_intent": re.findall(r'value="(none|signal|explicit)" selected', page)[0],
        "resolution": re.findall(r'value="(resolved|open|unstated)" selected', page)[0],
    }
    if 'name="repeat" value="true" checked' in page:
        same["repeat"] = "true"
    unchanged = person.post(f"{case}/outcome", data=same)
    assert unchanged.status_code == 422
    assert "שום סימון לא השתנה" in unchanged.text
    right = {**same, "reasons": ["politics", "needs"]}
    assert person.post(f"{case}/outcome", data=right).status_code == 303
    desk = desk_of(app)
    with desk_reading(desk.people) as connection:
        reviews = read_reviews(connection)
    with transaction(desk.data) as connection:
        text = select(tables.contacts.c.text_digest).where(tables.contacts.c.contact_id == contact)
        digest = connection.execute(text).scalar_one()
    (review,) = reviews.to_dict("records")
    assert (review["contact_id"], review["text_digest"]) == (contact, digest)
    assert (review["source"], review["user_name"]) == ("case", "desk")
    assert [name for name in ("politics", "needs", *checked) if review[name]] == [
        "politics",
        "needs",
    ]
    assert "הסיבה שגויה" in person.get(case).text


def test_a_note_of_another_customer_is_not_corrected_here(client: Clients) -> None:
    person = client("desk")
    others = person.get(waiting(person)[1]).text
    case = taken(person)
    strange = {"outcome": "wrong_reason", "contact_id": "", "reasons": ["politics"]}
    page = person.get(case).text
    own = re.findall(r'name="contact_id" value="([^"]+)"', page)[0]
    assert own not in others
    with_strange = person.get(f"{case}?note={quote('no such note')}")
    assert with_strange.status_code == 200
    assert 'name="contact_id"' not in with_strange.text
    answer = person.post(f"{case}/outcome", data={**strange, "contact_id": "no such note"})
    assert answer.status_code == 422


def test_a_playbook_of_ones_own_is_shown_and_a_broken_one_is_told_at_the_start(
    settings: Settings, tmp_path: Path
) -> None:
    own = tmp_path / "own.yaml"
    text = PLAYBOOK.read_text(encoding="utf-8")
    own.write_text(text.replace("לשאול מה הביא לפנייה", "לשאול בחיוך"), encoding="utf-8")
    made = create_app(settings.model_copy(update={"playbook": own}))
    desk = desk_of(made)
    with desk_writing(desk.people) as connection:
        add_user(connection, User("dana", "", "desk", None, True, "he", datetime.now(UTC)))
    with TestClient(made, base_url=HERE) as person:
        sign_in(person, desk, "dana")
        assert "לשאול בחיוך" in person.get(waiting(person)[0]).text
    own.with_name("broken.yaml").write_text("articles: {}", encoding="utf-8")
    with pytest.raises(PlaybookError, match=r"broken\.yaml: always"):
        create_app(settings.model_copy(update={"playbook": own.with_name("broken.yaml")}))
