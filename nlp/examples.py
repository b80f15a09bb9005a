"""Training examples: a text with targets that may be soft, and where its evidence stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labels.annotation import AnyNote, LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.journeys import Journey, JourneyContact
from nlp.heads import Logits, sigmoid, softmax
from nlp.tokens import Encoded

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """A text and what the network should give for it, as probabilities.

    `reasons` (12,), `churn` (3,), `resolution` (3,), `repeat` 0 to 1; `spans` gives the half-open
    place in the text of each true reason's evidence. `journey` and `issue` name the customer's
    journey and the matter, where the example comes from one.
    """

    text: str
    reasons: Floats
    churn: Floats
    resolution: Floats
    repeat: float
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    journey: str = ""
    issue: str = ""


@dataclass(frozen=True)
class Targets:
    """What B notes of T tokens should give, as in `Example`.

    `evidence` (B, 12, T) marks the tokens of each span; `issue` (B,) numbers the matters and is
    -1 for a note that comes from no journey.
    """

    reasons: Tensor
    churn: Tensor
    resolution: Tensor
    repeat: Tensor
    evidence: Tensor
    issue: Tensor

    def to(self, device: torch.device) -> "Targets":
        """Return the targets on a device."""
        return Targets(**{name: value.to(device) for name, value in vars(self).items()})


def _one_hot(place: int, size: int) -> Floats:
    values = np.zeros(size, dtype=np.float32)
    values[place] = 1
    return values


def example_of(note: AnyNote) -> Example:
    """Return the example that a labelled note is; a corrected one has no evidence."""
    evidence = note.evidence if isinstance(note, LabelledNote) else {}
    starts = {REASONS.index(r): note.text.index(piece) for r, piece in evidence.items()}
    spans = {
        REASONS.index(r): (starts[REASONS.index(r)], starts[REASONS.index(r)] + len(piece))
        for r, piece in evidence.items()
    }
    journey = note.journey if isinstance(note, JourneyContact) else ""
    issue = f"{journey}/{note.issue}" if isinstance(note, JourneyContact) else ""
    return Example(
        note.text,
        np.array([reason in note.reasons for reason in REASONS], dtype=np.float32),
        _one_hot(CHURN_INTENTS.index(note.churn_intent), len(CHURN_INTENTS)),
        _one_hot(RESOLUTIONS.index(note.resolution), len(RESOLUTIONS)),
        float(note.repeat),
        spans,
        journey,
        issue,
    )


def examples_of(notes: Sequence[LabelledNote], journeys: Sequence[Journey] = ()) -> list[Example]:
    """Return the examples of notes and of the journeys' contacts, in their order."""
    contacts = [contact for journey in journeys for contact in journey.contacts]
    return [example_of(note) for note in [*notes, *contacts]]


def softened(examples: Sequence[Example], teacher: Logits, share: float) -> list[Example]:
    """Return the examples with `share` of their targets taken from a teacher's probabilities.

    Hinton et al., 2015 (arXiv:1503.02531).
    """
    reasons, repeat = sigmoid(teacher.reasons), sigmoid(teacher.repeat)
    churn, resolution = softmax(teacher.churn), softmax(teacher.resolution)
    return [
        replace(
            example,
            reasons=(1 - share) * example.reasons + share * reasons[row],
            churn=(1 - share) * example.churn + share * churn[row],
            resolution=(1 - share) * example.resolution + share * resolution[row],
            repeat=(1 - share) * example.repeat + share * float(repeat[row]),
        )
        for row, example in enumerate(examples)
    ]


def targets_of(examples: Sequence[Example], encoded: Sequence[Encoded], length: int) -> Targets:
    """Return the targets of a batch that is padded to `length` tokens."""
    evidence = torch.zeros(len(examples), len(REASONS), length)
    for row, (example, tokens) in enumerate(zip(examples, encoded, strict=True)):
        for column, (start, end) in example.spans.items():
            inside = (tokens.spans[:, 1] > start) & (tokens.spans[:, 0] < end)
            inside &= tokens.text_mask == 1
            evidence[row, column, : len(inside)] = torch.from_numpy(inside.astype(np.float32))
    matters = {issue: number for number, issue in enumerate(dict.fromkeys(_issues(examples)))}
    return Targets(
        torch.from_numpy(np.stack([example.reasons for example in examples])),
        torch.from_numpy(np.stack([example.churn for example in examples])),
        torch.from_numpy(np.stack([example.resolution for example in examples])),
        torch.tensor([example.repeat for example in examples]),
        evidence,
        torch.tensor([matters.get(example.issue, -1) for example in examples]),
    )


def _issues(examples: Sequence[Example]) -> list[str]:
    return [example.issue for example in examples if example.issue]
