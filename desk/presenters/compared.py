"""Two weeks side by side: shares of reasons with their difference, and the key figures."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from desk import hebrew
from desk.presenters.behind import Link
from desk.presenters.figures import Figure
from desk.presenters.keyfigures import KeyFigure
from desk.presenters.reasons import ReasonRow, verdict
from desk.presenters.weekview import Linked, WeekView

WHOLE = ("reason_change", "reason_change_p", "reason_change_significant")


@dataclass(frozen=True, slots=True)
class Side:
    """A reason in one of the weeks."""

    row: ReasonRow
    link: Link


@dataclass(frozen=True, slots=True)
class Difference:
    """A reason in both weeks. `change` is this week's share less the other's, in share points."""

    name: str
    now: Side
    then: Side
    change: Figure
    p: float
    significant: bool
    change_text: str
    interval_text: str
    verdict: str


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key figure in both weeks; `then` is None where the other week has none of it."""

    now: Linked[KeyFigure, Link]
    then: Linked[KeyFigure, Link] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A week beside another. `like`: both are about the same, contacts or comments, and compared.

    `mixed` says that only one of them was audited, so that differences are of the labels.
    """

    week: date
    other: date
    until: str
    noun: str
    like: bool
    mixed: bool
    keys: tuple[KeyPair, ...]
    rows: tuple[Difference, ...]


def compared(now: WeekView, then: WeekView, figures: pd.DataFrame, *, mixed: bool) -> Compared:
    """Return two weeks side by side, what differs significantly first.

    Args:
        now: the week that is told of.
        then: the other week.
        figures: what `signals.comparison.against` says of them.
        mixed: whether only one of them was audited.
    """
    earlier = {pair.row.name: pair for pair in then.keys}
    known = _figures(figures)
    others = {pair.row.reason: Side(pair.row, pair.link) for pair in then.reasons}
    rows = [_difference(Side(p.row, p.link), others[p.row.reason], known) for p in now.reasons]
    rows.sort(key=lambda row: (not row.significant, -abs(row.change.value or 0)))
    return Compared(
        week=now.week,
        other=then.week,
        until=now.until,
        noun=now.report.noun,
        like=bool(known) and now.report.survey == then.report.survey,
        mixed=mixed,
        keys=tuple(KeyPair(pair, earlier.get(pair.row.name)) for pair in now.keys),
        rows=tuple(rows),
    )


def _figures(figures: pd.DataFrame) -> dict[tuple[str, str], Figure]:
    own = figures[figures["metric"].isin(WHOLE)]
    names = ("metric", "reason", "value", "low", "high", "n")
    return {
        (metric, reason): Figure(*figure)
        for metric, reason, *figure in zip(*(own[name].tolist() for name in names), strict=True)
    }


def _difference(now: Side, then: Side, known: dict[tuple[str, str], Figure]) -> Difference:
    change, p, flag = (known.get((metric, now.row.reason), Figure()) for metric in WHOLE)
    significant = flag.value == 1.0
    low, high = (hebrew.signed(100 * end) for end in (change.low, change.high))
    return Difference(
        name=now.row.name,
        now=now,
        then=then,
        change=change,
        p=p.value,
        significant=significant,
        change_text=hebrew.signed(100 * change.value),
        interval_text=hebrew.ltr(f"{low} … {high}") if change.known else hebrew.MISSING,
        verdict=verdict(change, significant),
    )
