"""The notes behind a figure: found by the database as a slow twin finds them, in both databases."""

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, insert

from labels.codebook import REASONS
from labels.frames import Threads
from store.behind import Behind, Counting, count_behind, read_behind
from store.contacts import read_contacts, save_contacts
from store.customers import save_customers
from store.predictions import pending, read_predictions, save_predictions
from store.session import transaction
from store.signals import read_threads, replace_figures
from store.tables import own_predictions
from store.themes import replace_theme_notes
from tests.frames import (
    BEGIN,
    at_risk_of,
    contact_rows,
    contacts_of,
    customers_of,
    predictions_of,
    signals_of,
)

WEEK = BEGIN.date()
COUNT = 240
HOW = Counting(
    BEGIN + timedelta(hours=5), BEGIN + timedelta(days=5), BEGIN + timedelta(days=6), "he-1", "any"
)
ASKED = (
    {},
    {"kind": "survey"},
    {"kind": "noted"},
    {"kind": "any"},
    {"reason": "service"},
    {"reason": "service", "kind": "survey"},
    {"reason": "none"},
    {"reason": "unclear"},
    {"queue": "גבייה"},
    {"channel": "chat", "reason": "service"},
    {"product": 'ביטוח בריאות "מושלם"'},
    {"team": "צפון"},
    {"segment": "עסקי"},
    {"churn": "explicit"},
    {"churn": "at_risk", "reason": "service"},
    {"resolution": "resolved"},
    {"resolution": "open"},
    {"resolution": "returned"},
    {"repeat": "stated"},
    {"repeat": "followed"},
    {"repeat": "thread"},
    {"repeat": "switched"},
    {"repeat": "ordeal"},
    {"opens": "thread", "queue": "גבייה"},
    {"opens": "returned"},
    {"opens": "ordeal"},
    {"theme": "2", "kind": "noted"},
    {"own": "parking", "kind": "noted"},
    {"own": "parking", "reason": "service"},
    {"answered": "nps", "kind": "any"},
    {"answered": "csat"},
    {"answered": "resolved", "kind": "survey"},
    {"team": "'; DROP TABLE contacts; --"},
)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A store of three weeks' contacts, classified, in threads of one to five contacts."""
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(contact_rows(COUNT)), str)
        save_customers(connection, customers_of(40))
        waiting = pending(connection, "he-1", COUNT)
        made = predictions_of([one.contact_id for one in waiting])
        made.loc[::4, list(map(str, REASONS))] = False
        made["service"] = made.index % 3 == 1
        save_predictions(connection, made, waiting)
        contacts = read_contacts(connection)
        calls = contacts[(contacts["direction"] == "in") & (contacts["channel"] != "survey")]
        ids = calls.loc[calls["customer_id"].notna(), "contact_id"].tolist()
        rows, place, size = [], 0, 1
        while place < len(ids):
            for position, one in enumerate(ids[place : place + size], start=1):
                rows.append([one, "any", f"any:{ids[place]}", position, None])
                rows.append([one, "queue", f"queue:{one}", 1, None])
            place, size = place + size, 1 + size % 5
        threads = pd.DataFrame(rows, columns=list(Threads.to_schema().columns))
        replace_figures(
            connection, threads.astype({"gap_days": float}), signals_of(), at_risk_of(1)
        )
        themed = contacts["contact_id"][::6].tolist()
        notes = {"contact_id": themed, "theme_id": ["1", "2"] * (len(themed) // 2)}
        asked = contacts[["contact_id"]].iloc[::7].assign(reason_id="parking", version="1", p=0.75)
        digests = {one.contact_id: one.text_digest for one in waiting}
        for place, one in enumerate(asked.to_dict("records")):
            text_digest = digests[one["contact_id"]] if place % 4 else "of an older text"
            given = {**one, "text_digest": text_digest, "present": place % 3 == 1}
            connection.execute(insert(own_predictions).values(given))
        near = [0.5 + place / 200 for place in range(len(themed))]
        replace_theme_notes(connection, pd.DataFrame({**notes, "near": near}))
    return engine


def twin(engine: Engine, asked: Behind) -> set[str]:
    """Return the ids of the notes, asked one by one."""
    with transaction(engine) as connection:
        contacts = read_contacts(connection).merge(read_predictions(connection, "he-1"))
        threads = read_threads(connection, "any")
    contacts = contacts.merge(threads, on="contact_id", how="left")
    sizes = threads.groupby("thread_id")["position"].max().to_dict()
    channels = {
        (row.thread_id, row.position): row.channel
        for row in contacts.itertuples()
        if isinstance(row.thread_id, str)
    }
    segments = dict(customers_of(40)[["customer_id", "segment"]].itertuples(index=False))
    themed = {one: "12"[place % 2] for place, one in enumerate(contacts["contact_id"][::6])}
    places = enumerate(contacts["contact_id"][::7])
    parking = {one for place, one in places if place % 4 and place % 3 == 1}
    return {
        row["contact_id"]
        for row in contacts.to_dict("records")
        if matches(row, asked, sizes, channels, segments, themed, parking)
    }


def matches(
    row: dict[Hashable, Any],
    asked: Behind,
    sizes: dict[Hashable, int],
    channels: dict[tuple[str, int], str],
    segments: dict[str, str],
    themed: dict[str, str],
    parking: set[str],
) -> bool:
    """Return whether a contact is asked for, by the words of `Behind`."""
    survey, inbound = row["channel"] == "survey", row["direction"] == "in"
    place, size = row["position"], sizes.get(row["thread_id"], 0)
    kinds = {"contact": inbound and not survey, "survey": survey, "noted": inbound or survey}
    checks = [HOW.begin <= row["contacted_at"] < HOW.end, kinds.get(asked.kind, True)]
    reasons = [name for name in row if f"p_{name}" in row and name not in ("repeat",)]
    if asked.reason == "none":
        checks.append(not any(row[name] for name in reasons) and not row["unclear"])
    elif asked.reason:
        checks.append(row[asked.reason])
    checks += [
        row[n] == getattr(asked, n)
        for n in ("queue", "channel", "product", "team")
        if getattr(asked, n)
    ]
    if asked.segment:
        checks.append((row["segment"] or segments.get(row["customer_id"])) == asked.segment)
    if asked.churn:
        by_label = row["churn_intent"] == asked.churn
        checks.append(row["at_risk"] if asked.churn == "at_risk" else by_label)
    if asked.resolution == "returned":
        checks.append(row["resolution"] == "resolved" and place < size)
    elif asked.resolution:
        checks.append(row["resolution"] == asked.resolution)
    before = channels.get((row["thread_id"], place - 1), row["channel"])
    checks.append(
        {
            None: True,
            "stated": row["repeat"],
            "followed": place >= 1,
            "thread": place > 1,
            "switched": before != row["channel"],
            "ordeal": place >= 3 and place == size,
        }[asked.repeat]
    )
    checks.append(
        {
            None: True,
            "thread": place == 1,
            "returned": place == 1 and size > 1,
            "ordeal": place == 1 and size >= 3,
        }[asked.opens]
    )
    if asked.theme:
        checks.append(themed.get(row["contact_id"]) == asked.theme)
    if asked.own:
        checks.append(row["contact_id"] in parking)
    answers = {"nps": row["nps"], "csat": row["csat"], "resolved": row["survey_resolved"]}
    checks.append(asked.answered is None or pd.notna(answers.get(asked.answered)))
    return all(checks)


def test_the_notes_are_those_that_a_slow_twin_finds(filled: Engine) -> None:
    """Each way to ask, alone and with a reason; what is typed is a value and never a command."""
    empty = []
    for given in ASKED:
        asked = Behind(WEEK, **given)
        expected = twin(filled, asked)
        with transaction(filled) as connection:
            found = read_behind(connection, asked, HOW, 0, COUNT)
            assert set(found["contact_id"]) == expected, given
            assert len(found) == count_behind(connection, asked, HOW) == len(expected)
        empty += [] if expected else [given]
    assert empty == [{"team": "'; DROP TABLE contacts; --"}]


def test_the_surest_stand_first_and_pages_follow_each_other(filled: Engine) -> None:
    """Every note stands on one page; where nothing says how sure, the newest stand first."""
    with transaction(filled) as connection:
        for given in ({"reason": "service"}, {"churn": "signal"}, {"theme": "1", "kind": "noted"}):
            asked = Behind(WEEK, **given)
            whole = read_behind(connection, asked, HOW, 0, COUNT)
            assert whole["sure"].is_monotonic_decreasing
            pages = [read_behind(connection, asked, HOW, skip, 3) for skip in range(0, COUNT, 3)]
            joined = [one for page in pages for one in page["contact_id"]]
            assert joined == whole["contact_id"].tolist()
        plain = read_behind(connection, Behind(WEEK), HOW, 0, COUNT)
        assert plain["contacted_at"].is_monotonic_decreasing
        assert plain["sure"].isna().all()


def test_nothing_is_later_than_the_end_of_observation(filled: Engine) -> None:
    until = datetime(2026, 9, 8, tzinfo=UTC)
    how = Counting(HOW.begin, HOW.end, until, "he-1", "any")
    with transaction(filled) as connection:
        found = read_behind(connection, Behind(WEEK), how, 0, COUNT)
        assert 0 < len(found) < count_behind(connection, Behind(WEEK), HOW)
        assert found["contacted_at"].max() <= pd.Timestamp(until)
