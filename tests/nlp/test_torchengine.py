"""Torch computes what ONNX Runtime does, or says why it cannot."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from keshev.errors import ModelFolderError, SettingsError
from keshev.settings import ROOT
from labels.corpus import read_split
from nlp.classifier import NoteClassifier
from nlp.engine import OnnxEngine, Scored
from nlp.heads import Logits, decide, sigmoid, softmax
from nlp.modelfolder import ModelFolder
from nlp.ngrams import NgramModel
from nlp.release import release
from nlp.restore import restore
from nlp.tokens import Encoded
from nlp.torchengine import RoundedLinear, TorchEngine
from nlp.training import Fitted

WEIGHTS = ROOT / "nlp" / "weights"
LABELS = ("reasons", "churn", "resolution", "repeat", "unclear", "at_risk")
ASIDE = 0.2  # of a threshold: farther than a rounding that tips moved any probability of dev


@pytest.fixture(scope="module")
def encoded(fitted: Fitted) -> list[Encoded]:
    return fitted.tokenizer.encode([note.text for note in read_split("dev")[:40]])


def probabilities(logits: Logits) -> np.ndarray:
    """Return all of N notes' probabilities, (N, 19)."""
    parts = [sigmoid(logits.reasons), softmax(logits.churn), softmax(logits.resolution)]
    return np.concatenate([*parts, sigmoid(logits.repeat)[:, None]], axis=1)


def assert_near(one: Scored, other: Scored, atol: float) -> None:
    """All outputs of the notes are there, in the same order, and near."""
    assert np.allclose(probabilities(one.logits), probabilities(other.logits), atol=atol)
    assert [a.shape for a in one.attention] == [b.shape for b in other.attention]
    for ours, theirs in zip(one.attention, other.attention, strict=True):
        assert np.allclose(ours, theirs, atol=atol)
    assert np.allclose(one.issue, other.issue, atol=atol)
    assert np.allclose(one.same, other.same, atol=10 * atol)
    assert one.issue.dtype == other.issue.dtype == np.float32


def test_a_float_folder_gives_the_same(
    fitted: Fitted,
    encoded: list[Encoded],
    ngrams: NgramModel,
    folder: ModelFolder,
    tmp_path: Path,
) -> None:
    """Without rounding there are no edges of levels: only the last bits differ."""
    files = release(fitted.network, fitted.tokenizer, ngrams, folder.read_card(), tmp_path / "f")
    ours = TorchEngine(files.path, "cpu")
    assert not any(isinstance(part, RoundedLinear) for part in ours.network.modules())
    assert_near(ours.run(encoded), OnnxEngine(files.network).run(encoded), 1e-5)


def test_a_rounded_folder_gives_nearly_the_same(
    folder: ModelFolder, encoded: list[Encoded]
) -> None:
    """The graph's rounding is put back, so most notes agree to the last bits."""
    ours = TorchEngine(folder.path, "cpu").run(encoded)
    theirs = OnnxEngine(folder.network).run(encoded)
    assert_near(ours, theirs, 0.02)
    apart = np.abs(probabilities(ours.logits) - probabilities(theirs.logits))
    assert np.median(apart.max(axis=1)) < 1e-5


def test_a_rounded_layer_computes_whole_numbers() -> None:
    """Its product is the one of the integers, for values within its range and beyond."""
    rng = np.random.default_rng(5)
    arrays = {
        "x_step": np.array(0.03, np.float32),
        "x_zero": np.array(99, np.uint8),
        "x_weight": rng.integers(-63, 64, (1536, 8)).astype(np.int8),
        "x_scale": rng.uniform(0.001, 0.01, 8).astype(np.float32),
        "x_bias": rng.normal(size=8).astype(np.float32),
    }
    states = rng.normal(scale=3, size=(5, 1536)).astype(np.float32)
    levels = np.clip(np.round(states / arrays["x_step"]) + 99, 0, 255).astype(np.int64) - 99
    sums = levels @ arrays["x_weight"].astype(np.int64)
    scale = arrays["x_step"] * arrays["x_scale"]
    expected = sums.astype(np.float32) * scale + arrays["x_bias"]
    found = RoundedLinear(arrays, "x", slice(2, 7))(torch.from_numpy(states))
    assert np.array_equal(found, expected[:, 2:7])


def test_the_released_model_gives_the_same_labels() -> None:
    """On notes of dev; labels whose probability stands at a threshold are excepted."""
    on_cpu = NoteClassifier(WEIGHTS)
    texts = [note.text for note in read_split("dev")[:16]]
    notes, card = on_cpu.tokens.encode(texts), on_cpu.card.calibration
    ngrams = on_cpu.ngrams.logits(notes)
    theirs = on_cpu.engine.run(notes)
    ours = TorchEngine(WEIGHTS, "cpu").run(notes)
    apart = np.abs(probabilities(ours.logits) - probabilities(theirs.logits))
    assert np.median(apart) < 1e-3
    assert apart.max() < 0.3
    assert (ours.issue * theirs.issue).sum(axis=1).min() > 0.9
    one, other = decide(ours.logits, card, ngrams), decide(theirs.logits, card, ngrams)
    clear = np.abs(other.p_reasons - np.array(card.thresholds)) > ASIDE
    assert np.array_equal(one.reasons[clear], other.reasons[clear])
    equal = [np.ravel(getattr(one, name) == getattr(other, name)) for name in LABELS]
    assert np.concatenate(equal).mean() >= 0.98


def test_the_same_classifier_on_another_device(folder: ModelFolder) -> None:
    """`predict` has the same shapes, and the model the same id; "cpu:0" is torch's name."""
    on_cpu, by_torch = NoteClassifier(folder.path), NoteClassifier(folder.path, device="cpu:0")
    assert isinstance(on_cpu.engine, OnnxEngine)
    assert isinstance(by_torch.engine, TorchEngine)
    assert by_torch.model_id == on_cpu.model_id
    assert by_torch.engine.issue_size == on_cpu.engine.issue_size
    texts = [note.text for note in read_split("dev")[:12]]
    ours, theirs = by_torch.predict([*texts, texts[0]]), on_cpu.predict([*texts, texts[0]])
    assert np.allclose(ours.decisions.p_reasons, theirs.decisions.p_reasons, atol=0.02)
    assert ours.decisions.p_reasons[0].tolist() == ours.decisions.p_reasons[12].tolist()
    assert ours.issue.shape == theirs.issue.shape
    assert by_torch.predict([]).issue.shape == (0, on_cpu.engine.issue_size)


def test_no_gradient_is_kept(folder: ModelFolder, encoded: list[Encoded]) -> None:
    """Results are arrays on the CPU, and the network is not being trained."""
    engine = TorchEngine(folder.path, "cpu")
    assert not engine.network.training
    scored = engine.run(encoded[:2])
    outputs = [*vars(scored.logits).values(), *scored.attention, scored.issue, scored.same]
    assert all(type(output) is np.ndarray for output in outputs)


@pytest.mark.parametrize("device", ["cuda:99", "meta", "abacus"])
def test_a_missing_device_is_named(folder: ModelFolder, device: str) -> None:
    """Unknown to torch, not in this machine, or one that holds no numbers."""
    with pytest.raises(SettingsError, match=f"KESHEV_DEVICE={device}: .*Set KESHEV_DEVICE=cpu"):
        NoteClassifier(folder.path, device=device)


def test_missing_torch_is_named(folder: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `make run` installs has none."""
    monkeypatch.delitem(sys.modules, "nlp.torchengine")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SettingsError, match=r"needs torch: pip install '\.\[train\]'"):
        NoteClassifier(folder.path, device="cuda")


def test_a_damaged_graph_is_named(folder: ModelFolder, tmp_path: Path) -> None:
    for file in folder.path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"not this")
    with pytest.raises(ModelFolderError, match=r"model\.onnx: damaged"):
        TorchEngine(tmp_path, "cpu")


def test_rounding_is_nearer_than_none(folder: ModelFolder, encoded: list[Encoded]) -> None:
    """What `restore` alone gives is farther from the graph: it passes over its inputs' rounding."""
    theirs = probabilities(OnnxEngine(folder.network).run(encoded).logits)
    engine = TorchEngine(folder.path, "cpu")
    rounded = probabilities(engine.run(encoded).logits)
    engine.network, _ = restore(folder.path)
    plain = probabilities(engine.run(encoded).logits)
    assert np.abs(rounded - theirs).mean() < np.abs(plain - theirs).mean() / 4
