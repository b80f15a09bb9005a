"""Dense groups among issue vectors: what a search for themes considers, the densest first."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from labels.frames import issue_text, issue_vectors
from signals.slices import Bools, Ints

# Cosine of a note with its theme's centre. On the sample and the corpus, 0.6 joins unlike notes
# into a few large groups, and 0.85 leaves four notes of five without one.
NEAR = 0.75
MEANS = 3  # times that a centre moves to the mean of its notes
# Vectors are rounded to whole numbers of this length: their products are exact in 32 bits, whatever
# the order in which a machine adds them.
LENGTH = 4080
NEAR_PRODUCT = NEAR * LENGTH**2
Vectors = NDArray[np.float32]
Accept = Callable[[Ints], bool]


def whole(texts: Iterable[str]) -> Vectors:
    """Return issue vectors (N, 64) as whole numbers."""
    return np.round(issue_vectors(texts) * LENGTH)


def groups(texts: Sequence[str], least: int, accept: Accept) -> list[str]:
    """Return the centres of the accepted groups of at least `least` notes.

    The note with the most others near it, and these, are a group; its centre moves to their mean.
    The notes of an accepted group leave the search; those of a refused one begin no other group.

    Args:
        texts: issue vectors as `issue_text` writes them; equal counts are settled by their order.
        least: how many notes a group needs.
        accept: is asked of a group by the places of its notes.
    """
    vectors = whole(texts)
    near = vectors @ vectors.T >= NEAR_PRODUCT
    free, spent = np.ones(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    counts = near.sum(axis=1)
    centres = []
    while len(texts):
        begins = np.where(free & ~spent, counts, 0)
        seed = int(begins.argmax())
        if begins[seed] < least:
            break
        centre, members = _settled(vectors, free, seed, near[seed] & free, least)
        spent[seed] = True
        if accept(np.flatnonzero(members)):
            centres.append(centre or texts[seed])
            free &= ~members
            counts -= near[:, members].sum(axis=1)
        else:
            spent |= members
    return centres


def _settled(
    vectors: Vectors, free: Bools, seed: int, members: Bools, least: int
) -> tuple[str, Bools]:
    """Return a group's centre, and the free notes near it: the seed, and never fewer than `least`.

    The centre is empty where it stays at the seed.
    """
    centre = ""
    for _ in range(MEANS):
        mean = vectors[members].mean(axis=0, keepdims=True, dtype=np.float64)
        moved = issue_text((mean / np.linalg.norm(mean)).astype(np.float32))[0]
        around = (vectors @ whole([moved])[0] >= NEAR_PRODUCT) & free
        if around.sum() < least or not around[seed]:
            break
        centre, members = moved, around
    return centre, members
