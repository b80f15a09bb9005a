"""People's own reasons in the week: how often each was given and where, and its precision."""

from dataclasses import dataclass

from desk import hebrew
from desk.presenters.figures import Figure, Scope
from desk.presenters.measured import Measured, measured
from desk.presenters.reasons import HEAT_COLUMNS, THIN, slice_name
from signals.own import METRIC


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One reason's week. `count` contacts were given it; `precision` is people's measure.

    `found` of its examples and `others_found` of random notes were given it in cross-validation.
    """

    reason_id: str
    name: str
    description: str
    count: int
    share: Figure
    share_text: str
    interval_text: str
    before: float
    before_text: str
    precision: Measured
    examples: int
    examples_found: int
    others: int
    others_found: int


@dataclass(frozen=True, slots=True)
class OwnCell:
    """A reason in a queue: `count` of `share.n` contacts; `thin` rests on few."""

    share: Figure
    text: str
    count: int
    thin: bool


@dataclass(frozen=True, slots=True)
class OwnQueues:
    """The reasons by queue: `cuts` are the columns' slices, `rows` a name and a cell a column."""

    cuts: tuple[str, ...]
    queues: tuple[str, ...]
    rows: tuple[tuple[str, tuple[OwnCell, ...]], ...]
    left_out: int


def own_shares(scope: Scope) -> tuple[OwnShare, ...]:
    """Return the reasons with their shares of the week, the largest first; none without any."""
    if scope.survey:
        return ()
    rows = [_row(scope, place) for place in range(len(scope.data.own))]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name)))


def _row(scope: Scope, place: int) -> OwnShare:
    own = scope.data.own[place]
    share = scope.book.at(METRIC, reason=own.reason_id)
    before = scope.book.before(METRIC, reason=own.reason_id)
    return OwnShare(
        reason_id=own.reason_id,
        name=own.name,
        description=own.description,
        count=_count(share),
        share=share,
        share_text=hebrew.percent(share.value),
        interval_text=hebrew.interval(hebrew.percent(share.low), hebrew.percent(share.high)),
        before=before,
        before_text=hebrew.percent(before),
        precision=measured(own.confirmed, own.checked),
        examples=own.examples,
        examples_found=own.examples_found,
        others=own.others,
        others_found=own.others_found,
    )


def own_queues(scope: Scope, rows: tuple[OwnShare, ...]) -> OwnQueues:
    """Return these reasons by the week's largest queues; no columns without any."""
    every = scope.book.slices("queue") if rows else ()
    cuts = every[:HEAT_COLUMNS]
    table = tuple(
        (row.name, tuple(_cell(scope, cut, row.reason_id) for cut in cuts)) for row in rows
    )
    names = tuple(slice_name(cut) for cut in cuts)
    return OwnQueues(cuts, names, table, len(every) - len(cuts))


def _cell(scope: Scope, cut: str, reason_id: str) -> OwnCell:
    share = scope.book.at(METRIC, cut, reason_id)
    return OwnCell(share, hebrew.percent(share.value), _count(share), share.n < THIN)


def _count(share: Figure) -> int:
    return round(share.value * share.n) if share.known else 0
