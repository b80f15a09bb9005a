"""How far two labellers agree on which of a customer's contacts are about the same issue.

`journeys/issues.csv` holds the keys that two labellers gave each contact of a split's journeys,
the second without seeing the first (columns id, first, second). Keys are names, so what is
compared is every two contacts of a journey: the same issue or not.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from keshev.errors import CorpusError
from labels.corpus import CORPUS, Split
from labels.journeys import Journey, read_journeys


@dataclass(frozen=True)
class PairAgreement:
    """Two labellings of `pairs` pairs of contacts.

    `first` and `second` are how many pairs each called the same issue, `f1` is that of the second
    labelling against the first (either way it is the same), `disputed` the share of `journeys`
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
    """Return the first and the second labeller's keys by contact, both empty without the file."""
    path = root / "journeys" / "issues.csv"
    if not path.is_file():
        return {}, {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = {row["id"]: row["first"] for row in rows}
    return first, {row["id"]: row["second"] for row in rows}


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
        path = root / "journeys" / "issues.csv"
        raise CorpusError(path, 0, f"{len(missing)} contacts of {split} lack keys: {missing[0]}, …")
    ours = [same_pairs(journey, first) for journey in journeys]
    theirs = [same_pairs(journey, second) for journey in journeys]
    both = sum(len(a & b) for a, b in zip(ours, theirs, strict=True))
    a_count, b_count = sum(map(len, ours)), sum(map(len, theirs))
    return PairAgreement(
        journeys=len(journeys),
        pairs=sum(len(j.contacts) * (len(j.contacts) - 1) // 2 for j in journeys),
        first=a_count,
        second=b_count,
        f1=2 * both / (a_count + b_count) if a_count + b_count else float("nan"),
        disputed=sum(a != b for a, b in zip(ours, theirs, strict=True)) / len(journeys),
    )
