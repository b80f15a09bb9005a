"""How far two labellers agree on which of a customer's contacts are about the same issue.

`journeys/issues.csv` holds the keys that two labellers gave each contact of a split's journeys,
the second without seeing the first (columns id, first, second). Keys are names, so what is
compared is every two contacts of a journey: the same issue or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from keshev.errors import CorpusError
from labels.audit import read_rows
from labels.coefficients import f1_of
from labels.corpus import CORPUS, Split
from labels.journeys import Journey, read_journeys


@dataclass(frozen=True)
class PairAgreement:
    """Two labellings of `pairs` pairs of contacts.

    `first` and `second` are how many pairs each called the same issue, `f1` is that of either
    labelling against the other, NaN when no pair was called so, `disputed` the share of `journeys`
    where any pair differs.
    """

    journeys: int
    pairs: int
    first: int
    second: int
    f1: float
    disputed: float


def same_pairs(journey: Journey, keys: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return the pairs of contacts, by id, that have the same key."""
    ids = [contact.id for contact in journey.contacts]
    return frozenset((a, b) for a, b in combinations(ids, 2) if keys[a] == keys[b])


def read_issues(root: Path = CORPUS) -> tuple[dict[str, str], dict[str, str]]:
    """Return the first and the second labeller's keys by contact, both empty without the file.

    Raises:
        CorpusError: when a row lacks a key, or a contact has two rows.
    """
    path = root / "journeys" / "issues.csv"
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    for number, row in enumerate(read_rows(path, ("id", "first", "second")) or [], start=2):
        if row["id"] in first:
            raise CorpusError(path, number, f"the id {row['id']} stands twice")
        first[row["id"]], second[row["id"]] = row["first"], row["second"]
    return first, second


def pair_agreement(split: Split, root: Path = CORPUS) -> PairAgreement | None:
    """Return how two labellers of a split's journeys agree, None when one alone labelled it.

    Raises:
        CorpusError: when only a part of the split's contacts was labelled twice.
    """
    first, second = read_issues(root)
    journeys = read_journeys(split, root)
    ids = [contact.id for journey in journeys for contact in journey.contacts]
    missing = [one for one in ids if one not in first]
    if len(missing) == len(ids):
        return None
    if missing:
        problem = f"contacts of {split} without a row: {len(missing)}, the first is {missing[0]}"
        path = root / "journeys" / "issues.csv"
        raise CorpusError(path, len(first) + 2, f"{problem}; add their keys, or take {split} out")
    called = [(same_pairs(one, first), same_pairs(one, second)) for one in journeys]
    pairs = sum(len(one.contacts) * (len(one.contacts) - 1) // 2 for one in journeys)
    both = sum(len(a & b) for a, b in called)
    ours, theirs = (sum(map(len, side)) for side in zip(*called, strict=True))
    return PairAgreement(
        journeys=len(journeys),
        pairs=pairs,
        first=ours,
        second=theirs,
        f1=f1_of(np.array([[pairs - ours - theirs + both, theirs - both], [ours - both, both]])),
        disputed=sum(a != b for a, b in called) / len(journeys),
    )
