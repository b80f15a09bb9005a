"""8-bit arithmetic in training, as the released graph will do it.

The inputs of each matrix product are rounded to 256 levels of a fixed range, the weights of each
output to 127 levels (seven bits: processors without VNNI add pairs of products in 16 bits, which
eight would overflow). The range is fixed, not taken from each batch, so what a note gives never
depends on its neighbours. Rounding is seen in training and passed over by the gradient
(Jacob et al., 2018, arXiv:1712.05877), so the network learns to live with it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nlp.network import NoteNetwork, forward
from nlp.tokens import Encoded

LEVELS = 255
WEIGHT_LEVEL = 63


class QuantizedLinear(nn.Linear):
    """A linear layer whose input and weights are rounded; `low` and `high` bound the input."""

    low: Tensor
    high: Tensor

    def __init__(self, source: nn.Linear) -> None:
        super().__init__(source.in_features, source.out_features, source.bias is not None)
        self.weight, self.bias = source.weight, source.bias
        self.register_buffer("low", torch.tensor(-1.0))
        self.register_buffer("high", torch.tensor(1.0))

    def scale(self) -> tuple[float, int]:
        """Return the step between the input's levels and the level that zero falls on."""
        step = max(float(self.high - self.low) / LEVELS, 1e-8)
        return step, int(np.clip(round(-float(self.low) / step), 0, LEVELS))

    def weight_scale(self) -> Tensor:
        """Return the step between weights' levels for each output, (out,)."""
        return self.weight.detach().abs().amax(dim=1).clamp_min(1e-8) / WEIGHT_LEVEL

    def forward(self, input: Tensor) -> Tensor:
        """Return the product of the rounded input with the rounded weights, plus the bias."""
        step, zero = self.scale()
        rounded = torch.fake_quantize_per_tensor_affine(input.float(), step, zero, 0, LEVELS)
        scales = self.weight_scale()
        weight = torch.fake_quantize_per_channel_affine(
            self.weight.float(),
            scales,
            torch.zeros_like(scales, dtype=torch.int32),
            0,
            -WEIGHT_LEVEL,
            WEIGHT_LEVEL,
        )
        return nn.functional.linear(rounded, weight, self.bias)


def quantizable(network: NoteNetwork) -> list[tuple[nn.Module, str, nn.Linear]]:
    """Return the linear layers that each token passes: their parent, name and themselves."""
    found = [
        (parent, name, child)
        for parent in network.encoder.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.Linear)
    ]
    return [*found, (network, "keys", network.keys)]


@torch.no_grad()
def insert_rounding(network: NoteNetwork, notes: Sequence[Encoded], rows: int = 128) -> None:
    """Replace the network's linear layers by rounding ones, their ranges taken from `notes`.

    A range is the one that loses least by squares on a sample of `rows` tokens a batch of 32.
    """
    network.eval()
    draw = torch.Generator().manual_seed(7)
    seen: dict[nn.Module, list[Tensor]] = {}
    layers = quantizable(network)

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        flat = inputs[0].reshape(-1, inputs[0].shape[-1])
        chosen = torch.randperm(len(flat), generator=draw)[:rows]
        seen.setdefault(layer, []).append(flat[chosen])

    hooks = [layer.register_forward_pre_hook(keep) for _, _, layer in layers]
    for at in range(0, len(notes), 32):
        forward(network, notes[at : at + 32])
    for hook in hooks:
        hook.remove()
    for parent, name, layer in layers:
        rounding = QuantizedLinear(layer)
        low, high = _range(torch.cat(seen[layer]))
        rounding.low.fill_(low)
        rounding.high.fill_(high)
        setattr(parent, name, rounding)


def _range(values: Tensor) -> tuple[float, float]:
    least, most = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    best = (np.inf, least, most)
    for share in np.linspace(0.2, 1.0, 33):
        reach = float(share) * max(-least, most)
        low, high = max(least, -reach), min(most, reach)
        step = max((high - low) / LEVELS, 1e-8)
        zero = int(np.clip(round(-low / step), 0, LEVELS))
        rounded = torch.fake_quantize_per_tensor_affine(values, step, zero, 0, LEVELS)
        best = min(best, (float(((rounded - values) ** 2).mean()), low, high))
    return best[1], best[2]
