"""The labelled corpus keeps the codebook's rules, and a wrong line is named."""

import json
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from keshev.errors import CorpusError
from labels.codebook import REASONS
from labels.corpus import Split, read_notes, read_own_notes, read_split, write_notes
from labels.journeys import journey_splits, read_journeys
from nlp.evaluation_slices import language_of

NOTE = {
    "id": "x1",
    "text": "לק' מתלונן על חיוב כפול",
    "channel": "phone",
    "industry": "bank",
    "voice": "terse",
    "reasons": ["failure"],
    "evidence": {"failure": "חיוב כפול"},
    "churn_intent": "none",
    "resolution": "open",
    "repeat": False,
}


def test_released_corpus_is_as_large_as_was_asked() -> None:
    """Notes, reasons, journeys, contacts, and comments in Russian and in Arabic letters."""
    sizes = {"train": (5000, 250), "dev": (400, 40), "test": (400, 40)}
    contacts = 0
    for split, (fewest_notes, fewest_journeys) in sizes.items():
        journeys = read_journeys(split)
        contacts += sum(len(journey.contacts) for journey in journeys)
        assert len(read_split(split)) >= fewest_notes
        assert len(journeys) >= fewest_journeys
    assert contacts >= 1000
    counts = Counter(reason for note in read_split("train") for reason in note.reasons)
    assert min(counts[reason] for reason in REASONS) >= 350
    measured = [*read_split("dev"), *read_split("test")]
    languages = Counter(language_of(note.text) for note in measured)
    assert languages["Russian"] >= 80
    assert languages["Arabic"] >= 80


def test_released_corpus_has_every_label_in_every_split() -> None:
    """No reason is missing anywhere, and some notes have none."""
    for split in get_args(Split):
        notes = read_split(split)
        assert {reason for note in notes for reason in note.reasons} == set(REASONS)
        fewest = 0.15 if split == "hard" else 0.2
        assert fewest < sum(not note.reasons for note in notes) / len(notes) < 0.4


def test_no_test_text_is_in_train() -> None:
    """Not even a short one: what is measured on is never trained on, a journey's contact or not."""
    contacts = {
        split: {contact.text for journey in read_journeys(split) for contact in journey.contacts}
        for split in journey_splits()
    }
    train = contacts.pop("train") | {note.text for note in read_split("train")}
    kept = {
        note.text for split in get_args(Split) if split != "train" for note in read_split(split)
    }
    assert not train & kept.union(*contacts.values())


def write(path: Path, **changes: object) -> Path:
    path.write_text(
        json.dumps(NOTE, ensure_ascii=False)
        + "\n"
        + json.dumps({**NOTE, "id": "x2", **changes}, ensure_ascii=False)
        + "\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": {"failure": "אין קטע כזה"}},
        {"evidence": {}},
        {"reasons": ["weather"]},
        {"reasons": ["failure", "failure"]},
        {"churn_intent": "maybe"},
        {"evidence": {"מתלונן על חיוב כפול": "failure"}},
        {"מתלונן": "failure"},
        {"text": ""},
    ],
)
def test_a_wrong_line_is_named_without_its_words(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    """The error names file and line 2, and does not repeat what the note says."""
    path = write(tmp_path / "notes.jsonl", **changes)
    with pytest.raises(CorpusError, match=r"notes\.jsonl:2") as caught:
        list(read_notes(path))
    assert "מתלונן" not in str(caught.value)


@pytest.mark.parametrize("lack", ["channel", "industry", "voice", "evidence", "all"])
def test_the_corpus_takes_less_from_nobody(tmp_path: Path, lack: str) -> None:
    """What a user's own file may leave out, and a blank line, is an error in a corpus file."""
    path = tmp_path / "notes.jsonl"
    kept = {key: value for key, value in NOTE.items() if key != lack}
    text = "" if lack == "all" else json.dumps(kept, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
    assert len(list(read_own_notes(path))) == (lack != "all")
    with pytest.raises(CorpusError, match=r"notes\.jsonl:1"):
        list(read_notes(path))


def test_written_notes_are_read_back(tmp_path: Path) -> None:
    """Writing and reading lose nothing."""
    notes = read_split("dev")
    write_notes(tmp_path / "out" / "notes.jsonl", notes)
    assert list(read_notes(tmp_path / "out" / "notes.jsonl")) == notes


def test_an_empty_split_is_an_error(tmp_path: Path) -> None:
    """A wrong folder does not pass for an empty corpus."""
    with pytest.raises(CorpusError, match="no notes"):
        read_split("train", tmp_path)
