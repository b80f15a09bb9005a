"""The network as an ONNX graph of fused operators, written node by node.

A BERT encoder and Keshev's heads need a dozen kinds of nodes; ONNX Runtime's own operators for
them (`Attention`, `Gelu`, and for rounded layers `QAttention` and `MatMulIntegerToFloat`) do in
one pass over memory what an exported graph does in ten. A layer that holds rounding becomes a
product of 8-bit integers, any other stays float32.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers.models.bert.modeling_bert import BertEmbeddings, BertLayer, BertSelfAttention

from keshev.errors import ModelFolderError
from nlp.network import N_REASONS, NoteNetwork
from nlp.quantization import QuantizedLinear

OPSET = 18
FUSED = "com.microsoft"
INPUTS = ("input_ids", "attention_mask", "text_mask")
OUTPUTS = ("reasons", "churn", "resolution", "repeat", "attention", "issue", "same")
SCALARS = ("repeat", "same")  # heads of a single logit


@dataclass
class _Graph:
    """Nodes and constants, added in the order of computation."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        domain = str(attributes.pop("domain", ""))
        node = helper.make_node(kind, inputs, [output], output, domain=domain, **attributes)
        self.nodes.append(node)
        return output


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().numpy()


def _weights(layers: list[QuantizedLinear]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the 8-bit weights (in, out) of layers side by side, and a scale for each output."""
    scale = np.concatenate([_array(layer.weight_scale()) for layer in layers])
    values = np.concatenate([_array(layer.weight) for layer in layers])
    return np.round(values / scale[:, None]).astype(np.int8).T, scale


def _rounded(graph: _Graph, layer: QuantizedLinear, value: str, name: str) -> tuple[str, str, str]:
    """Add the rounding of a layer's input; return it with its scale and zero point."""
    step, zero = layer.scale()
    scale = graph.constant(f"{name}_step", np.array(step, np.float32))
    at = graph.constant(f"{name}_zero", np.array(zero, np.uint8))
    return graph.add("QuantizeLinear", [value, scale, at], f"{name}_in"), scale, at


def _linear(graph: _Graph, layer: nn.Linear, value: str, name: str) -> str:
    """Add a matrix product with its bias; return its float output."""
    if not isinstance(layer, QuantizedLinear):
        weight = graph.constant(f"{name}_weight", _array(layer.weight).T)
        graph.add("MatMul", [value, weight], f"{name}_product")
        return graph.add("Add", [f"{name}_product", _bias(graph, layer, name)], name)
    rounded, step, zero = _rounded(graph, layer, value, name)
    weights, scales = _weights([layer])
    return graph.add(
        "MatMulIntegerToFloat",
        [
            rounded,
            graph.constant(f"{name}_weight", weights),
            step,
            graph.constant(f"{name}_scale", scales),
            zero,
            graph.constant(f"{name}_weight_zero", np.array(0, np.int8)),
            _bias(graph, layer, name),
        ],
        name,
        domain=FUSED,
    )


def _bias(graph: _Graph, layer: nn.Linear, name: str) -> str:
    return graph.constant(f"{name}_bias", _array(layer.bias))


def _embeddings(graph: _Graph, embeddings: BertEmbeddings, rounded: bool) -> str:
    """Add word vectors (rounded: 8-bit rows with a scale each), positions and the first norm."""
    table = _array(embeddings.word_embeddings.weight)
    if rounded:
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-8) / 127
        rows = graph.constant("word_rows", np.round(table / scale).astype(np.int8))
        graph.add("Gather", [rows, "input_ids"], "word_int", axis=0)
        graph.add("Cast", ["word_int"], "word_float", to=TensorProto.FLOAT)
        graph.add("Gather", [graph.constant("word_scale", scale), "input_ids"], "word_step", axis=0)
        graph.add("Mul", ["word_float", "word_step"], "word")
    else:
        graph.add("Gather", [graph.constant("word_rows", table), "input_ids"], "word", axis=0)
    places = _array(embeddings.position_embeddings.weight)
    places = places + _array(embeddings.token_type_embeddings.weight)[0]
    graph.add("Shape", ["input_ids"], "tokens", start=1, end=2)
    zero = graph.constant("zero", np.array([0], np.int64))
    graph.add("Slice", [graph.constant("places", places), zero, "tokens", zero], "place")
    graph.add("Add", ["word", "place"], "embedded")
    return _norm(graph, embeddings.LayerNorm, "embedded", "", "layer_norm")


def _norm(graph: _Graph, norm: nn.LayerNorm, value: str, skip: str, name: str) -> str:
    """Add the norm of `value` plus `skip`, or of `value` alone.

    ONNX Runtime's `SkipLayerNormalization` does the same in one node, but slower (1.31, CPU).
    """
    if skip:
        value = graph.add("Add", [value, skip], f"{name}_sum")
    weight = graph.constant(f"{name}_weight", _array(norm.weight))
    bias = graph.constant(f"{name}_bias", _array(norm.bias))
    inputs = [value, weight, bias]
    return graph.add("LayerNormalization", inputs, name, axis=-1, epsilon=norm.eps)


def _attention(graph: _Graph, own: BertSelfAttention, states: str, heads: int, name: str) -> str:
    """Add the self-attention of one layer, its three projections in one; return its output."""
    parts = [own.query, own.key, own.value]
    bias = graph.constant(f"{name}_bias", np.concatenate([_array(part.bias) for part in parts]))
    if not isinstance(own.query, QuantizedLinear):
        values = np.concatenate([_array(part.weight) for part in parts]).T
        weight = graph.constant(f"{name}_weight", values)
        inputs = [states, weight, bias, "mask"]
        return graph.add("Attention", inputs, name, domain=FUSED, num_heads=heads)
    rounded, step, zero = _rounded(graph, own.query, states, name)
    weights, scales = _weights(parts)
    inputs = [
        rounded,
        graph.constant(f"{name}_weight", weights),
        bias,
        step,
        graph.constant(f"{name}_scale", scales),
        "mask",
        zero,
        graph.constant(f"{name}_weight_zero", np.array(0, np.int8)),
    ]
    return graph.add("QAttention", inputs, name, domain=FUSED, num_heads=heads)


def _layer(graph: _Graph, layer: BertLayer, states: str, heads: int, name: str) -> str:
    """Add one transformer layer; return its output."""
    context = _attention(graph, layer.attention.self, states, heads, f"{name}_context")
    output = layer.attention.output
    attended = _linear(graph, output.dense, context, f"{name}_attended")
    middle = _norm(graph, output.LayerNorm, attended, states, f"{name}_middle")
    wide = _linear(graph, layer.intermediate.dense, middle, f"{name}_wide")
    active = graph.add("Gelu", [wide], f"{name}_active", domain=FUSED)
    narrow = _linear(graph, layer.output.dense, active, f"{name}_narrow")
    return _norm(graph, layer.output.LayerNorm, narrow, middle, f"{name}_out")


def _heads(graph: _Graph, network: NoteNetwork, states: str) -> None:
    """Add label attention and the heads, as in `NoteNetwork.forward`."""
    keys = _linear(graph, network.keys, states, "keys")
    graph.add("Tanh", [keys], "keys_tanh")
    queries = graph.constant("queries", _array(network.queries).T)
    graph.add("MatMul", ["keys_tanh", queries], "looks")
    graph.add("Transpose", ["looks"], "looks_by_label", perm=[0, 2, 1])
    graph.add("Cast", ["text_mask"], "text_float", to=TensorProto.FLOAT)
    one = graph.constant("one", np.array(1, np.float32))
    graph.add("Sub", ["text_float", one], "text_less")
    graph.add("Mul", ["text_less", graph.constant("far", np.array(1e4, np.float32))], "text_far")
    middle = graph.constant("axis_middle", np.array([1], np.int64))
    graph.add("Unsqueeze", ["text_far", middle], "text_bias")
    graph.add("Add", ["looks_by_label", "text_bias"], "looks_masked")
    graph.add("Softmax", ["looks_masked"], "all_attention", axis=-1)
    graph.add("MatMul", ["all_attention", states], "contexts")
    start = graph.constant("from_first", np.array([0], np.int64))
    end = graph.constant("to_reasons", np.array([N_REASONS], np.int64))
    graph.add("Slice", ["all_attention", start, end, middle], "attention")
    graph.add("Slice", ["contexts", start, end, middle], "reason_contexts")
    last = graph.constant("axis_last", np.array([-1], np.int64))
    _products(graph, "reason_contexts", network.reason_weight, "reason_sums", last)
    bias = graph.constant("reason_bias", _array(network.reason_bias))
    graph.add("Add", ["reason_sums", bias], "reasons")
    heads = {
        "churn": network.churn_head,
        "resolution": network.resolution_head,
        "repeat": network.repeat_head,
        "same": network.same_head,
    }
    for offset, (name, head) in enumerate(heads.items()):
        place = graph.constant(f"{name}_place", np.array([N_REASONS + offset], np.int64))
        graph.add("Gather", ["contexts", place], f"{name}_context", axis=1)
        _products(graph, f"{name}_context", head.weight, f"{name}_sums", last)
        bias = graph.constant(f"{name}_bias", _array(head.bias))
        output = f"{name}_wide" if name in SCALARS else name
        graph.add("Add", [f"{name}_sums", bias], output)
    for name in SCALARS:
        graph.add("Squeeze", [f"{name}_wide", last], name)
    _issue_vector(graph, network, states, last, middle)


def _products(graph: _Graph, value: str, weight: torch.Tensor, name: str, last: str) -> None:
    """Add the sums of `value` times each row of a small matrix.

    A `MatMul` takes another path for a single row and would differ there in the last bit.
    """
    rows = graph.constant(f"{name}_weight", _array(weight))
    graph.add("Mul", [value, rows], f"{name}_products")
    graph.add("ReduceSum", [f"{name}_products", last], name, keepdims=0)


def _issue_vector(graph: _Graph, network: NoteNetwork, states: str, last: str, middle: str) -> None:
    """Add the mean of the note's own tokens, projected, of length one."""
    graph.add("Unsqueeze", ["text_float", middle], "text_row")
    graph.add("MatMul", ["text_row", states], "own_sum")
    graph.add("ReduceSum", ["text_row", last], "own_count", keepdims=1)
    graph.add("Div", ["own_sum", "own_count"], "own_mean")
    _products(graph, "own_mean", network.issue_head.weight, "issue_long", last)
    graph.add("LpNormalization", ["issue_long"], "issue", axis=-1, p=2)


def fused_graph(network: NoteNetwork) -> onnx.ModelProto:
    """Return the network as one ONNX model.

    Raises:
        ModelFolderError: when its encoder is no BERT.
    """
    graph = _Graph()
    encoder: Any = network.encoder
    if encoder.config.model_type != "bert":
        raise ModelFolderError(
            f"base encoder of type {encoder.config.model_type}: only BERT encoders can be released "
            "(DictaBERT, AlephBERT, HeBERT, multilingual BERT, the bundled one)"
        )
    graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    states = _embeddings(graph, encoder.embeddings, isinstance(network.keys, QuantizedLinear))
    for number, layer in enumerate(encoder.encoder.layer):
        heads = encoder.config.num_attention_heads
        states = _layer(graph, layer, states, heads, f"layer{number}")
    _heads(graph, network, states)
    shapes: dict[str, list[str | int]] = {
        "reasons": ["batch", N_REASONS],
        "churn": ["batch", 3],
        "resolution": ["batch", 3],
        "repeat": ["batch"],
        "attention": ["batch", N_REASONS, "tokens"],
        "issue": ["batch", int(network.issue_head.out_features)],
        "same": ["batch"],
    }
    made = helper.make_graph(
        graph.nodes,
        "keshev",
        [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in INPUTS],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shapes[n]) for n in OUTPUTS],
        list(graph.constants.values()),
    )
    return helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
        ir_version=9,
    )
