"""Two notes read together: what the network sees when it judges whether the matter is the same."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlp.tokens import Encoded

if TYPE_CHECKING:  # examples need torch, which is not there where notes are only classified
    from nlp.examples import Example

TOKENS_EACH = 96  # of a note in a pair; what a long note is about stands early in it

Pair = tuple[int, int]


def joined(first: Encoded, second: Encoded) -> Encoded:
    """Return two notes as one: the earlier's template and tokens, then the later's.

    The token between them is the one that ends a note. Places in the text are given up.
    """
    end, apart = first.ids[-1:], np.zeros(1, np.int64)
    own = second.ids[second.text_mask == 1][: TOKENS_EACH - 1]
    ids = np.concatenate([first.ids[:-1][:TOKENS_EACH], end, own, end])
    seen = first.text_mask[:-1][:TOKENS_EACH]
    mask = np.concatenate([seen, apart, np.ones(len(own), np.int64), apart])
    return Encoded(ids, mask, np.zeros((len(ids), 2), np.int64), np.empty(0, np.int64))


def pairs_within_journeys(examples: "Sequence[Example]") -> list[Pair]:
    """Return the places of every two contacts of a journey, the earlier first."""
    journeys: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        if example.journey:
            journeys.setdefault(example.journey, []).append(place)
    return [
        (earlier, later)
        for places in journeys.values()
        for at, later in enumerate(places)
        for earlier in places[:at]
    ]
