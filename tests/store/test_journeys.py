"""A customer's journey: all his contacts and nobody else's, page by page, with their threads."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from labels.codebook import REASONS
from nlp.normalize import fingerprint_text
from store.contacts import read_contacts, save_contacts
from store.customers import save_customers
from store.journeys import (
    Customer,
    Journey,
    is_known,
    read_customer,
    read_journey,
    read_notes,
    read_visits,
)
from store.predictions import pending, read_predictions, save_predictions
from store.session import transaction
from store.signals import replace_figures
from tests.frames import (
    BEGIN,
    at_risk_of,
    contact,
    contact_rows,
    contacts_of,
    customers_of,
    predictions_of,
    signals_of,
    threads_of,
)

MODEL = "he-1"


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Two hundred contacts of forty customers; every third has no prediction; some in threads."""
    rows = contact_rows(200)
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), fingerprint_text)
        waiting = [one for n, one in enumerate(pending(connection, MODEL, 500)) if n % 3]
        frame = predictions_of([one.contact_id for one in waiting], MODEL)
        save_predictions(connection, frame, waiting)
        threads = threads_of([row["contact_id"] for row in rows if row["customer_id"] == "לק-0007"])
        replace_figures(connection, threads, signals_of(), at_risk_of(1))
        save_customers(connection, customers_of(9))
    return engine


def test_every_page_together_is_the_customers_contacts(filled: Engine) -> None:
    """The slow twin: frames of everything, filtered."""
    with transaction(filled) as connection:
        pages = [
            read_visits(connection, MODEL, "any", "לק-0007", limit=2, offset=offset)
            for offset in range(0, 8, 2)
        ]
        contacts, made = read_contacts(connection), read_predictions(connection, MODEL)
    found = [visit for page in pages for visit in page]
    own = contacts[contacts["customer_id"] == "לק-0007"]
    own = own.sort_values(["contacted_at", "contact_id"], ascending=False)
    assert len(own) > 3
    assert [visit.contact_id for visit in found] == own["contact_id"].tolist()
    made = made.set_index("contact_id")
    for visit, (_, row) in zip(found, own.iterrows(), strict=True):
        assert (visit.contacted_at, visit.text) == (row["contacted_at"], row["text"])
        assert (visit.channel, visit.direction) == (row["channel"], row["direction"])
        if visit.contact_id in made.index:
            said = made.loc[visit.contact_id]
            assert visit.reasons == tuple(str(reason) for reason in REASONS if said[str(reason)])
            assert (visit.churn_intent, visit.evidence) == (said["churn_intent"], said["evidence"])
        else:
            assert visit.reasons == ()
            assert visit.churn_intent is visit.resolution is visit.evidence is None
    assert {visit.churn_intent is None for visit in found} == {True, False}


def test_threads_are_numbered_from_the_oldest(filled: Engine) -> None:
    with transaction(filled) as connection:
        journey = read_journey(connection, "queue", "לק-0007")
        visits = read_visits(connection, MODEL, "queue", "לק-0007", limit=99)
        nobody = read_journey(connection, "queue", "אין כזה")
    oldest_first = [visit.thread_id for visit in reversed(visits)]
    assert [*journey.threads] == [*dict.fromkeys(oldest_first)]
    assert [thread.number for thread in journey.threads.values()] == [
        *range(1, len(journey.threads) + 1)
    ]
    for name, thread in journey.threads.items():
        assert thread.contacts == oldest_first.count(name)
    assert journey.contacts == len(visits)
    assert (journey.first, journey.last) == (visits[-1].contacted_at, visits[0].contacted_at)
    assert nobody == Journey(0, None, None, {})


def test_a_copy_stands_in_no_journey(engine: Engine) -> None:
    rows = [
        contact(f"c{n}", customer_id="x", contacted_at=BEGIN + timedelta(seconds=n))
        for n in range(2)
    ]
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), fingerprint_text)
        assert [v.contact_id for v in read_visits(connection, MODEL, "any", "x", limit=9)] == ["c0"]
        assert read_journey(connection, "any", "x").contacts == 1


def test_notes_by_their_ids(filled: Engine) -> None:
    with transaction(filled) as connection:
        wanted = [
            visit.contact_id for visit in read_visits(connection, MODEL, "any", "לק-0007", limit=2)
        ]
        found = read_notes(connection, MODEL, "any", [*wanted, "gone"])
    assert set(found) == set(wanted)


def test_what_rosters_tell(filled: Engine) -> None:
    roster = customers_of(9).iloc[2]
    with transaction(filled) as connection:
        found = read_customer(connection, "לק-0002")
        assert read_customer(connection, "אין כזה") is None
        # The roster names nine customers, the contacts forty.
        known = [is_known(connection, name) for name in ("לק-0008", "לק-0039", "אין כזה")]
    assert known == [True, True, False]
    assert found == Customer(
        "לק-0002",
        customer_since=roster["customer_since"],
        contract_end=None,
        churned_at=None,
        monthly_value=roster["monthly_value"],
    )
