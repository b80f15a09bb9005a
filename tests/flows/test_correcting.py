"""Training with corrections, truly: a tiny base, a corner of the corpus, reviews in a store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.correcting import corrected_notes, train_with_corrections
from keshev.errors import KeshevError, ModelFolderError
from keshev.settings import Settings
from labels.annotation import LabelledNote
from labels.codebook import REASONS
from labels.corpus import read_split, write_notes
from labels.journeys import read_journeys, write_journeys
from nlp.corrections import Gains, is_held_out
from nlp.modelfolder import ModelFolder
from nlp.recipe import Recipe
from nlp.training_run import Plan, train_and_release
from store.contacts import save_contacts
from store.desk_session import desk_writing, open_desk_store
from store.reviews import save_review, save_settlement
from store.rows import digest
from store.session import open_store, transaction
from tests.frames import contact_rows, contacts_of
from tests.nlp.tiny import write_tiny_base

AT = datetime(2026, 3, 1, tzinfo=UTC)
NOTES = read_split("train")[200:320]
Say = Callable[[str, str, dict[str, Any]], None]


def silent(done: int, total: int, message: str) -> None:
    """Show nothing."""


def labels_of(note: LabelledNote) -> dict[str, Any]:
    return {
        **{str(reason): reason in note.reasons for reason in REASONS},
        "churn_intent": note.churn_intent,
        "resolution": note.resolution,
        "repeat": note.repeat,
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a store with 120 notes, and of a model folder that is not there yet."""
    settings = Settings(home=tmp_path / "home", model_dir=tmp_path / "model")
    engine = open_store(settings.database_url)
    rows = [{**row, "text": note.text} for row, note in zip(contact_rows(120), NOTES, strict=True)]
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str)
    engine.dispose()
    return settings


def say(settings: Settings, who: str, notes: range, **changed: object) -> None:
    """Let a person label notes as the corpus does, but for what is changed."""
    engine = open_desk_store(settings.database_url)
    with desk_writing(engine) as connection:
        for number in notes:
            save_review(
                connection,
                contact_id=contact_rows(120)[number]["contact_id"],
                text_digest=digest(NOTES[number].text),
                user_name=who,
                at=AT,
                source="review",
                labels={**labels_of(NOTES[number]), **changed},
            )
    engine.dispose()


def test_notes_come_with_the_labels_that_stand(settings: Settings) -> None:
    """Disputes are left out until they are settled, and so are texts that changed."""
    say(settings, "dana", range(4))
    say(settings, "noa", range(1))
    say(settings, "noa", range(1, 3), repeat=True, trust=True)
    data, desk = open_store(settings.database_url), open_desk_store(settings.database_url)
    rows = contact_rows(4)
    with desk_writing(desk) as connection:
        save_settlement(
            connection,
            contact_id=rows[1]["contact_id"],
            text_digest=digest(NOTES[1].text),
            user_name="tal",
            at=AT,
            labels={**labels_of(NOTES[1]), "trust": True, "resolution": "open"},
        )
    with transaction(data) as connection:
        save_contacts(connection, contacts_of([{**rows[3], "text": "טקסט אחר"}]), str)
    found = corrected_notes(settings)
    data.dispose()
    desk.dispose()
    assert [note.id for note in found] == [f"review:{row['contact_id']}" for row in rows[:2]]
    assert [note.text for note in found] == [note.text for note in NOTES[:2]]
    assert found[0].reasons == tuple(r for r in REASONS if r in NOTES[0].reasons)
    assert "trust" in found[1].reasons
    assert found[1].resolution == "open"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corner of the corpus."""
    root = tmp_path / "corpus"
    (root / "journeys").mkdir(parents=True)
    for split in ("train", "dev", "test"):
        write_notes(root / split / "a.jsonl", read_split(split)[:40])
        journeys = read_journeys(split)[:6]
        write_journeys(root / "journeys" / f"{split}.jsonl", journeys)
    return root


def test_a_training_with_corrections_shows_what_they_gained_first(
    settings: Settings, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four fifths are trained on; a model that is worse is written nowhere."""
    base = write_tiny_base(tmp_path / "base")
    once = Recipe(base=str(base), epochs=1, batch_size=16, learning_rate=1e-3, max_tokens=96)
    plan = Plan(once, None, replace(once, learning_rate=1e-4), rounds=0)
    train_and_release(plan, settings.model_dir, silent, lambda _: None, corpus)
    say(settings, "dana", range(120))
    held_out = [note for note in NOTES if is_held_out(note.text)]
    target, told = tmp_path / "next", list[Gains]()

    def telling(gains: Gains) -> None:
        assert not target.exists()
        told.append(gains)

    def train(force: bool = False) -> Path:
        return train_with_corrections(
            settings, plan, target, silent, lambda _: None, telling, corpus, force
        ).folder

    monkeypatch.setattr(Gains, "problem", lambda _: "it is worse on everything")
    with pytest.raises(ModelFolderError, match="worse on everything"):
        train()
    assert not target.exists()
    monkeypatch.undo()
    worse = told[0].problem()
    train(force=bool(worse))
    card = ModelFolder(target).read_card()
    assert card.recipe["corrections"] == told[1].trained_on == 120 - len(held_out)
    assert told[1].held_out.n == len(held_out)
    assert told[1].test.n == 40
    assert card.trained_on == ModelFolder(settings.model_dir).read_card().trained_on + 120 - len(
        held_out
    )
    assert told[0] == told[1]


def test_too_few_reviews_end_it_before_any_training(settings: Settings, tmp_path: Path) -> None:
    plan = Plan.of(base=str(tmp_path / "there is no such base"))
    with pytest.raises(KeshevError, match="too few"):
        train_with_corrections(settings, plan, tmp_path / "next", silent, print, print)
    assert pd.Series([path.name for path in tmp_path.iterdir()]).tolist() == ["home"]
