"""The at-risk list in memory, and who spoke up again after a moment."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Engine

from labels.frames import Threads, empty_frame
from nlp.normalize import fingerprint_text
from store.contacts import save_contacts
from store.predictions import pending, save_predictions
from store.risklist import RiskLists, read_risk_list, read_rows, told_since
from store.session import set_meta, transaction
from store.signals import replace_figures
from tests.frames import BEGIN, at_risk_of, contact, contacts_of, predictions_of, signals_of
from tests.frames import threads_of as threads

MODEL = "model-1"


def put(engine: Engine, count: int, key: str) -> pd.DataFrame:
    """Write a list of so many customers and return it."""
    frame = at_risk_of(count)
    with transaction(engine) as connection:
        replace_figures(connection, empty_frame(Threads), signals_of(), frame)
        set_meta(connection, "aggregated", key)
    return frame


def test_the_list_is_the_stored_one_in_its_order(engine: Engine) -> None:
    frame = put(engine, 7, "one")
    with transaction(engine) as connection:
        found = read_risk_list(connection)
        rows = read_rows(connection, found.listed[1:3])
    assert [one.rank for one in found.listed] == [*range(1, 8)]
    assert [one.customer_id for one in found.listed] == frame["customer_id"].tolist()
    assert [one.score for one in found.listed] == frame["score"].tolist()
    assert found.newest == frame["last_contacted_at"].max()
    assert [*rows] == frame["customer_id"].tolist()[1:3]
    for place, row in zip((1, 2), rows.values(), strict=True):
        assert row["last_contacted_at"] == frame["last_contacted_at"][place]
        assert row["contract_end"] == frame["contract_end"][place]


def test_the_list_is_read_again_only_for_other_figures(engine: Engine) -> None:
    kept = RiskLists()
    put(engine, 7, "one")
    with transaction(engine) as connection:
        first = kept.now(connection)
        assert kept.now(connection) is first
    put(engine, 3, "two")
    with transaction(engine) as connection:
        assert len(kept.now(connection).listed) == 3
        set_meta(connection, "aggregated_lost", "x")
        assert kept.now(connection) is not first


def save(
    engine: Engine, rows: list[dict[str, object]], labels: dict[str, dict[str, object]]
) -> None:
    """Write contacts, and predictions that say nothing but what `labels` says of each."""
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), fingerprint_text)
        waiting = pending(connection, MODEL, 99)
        frame = predictions_of([one.contact_id for one in waiting], MODEL)
        reasons = [
            name[2:] for name in frame.columns if name.startswith("p_") and name[2:] in frame
        ]
        for name in (*reasons, "repeat"):
            frame[name] = False
        frame["churn_intent"] = "none"
        for place, one in enumerate(waiting):
            for name, value in labels.get(one.contact_id, {}).items():
                frame.loc[place, name] = value
        save_predictions(connection, frame, waiting)


def test_only_a_newer_sign_speaks(engine: Engine) -> None:
    """A question that says nothing of leaving brings nobody back, nor does our own call to him."""
    at = BEGIN + timedelta(days=1)
    told: dict[str, dict[str, object]] = {
        "intent": {"churn_intent": "signal"},
        "reason": {"failure": True},
        "plain": {},
        "called": {"churn_intent": "explicit"},
        "early": {"failure": True},
    }
    plain = {"direction": "in", "channel": "phone", "nps": None}
    rows = [contact(name, customer_id=name, contacted_at=at, **plain) for name in told]
    rows[3]["direction"] = "out"
    rows[4]["contacted_at"] = at - timedelta(days=2)
    survey = {"channel": "survey", "contacted_at": at, "direction": "in"}
    rows += [contact("sad", customer_id="sad", nps=6.0, **survey)]
    rows += [contact("glad", customer_id="glad", nps=7.0, **survey)]
    rows += [contact("third", customer_id="third", contacted_at=at, **plain)]
    save(engine, rows, told)
    with transaction(engine) as connection:
        ordeal = threads(("third",)).iloc[:1].assign(definition="text", position=3)
        replace_figures(connection, ordeal, signals_of(), at_risk_of(1))
    everybody: dict[str, datetime] = {str(row["customer_id"]): at - timedelta(1) for row in rows}
    with transaction(engine) as connection:
        found = told_since(connection, MODEL, "text", everybody)
        at_once = told_since(connection, MODEL, "text", dict.fromkeys(everybody, at))
        other = told_since(connection, "another", "text", everybody)
    assert found == {"intent", "reason", "sad", "third"}
    assert at_once == frozenset()
    assert other == frozenset()
