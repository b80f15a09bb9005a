"""A reason of one's own: learnt from twenty examples, measured on notes it was not fitted to."""

import numpy as np
import pytest
from numpy.typing import NDArray

from labels.corpus import read_split
from nlp.ownreason import CrossValidated, Notes, OwnModel, fit_own

RNG = np.random.default_rng(11)
TOPIC = ("הטכנאי לא הגיע", "הטכנאי איחר בשעתיים", "ביטלו את ביקור הטכנאי", "טכנאי שלא הופיע")
OTHERS = [note.text for note in read_split("train")[:200] if "טכנאי" not in note.text]


def vectors(count: int, about: float) -> NDArray[np.float32]:
    """Return issue vectors of length one; `about` draws them towards one matter."""
    found = RNG.normal(size=(count, 64))
    found[:, 0] += about
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit.astype(np.float32)


def examples(count: int = 20) -> Notes:
    return Notes([f"{TOPIC[i % 4]} (פנייה {i})" for i in range(count)], vectors(count, 8))


@pytest.fixture(scope="module")
def fitted() -> tuple[OwnModel, CrossValidated]:
    return fit_own(examples(), Notes(OTHERS, vectors(len(OTHERS), 0)))


def test_notes_of_the_matter_are_told_from_others(
    fitted: tuple[OwnModel, CrossValidated],
) -> None:
    model, figures = fitted
    assert (figures.examples, figures.others) == (20, len(OTHERS))
    assert figures.found >= 18
    assert figures.others_found <= 2
    new = Notes([f"{TOPIC[i % 4]}, שוב, יום {i}" for i in range(8)], vectors(8, 8))
    assert (model.probabilities(new) >= model.threshold).all()
    held_out = [note.text for note in read_split("dev")[:60] if "טכנאי" not in note.text]
    p = model.probabilities(Notes(held_out, vectors(len(held_out), 0)))
    assert (p >= model.threshold).mean() < 0.1


def test_words_tell_where_the_issue_vectors_say_nothing() -> None:
    silent = Notes(examples().texts, vectors(20, 0))
    _, figures = fit_own(silent, Notes(OTHERS, vectors(len(OTHERS), 0)))
    assert figures.found >= 15
    assert figures.others_found <= 4


def test_what_cannot_be_told_is_measured_as_such() -> None:
    """Examples drawn like the others: cross-validation must not flatter them."""
    _, figures = fit_own(
        Notes(OTHERS[:20], vectors(20, 0)), Notes(OTHERS[20:], vectors(len(OTHERS) - 20, 0))
    )
    assert figures.others_found >= figures.found


def test_a_model_is_the_same_after_it_was_kept(fitted: tuple[OwnModel, CrossValidated]) -> None:
    model = fitted[0]
    again = OwnModel.from_text(model.to_text(), model.threshold)
    notes = Notes(OTHERS[:30], vectors(30, 2))
    assert np.abs(again.probabilities(notes) - model.probabilities(notes)).max() <= 1e-3
    assert again.to_text() == model.to_text()


def test_a_note_is_judged_by_itself(fitted: tuple[OwnModel, CrossValidated]) -> None:
    notes = Notes(OTHERS[:9], vectors(9, 3))
    alone = [
        fitted[0].probabilities(Notes([notes.texts[i]], notes.issue[i : i + 1]))[0]
        for i in range(9)
    ]
    assert fitted[0].probabilities(notes).tolist() == alone


def test_too_few_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        fit_own(examples(19), Notes(OTHERS, vectors(len(OTHERS), 0)))
