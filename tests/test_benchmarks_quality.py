"""The benchmark of quality runs as a whole, and its peers read notes as Keshev's model does."""

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from labels.corpus import read_split
from nlp.examples import examples_of
from nlp.heads import Calibration
from nlp.modelfolder import ModelCard
from nlp.ngrams_fit import fit_ngrams
from nlp.recipe import Recipe, new_network
from nlp.release import release
from nlp.tokens import NoteTokenizer
from tests.nlp.tiny import write_tiny_base

NOTES = "60"


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script `benchmarks/quality.py`, with what stands beside it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return import_module("quality")


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def float_folder(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network, released without rounding."""
    network, tokens = new_network(Recipe(base=str(tiny_base), max_tokens=96))
    card = ModelCard("tiny", "MIT", 0, 96, tokens.prefix, tokens.pad_id, Calibration())
    examples = examples_of(read_split("train")[:40])
    ngrams = fit_ngrams(examples, tokens.encode([one.text for one in examples]))
    return release(network.eval(), tokens, ngrams, card, tmp_path_factory.mktemp("float")).path


def test_every_row_and_the_curve_are_measured(
    quality: ModuleType,
    tiny_base: Path,
    float_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All figures are there and possible, the majority finds no reason, and the date is printed."""
    monkeypatch.setenv("KESHEV_MODEL_DIR", str(float_folder))
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "quality.json"
    rows = ["majority", "own", "tfidf", "frozen", "float", "released"]
    options = ["--base", str(tiny_base), "--float", str(float_folder), "--notes", NOTES]
    curve = ["--learning-curve", "--curve-steps", "3", "--curve-layers", "1"]
    quality.main(["--only", *rows, *options, *curve, "--json", str(file)])
    found = json.loads(file.read_text(encoding="utf-8"))
    assert list(found["rows"]) == rows
    for row in found["rows"].values():
        for name, value in row["f1"].items():
            low, high = row["intervals"][name]
            assert 0 <= low <= value <= high <= 1
    assert found["rows"]["majority"]["f1"]["reasons"] == 0
    assert found["rows"]["float"] == found["rows"]["released"]
    assert [point["notes"] for point in found["learning_curve"]] == [60]
    printed = capsys.readouterr().out
    assert found["date"] in printed
    assert found["model_id"] in printed
    ours, peer = (found["rows"][name]["f1"]["reasons"] for name in ("released", "frozen"))
    assert f"{ours - peer:+.3f}" in printed


def test_further_splits_are_measured_by_name(
    quality: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows are of the split that was asked for, which the table and the file name."""
    file = tmp_path / "quality.json"
    quality.main(["--only", "majority", "--split", "outside", "--json", str(file)])
    found = json.loads(file.read_text(encoding="utf-8"))
    notes = read_split("outside")
    assert (found["split"], found["notes"]["test"]) == ("outside", len(notes))
    assert "On outside" in " ".join(capsys.readouterr().out.split())
    corpus = quality.read_corpus(measured="outside")
    expected = quality.macro_f1(notes, quality.majority(corpus))
    assert found["rows"]["majority"]["f1"] == pytest.approx(expected)


def test_the_float_row_is_left_out_without_a_folder(
    quality: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """No folder is guessed: the reader is told how to give one."""
    quality.main(["--only", "float", "--notes", NOTES])
    assert "--float" in capsys.readouterr().err


def test_curve_points_are_nested(quality: ModuleType, tiny_base: Path) -> None:
    """Each point learns the first notes of one order, in steps enough to read all notes."""
    corpus = quality.read_corpus(40)
    assert quality.read_corpus(40) == corpus
    recipe = Recipe(base=str(tiny_base), batch_size=8, max_tokens=96)
    points = quality.learning_curve(corpus, (16, 500), recipe, steps=1)
    assert [(point.notes, point.steps) for point in points] == [(16, 5), (40, 5)]


def test_peers_learn_from_the_text(quality: ModuleType) -> None:
    """On notes that it learned, TF-IDF finds more than the majority."""
    corpus = quality.read_corpus(60)
    known = quality.Corpus(corpus.train, corpus.train, corpus.train)
    peer = quality.macro_f1(known.test, quality.tfidf(known))
    naive = quality.macro_f1(known.test, quality.majority(known))
    assert all(peer[name] > naive[name] for name in naive)


def test_the_row_of_own_notes_decides_each_by_others(quality: ModuleType) -> None:
    """A note is decided by what did not learn it; labels given the other way turn decisions."""
    corpus = quality.read_corpus(60)
    decisions = quality.own(corpus)
    assert decisions.reasons.shape == (60, 12)
    first = corpus.test[0]
    flipped = first.model_copy(update={"repeat": not first.repeat})
    changed = quality.own(quality.Corpus([], corpus.dev, [flipped, *corpus.test[1:]]))
    fifth = np.arange(60) % 5 == 0
    assert np.array_equal(changed.p_repeat[fifth], decisions.p_repeat[fifth])
    assert not np.array_equal(changed.p_repeat[~fifth], decisions.p_repeat[~fifth])


def test_the_sentence_encoder_reads_notes_as_the_network_does(
    quality: ModuleType, tiny_base: Path
) -> None:
    """Same tokens, the prefix's too: the peers start from the very same states."""
    baselines = import_module("baselines")
    notes = read_split("dev")[:40]
    body = baselines.sentence_encoder(str(tiny_base))
    tokens = NoteTokenizer(new_network(Recipe(base=str(tiny_base)))[1].tokenizer)
    for text, encoded in zip(
        baselines.read_as_the_network(notes), tokens.encode([n.text for n in notes]), strict=True
    ):
        assert np.array_equal(body.tokenize([text])["input_ids"][0].numpy(), encoded.ids)


def test_setfit_moves_the_encoder(quality: ModuleType, tiny_base: Path) -> None:
    """A few contrastive steps, and decisions on every note of test."""
    corpus = quality.read_corpus(60)
    decisions = quality.setfit(corpus, str(tiny_base), steps=3)
    assert decisions.reasons.shape == (60, 12)
    baselines = import_module("baselines")
    body = baselines.sentence_encoder(str(tiny_base))
    before = body.encode(["query: שלום"])
    baselines.tune(body, corpus.train, "churn", steps=3, seed=7)
    assert not np.allclose(before, body.encode(["query: שלום"]))
