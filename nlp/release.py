"""From a trained network to a released folder: ONNX with 8-bit weights, tokenizer, model card.

Weights are stored as 8-bit integers with a scale for each block of 128 (matrices, by ONNX
Runtime's `MatMulNBits`) or for each row (word vectors). Activations stay float32, so a note's
probabilities do not depend on the notes that share its batch, as they would with one activation
scale a batch.
"""

import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import (
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)

from nlp.modelfolder import ModelCard, ModelFolder
from nlp.network import NoteNetwork
from nlp.tokens import NoteTokenizer

OPSET = 18
BLOCK = 128
CHATTY = ("onnx_ir", "onnxscript", "onnxruntime.quantization", "torch.onnx")
INPUTS = ("input_ids", "attention_mask", "text_mask")
OUTPUTS = ("reasons", "churn", "resolution", "repeat", "attention")


def export_float(network: NoteNetwork, path: Path) -> None:
    """Write the network as float32 ONNX with free batch and token axes."""
    network.eval()
    example = tuple(torch.ones(2, 9, dtype=torch.int64) for _ in INPUTS)
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    with warnings.catch_warnings():
        # The exporter of this torch warns of its own insides, whatever it is given.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example,
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=tuple({0: batch, 1: tokens} for _ in INPUTS),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def quantize(source: Path, target: Path) -> None:
    """Write `source` with 8-bit weights."""
    quantizer = MatMulNBitsQuantizer(
        onnx.load(source),
        algo_config=DefaultWeightOnlyQuantConfig(
            block_size=BLOCK, is_symmetric=True, bits=8, accuracy_level=0
        ),
    )
    quantizer.process()
    model = quantizer.model.model
    _quantize_word_vectors(model)
    onnx.save(model, target)


def _quantize_word_vectors(model: onnx.ModelProto) -> None:
    """Replace the largest float table that a Gather reads by int8 rows and a scale a row."""
    graph = model.graph
    tables = {tensor.name: tensor for tensor in graph.initializer}
    gather = max(
        (node for node in graph.node if node.op_type == "Gather" and node.input[0] in tables),
        key=lambda node: int(np.prod(tables[node.input[0]].dims)),
    )
    name = gather.input[0]
    values = numpy_helper.to_array(tables[name])
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-8) / 127
    rows = np.round(values / scale).astype(np.int8)
    graph.initializer.remove(tables[name])
    graph.initializer.extend(
        [
            numpy_helper.from_array(rows, f"{name}_rows"),
            numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
        ]
    )
    ids, output = gather.input[1], gather.output[0]
    place = list(graph.node).index(gather)
    graph.node.remove(gather)
    parts = [
        helper.make_node("Gather", [f"{name}_rows", ids], [f"{output}_rows"], axis=0),
        helper.make_node("Cast", [f"{output}_rows"], [f"{output}_float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scale", ids], [f"{output}_scale"], axis=0),
        helper.make_node("Mul", [f"{output}_float", f"{output}_scale"], [output]),
    ]
    for offset, node in enumerate(parts):
        graph.node.insert(place + offset, node)


def release(
    network: NoteNetwork, tokens: NoteTokenizer, card: ModelCard, folder: Path
) -> ModelFolder:
    """Write a complete model folder and return it."""
    for library in CHATTY:  # each tells every step of the conversion
        logging.getLogger(library).setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    files = ModelFolder(folder)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "float.onnx"
        export_float(network, plain)
        quantize(plain, files.network)
    tokens.tokenizer.save(str(files.tokenizer), pretty=False)
    files.write_card(card)
    return files
