"""The queue and the cases as people see and take them."""

import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from store import tables
from store.audit_log import read_log
from store.desk_session import desk_reading, desk_writing
from store.session import transaction
from store.users import User, add_user
from tests.desk.web.casework import taken, waiting, words
from tests.desk.web.conftest import Clients, desk_of, sign_in


def test_the_queue_is_in_the_order_of_risk_and_pages_do_not_overlap(
    app: FastAPI, client: Clients
) -> None:
    person = client("desk")
    with transaction(desk_of(app).data) as connection:
        query = select(tables.at_risk.c.customer_id).order_by(tables.at_risk.c.rank)
        everybody = [f"/cases/{quote(name, safe='')}" for (name,) in connection.execute(query)]
    assert len(everybody) > 50
    assert waiting(person) + waiting(person, "/queue?page=2") == everybody[:40]
    assert waiting(person, "/queue?page=999") == []


def test_filters_narrow_the_queue(client: Clients) -> None:
    person = client("desk")
    assert waiting(person, "/queue?reason=&least=&customer=") == waiting(person)
    some = person.get("/queue?reason=service&least=20")
    for row in re.findall(r"<li class=\"card\">.*?</li>", some.text, re.S):
        assert "שירות לקוי" in row
    first = waiting(person)[0]
    assert waiting(person, f"/queue?customer={first.removeprefix('/cases/')}") == [first]
    assert "אין כאן לקוחות שמתאימים לסינון" in person.get("/queue?customer=nobody").text


def test_taking_a_case_moves_it_from_the_free_to_mine(client: Clients) -> None:
    person, other = client("desk"), client("manager")
    case = taken(person)
    assert case not in waiting(person)
    assert f'href="{case}"' in person.get("/queue?state=mine").text
    assert f'href="{case}"' not in other.get("/queue?state=mine").text
    held = other.get("/queue?state=held").text
    assert f'href="{case}"' in held
    assert "בטיפול של נועה לוי" in held
    assert 'name="outcome"' in person.get(case).text
    assert 'name="outcome"' not in other.get(case).text


def test_who_comes_second_sees_who_was_first(client: Clients) -> None:
    case = taken(client("desk"))
    answer = client("manager").post(f"{case}/take")
    assert answer.status_code == 409
    assert "מישהו הקדים אתכם: בטיפול של נועה לוי." in answer.text


def test_of_ten_who_click_at_once_one_gets_the_case(app: FastAPI, client: Clients) -> None:
    desk = desk_of(app)
    people = []
    with desk_writing(desk.people) as connection:
        for number in range(10):
            name = f"p{number}"
            add_user(connection, User(name, name, "desk", None, True, "he", datetime.now(UTC)))
    for number in range(10):
        person = client("")
        sign_in(person, desk, f"p{number}")
        people.append(person)
    case = waiting(people[0])[0]
    answers: list[int] = []
    start = threading.Barrier(10)

    def click(person: TestClient) -> None:
        start.wait()
        answers.append(person.post(f"{case}/take").status_code)

    threads = [threading.Thread(target=click, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [409] * 9


def test_a_released_case_is_free_again(client: Clients) -> None:
    person = client("desk")
    case = taken(person)
    assert client("manager").post(f"{case}/release").status_code == 409
    assert person.post(f"{case}/release").headers["location"] == "/queue"
    assert waiting(person)[0] == case
    assert "החזרה לתור" in person.get(case).text


def test_a_form_without_the_token_takes_nothing(client: Clients) -> None:
    person = client("desk")
    case = waiting(person)[0]
    del person.headers["X-CSRF-Token"]
    assert person.post(f"{case}/take").status_code == 403
    assert waiting(person)[0] == case
    token = re.findall(r'name="csrf" value="([^"]+)"', person.get("/queue").text)[0]
    assert person.post(f"{case}/take", data={"csrf": token}).status_code == 303


def test_what_was_seen_and_done_is_in_the_audit_log(app: FastAPI, client: Clients) -> None:
    """By the customer's id, without a word."""
    person = client("desk")
    case = taken(person)
    person.get(case)
    person.post(f"{case}/release")
    person.post(f"{case}/take")
    person.post(
        f"{case}/outcome", data={"outcome": "lost", "left_on": "2026-11-01", "words": "סוד"}
    )
    with desk_reading(desk_of(app).people) as connection:
        entries = read_log(connection)
    name = case.removeprefix("/cases/")
    done = [entry.action for entry in reversed(entries) if entry.object == name]
    assert done == ["case_take", "case_view", "case_release", "case_take", "case_lost"]
    assert "queue_view" in {entry.action for entry in entries}
    assert "סוד" not in str(entries)


@pytest.mark.parametrize("path", ["nobody", "%00", "a%0Ab", "x" * 201, "%F0%9F%98%80", "a/b"])
def test_an_unknown_customer_is_no_fault(client: Clients, path: str) -> None:
    person = client("desk")
    assert person.get(f"/cases/{path}").status_code in (404, 422)
    for action in ("take", "release", "outcome"):
        answer = person.post(f"/cases/{path}/{action}", data={"outcome": "not_at_risk"})
        assert answer.status_code in (404, 405, 422), action


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "least=101", "reason=x", "state=x", "customer=%00"]
)
def test_a_wrong_address_is_said_to_be_wrong(client: Clients, query: str) -> None:
    assert client("desk").get(f"/queue?{query}").status_code == 422


def test_a_long_journey_is_paged(app: FastAPI, client: Clients) -> None:
    """Five thousand contacts of one customer: each page has its forty, the newest first."""
    person, desk = client("desk"), desk_of(app)
    case = waiting(person)[0]
    name = case.removeprefix("/cases/")
    with transaction(desk.data) as connection:
        row = dict(connection.execute(select(tables.contacts).limit(1)).one()._mapping)
        begin = datetime(2010, 1, 1, tzinfo=UTC)
        connection.execute(
            tables.contacts.insert(),
            [
                {
                    **row,
                    "contact_id": f"long:{number}",
                    "customer_id": name,
                    "contacted_at": begin + timedelta(hours=number),
                    "text": f"פנייה מספר {number}",
                    "duplicate": False,
                }
                for number in range(5000)
            ],
        )
    page = person.get(f"{case}?page=3").text
    assert len(re.findall(r"<p class=\"when\">", page)) == 40
    shown = [int(number) for number in re.findall(r"פנייה מספר (\d+)", page)]
    assert shown == sorted(shown, reverse=True)
    assert "עמוד 3 מתוך" in page
    assert person.get(f"{case}?page=9999").status_code == 200


def test_customers_words_are_escaped(app: FastAPI, client: Clients) -> None:
    person, desk = client("desk"), desk_of(app)
    case = waiting(person)[0]
    hostile = '<script>alert("x")</script><b>'
    with transaction(desk.data) as connection:
        own = tables.contacts.c.customer_id == case.removeprefix("/cases/")
        connection.execute(update(tables.contacts).where(own).values(text=hostile))
    for address in (case, "/queue"):
        page = person.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_store_without_figures_says_so(app: FastAPI, client: Clients) -> None:
    person, desk = client("desk"), desk_of(app)
    with transaction(desk.data) as connection:
        connection.execute(tables.at_risk.delete())
        connection.execute(tables.meta.delete().where(tables.meta.c.key != "schema"))
    assert "עוד לא חושבו נתונים" in person.get("/queue").text


def test_english_speaks_english(client: Clients) -> None:
    person = client("desk")
    person.cookies.set("keshev_language", "en")
    case = waiting(person)[0]
    page = words(person.get(case).text)
    assert "Ask what led to this" in page
