"""Training learns, repeats itself, and gives the engine what torch had."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from labels.corpus import read_split
from nlp.engine import OnnxEngine, batches
from nlp.modelfolder import ModelFolder
from nlp.network import NoteNetwork
from nlp.release import export_float
from nlp.training import Fitted, Recipe, fit, forward, logits_of, targets_of


def test_training_lowers_the_loss_and_is_seeded(tiny_base: Path, fitted: Fitted) -> None:
    """The second epoch is better than the first; the same seed gives the same weights."""
    assert fitted.history[-1]["loss"] < fitted.history[0]["loss"]
    recipe = Recipe(base=str(tiny_base), epochs=2, learning_rate=1e-3, max_tokens=96)
    again = fit(read_split("train")[:96], read_split("dev")[:40], recipe)
    for name, value in fitted.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name


def test_attention_is_taught_by_evidence(fitted: Fitted) -> None:
    """Targets mark exactly the tokens of a note's evidence, and attention is a distribution."""
    notes = [note for note in read_split("train")[:60] if note.reasons][:8]
    encoded = fitted.tokenizer.encode([note.text for note in notes])
    with torch.no_grad():
        outputs = forward(fitted.network, encoded)
    assert torch.allclose(outputs.attention.sum(-1), torch.ones(len(notes), 12), atol=1e-4)
    targets = targets_of(notes, encoded, outputs.attention.shape[-1])
    for row, note in enumerate(notes):
        for reason, piece in note.evidence.items():
            marked = np.flatnonzero(targets.evidence[row, list(type(reason)).index(reason)].numpy())
            spans = encoded[row].spans[marked]
            assert piece.split()[0][:2] in note.text[spans.min() : spans.max()]


def test_onnx_gives_what_torch_gives(fitted: Fitted, folder: ModelFolder, tmp_path: Path) -> None:
    """Float ONNX agrees with torch to 1e-3, the 8-bit release to a few hundredths of a logit."""
    texts = [note.text for note in read_split("dev")[:30]]
    encoded = fitted.tokenizer.encode(texts)
    expected = logits_of(fitted.network, encoded)
    export_float(fitted.network, tmp_path / "float.onnx")
    plain = OnnxEngine(tmp_path / "float.onnx").run(encoded).logits
    small = OnnxEngine(folder.network).run(encoded).logits
    for name in ("reasons", "churn", "resolution", "repeat"):
        assert np.allclose(getattr(plain, name), getattr(expected, name), atol=1e-3), name
        assert np.allclose(getattr(small, name), getattr(expected, name), atol=0.1), name
    assert any(node.op_type == "MatMulNBits" for node in onnx.load(folder.network).graph.node)


def test_template_tokens_are_never_attended_to(fitted: Fitted) -> None:
    """Padding and the prefix get no attention."""
    encoded = fitted.tokenizer.encode(["חיוב כפול", "חיוב כפול על שירות שלא הוזמן בכלל מעולם"])
    network: NoteNetwork = fitted.network
    with torch.no_grad():
        attention = forward(network, encoded).attention
    assert float(attention[0, :, len(encoded[0]) :].sum()) == pytest.approx(0, abs=1e-5)
    assert float(attention[0, :, 0].sum()) == pytest.approx(0, abs=1e-5)


def test_batches_hold_every_note_once_and_bound_memory() -> None:
    """Every place is in one batch; no batch of several notes exceeds the token budget."""
    rng = np.random.default_rng(2)
    lengths = rng.integers(1, 300, size=500).tolist()
    made = list(batches(lengths, 1024))
    assert sorted(place for batch in made for place in batch) == list(range(500))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 1024
