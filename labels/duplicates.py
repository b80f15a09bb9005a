"""Notes that nearly stand twice, within a split or across splits.

MinHash over character 5-grams with locality-sensitive hashing (Broder, 1997; Leskovec et al.,
*Mining of Massive Datasets*, 2020, chapter 3). Needs the extra `train`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasketch import MinHash, MinHashLSH

from labels.annotation import LabelledNote

SHINGLE = 5  # characters
THRESHOLD = 0.6
PERMUTATIONS = 64
MIN_WORDS = 4  # two people do write the same three words


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two notes that say nearly the same, each as `split/id`.

    `similarity` is the exact Jaccard similarity of their character 5-grams, 0 to 1. Hashing finds
    the pairs, so one a little below the threshold may be among them and one a little above not.
    """

    first: str
    second: str
    similarity: float


def shingles(text: str) -> frozenset[str]:
    """Return the text's character 5-grams, runs of white space as one space.

    A shorter text is its own only shingle.
    """
    squeezed = " ".join(text.split())
    last = max(1, len(squeezed) - SHINGLE + 1)
    return frozenset(squeezed[start : start + SHINGLE] for start in range(last))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the shared part of two sets, |A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    either = one | other
    return len(one & other) / len(either) if either else 1.0


def near_duplicates(
    splits: Mapping[str, Sequence[LabelledNote]], threshold: float = THRESHOLD
) -> list[NearDuplicate]:
    """Return the pairs of notes whose 5-grams are alike from about `threshold` on.

    Notes under four words are passed over. The order is that of the notes, so the same corpus
    gives the same list.
    """
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    seen: dict[str, frozenset[str]] = {}
    pairs: list[NearDuplicate] = []
    for split, notes in splits.items():
        for note in notes:
            if len(note.text.split()) < MIN_WORDS:
                continue
            name, grams = f"{split}/{note.id}", shingles(note.text)
            signature = MinHash(num_perm=PERMUTATIONS)
            signature.update_batch([gram.encode() for gram in sorted(grams)])
            pairs += [
                NearDuplicate(other, name, jaccard(seen[other], grams))
                for other in sorted(index.query(signature))
            ]
            index.insert(name, signature)
            seen[name] = grams
    return pairs
