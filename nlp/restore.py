"""From a released folder back to a network that can be trained on.

The weights are those of the graph, so what rounding took is gone; a short training brings it back.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from keshev.errors import ModelFolderError
from nlp.modelfolder import ModelFolder
from nlp.network import NoteNetwork
from nlp.tokens import NoteTokenizer

Arrays = dict[str, NDArray[Any]]


def restore(folder: Path) -> tuple[NoteNetwork, NoteTokenizer]:
    """Return the network and tokenizer of a released folder, all weights as float32.

    Raises:
        ModelFolderError: when the folder holds no model, or one that was made another way.
    """
    files = ModelFolder(folder)
    card = files.read_card()
    graph = onnx.load(files.network).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    heads = [
        attribute.i
        for node in graph.node
        for attribute in node.attribute
        if node.op_type in ("QAttention", "Attention") and attribute.name == "num_heads"
    ]
    if not heads or "word_rows" not in arrays:
        raise ModelFolderError(f"{folder}: its graph is not one that Keshev's training wrote")
    encoder = BertModel(_config(arrays, heads, card.pad_id), add_pooling_layer=False)
    tokens = NoteTokenizer(Tokenizer.from_file(str(files.tokenizer)), card.prefix, card.max_tokens)
    network = NoteNetwork(encoder, encoder.config.hidden_size, card.pad_id)
    state = {name: torch.from_numpy(np.array(value)) for name, value in _state(arrays).items()}
    missing = network.load_state_dict(state, strict=False).missing_keys
    if missing:
        raise ModelFolderError(f"{folder}: its graph lacks {missing[0]}")
    return network.eval(), tokens


def _config(arrays: Arrays, heads: list[int], pad_id: int) -> BertConfig:
    rows, hidden = arrays["word_rows"].shape
    return BertConfig(
        vocab_size=rows,
        hidden_size=hidden,
        num_hidden_layers=len(heads),
        num_attention_heads=heads[0],
        intermediate_size=arrays["layer0_wide_bias"].shape[0],
        max_position_embeddings=arrays["places"].shape[0],
        pad_token_id=pad_id,
    )


def _matrix(arrays: Arrays, name: str) -> NDArray[np.float32]:
    """Return a layer's weights (out, in), whether stored as integers or not."""
    values = arrays[f"{name}_weight"].astype(np.float32)
    if f"{name}_scale" in arrays:
        values = values * arrays[f"{name}_scale"]
    return np.ascontiguousarray(values.T)


def _state(arrays: Arrays) -> Arrays:
    """Return the graph's constants under the names of `NoteNetwork`'s parameters."""
    words = arrays["word_rows"].astype(np.float32)
    hidden = words.shape[1]
    embeddings = "encoder.embeddings"
    state: Arrays = {
        f"{embeddings}.word_embeddings.weight": words * arrays.get("word_scale", 1.0),
        f"{embeddings}.position_embeddings.weight": arrays["places"],
        # The graph holds positions and the one token type as their sum.
        f"{embeddings}.token_type_embeddings.weight": np.zeros((2, hidden), np.float32),
        **_norm(arrays, f"{embeddings}.LayerNorm", "layer_norm"),
        **_linear(arrays, "keys", "keys"),
        "queries": arrays["queries"].T,
        "reason_weight": arrays["reason_sums_weight"],
        "reason_bias": arrays["reason_bias"],
        "issue_head.weight": arrays["issue_long_weight"],
    }
    for head in ("churn", "resolution", "repeat", "same"):
        state[f"{head}_head.weight"] = arrays[f"{head}_sums_weight"]
        state[f"{head}_head.bias"] = arrays[f"{head}_bias"]
    number = 0
    while f"layer{number}_wide_bias" in arrays:
        state |= _layer(arrays, f"encoder.encoder.layer.{number}", f"layer{number}", hidden)
        number += 1
    return state


def _layer(arrays: Arrays, ours: str, theirs: str, hidden: int) -> Arrays:
    weights = _matrix(arrays, f"{theirs}_context")
    biases = arrays[f"{theirs}_context_bias"]
    state: Arrays = {}
    for part, name in enumerate(("query", "key", "value")):
        rows = slice(part * hidden, (part + 1) * hidden)
        state[f"{ours}.attention.self.{name}.weight"] = weights[rows]
        state[f"{ours}.attention.self.{name}.bias"] = biases[rows]
    return {
        **state,
        **_linear(arrays, f"{ours}.attention.output.dense", f"{theirs}_attended"),
        **_norm(arrays, f"{ours}.attention.output.LayerNorm", f"{theirs}_middle"),
        **_linear(arrays, f"{ours}.intermediate.dense", f"{theirs}_wide"),
        **_linear(arrays, f"{ours}.output.dense", f"{theirs}_narrow"),
        **_norm(arrays, f"{ours}.output.LayerNorm", f"{theirs}_out"),
    }


def _linear(arrays: Arrays, ours: str, theirs: str) -> Arrays:
    return {f"{ours}.weight": _matrix(arrays, theirs), f"{ours}.bias": arrays[f"{theirs}_bias"]}


def _norm(arrays: Arrays, ours: str, theirs: str) -> Arrays:
    return {
        f"{ours}.weight": arrays[f"{theirs}_weight"],
        f"{ours}.bias": arrays[f"{theirs}_bias"],
    }
