"""The released network on ONNX Runtime: token ids in, logits and attention out.

`nlp.torchengine` does the same by torch, on other devices than the CPU.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np

# ONNX Runtime tells its maker of each process that loads it, unless this is set before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort
from numpy.typing import NDArray

from keshev.errors import ModelFolderError
from nlp.heads import Logits
from nlp.tokens import Encoded

Floats = NDArray[np.float32]
TOKENS_A_BATCH = 512  # of one thread: bounds memory whatever the notes' lengths


@dataclass(frozen=True)
class Scored:
    """The outputs of N notes, in their order.

    `attention` is (12, T) for each note; `issue` (N, 64) are the issue vectors, of length one;
    `same` (N,) are the logits of joined notes (`nlp.together`).
    """

    logits: Logits
    attention: list[Floats]
    issue: Floats
    same: Floats

    @classmethod
    def empty(cls, count: int, issue_size: int) -> Self:
        """Return room for the outputs of so many notes."""
        logits = Logits(
            np.zeros((count, 12), np.float32),
            np.zeros((count, 3), np.float32),
            np.zeros((count, 3), np.float32),
            np.zeros(count, np.float32),
        )
        attention: list[Floats] = [np.zeros((12, 0), np.float32)] * count
        issue = np.zeros((count, issue_size), np.float32)
        return cls(logits, attention, issue, np.zeros(count, np.float32))

    def put(self, places: list[int], outputs: Sequence[Floats]) -> None:
        """Write the outputs of a batch, in the graph's order, at the places of its notes."""
        reasons, churn, resolution, repeat, weights, vectors, matter = outputs
        self.logits.reasons[places] = reasons
        self.logits.churn[places] = churn
        self.logits.resolution[places] = resolution
        self.logits.repeat[places] = repeat
        self.issue[places] = vectors
        self.same[places] = matter
        for row, place in enumerate(places):
            self.attention[place] = weights[row]


class Engine(Protocol):
    """What computes the network. `issue_size` is the length of an issue vector."""

    issue_size: int

    def run(self, notes: Sequence[Encoded]) -> Scored:
        """Return the logits and attentions of many notes, in their order."""
        ...


class OnnxEngine:
    """Runs `model.onnx` on the CPU.

    A note shares a batch only with notes of its number of tokens, so nothing is padding. Every row
    is computed by itself, so a note's outputs are the same to the last bit whatever notes are
    beside it. Each thread computes whole batches, since threads that share one wait for each other
    at every product; a single note has one thread.

    Args:
        path: of the graph.
        threads: how many batches are computed at a time; 0 is one a core that this process may
            use. A container's share of processor time is not seen: give the number there.

    Raises:
        ModelFolderError: when ONNX Runtime cannot load the graph.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.threads = threads or available_cores()
        try:
            self.session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's own errors share no public root
            raise ModelFolderError(
                f"{path}: ONNX Runtime cannot load it; take the folder from a release again"
            ) from error
        sizes = {output.name: output.shape[-1] for output in self.session.get_outputs()}
        self.issue_size = int(sizes["issue"])

    def run(self, notes: Sequence[Encoded]) -> Scored:
        """Return the logits and attentions of many notes, in their order."""
        scored = Scored.empty(len(notes), self.issue_size)

        def score(places: list[int]) -> None:
            ids = np.stack([notes[i].ids for i in places])
            outputs = self.session.run(
                None,
                {
                    "input_ids": ids,
                    "attention_mask": np.ones_like(ids),
                    "text_mask": np.stack([notes[i].text_mask for i in places]),
                },
            )
            scored.put(places, outputs)

        with ThreadPoolExecutor(self.threads) as workers:
            for _ in workers.map(score, batches([len(note) for note in notes])):
                pass
        return scored


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def batches(lengths: Sequence[int], tokens: int = TOKENS_A_BATCH) -> Iterator[list[int]]:
    """Yield the places of notes, longest first, all of a batch of one length.

    A batch has at most `tokens` tokens; a longer note has one of its own.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        length = lengths[place]
        if batch and (length != lengths[batch[0]] or length * (len(batch) + 1) > tokens):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
