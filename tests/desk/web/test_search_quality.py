"""Searches over the sample exports find what people are after: cases by hand, first five."""

from pathlib import Path

from sqlalchemy import text

from desk.searching.snapshot import load
from keshev.settings import ROOT, Settings
from nlp.classifier import NoteClassifier
from store.session import open_store, transaction
from tests.desk.searching.quality import read_cases, recall


def test_the_cases_are_of_the_sample(sample_home: Path) -> None:
    """A note that is not there could never be found."""
    engine = open_store(Settings(home=sample_home, database_url="").database_url)
    with transaction(engine) as connection:
        known = set(connection.execute(text("SELECT contact_id FROM note_words")).scalars())
    engine.dispose()
    cases = read_cases()
    assert len(cases) > 40
    assert {one for case in cases for one in (*case["want"], *case.get("not", ()))} <= known


def test_searches_find_what_they_should(sample_home: Path) -> None:
    """Measured when written: words .92 where the words are there; both .68 over all."""
    engine = open_store(Settings(home=sample_home, database_url="").database_url)
    classifier = NoteClassifier(ROOT / "nlp" / "weights", threads=1)
    found = recall(engine, load(engine), classifier)
    engine.dispose()
    assert found.means["words", "words"] >= 0.9
    assert found.means["words", "both"] >= 0.9
    assert found.means["all", "both"] >= max(0.65, found.means["all", "words"] - 0.02)
    assert found.means["meaning", "both"] >= 0.35
    assert found.wrong == []
