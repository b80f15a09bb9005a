"""The released network on ONNX Runtime: token ids in, logits and attention out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from keshev.errors import ModelFolderError
from nlp.heads import Logits
from nlp.tokens import Encoded, pad

Floats = NDArray[np.float32]
TOKENS_A_BATCH = 2048  # bounds memory whatever the notes' lengths


@dataclass(frozen=True)
class Scored:
    """The outputs of N notes, in their order; `attention` is (12, T) for each note."""

    logits: Logits
    attention: list[Floats]


class OnnxEngine:
    """Runs `model.onnx` on the CPU, notes of about the same length together."""

    def __init__(self, path: Path, threads: int = 0, pad_id: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.pad_id = pad_id
        try:
            self.session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's own errors share no public root
            raise ModelFolderError(
                f"{path}: ONNX Runtime cannot load it; take the folder from a release again"
            ) from error

    def run(self, notes: Sequence[Encoded]) -> Scored:
        """Return the logits and attentions of many notes, in their order."""
        count = len(notes)
        logits = Logits(
            np.zeros((count, 12), np.float32),
            np.zeros((count, 3), np.float32),
            np.zeros((count, 3), np.float32),
            np.zeros(count, np.float32),
        )
        attention: list[Floats] = [np.zeros((12, 0), np.float32)] * count
        for places in batches([len(note) for note in notes]):
            batch = pad([notes[i] for i in places], self.pad_id)
            reasons, churn, resolution, repeat, weights = self.session.run(
                None,
                {
                    "input_ids": batch.input_ids,
                    "attention_mask": batch.attention_mask,
                    "text_mask": batch.text_mask,
                },
            )
            logits.reasons[places] = reasons
            logits.churn[places] = churn
            logits.resolution[places] = resolution
            logits.repeat[places] = repeat
            for row, place in enumerate(places):
                attention[place] = weights[row, :, : len(notes[place])]
        return Scored(logits, attention)


def batches(lengths: Sequence[int], tokens: int = TOKENS_A_BATCH) -> Iterator[list[int]]:
    """Yield the places of notes, shortest first, so many at once that no batch exceeds `tokens`.

    A note that is longer than `tokens` gets a batch of its own.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if batch and lengths[place] * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
