"""The released graph gives what torch gives, whatever notes share a batch."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from keshev.errors import ModelFolderError
from labels.corpus import read_split
from nlp.engine import OnnxEngine, Scored, batches
from nlp.graph import fused_graph
from nlp.heads import sigmoid, softmax
from nlp.modelfolder import ModelFolder
from nlp.network import forward
from nlp.quantization import QuantizedLinear, insert_rounding, quantizable
from nlp.tokens import Encoded
from nlp.training import Fitted, logits_of

HEADS = ("reasons", "churn", "resolution", "repeat")


@pytest.fixture(scope="module")
def encoded(fitted: Fitted) -> list[Encoded]:
    return fitted.tokenizer.encode([note.text for note in read_split("dev")[:40]])


def test_float_graph_agrees_with_torch(
    fitted: Fitted, encoded: list[Encoded], tmp_path: Path
) -> None:
    """Before quantisation the two agree to 1e-3 in probability, and far beyond."""
    onnx.save(fused_graph(fitted.network), tmp_path / "float.onnx")
    scored = OnnxEngine(tmp_path / "float.onnx").run(encoded)
    expected = logits_of(fitted.network, encoded)
    for name, squash in zip(HEADS, (sigmoid, softmax, softmax, sigmoid), strict=True):
        ours, theirs = getattr(scored.logits, name), getattr(expected, name)
        assert np.allclose(squash(ours), squash(theirs), atol=1e-5), name
    torch_outputs = forward(fitted.network, encoded[:1])
    assert np.allclose(scored.attention[0], torch_outputs.attention[0].detach(), atol=1e-5)
    assert np.allclose(scored.issue[0], torch_outputs.issue[0].detach(), atol=1e-5)


def test_rounded_graph_agrees_with_rounding_in_torch(
    fitted: Fitted, encoded: list[Encoded], tmp_path: Path
) -> None:
    """8-bit products give what training saw; a value at the edge of two levels may fall apart."""
    rounded = copy.deepcopy(fitted.network)
    insert_rounding(rounded, encoded)
    assert all(isinstance(layer, QuantizedLinear) for _, _, layer in quantizable(rounded))
    onnx.save(fused_graph(rounded), tmp_path / "rounded.onnx")
    scored = OnnxEngine(tmp_path / "rounded.onnx").run(encoded).logits
    expected, plain = logits_of(rounded, encoded), logits_of(fitted.network, encoded)
    for name in HEADS:
        assert np.allclose(getattr(scored, name), getattr(expected, name), atol=0.05), name
        assert np.allclose(getattr(scored, name), getattr(plain, name), atol=0.2), name
    kinds = {node.op_type for node in onnx.load(tmp_path / "rounded.onnx").graph.node}
    assert {"QAttention", "MatMulIntegerToFloat"} <= kinds
    assert "MatMul" in kinds, "the heads stay float"


def test_batch_mates_change_no_bit(folder_engine: OnnxEngine, encoded: list[Encoded]) -> None:
    """Alone, among few and among all, a note's outputs are the same to the last bit."""
    together = folder_engine.run(encoded)
    shared = [batch for batch in batches([len(note) for note in encoded]) if len(batch) > 1]
    assert max(map(len, shared)) > 2
    rng = np.random.default_rng(3)
    for chosen in (
        [0],
        shared[0][:2],
        shared[-1][1:],
        rng.permutation(40)[:17].tolist(),
        rng.permutation(40).tolist(),
    ):
        part = folder_engine.run([encoded[i] for i in chosen])
        for row, place in enumerate(chosen):
            assert same(part, row, together, place)


def same(one: Scored, row: int, other: Scored, place: int) -> bool:
    return (
        all(
            np.array_equal(getattr(one.logits, name)[row], getattr(other.logits, name)[place])
            for name in HEADS
        )
        and np.array_equal(one.attention[row], other.attention[place])
        and np.array_equal(one.issue[row], other.issue[place])
        and one.same[row] == other.same[place]
    )


def test_threads_change_no_bit(folder: ModelFolder, encoded: list[Encoded]) -> None:
    """One after the other or four at a time, each output stands at its own note."""
    alone, four = (OnnxEngine(folder.network, threads).run(encoded) for threads in (1, 4))
    assert all(same(alone, row, four, row) for row in range(len(encoded)))


def test_no_note_gives_no_output(folder_engine: OnnxEngine) -> None:
    scored = folder_engine.run([])
    assert scored.logits.reasons.shape == (0, 12)
    assert scored.issue.shape == (0, 64)
    assert scored.attention == []


def test_what_fails_in_a_thread_is_raised(
    folder_engine: OnnxEngine, encoded: list[Encoded]
) -> None:
    """A token that the graph does not know is an error, and no row of zeros."""
    strange = replace(encoded[3], ids=np.full_like(encoded[3].ids, 10**7))
    with pytest.raises(InvalidArgument):
        folder_engine.run([*encoded, strange])


@pytest.fixture(scope="module")
def folder_engine(folder: ModelFolder) -> OnnxEngine:
    return OnnxEngine(folder.network)


def test_an_encoder_that_is_no_bert_is_refused(fitted: Fitted) -> None:
    other = copy.deepcopy(fitted.network)
    other.encoder.config.model_type = "deberta"
    with pytest.raises(ModelFolderError, match="deberta"):
        fused_graph(other)


def test_batches_hold_every_note_once_and_bound_memory() -> None:
    """All of a batch have one length; no batch of several notes exceeds the token budget."""
    rng = np.random.default_rng(2)
    lengths = rng.integers(1, 300, size=500).tolist()
    made = list(batches(lengths, 1024))
    assert sorted(place for batch in made for place in batch) == list(range(500))
    for batch in made:
        alike = {lengths[place] for place in batch}
        assert len(alike) == 1
        assert len(batch) == 1 or len(batch) * alike.pop() <= 1024
