"""What filters leave, and their counts, equal what a slow twin finds note by note."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.searching.filters import Filters
from desk.searching.search import Query, loosened, search
from desk.searching.snapshot import load
from flows.indexing import index_notes
from labels.codebook import REASONS, ChurnIntent, Reason, Resolution
from store.session import transaction
from tests.desk.searching.twins import CALENDAR, Notes, bm25, ids_of, named
from tests.frames import contact
from tests.store.test_notewords import MODEL, stored


def kept(note: dict[str, Any], filters: Filters) -> bool:
    """Return whether a contact is what the filters ask for, one after the other."""
    day = note["contacted_at"].astimezone(ZoneInfo(CALENDAR.timezone)).date()
    same = ("queue", "channel", "product", "team", "customer_id", "churn_intent", "resolution")
    return all(
        (
            *(getattr(filters, n) in (None, note[n]) for n in same),
            filters.first is None or day >= filters.first,
            filters.last is None or day <= filters.last,
            filters.reason is None or bool(note[filters.reason]),
            filters.own is None or filters.own in note["own"],
            filters.unclear is None or bool(note["unclear"]) == filters.unclear,
        )
    )


DAYS = st.none() | st.dates(date(2026, 9, 5), date(2026, 9, 9))
FILTERS = st.builds(
    Filters,
    first=DAYS,
    last=DAYS,
    queue=st.sampled_from((None, None, "גבייה", "שימור", "אין כזה")),
    channel=st.sampled_from((None, None, "chat", "email")),
    product=st.sampled_from((None, None, "סיב אופטי")),
    team=st.sampled_from((None, None, "צפון")),
    reason=st.none() | st.sampled_from(list(Reason)),
    own=st.sampled_from((None, None, "own-1", "own-2", "own-gone")),
    churn_intent=st.none() | st.sampled_from(list(ChurnIntent)),
    resolution=st.none() | st.sampled_from(list(Resolution)),
    customer_id=st.sampled_from((None, None, None, "לק-0007")),
    unclear=st.sampled_from((None, None, True)),
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(filters=FILTERS, text=st.sampled_from(("", "", "לקוח", "פעם -ראוטר")))
def test_filters_and_their_counts_equal_a_slow_twin(
    engine: Engine, notes: Notes, filters: Filters, text: str
) -> None:
    snapshot = load(engine)
    query = Query(text, "words", filters=filters)
    found = search(snapshot, query, CALENDAR)
    having = notes
    if found.terms:
        scores = bm25(snapshot, notes, found.terms)
        having = Notes(note for note in notes if note["contact_id"] in scores)
    left = [note for note in having if kept(note, filters)]
    assert found.with_words == len(left)
    got = named(snapshot, engine, found.places)
    assert sorted(got) == sorted(note["contact_id"] for note in left)
    if not text:
        moments = {note["contact_id"]: note["contacted_at"] for note in notes}
        assert got == sorted(got, key=lambda one: moments[one], reverse=True)
    for name in ("queue", "channel", "resolution"):
        others = [note for note in having if kept(note, filters.without(name))]
        values = {note[name] for note in others} - {None}
        assert found.counts[name] == {v: sum(n[name] == v for n in others) for v in values}
    others = [note for note in having if kept(note, filters.without("reason"))]
    counted = {str(one): sum(bool(note[one]) for note in others) for one in REASONS}
    assert found.counts["reason"] == {one: n for one, n in counted.items() if n}
    others = [note for note in having if kept(note, filters.without("own"))]
    owned = {name: sum(name in note["own"] for note in others) for name in ("own-1", "own-2")}
    assert found.counts["own"] == {name: n for name, n in owned.items() if n}
    if not left:
        fewer = {name: kept_without(having, filters, name) for name in filters.names()}
        without = loosened(snapshot, query, CALENDAR, None)
        assert without == {name: n for name, n in fewer.items() if n}


def kept_without(notes: Notes, filters: Filters, name: str) -> int:
    return sum(kept(note, filters.without(name)) for note in notes)


def test_a_day_is_a_local_day(engine: Engine) -> None:
    """Half past midnight in Israel is still the evening before in UTC."""
    moment = datetime(2026, 9, 6, 21, 30, tzinfo=UTC)
    with transaction(engine) as connection:
        stored(connection, [contact("a", contacted_at=moment)])
    index_notes(engine, MODEL)
    day = Filters(first=date(2026, 9, 7), last=date(2026, 9, 7))
    assert ids_of(load(engine), engine, Query(filters=day)) == ["a"]
    before = Filters(first=date(2026, 9, 6), last=date(2026, 9, 6))
    assert ids_of(load(engine), engine, Query(filters=before)) == []
