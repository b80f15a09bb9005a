"""The notes whose issue vectors lie nearest: exact, no index, no approximation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.searching.notes import Notes
from labels.frames import ISSUE_LEVELS

NEAREST = 200
LEAST_COSINE = 0.35  # what is further away is about something else: see benchmarks/search.py
CHUNK = 65_536  # notes whose vectors are floats at a time

Ints = NDArray[np.int32]


def levels(vector: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    """Return a vector of length one in the levels that the store keeps."""
    rounded: NDArray[np.int8] = np.round(np.clip(vector, -1, 1) * ISSUE_LEVELS).astype(np.int8)
    return rounded


def nearest(
    notes: Notes, vector: NDArray[np.int8], among: NDArray[np.bool_], count: int = NEAREST
) -> Ints:
    """Return the places of at most `count` notes `among` all, by falling cosine with a vector.

    The products are sums of at most 64 whole numbers below 2^14, which floats hold exactly in
    whatever order they are added: the same notes come in the same order on every machine. Equally
    near ones come newest first.
    """
    wanted = vector.astype(np.float32)
    products = np.concatenate(
        [
            notes.issue[at : at + CHUNK].astype(np.float32) @ wanted
            for at in range(0, max(notes.count, 1), CHUNK)
        ]
    )
    length = np.float32(max(float(np.linalg.norm(wanted)), 1.0))
    cosines = products / (notes.lengths * length)
    places = np.flatnonzero(among & (cosines >= LEAST_COSINE))
    return best(places, cosines[places], notes, count)


def best(
    places: NDArray[np.integer[Any]],
    scores: NDArray[np.floating[Any]],
    notes: Notes,
    count: int,
) -> Ints:
    """Return the places of the `count` highest scores, highest first, newest first among equals."""
    if len(places) > count:
        limit = np.partition(scores, len(scores) - count)[len(scores) - count]
        high = scores >= limit
        places, scores = places[high], scores[high]
    order = np.lexsort((notes.age[places], -scores))
    return places[order][:count].astype(np.int32)
