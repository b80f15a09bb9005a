"""The released network on torch, for the devices that torch knows and ONNX Runtime here does not.

It is the graph's network with the graph's rounding, so the model is the same and its id too. Norms,
softmax and the activation are computed by other code, whose last bits differ; a value at the edge
of two levels may then be rounded the other way. So probabilities are near those of the CPU, not the
same: a label can differ where one stands near its threshold. For the same reason a note's
probabilities may depend on the notes that share its batch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from keshev.errors import ModelFolderError, SettingsError
from nlp.engine import Scored, batches
from nlp.modelfolder import ModelFolder
from nlp.network import NoteNetwork, forward
from nlp.quantization import LEVELS
from nlp.restore import restore
from nlp.tokens import Encoded

Arrays = dict[str, NDArray[Any]]
TOKENS_A_BATCH = 8192  # bounds the device's memory whatever the notes' lengths


class TorchEngine:
    """Runs a released folder's network on one device of torch; its outputs are on the CPU.

    Args:
        folder: of the model.
        device: as torch names it: "cuda", "cuda:1", "mps".

    Raises:
        SettingsError: when torch finds no such device.
        ModelFolderError: when the folder holds no model, or one that was made another way.
    """

    def __init__(self, folder: Path, device: str) -> None:
        place = _found(device)
        arrays = _constants(ModelFolder(folder).network)
        network, _ = restore(folder)
        round_as_released(network, arrays)
        self.network = network.to(place)
        self.issue_size = network.issue_head.out_features

    def run(self, notes: Sequence[Encoded]) -> Scored:
        """Return the logits and attentions of many notes, in their order.

        A note shares a batch only with notes of its number of tokens, so nothing is padding.
        """
        scored = Scored.empty(len(notes), self.issue_size)
        with torch.inference_mode():
            for places in batches([len(note) for note in notes], TOKENS_A_BATCH):
                outputs = forward(self.network, [notes[i] for i in places])
                scored.put(places, [output.cpu().numpy() for output in outputs])
        return scored


class RoundedLinear(nn.Module):
    """A linear layer as the released graph computes it: products of whole numbers, then scaled.

    Float32 holds whole numbers, and adds them exactly below 2**24, in whatever order: the sums are
    the graph's on every device.
    """

    weight: Tensor
    bias: Tensor
    step: Tensor
    zero: Tensor
    scale: Tensor

    def __init__(self, arrays: Arrays, name: str, rows: slice) -> None:
        super().__init__()
        step = torch.tensor(arrays[f"{name}_step"])
        weight = torch.tensor(arrays[f"{name}_weight"].T[rows]).float()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", torch.tensor(arrays[f"{name}_bias"][rows]))
        self.register_buffer("step", step)
        self.register_buffer("zero", torch.tensor(arrays[f"{name}_zero"]).float())
        self.register_buffer("scale", torch.tensor(arrays[f"{name}_scale"][rows]) * step)

    def forward(self, states: Tensor) -> Tensor:
        """Return the layer's output, (…, out), for float states (…, in)."""
        levels = torch.round(states / self.step).add_(self.zero).clamp_(0, LEVELS).sub_(self.zero)
        return nn.functional.linear(levels, self.weight).mul_(self.scale).add_(self.bias)


def round_as_released(network: NoteNetwork, arrays: Arrays) -> None:
    """Replace the network's layers by rounding ones where the graph of these constants rounds."""
    places: list[tuple[nn.Module, tuple[str, ...], str]] = [(network, ("keys",), "keys")]
    for number, layer in enumerate(network.encoder.encoder.layer):
        name = f"layer{number}"
        places += [
            (layer.attention.self, ("query", "key", "value"), f"{name}_context"),
            (layer.attention.output, ("dense",), f"{name}_attended"),
            (layer.intermediate, ("dense",), f"{name}_wide"),
            (layer.output, ("dense",), f"{name}_narrow"),
        ]
    for parent, children, name in places:
        if f"{name}_step" not in arrays:
            continue
        size = len(arrays[f"{name}_bias"]) // len(children)
        for part, child in enumerate(children):
            rows = slice(part * size, (part + 1) * size)
            setattr(parent, child, RoundedLinear(arrays, name, rows))


def _constants(path: Path) -> Arrays:
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf's own errors, which onnx does not name
        raise ModelFolderError(f"{path}: damaged; take the folder from a release again") from error
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def _found(name: str) -> torch.device:
    """Return the device, after it held a number and gave it back."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).cpu()
    except Exception as error:  # each kind of device has its own errors
        said = str(error).partition("\n")[0]
        raise SettingsError(
            f"KESHEV_DEVICE={name}: torch {torch.__version__} finds no such device here ({said}). "
            "Set KESHEV_DEVICE=cpu, or install the build of torch that is made for the device"
        ) from error
    return device
