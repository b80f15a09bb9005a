"""From attention to evidence: the piece of the note that a reason's score rests on."""

import numpy as np
from numpy.typing import NDArray

from nlp.clauses import clauses, snap
from nlp.tokens import Encoded

MAX_WORDS = 12
NEAR_PEAK = 0.15  # tokens with so much of the strongest token's attention belong to the piece


def piece_of(text: str, tokens: Encoded, weights: NDArray[np.float32]) -> tuple[int, int]:
    """Return the half-open place in `text` of the evidence that `weights` (T,) point at.

    It lies within the clause that gets most attention, from the first to the last token that is
    near the clause's strongest one, and is grown to whole words.
    """
    spans = tokens.spans
    shown = np.flatnonzero((tokens.text_mask == 1) & (spans[:, 1] > spans[:, 0]))
    if not len(shown):
        return snap(text, 0, len(text), MAX_WORDS)
    places = clauses(text[: int(spans[shown, 1].max())]) or [(0, len(text))]
    middles = (spans[shown, 0] + spans[shown, 1]) / 2
    clause_of = np.clip(
        np.searchsorted([start for start, _ in places], middles, side="right") - 1, 0, None
    )
    mass = np.bincount(clause_of, weights=weights[shown], minlength=len(places))
    inside = shown[clause_of == int(mass.argmax())]
    strong = inside[weights[inside] >= NEAR_PEAK * weights[inside].max()]
    return snap(text, int(spans[strong[0], 0]), int(spans[strong[-1], 1]), MAX_WORDS)
