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
STEP = 8


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


class OnnxEngine:
    """Runs `model.onnx` on the CPU.

    A note is padded to the next multiple of `STEP` tokens and shares a batch only with notes of
    that length. Every row is computed by itself, so a note's outputs are the same to the last bit
    whatever notes are beside it.
    """

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
        sizes = {output.name: output.shape[-1] for output in self.session.get_outputs()}
        self.issue_size = int(sizes["issue"])

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
        issue = np.zeros((count, self.issue_size), np.float32)
        same = np.zeros(count, np.float32)
        for places in batches([len(note) for note in notes]):
            batch = pad([notes[i] for i in places], self.pad_id, STEP)
            reasons, churn, resolution, repeat, weights, vectors, matter = self.session.run(
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
            issue[places] = vectors
            same[places] = matter
            for row, place in enumerate(places):
                attention[place] = weights[row, :, : len(notes[place])]
        return Scored(logits, attention, issue, same)


def batches(lengths: Sequence[int], tokens: int = TOKENS_A_BATCH) -> Iterator[list[int]]:
    """Yield the places of notes, shortest first, all of a batch padded to the same length.

    A batch has at most `tokens` tokens, padding included; a longer note has one of its own.
    """
    batch: list[int] = []
    before = 0
    for place in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        padded = -(-lengths[place] // STEP) * STEP
        if batch and (padded != before or padded * (len(batch) + 1) > tokens):
            yield batch
            batch = []
        before = padded
        batch.append(place)
    if batch:
        yield batch
