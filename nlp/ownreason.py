"""A reason of one's own, learnt from a few examples on what the released model gives for a note.

Logistic regression on a note's issue vector (64, of length one) beside its stems (tf-idf, hashed,
of length one), with the examples against a random sample of notes. The sample is taken as not
having the reason, which some of it may: so precision by cross-validation is rather too low.
"""

import io
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.ownreasons import LEAST_EXAMPLES
from nlp.stems import stem_numbers

METHOD = 1  # rises when the same examples give another model than before
WIDTH = 2048
RIDGE = 0.3
CONSTANT = 1.0  # the feature that carries the intercept
FOLDS = 5
STEPS = 50


Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Notes:
    """N notes: their texts, and the issue vectors (N, 64) that the released model gives."""

    texts: Sequence[str]
    issue: NDArray[np.float32]


@dataclass(frozen=True)
class OwnModel:
    """What tells the notes of one reason: `idf` (WIDTH,) of stems, `weights` (64 + WIDTH + 1,)."""

    idf: Floats
    weights: Floats
    threshold: float

    def probabilities(self, notes: Notes) -> Floats:
        """Return the probability of each note, (N,), to four places.

        It holds in a mixture of as many notes with the reason as without, as the model was fitted.
        """
        return np.round(_sigmoid(_features(notes, self.idf) @ self.weights), 4)

    def to_text(self) -> str:
        """Return the weights as text; the same model gives the same text."""
        file = io.BytesIO()
        np.save(file, np.concatenate([self.idf, self.weights]).astype(np.float32))
        return b64encode(file.getvalue()).decode("ascii")

    @classmethod
    def from_text(cls, text: str, threshold: float) -> "OwnModel":
        """Return the model that `to_text` gave."""
        values = np.load(io.BytesIO(b64decode(text)), allow_pickle=False).astype(np.float64)
        return cls(values[:WIDTH], values[WIDTH:], threshold)


@dataclass(frozen=True)
class CrossValidated:
    """How the method did on notes that it was not fitted to.

    `found` of `examples` passed the threshold, and `others_found` of the `others`.
    """

    examples: int
    found: int
    others: int
    others_found: int


def fit_own(examples: Notes, others: Notes) -> tuple[OwnModel, CrossValidated]:
    """Return the model of examples against other notes, and how well the method does.

    The threshold is the one with the best F0.5 of cross-validation, the highest of equals, halfway
    to the next probability below. Of the others those that passed it may well have the reason: the
    model itself is fitted without them (reliable negatives: Li and Liu, IJCAI 2003).

    Raises:
        ValueError: for fewer than `LEAST_EXAMPLES` examples, or fewer others than examples.
    """
    count, rest = len(examples.texts), len(others.texts)
    if count < LEAST_EXAMPLES or rest < count:
        raise ValueError(f"{count} examples and {rest} other notes are too few")
    idf = _idf([*examples.texts, *others.texts])
    both = Notes([*examples.texts, *others.texts], np.concatenate([examples.issue, others.issue]))
    x, y = _features(both, idf), np.arange(count + rest) < count
    fold = np.concatenate([np.arange(count) % FOLDS, np.arange(rest) % FOLDS])
    p = np.zeros(len(y))
    for held_out in range(FOLDS):
        away = fold == held_out
        p[away] = np.round(_sigmoid(x[away] @ _fit(x[~away], y[~away])), 4)
    threshold = _best_threshold(p, y)
    passed = p >= threshold
    figures = CrossValidated(count, int((passed & y).sum()), rest, int((passed & ~y).sum()))
    reliable = y | ~passed
    return OwnModel(idf, _fit(x[reliable], y[reliable]), threshold), figures


def _fit(x: Floats, y: Bools) -> Floats:
    """Return the weights (K,) of L2-regularised logistic regression, both classes of one weight.

    Newton's method on the notes' side of the kernel X X' (Zhu and Hastie, 2005, Journal of
    Computational and Graphical Statistics 14): there are fewer notes than features.
    """
    kernel = x @ x.T
    importance = np.where(y, len(y) / (2 * y.sum()), len(y) / (2 * (~y).sum()))
    dual: Floats = np.zeros(len(y))
    for _ in range(STEPS):
        linear = kernel @ dual
        p = _sigmoid(linear)
        spread = np.maximum(p * (1 - p), 1e-6)
        aim = linear + (y - p) / spread
        moved = np.linalg.solve(kernel + np.diag(RIDGE / (importance * spread)), aim)
        done = np.abs(moved - dual).max() < 1e-8
        dual = np.asarray(moved, dtype=np.float64)
        if done:
            break
    weights: Floats = x.T @ dual
    return weights


def _best_threshold(p: Floats, y: Bools) -> float:
    candidates = np.unique(p[y])
    passed = p >= candidates[:, None]
    # F-beta with beta 1/2, that counts precision more: a reason that is named must be believed.
    score = 1.25 * (passed & y).sum(axis=1) / (passed.sum(axis=1) + 0.25 * y.sum())
    best = candidates[len(score) - 1 - int(np.argmax(score[::-1]))]
    below = p[p < best].max(initial=0.0)
    return float(np.round((best + below) / 2, 4))


def _features(notes: Notes, idf: Floats) -> Floats:
    """Return (N, 64 + WIDTH + 1): issue vector, stems, constant."""
    counts = _counts(notes.texts)
    words = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0) * idf
    length = np.linalg.norm(words, axis=1, keepdims=True)
    constant = np.full((len(notes.texts), 1), CONSTANT)
    return np.hstack([notes.issue.astype(np.float64), words / np.maximum(length, 1e-9), constant])


def _counts(texts: Sequence[str]) -> Floats:
    counts = np.zeros((len(texts), WIDTH))
    for row, text in enumerate(texts):
        np.add.at(counts[row], stem_numbers(text) % WIDTH, 1)
    return counts


def _idf(texts: Sequence[str]) -> Floats:
    found = (_counts(texts) > 0).sum(axis=0)
    idf: Floats = np.log((1 + len(texts)) / (1 + found)) + 1
    return idf.astype(np.float32).astype(np.float64)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), dtype=np.float64)
