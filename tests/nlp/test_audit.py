"""The audit finds planted errors, lets no writer judge itself, and writes no text."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class

from keshev.corpus_commands import audit_labels
from keshev.errors import KeshevError
from labels.annotation import LabelledNote
from labels.codebook import REASONS, ChurnIntent, Reason, Resolution
from labels.corpus import write_notes
from nlp.audit import (
    COLUMNS,
    NAMES,
    SHAPES,
    Probabilities,
    out_of_sample,
    read_probabilities,
    save_probabilities,
    suspects,
    writer_of,
)
from nlp.evaluation_scores import Truth, truth_of

WORDS = {Reason.BUDGET: "יקר מדי", Reason.NEEDS: "עוברים דירה", Reason.STAFF: "הנציגה עזבה"}
FILLER = ("שוחחנו בבוקר", "ביקשה פרטים", "פנייה מהאתר", "התקשר מהרכב", "נשלח מייל")


def note(writer: str, number: int) -> LabelledNote:
    """Return a note whose labels can be read off its words; every fourth has no reason."""
    reasons = tuple(WORDS)[number % 4 : number % 4 + 1]
    explicit, settled = number % 3 == 0, number % 5 < 3
    words = [FILLER[number % 5], *(WORDS[reason] for reason in reasons)]
    words += ["לנתק מיד" if explicit else "נשאר לקוח", "טופל" if settled else "ממתין לתשובה"]
    words += ["שוב מתקשרת"] * (number % 7 == 0)
    return LabelledNote(
        id=f"{writer}{number:03}",
        text=" ".join([*words, f"אסמכתא {writer}{number}"]),
        channel="phone",
        industry="bank",
        voice="plain",
        reasons=reasons,
        evidence={reason: WORDS[reason] for reason in reasons},
        churn_intent=ChurnIntent.EXPLICIT if explicit else ChurnIntent.NONE,
        resolution=Resolution.RESOLVED if settled else Resolution.OPEN,
        repeat=number % 7 == 0,
    )


def spoilt(one: LabelledNote, **labels: object) -> LabelledNote:
    return LabelledNote.model_validate({**one.model_dump(), **labels})


@pytest.fixture(scope="module")
def notes() -> list[LabelledNote]:
    """Five writers' notes with six wrong labels: reasons lost, one too many, and wrong classes."""
    right = [note(writer, number) for writer in ("a", "b", "at", "g", "h") for number in range(40)]
    for row in (1, 165):
        right[row] = spoilt(right[row], reasons=[], evidence={})
    right[47] = spoilt(right[47], reasons=["staff"], evidence={"staff": right[47].text[:5]})
    for row in (92, 18):
        right[row] = spoilt(right[row], churn_intent="none")
    right[129] = spoilt(right[129], resolution="resolved")
    return right


WRONG = {
    ("a001", "needs", "no", "yes"),
    ("h005", "needs", "no", "yes"),
    ("b007", "staff", "yes", "no"),
    ("at012", "churn_intent", "none", "explicit"),
    ("a018", "churn_intent", "none", "explicit"),
    ("g009", "resolution", "resolved", "open"),
}


@pytest.fixture(scope="module")
def judged(notes: list[LabelledNote]) -> Probabilities:
    return out_of_sample(notes)


def test_planted_errors_are_found(notes: list[LabelledNote], judged: Probabilities) -> None:
    """Nearly all stand in the list with what they should be, and hardly anything else does."""
    table = suspects(notes, judged)
    assert tuple(table.columns) == COLUMNS
    found = set(table[list(COLUMNS[:4])].itertuples(index=False, name=None))
    assert len(found & WRONG) >= 5
    assert len(found - WRONG) <= 3
    for _, of_label in table.groupby("label"):
        assert of_label["score"].is_monotonic_increasing


def test_no_writer_judges_itself(notes: list[LabelledNote]) -> None:
    """Each note is judged once, by a model without its writer, and answers stay in their rows."""
    writer = {one.text: writer_of(one) for one in notes}
    assert set(writer.values()) == {"a", "b", "at", "g", "h"}

    def lengths(texts: Sequence[str], labels: Truth, judged: Sequence[str]) -> Probabilities:
        assert len(texts) == len(labels.reasons)
        assert not {writer[text] for text in texts} & {writer[text] for text in judged}
        p = np.array([len(text) / 1000 for text in judged])
        shapes = [(len(judged), *shape) for shape in SHAPES[:3]]
        return Probabilities(*(np.ones(shape) for shape in shapes), p)

    mixed = notes[::-3] + notes[1::3]
    found = out_of_sample(mixed, lengths)
    assert found.p_repeat.tolist() == [len(one.text) / 1000 for one in mixed]
    assert (found.p_reasons == 1).all()
    with pytest.raises(KeshevError, match="5 writers"):
        out_of_sample(notes, lengths, folds=6)


def test_reasons_are_audited_as_by_cleanlabs_multi_label_audit(
    notes: list[LabelledNote],
) -> None:
    """Label by label, the same notes are suspicious."""
    rng = np.random.default_rng(4)
    truth = truth_of(notes)
    used = truth.reasons.any(axis=0)
    p = np.clip(truth.reasons * 0.5 + rng.uniform(0, 0.5, truth.reasons.shape), 0.01, 0.99)
    p = np.where(rng.uniform(size=p.shape) < 0.05, 1 - p, p)
    even = np.full((len(notes), 3), 1 / 3)
    table = suspects(notes, Probabilities(p, even, even, truth.repeat.astype(float)))
    given = [np.flatnonzero(row[used]).tolist() for row in truth.reasons]
    masks = np.array(find_multilabel_issues_per_class(given, p[:, used], n_jobs=1))
    for reason, mask in zip(np.array(REASONS)[used], masks.T, strict=True):
        expected = {one.id for one, flagged in zip(notes, mask, strict=True) if flagged}
        assert expected
        assert set(table.loc[table["label"] == reason, "id"]) == expected


def test_probabilities_come_back_by_id(
    notes: list[LabelledNote], judged: Probabilities, tmp_path: Path
) -> None:
    """Whatever the file's order and other notes in it."""
    path = tmp_path / "p.npz"
    save_probabilities(path, notes, judged)
    picked = notes[100:40:-2]
    found = read_probabilities(path, picked)
    for name in NAMES:
        assert np.array_equal(getattr(found, name), getattr(judged, name)[100:40:-2])


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ids", np.array(["a000"] * 200), "stand twice"),
        ("ids", np.array(list("xyz")), "missing"),
        ("p_churn", np.zeros((200, 2)), "shape"),
        ("p_churn", np.zeros((200, 3)), "sum to 1"),
        ("p_repeat", np.full(200, 1.5), "from 0 to 1"),
        ("p_repeat", np.full(200, np.nan), "from 0 to 1"),
        ("p_repeat", None, "npz file of ids"),
    ],
)
def test_a_wrong_file_of_probabilities_is_named(
    notes: list[LabelledNote],
    judged: Probabilities,
    tmp_path: Path,
    name: str,
    value: "np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None",
    says: str,
) -> None:
    """Missing arrays and notes, other shapes, and numbers that are no probabilities."""
    arrays = {"ids": np.array([one.id for one in notes]), **vars(judged), name: value}
    path = tmp_path / "p.npz"
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(KeshevError, match=says) as caught:
        read_probabilities(path, notes)
    assert "p.npz" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_no_archive_at_all_is_named(
    notes: list[LabelledNote], tmp_path: Path, content: bytes
) -> None:
    """An empty or foreign file gives one line, not a traceback."""
    path = tmp_path / "p.npz"
    path.write_bytes(content)
    with pytest.raises(KeshevError, match=r"p\.npz: not an"):
        read_probabilities(path, notes)


def test_the_command_writes_ids_and_labels_only(
    notes: list[LabelledNote],
    judged: Probabilities,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From probabilities made elsewhere to a CSV without a Hebrew letter."""
    write_notes(tmp_path / "train" / "x.jsonl", notes)
    save_probabilities(tmp_path / "p.npz", notes, judged)
    target = tmp_path / "suspects.csv"
    audit_labels(target, tmp_path / "p.npz", tmp_path, as_json=True)
    table = pd.read_csv(target)
    pd.testing.assert_frame_equal(table, suspects(notes, judged), check_dtype=False)
    assert json.loads(capsys.readouterr().out)["labels"] == table["label"].value_counts().to_dict()
    assert target.read_text(encoding="utf-8-sig").isascii()


def test_a_label_that_nobody_gave_is_passed_over(notes: list[LabelledNote]) -> None:
    """Nothing can be learned about it; the others are audited all the same."""
    some = [one for one in notes if not one.repeat]
    p = Probabilities(*(np.full((len(some), *shape), 1 / 3) for shape in SHAPES))
    assert "repeat" not in set(suspects(some, p)["label"])
