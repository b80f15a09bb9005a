"""A released folder becomes a network again."""

import copy
from pathlib import Path

import numpy as np
import onnx
import pytest

from keshev.errors import ModelFolderError
from labels.corpus import read_split
from nlp.engine import OnnxEngine
from nlp.graph import fused_graph
from nlp.modelfolder import ModelFolder
from nlp.ngrams import NgramModel
from nlp.quantization import insert_rounding
from nlp.release import release
from nlp.restore import restore
from nlp.training import Fitted, logits_of


def test_a_float_release_comes_back_whole(
    fitted: Fitted, ngrams: NgramModel, folder: ModelFolder, tmp_path: Path
) -> None:
    """Without rounding nothing is lost."""
    files = release(
        fitted.network, fitted.tokenizer, ngrams, folder.read_card(), tmp_path / "float"
    )
    network, tokens = restore(files.path)
    texts = [note.text for note in read_split("dev")[:12]]
    before = logits_of(fitted.network, fitted.tokenizer.encode(texts))
    after = logits_of(network, tokens.encode(texts))
    assert np.allclose(before.reasons, after.reasons, atol=1e-5)
    assert np.allclose(before.churn, after.churn, atol=1e-5)


def test_a_rounded_release_comes_back_nearly(
    fitted: Fitted, folder: ModelFolder, tmp_path: Path
) -> None:
    """Rounding the restored network again gives about what was released."""
    network, tokens = restore(folder.path)
    encoded = tokens.encode([note.text for note in read_split("dev")[:40]])
    released = OnnxEngine(folder.network).run(encoded).logits
    again = copy.deepcopy(network)
    insert_rounding(again, encoded)
    onnx.save(fused_graph(again), tmp_path / "again.onnx")
    second = OnnxEngine(tmp_path / "again.onnx").run(encoded).logits
    for name in ("reasons", "churn", "resolution", "repeat"):
        assert np.allclose(getattr(released, name), getattr(second, name), atol=0.1), name


def test_another_graph_is_refused(folder: ModelFolder, tmp_path: Path) -> None:
    """A folder whose network was exported some other way is named."""
    for file in folder.path.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    model = onnx.load(tmp_path / "model.onnx")
    del model.graph.node[:]
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(ModelFolderError, match="graph"):
        restore(tmp_path)
