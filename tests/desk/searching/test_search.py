"""Fast searches equal slow, obvious ones; what is kept up to date equals what is made anew."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Engine

from desk.searching import snapshot as module
from desk.searching.filters import Filters
from desk.searching.meaning import LEAST_COSINE, NEAREST, levels
from desk.searching.search import FUSION, Query, Vector, loosened, search
from desk.searching.snapshot import Snapshot, load
from desk.searching.terms import Term, meant, terms_of
from desk.searching.wordindex import K1, B
from flows.indexing import index_notes
from labels.codebook import REASONS, ChurnIntent, Reason, Resolution
from labels.frames import Calendar, issue_vectors
from nlp.searchwords import WordForms, search_words
from store import notewords
from store.contacts import drop_contacts
from store.session import open_store, transaction
from tests.frames import contact, contact_rows, predictions_of
from tests.store.test_notewords import MODEL, stored

CALENDAR = Calendar()
COUNT = 60


class Notes(list[dict[str, Any]]):
    """Contacts with their labels, in the order of their ids."""

    def __repr__(self) -> str:
        return f"{len(self)} notes"


@pytest.fixture
def notes(engine: Engine) -> Notes:
    """Sixty classified and indexed contacts with their labels, in the order of their ids."""
    rows = contact_rows(COUNT)
    with transaction(engine) as connection:
        stored(connection, rows)
    index_notes(engine, MODEL)
    ids = sorted(row["contact_id"] for row in rows)
    labels = predictions_of(ids, MODEL).to_dict("records")
    by_id = {row["contact_id"]: row for row in rows}
    return Notes({**by_id[made["contact_id"]], **made} for made in labels)


def ids_of(
    snapshot: Snapshot, engine: Engine, query: Query, vector: Vector | None = None
) -> list[str]:
    """Return the ids of what a query finds."""
    found = search(snapshot, query, CALENDAR, vector)
    return named(snapshot, engine, found.places)


def named(snapshot: Snapshot, engine: Engine, places: NDArray[np.int32]) -> list[str]:
    numbers = snapshot.notes.numbers[places].tolist()
    with transaction(engine) as connection:
        rows = notewords.shown_notes(connection, numbers)
    return [rows[number].contact_id for number in numbers]


def times(snapshot: Snapshot, words: list[str], way: tuple[str, ...]) -> int:
    """Return how often a note has words side by side, form by form."""
    keys = snapshot.words.forms.keys
    return sum(
        all(keys(words[at + k]) & keys(word) for k, word in enumerate(way))
        for at in range(len(words) - len(way) + 1)
    )


def bm25(snapshot: Snapshot, notes: Notes, terms: tuple[Term, ...]) -> dict[str, float]:
    """Return id -> BM25 of the notes that have every term, as the formula is written."""
    said = {note["contact_id"]: search_words(note["text"]) for note in notes}
    mean = sum(map(len, said.values())) / len(said)
    scores: dict[str, float] = {}
    wanted = [term for term in terms if not term.excluded]
    having = [
        {one: sum(times(snapshot, words, way) for way in term.ways) for one, words in said.items()}
        for term in terms
    ]
    for one, words in said.items():
        score, every = 0.0, True
        for term, found in zip(terms, having, strict=True):
            tf, df = found[one], sum(n > 0 for n in found.values())
            if term.excluded:
                every &= tf == 0
                continue
            every &= tf > 0
            idf = math.log(1 + (len(said) - df + 0.5) / (df + 0.5))
            score += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(words) / mean))
        if every and wanted:
            scores[one] = score
    return scores


@pytest.mark.parametrize(
    "text",
    [
        "ראוטר",
        "לקוח",
        "לבטל פוליסה",
        "חויבה פעם",
        '"פעם שלישית"',
        "לקוח -הוסבר",
        "דק'",
        '"מבקש לבטל" הצעות',
        "אינטרנט פנייה 7",
    ],
)
def test_words_are_ranked_as_bm25_says(engine: Engine, notes: Notes, text: str) -> None:
    snapshot = load(engine)
    found = search(snapshot, Query(text, "words"), CALENDAR)
    scores = bm25(snapshot, notes, found.terms)
    if scores:
        assert not found.widened
        assert found.with_words == len(scores)
        got = named(snapshot, engine, found.places)
        assert sorted(got) == sorted(scores)
        values = [round(scores[one], 9) for one in got]
        assert values == sorted(values, reverse=True)
    else:
        assert found.widened or found.with_words == 0


def test_some_words_are_enough_where_no_note_has_all(engine: Engine, notes: Notes) -> None:
    """And that is said; a word that tells nothing is not enough."""
    snapshot = load(engine)
    found = search(snapshot, Query("ראוטר פוליסה לא", "words"), CALENDAR)
    assert found.widened
    texts = {note["contact_id"]: note["text"] for note in notes}
    shown = [texts[one] for one in named(snapshot, engine, found.places)]
    assert shown
    assert all("ראוטר" in text or "פוליסה" in text for text in shown)
    assert found.with_words == sum("ראוטר" in t or "פוליסה" in t for t in texts.values())
    alone = search(snapshot, Query("דינוזאור", "words"), CALENDAR)
    assert (alone.with_words, alone.widened) == (0, False)


def test_the_nearest_are_those_with_the_highest_cosine(engine: Engine, notes: Notes) -> None:
    snapshot = load(engine)
    vectors = issue_vectors([note["issue"] for note in notes])
    query = vectors[7]
    cosines = {
        note["contact_id"]: float(vector @ query)
        for note, vector in zip(notes, vectors, strict=True)
    }
    wanted = sorted(
        (one for one in cosines if cosines[one] >= LEAST_COSINE), key=lambda one: -cosines[one]
    )
    got = ids_of(snapshot, engine, Query("דינוזאור", "meaning"), levels(query))
    assert got == wanted[:NEAREST]
    assert got[0] == notes[7]["contact_id"]
    like = Query(like=notes[7]["contact_id"])
    assert ids_of(snapshot, engine, like, levels(query)) == wanted[1:NEAREST]


def test_both_rankings_are_fused(engine: Engine, notes: Notes) -> None:
    """Each list gives a note 1 / (60 + its rank); without words in common the lists stand alone."""
    snapshot = load(engine)
    vector = levels(issue_vectors([notes[3]["issue"]])[0])
    words = ids_of(snapshot, engine, Query("ראוטר", "words"))
    near = ids_of(snapshot, engine, Query("ראוטר", "meaning"), vector)
    both = ids_of(snapshot, engine, Query("ראוטר", "both"), vector)
    scores: dict[str, float] = {}
    for ranked in (words, near):
        for rank, one in enumerate(ranked, start=1):
            scores[one] = scores.get(one, 0) + 1 / (FUSION + rank)
    assert set(both) == set(scores)
    values = [round(scores[one], 12) for one in both]
    assert values == sorted(values, reverse=True)


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
    churn_intent=st.none() | st.sampled_from(list(ChurnIntent)),
    resolution=st.none() | st.sampled_from(list(Resolution)),
    customer_id=st.sampled_from((None, None, None, "לק-0007")),
    unclear=st.sampled_from((None, None, True)),
)


@settings(
    deadline=None,
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


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("save", "save", "drop", "load")),
        st.integers(0, 7),
        st.sampled_from(("לא עובד", "חויב פעמיים", "ביקש זיכוי על הכרטיס", "הכרטיסים לא הגיעו")),
        st.sampled_from(("גבייה", "שימור", None)),
    ),
    min_size=1,
    max_size=12,
)
ASKED = ("", "כרטיס", "לא", "פעמיים -זיכוי", '"לא הגיעו"')


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Engine]:
    made = iter(range(10_000))
    return lambda: open_store(f"sqlite:///{tmp_path / f'{next(made)}.db'}")


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES)
def test_a_snapshot_kept_up_to_date_equals_one_made_anew(
    fresh: Callable[[], Engine], changes: list[tuple[str, int, str, str | None]]
) -> None:
    """The same notes in the same order for every question, whatever came in between."""
    engine, kept_snapshot = fresh(), None
    for what, number, text, queue in changes:
        with transaction(engine) as connection:
            if what == "save":
                moment = datetime(2026, 9, 6, tzinfo=UTC) + timedelta(hours=number // 2)
                row = contact(f"c{number}", text=text, queue=queue, contacted_at=moment)
                stored(connection, [row])
            elif what == "drop":
                drop_contacts(connection, [f"c{number}"])
        index_notes(engine, MODEL)
        if what == "load":
            kept_snapshot = load(engine, kept_snapshot)
    kept_snapshot, anew = load(engine, kept_snapshot), load(engine)
    vector = levels(np.ones(64, dtype=np.float32) / 8)
    for text in ASKED:
        for queue in (None, "גבייה"):
            query = Query(text, "both", filters=Filters(queue=queue))
            assert ids_of(kept_snapshot, engine, query, vector) == ids_of(
                anew, engine, query, vector
            )
            one, other = (search(s, query, CALENDAR, vector) for s in (kept_snapshot, anew))
            assert one.counts == other.counts
    engine.dispose()


def test_only_what_is_new_is_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing at all where the index is as it was."""
    with transaction(engine) as connection:
        stored(connection, contact_rows(20))
    index_notes(engine, MODEL)
    first = load(engine)
    assert load(engine, first) is first
    with transaction(engine) as connection:
        stored(connection, [contact("new", text="חדש לגמרי")])
    index_notes(engine, MODEL)
    read: list[int] = []
    made = module.notes_of
    monkeypatch.setattr(
        module, "notes_of", lambda rows, names: read.append(len(rows)) or made(rows, names)
    )
    second = load(engine, first)
    assert read == [1]
    assert (first.notes.count, second.notes.count) == (20, 21)


@settings(deadline=None, max_examples=50)
@given(text=st.text(max_size=80))
def test_any_query_can_be_asked(text: str) -> None:
    """Quotes, minus signs and what other search engines take for commands."""
    terms = terms_of(text, WordForms({}))
    assert all(term.ways and all(way for way in term.ways) for term in terms)
    assert isinstance(meant(text), str)


def test_an_empty_store_is_searched_in_vain(engine: Engine) -> None:
    snapshot = load(engine)
    for query in (Query("לקוח"), Query(), Query(like="a"), Query("-לקוח", "words")):
        assert len(search(snapshot, query, CALENDAR, levels(np.ones(64) / 8)).places) == 0
