"""A linear model of n-grams that stands beside the network.

It knows which words go with which label, and errs elsewhere than the network does; their sum is
better than either (`nlp.calibration` learns on dev how much it counts). Features are tf-idf
(sublinear, of length one) of the runs of tokens and of stems that the model knows. Plain numpy, and
little work beside the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keshev.errors import ModelFolderError
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.heads import Floats, Logits
from nlp.tokens import Encoded

COLUMNS = len(REASONS) + len(CHURN_INTENTS) + len(RESOLUTIONS) + 1
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)  # odd, 64 bits
Keys = NDArray[np.uint32]


@dataclass(frozen=True)
class _Family:
    """Runs of up to `longest`; `seed` makes their keys differ from those of other families."""

    longest: int
    seed: int


TOKENS = _Family(3, 0)
STEMS = _Family(2, 0x27D4EB2F165667C5)
SINGLE_STEMS = _Family(1, STEMS.seed)


def keys_of(notes: Sequence[Encoded]) -> tuple[NDArray[np.int64], Keys]:
    """Return the n-grams of the notes: the note of each, and its key, a 32-bit hash.

    They are the runs of one to three of a note's own tokens and of one or two of its stems.
    """
    tokens = _runs([note.ids[note.text_mask == 1] for note in notes], TOKENS)
    words = _runs([note.words for note in notes], STEMS)
    return np.concatenate([tokens[0], words[0]]), np.concatenate([tokens[1], words[1]])


def _runs(
    sequences: Sequence[NDArray[np.int64]], family: _Family
) -> tuple[NDArray[np.int64], Keys]:
    ids = np.concatenate([*sequences, np.empty(0, np.int64)]).astype(np.uint64)
    note = np.repeat(np.arange(len(sequences)), [len(sequence) for sequence in sequences])
    places, keys = [np.empty(0, np.int64)], [np.empty(0, np.uint32)]
    mixed = np.full(len(ids), family.seed, np.uint64)
    for size in range(1, min(family.longest, len(ids)) + 1):
        last = len(ids) - size + 1
        mixed = (mixed[:last] ^ (ids[size - 1 :] + np.uint64(size))) * np.uint64(_FACTORS[size - 1])
        mixed ^= mixed >> np.uint64(29)
        whole = note[:last] == note[size - 1 :]
        places.append(note[:last][whole])
        keys.append((mixed[whole] >> np.uint64(32)).astype(np.uint32))
    return np.concatenate(places), np.concatenate(keys)


@dataclass(frozen=True)
class Counts:
    """How often N notes hold the F known n-grams; each pair of a note and an n-gram once.

    `note` (M,) rises; `feature` (M,) is the n-gram's place among the known ones; `count` (M,).
    """

    note: NDArray[np.int64]
    feature: NDArray[np.int64]
    count: NDArray[np.int64]


def counts_of(notes: Sequence[Encoded], known: Keys) -> Counts:
    """Return the notes' counts of the known n-grams; `known` (F,) rises and may be empty."""
    note, keys = keys_of(notes)
    place, hit = _places(keys, known)
    pairs, count = np.unique(note[hit] * len(known) + place[hit], return_counts=True)
    return Counts(*np.divmod(pairs, max(len(known), 1)), count)


def _places(keys: Keys, known: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each key's place among the known ones, and whether it is one of them."""
    place = np.searchsorted(known, keys)
    hit = place < len(known)
    hit[hit] = known[place[hit]] == keys[hit]
    return place, hit


def unknown_share(notes: Sequence[Encoded], known: Keys) -> NDArray[np.float64]:
    """Return the share of each note's stems that are not known, NaN for a note without any."""
    note, keys = _runs([one.words for one in notes], SINGLE_STEMS)
    unknown = ~_places(keys, known)[1]
    of = np.bincount(note, minlength=len(notes)).astype(np.float64)
    missing = np.bincount(note[unknown], minlength=len(notes))
    share: NDArray[np.float64] = np.divide(
        missing, of, out=np.full(len(notes), np.nan), where=of > 0
    )
    return share


@dataclass(frozen=True)
class NgramModel:
    """The table: for each known n-gram its inverse document frequency and a weight a label.

    `known` (F,) rising keys; `idf` (F,); `weights` (F, 19) 8-bit, times `scale` (19,); `bias`
    (19,). The columns are the reasons, churn intents and resolutions in the codebook's order, then
    repeat.
    """

    known: Keys
    idf: NDArray[np.float16]
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def logits(self, notes: Sequence[Encoded]) -> Logits:
        """Return the logits of N notes, each computed by itself, in their order."""
        found = counts_of(notes, self.known)
        total = np.zeros((len(notes), len(self.bias)))
        if len(found.note):
            values = (1 + np.log(found.count)) * self.idf[found.feature].astype(np.float64)
            starts = np.flatnonzero(np.diff(found.note, prepend=-1))
            length = np.sqrt(np.add.reduceat(values**2, starts))
            summed = np.add.reduceat(values[:, None] * self.weights[found.feature], starts)
            total[found.note[starts]] = summed / length[:, None]
        return split((total * self.scale + self.bias).astype(np.float32))

    def save(self, path: Path) -> None:
        """Write the table; the same table gives the same bytes."""
        np.savez_compressed(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> "NgramModel":
        """Return the table in a file.

        Raises:
            ModelFolderError: when the file is damaged or of another codebook.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                model = cls(**arrays)
            if model.weights.shape != (len(model.known), COLUMNS) or model.bias.shape != (COLUMNS,):
                raise ValueError(model.weights.shape)
        except Exception as error:  # numpy and zipfile share no error
            raise ModelFolderError(
                f"{path}: damaged; take the folder from a release again"
            ) from error
        return model


def split(columns: Floats) -> Logits:
    """Return (N, 19) columns as logits."""
    ends = np.cumsum([len(REASONS), len(CHURN_INTENTS), len(RESOLUTIONS)])
    reasons, churn, resolution, repeat = np.split(columns, ends, axis=1)
    return Logits(reasons, churn, resolution, repeat[:, 0])
