"""Fast searches by words and by meaning equal slow, obvious ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.searching.meaning import LEAST_COSINE, NEAREST, levels
from desk.searching.search import FUSION, Query, search
from desk.searching.snapshot import load
from desk.searching.terms import meant, terms_of
from labels.frames import issue_vectors
from nlp.searchwords import WordForms
from tests.desk.searching.twins import CALENDAR, Notes, bm25, ids_of, named


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


@settings(max_examples=50)
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
