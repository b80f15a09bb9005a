"""People's own reasons in the week: how often each was given, and how far it can be believed."""

from dataclasses import dataclass

from desk import hebrew
from desk.presenters.figures import Figure, Scope
from desk.presenters.measured import Measured, measured
from signals.own import METRIC


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One reason's week. `count` contacts were given it; `precision` is people's measure.

    `found` of its examples and `others_found` of random notes were given it in cross-validation.
    """

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
        name=own.name,
        description=own.description,
        count=round(share.value * share.n) if share.known else 0,
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
