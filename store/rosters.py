"""From the rows of a roster to customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from pandera.typing import DataFrame

from labels.frames import Customers
from store.cells import word_of
from store.contactrows import amount_of, customer_of, date_rules
from store.dates import DateRules, local_day
from store.encodings import REPLACEMENT
from store.profiles import Profile
from store.quarantine import Pseudonym
from store.rawrows import Cell, RawRow
from store.rejections import Rejection

_YEARS = range(1900, 2101)
_DATES = ("customer_since", "contract_end", "churned_at")
_NO_DAY = frozenset({"ללא", "ללא התחייבות", "אין", "פעיל", "none", "active", "0"})


@dataclass(frozen=True, slots=True)
class Customer:
    """A line of the roster; `monthly_value` is shekels."""

    customer_id: str
    customer_since: date | None
    contract_end: date | None
    churned_at: date | None
    monthly_value: float | None
    segment: str | None
    company: str | None


@dataclass(frozen=True, slots=True)
class Roster:
    """The customers of a file, the rows that are none, and how many rows only repeat one.

    `told` are the columns that the file tells of; the others are missing in every row.
    """

    customers: DataFrame[Customers]
    told: frozenset[str]
    rejected: list[tuple[RawRow, Rejection]]
    duplicates: int


def read_roster(
    rows: Sequence[RawRow], profile: Profile, now: datetime, pseudonym: Pseudonym | None
) -> Roster:
    """Return the roster of raw rows, sorted by customer.

    A customer that stands again with the same content is a duplicate, with other content a
    conflict that goes to the quarantine.
    """
    rules = date_rules(profile, rows, _DATES, now)
    known: dict[str, Customer] = {}
    rejected: list[tuple[RawRow, Rejection]] = []
    for row in rows:
        customer = _customer(row, profile, rules)
        if isinstance(customer, Rejection):
            rejected.append((row, customer))
        elif known.setdefault(customer.customer_id, customer) != customer:
            rejected.append((row, Rejection.CONFLICTING_ID))
    duplicates = len(rows) - len(known) - len(rejected)
    told = frozenset(profile.columns) | ({"segment"} if profile.defaults.segment else set())
    return Roster(_frame(list(known.values()), pseudonym), told, rejected, duplicates)


def _customer(row: RawRow, profile: Profile, rules: DateRules) -> Customer | Rejection:
    if row.problem:
        return row.problem
    cells = {field: row.cells.get(header) for field, header in profile.columns.items()}
    if any(isinstance(cell, str) and REPLACEMENT in cell for cell in cells.values()):
        return Rejection.BROKEN_ENCODING
    customer_id = customer_of(cells["customer_id"])
    since, end, churned = (_day(cells.get(field), rules) for field in _DATES)
    monthly_value = amount_of(cells.get("monthly_value"))
    for value in (customer_id, since, end, churned, monthly_value):
        if isinstance(value, Rejection):
            return value
    segment = word_of(cells.get("segment")) or profile.defaults.segment
    company = word_of(cells.get("company"))
    return Customer(customer_id, since, end, churned, monthly_value, segment, company)  # type: ignore[arg-type]  # none is a Rejection


def _day(cell: Cell, rules: DateRules) -> date | Rejection | None:
    word = word_of(cell)
    if word is None or word.casefold() in _NO_DAY:
        return None
    day = local_day(cell, rules)
    return Rejection.BAD_DATE if day is None or day.year not in _YEARS else day


def _frame(customers: list[Customer], pseudonym: Pseudonym | None) -> DataFrame[Customers]:
    frame = pd.DataFrame(
        {
            "customer_id": _objects(
                [pseudonym(one.customer_id) if pseudonym else one.customer_id for one in customers]
            ),
            **{name: _objects([getattr(one, name) for one in customers]) for name in _DATES},
            "monthly_value": pd.Series([one.monthly_value for one in customers], dtype="float64"),
            "segment": _objects([one.segment for one in customers]),
            "company": _objects([one.company for one in customers]),
        }
    )
    return Customers.validate(frame.sort_values("customer_id", ignore_index=True))


def _objects(values: Sequence[object]) -> pd.Series:
    return pd.Series(list(values), dtype=object)
