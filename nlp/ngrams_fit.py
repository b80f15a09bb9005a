"""Fits the n-gram table: one logistic regression a head, on the hashed tf-idf of train."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from nlp.examples import Example
from nlp.heads import Bools, Floats
from nlp.ngrams import Keys, NgramModel, counts_of, keys_of
from nlp.tokens import Encoded

INVERSE_REGULARISATION = 20.0
FEWEST = 2  # notes that an n-gram must stand in
KEPT = 190_000  # n-grams at most: those with the largest weights; 3 MB


def fit_ngrams(
    examples: Sequence[Example], encoded: Sequence[Encoded], kept: int = KEPT
) -> NgramModel:
    """Return the table that examples, with their tokens, give.

    A label that no example, or every one, has gets no weights and a bias that says so.
    """
    known = _known(encoded)
    if len(known) > kept:
        weights, _, _ = _fit(examples, encoded, known)
        largest = np.argsort(-np.linalg.norm(weights / weights.std(axis=0), axis=1), kind="stable")
        known = np.sort(known[largest[:kept]])
    weights, bias, idf = _fit(examples, encoded, known)
    scale = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-6) / 127
    rounded = np.round(weights / scale).astype(np.int8)
    return NgramModel(known, idf.astype(np.float16), rounded, scale.astype(np.float32), bias)


def _known(encoded: Sequence[Encoded]) -> Keys:
    """Return the keys of the n-grams that stand in at least FEWEST notes, rising."""
    note, keys = keys_of(encoded)
    pairs = np.unique(note.astype(np.uint64) << np.uint64(32) | keys)
    key, notes = np.unique(pairs.astype(np.uint32), return_counts=True)
    return key[notes >= FEWEST]


def _fit(
    examples: Sequence[Example], encoded: Sequence[Encoded], known: Keys
) -> tuple[Floats, Floats, Floats]:
    """Return the weights (F, 19), the biases (19,) and the inverse document frequencies (F,)."""
    found = counts_of(encoded, known)
    counts = csr_matrix((found.count, (found.note, found.feature)), (len(encoded), len(known)))
    transformer = TfidfTransformer(sublinear_tf=True)
    matrix = transformer.fit_transform(counts.astype(np.float64))
    columns = [
        *(_binary(matrix, column > 0.5) for column in np.stack([e.reasons for e in examples]).T),
        *_classes(matrix, np.stack([e.churn for e in examples])),
        *_classes(matrix, np.stack([e.resolution for e in examples])),
        _binary(matrix, np.array([e.repeat for e in examples]) > 0.5),
    ]
    weights = np.stack([weight for weight, _ in columns], axis=1)
    bias = np.array([bias for _, bias in columns], dtype=np.float32)
    return weights, bias, transformer.idf_


Column = tuple[Floats, float]


def _binary(matrix: csr_matrix, truth: Bools) -> Column:
    """Return the weights and the bias of one label."""
    share = float(np.mean(truth))
    if share in (0.0, 1.0):
        return np.zeros(matrix.shape[1], np.float32), 5.0 if share else -5.0
    model = LogisticRegression(
        C=INVERSE_REGULARISATION, class_weight="balanced", solver="liblinear"
    )
    model.fit(matrix, truth)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _classes(matrix: csr_matrix, targets: Floats) -> list[Column]:
    """Return the weights and the bias of each of a head's classes, one against the rest."""
    likeliest = targets.argmax(axis=1)
    return [_binary(matrix, likeliest == number) for number in range(targets.shape[1])]
