"""Corrections: what is held out for good, what they gained, and what is released."""

from pathlib import Path

import numpy as np
import pytest

from keshev.errors import KeshevError, ModelFolderError
from labels.annotation import CorrectedNote, LabelledNote
from labels.corpus import read_split, write_notes
from labels.journeys import read_journeys, write_journeys
from nlp.corrections import HELD_OUT, LEAST, Gain, Gains, gain, gate, is_held_out, parted
from nlp.evaluation_bootstrap import bootstrap_differences
from nlp.evaluation_scores import macro
from nlp.modelfolder import ModelFolder
from nlp.scoring import evaluate_notes


def corrected(notes: list[LabelledNote]) -> list[CorrectedNote]:
    """Return notes as people at the desk would have labelled them."""
    return [
        CorrectedNote(
            id=f"review:{note.id}",
            text=note.text,
            reasons=note.reasons,
            churn_intent=note.churn_intent,
            resolution=note.resolution,
            repeat=note.repeat,
        )
        for note in notes
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty notes in train, dev and test each, ten that are hard, and two journeys of outside."""
    root = tmp_path_factory.mktemp("corpus")
    write_journeys(root / "journeys" / "outside.jsonl", read_journeys("outside")[:2])
    write_notes(root / "hard" / "a.jsonl", read_split("hard")[:10])
    for split in ("train", "dev", "test"):
        write_notes(root / split / "a.jsonl", read_split(split)[:40])
        write_journeys(root / "journeys" / f"{split}.jsonl", [])
    return root


def test_a_fixed_fifth_is_held_out_whatever_else_is_corrected(corpus: Path) -> None:
    notes = corrected(read_split("train")[:400])
    parts = parted(notes, corpus)
    assert abs(len(parts.held_out) / 400 - HELD_OUT) < 0.06
    assert len(parts.train) + len(parts.held_out) + parts.measured == 400
    assert not {one.text for one in parts.train} & {one.text for one in parts.held_out}
    fewer = parted(notes[100:], corpus)
    assert set(fewer.held_out) == set(parts.held_out) & set(notes[100:])


def test_equal_texts_stand_on_one_side_however_they_are_spaced() -> None:
    for note in read_split("train")[:50]:
        assert is_held_out(note.text) == is_held_out(f"  {note.text}  ")


def test_what_measures_the_model_is_never_trained_on(corpus: Path) -> None:
    measures = [note for split in ("dev", "test", "hard") for note in read_split(split, corpus)]
    measures += [note for one in read_journeys("outside", corpus) for note in one.contacts]
    assert len(measures) > 90
    parts = parted(corrected([*read_split("train")[:100], *measures]), corpus)
    assert parts.measured == len(measures)
    assert not {one.text for one in parts.train} & {one.text for one in measures}


def test_too_few_corrections_say_how_many_are_needed(corpus: Path) -> None:
    with pytest.raises(KeshevError, match=f"{LEAST} are needed"):
        parted(corrected(read_split("train")[:20]), corpus)


def test_a_model_gains_nothing_over_itself(folder: ModelFolder) -> None:
    notes = read_split("test")[:40]
    found = gain(folder.path, folder.path, corrected(notes))
    assert found.n == 40
    assert set(found.difference.values()) == {(0.0, (0.0, 0.0))}
    macros = evaluate_notes(folder.path, notes).macro
    assert {name: found.old[name] for name in macros} == macros
    assert found.old["mean"] == pytest.approx(np.mean(list(macros.values())))


def test_the_interval_of_a_difference_is_that_of_its_own_draws() -> None:
    """Twin: the same notes drawn for both models, one draw after the other."""
    rng = np.random.default_rng(5)
    truth = rng.random((60, 3)) < 0.4
    tables = [{"reasons": (truth ^ (rng.random((60, 3)) < wrong), truth)} for wrong in (0.3, 0.1)]
    found = bootstrap_differences(tables[0], tables[1], draws=4000)["reasons"]
    draws = np.random.default_rng(8).integers(0, 60, size=(1500, 60))
    slow = [
        macro(tables[1]["reasons"][0][rows], truth[rows])
        - macro(tables[0]["reasons"][0][rows], truth[rows])
        for rows in draws
    ]
    assert found == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.02)
    assert found[0] > 0


def gained(value: float, low: float, high: float) -> Gain:
    scores = {"mean": 0.5}
    return Gain(40, scores, {"mean": 0.5 + value}, {"mean": (value, (low, high))})


BETTER, UNSURE, WORSE = gained(0.1, 0.02, 0.2), gained(-0.01, -0.1, 0.1), gained(-0.2, -0.3, -0.1)


def test_worse_is_a_loss_where_it_was_learnt_or_a_sure_one_on_test() -> None:
    assert not Gains(10, BETTER, BETTER).problem()
    assert not Gains(10, BETTER, UNSURE).problem()
    assert "held out" in Gains(10, UNSURE, BETTER).problem()
    assert "test split" in Gains(10, BETTER, WORSE).problem()


def test_gains_are_told_before_a_worse_model_is_refused(
    folder: ModelFolder, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = parted(corrected(read_split("train")[:100]), corpus)
    told: list[Gains] = []
    gate(folder.path, parts, told.append, corpus)(folder.path)
    assert (told[0].trained_on, told[0].held_out.n) == (len(parts.train), len(parts.held_out))
    assert told[0].test.n == 40
    monkeypatch.setattr("nlp.corrections.gain", lambda *_: WORSE)
    with pytest.raises(ModelFolderError, match="--force"):
        gate(folder.path, parts, told.append, corpus)(folder.path)
    gate(folder.path, parts, told.append, corpus, force=True)(folder.path)
    assert len(told) == 3
