"""A training run on disk after each epoch, so that one that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from nlp.examples import Example

if TYPE_CHECKING:
    from nlp.losses import Weights
    from nlp.recipe import Recipe


@dataclass(frozen=True)
class Checkpoint:
    """One file, replaced whole after each epoch; `run` says what it is a checkpoint of."""

    path: Path
    run: str

    def read(self) -> dict[str, Any] | None:
        """Return the state of this very run, or None when the file is missing or of another."""
        if not self.path.is_file():
            return None
        # weights_only: nothing in the file can run code when it is read.
        state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        return state if state.get("run") == self.run else None

    def write(self, state: dict[str, Any]) -> None:
        """Write the state; the file before it stays until this one is complete."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        torch.save({**state, "run": self.run}, partial)
        partial.replace(self.path)

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def run_id(
    recipe: "Recipe", weights: "Weights", start: Mapping[str, Tensor], examples: Sequence[Example]
) -> str:
    """Return a digest of everything that decides a run.

    Args:
        recipe: how it is trained.
        weights: how much each term of the loss counts.
        start: the network's weights at the beginning.
        examples: what is learned.
    """
    decisions = [asdict(recipe), asdict(weights)]
    digest = hashlib.sha256(json.dumps(decisions, sort_keys=True).encode())
    for name, tensor in start.items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().numpy().tobytes())
    for example in examples:
        digest.update(example.text.encode())
        for values in (example.reasons, example.churn, example.resolution):
            digest.update(values.tobytes())
        digest.update(f"{example.repeat}{sorted(example.spans.items())}{example.issue}".encode())
    return digest.hexdigest()[:16]
