"""The notes as search holds them: what it filters, orders and compares by, one array each.

Nothing of the notes' words is here. 1 million notes take about 130 MB.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row

from labels.codebook import REASONS, Reason
from store.tables import EPOCH

FACETS = ("queue", "channel", "product", "team", "churn_intent", "resolution")
PLAIN = ("numbers", "moments", "customers", "ties", "reasons", "unclear", "issue")
DIMENSIONS = 64
Names = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Notes:
    """N notes in the order of their rising `numbers` in the store's index.

    `moments` are microseconds since 1970; `customers` and `ties` digests of the customer's and the
    contact's id, 0 for no customer; `reasons` has a bit a reason; `codes` are a facet's values by
    their place in `names`, -1 for none; `issue` are the issue vectors, and `lengths` theirs; `own`
    says of each reason of people's own, by its id, which notes were given it.
    """

    numbers: NDArray[np.int64]
    moments: NDArray[np.int64]
    customers: NDArray[np.int64]
    ties: NDArray[np.int64]
    reasons: NDArray[np.uint16]
    unclear: NDArray[np.bool_]
    codes: dict[str, NDArray[np.int32]]
    issue: NDArray[np.int8]
    names: Names
    own: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    lengths: NDArray[np.float32] = field(init=False)
    newest: NDArray[np.int32] = field(init=False)
    age: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        """Work out what follows: `newest` are the notes newest first, `age` each one's place."""
        order = np.lexsort((self.ties, -self.moments)).astype(np.int32)
        age = np.empty_like(order)
        age[order] = np.arange(len(order), dtype=np.int32)
        squares = np.einsum("ij,ij->i", self.issue, self.issue, dtype=np.int32)
        lengths = np.sqrt(np.maximum(squares, 1)).astype(np.float32)
        object.__setattr__(self, "newest", order)
        object.__setattr__(self, "age", age)
        object.__setattr__(self, "lengths", lengths)

    @property
    def count(self) -> int:
        """How many notes there are."""
        return len(self.numbers)

    def place_of(self, number: int) -> int | None:
        """Return the place of a number of the index, None for one that is not here."""
        place = int(np.searchsorted(self.numbers, number))
        return place if place < self.count and self.numbers[place] == number else None


def reason_bit(reason: Reason) -> np.uint16:
    """Return the bit of a reason in `Notes.reasons`."""
    return np.uint16(1 << REASONS.index(reason))


def digest_of(name: str | None) -> int:
    """Return a 64-bit digest of an id, 0 for none: no two of a store's ids share one."""
    if name is None:
        return 0
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def no_notes() -> Notes:
    """Return notes that are none."""
    return notes_of((), {name: {} for name in FACETS})


def notes_of(rows: Sequence[Row[Any]], names: Names) -> Notes:
    """Return rows of `store.notewords.indexed_notes` as notes; new values enter `names`."""
    return Notes(
        numbers=np.array([row.number for row in rows], dtype=np.int64),
        moments=np.array([microseconds(row.contacted_at) for row in rows], dtype=np.int64),
        customers=np.array([digest_of(row.customer_id) for row in rows], dtype=np.int64),
        ties=np.array([digest_of(row.contact_id) for row in rows], dtype=np.int64),
        reasons=np.array([row.reasons for row in rows], dtype=np.uint16),
        unclear=np.array([row.unclear for row in rows], dtype=np.bool_),
        codes={name: _codes([getattr(row, name) for row in rows], names[name]) for name in FACETS},
        issue=_issue([row.issue for row in rows]),
        names=names,
    )


def joined(parts: Sequence[Notes], own: Mapping[str, Sequence[int]]) -> Notes:
    """Return the notes of several parts, which share their `names`, in their order.

    `own` are the numbers of those that were given each reason of people's own.
    """
    plain = {name: np.concatenate([getattr(part, name) for part in parts]) for name in PLAIN}
    return Notes(
        **plain,
        codes={name: np.concatenate([part.codes[name] for part in parts]) for name in FACETS},
        names=parts[0].names,
        own={reason: np.isin(plain["numbers"], given) for reason, given in own.items()},
    )


def kept(notes: Notes, stay: NDArray[np.bool_], names: Names) -> Notes:
    """Return those notes that stay; `names` has the notes' own, and may get more."""
    return Notes(
        **{name: getattr(notes, name)[stay] for name in PLAIN},
        codes={name: notes.codes[name][stay] for name in FACETS},
        names=names,
    )


def microseconds(moment: datetime) -> int:
    """Return a moment as `Notes.moments` has it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def _codes(values: Sequence[str | None], names: dict[str, int]) -> NDArray[np.int32]:
    codes = (-1 if one is None else names.setdefault(one, len(names)) for one in values)
    return np.fromiter(codes, dtype=np.int32, count=len(values))


def _issue(texts: Sequence[str]) -> NDArray[np.int8]:
    data = b"".join(b64decode(text) for text in texts)
    return np.frombuffer(data, dtype=np.int8).reshape(len(texts), DIMENSIONS)
