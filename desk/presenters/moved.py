"""A manager's first screen: what changed, why, and what to do about it."""

from dataclasses import dataclass

from desk import hebrew
from desk.i18n import _, language
from desk.presenters import Report
from desk.presenters.behind import Link
from desk.presenters.figures import Scope
from desk.presenters.links import of_cell, of_reasons
from desk.presenters.notes import Note
from desk.presenters.reasons import THIN, ReasonRow, slice_name
from desk.presenters.resolution import KINDS
from labels.codebook import Reason
from labels.playbook import Playbook

MOST_MOVED, WITHOUT_CHANGE, LINES = 3, 2, 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reason is said most: a slice of a kind, with its share and what that rests on."""

    kind: str
    name: str
    share_text: str
    basis_text: str
    link: Link


@dataclass(frozen=True, slots=True)
class Moved:
    """A reason of the first screen, where it is said most, a typical note, and what to do."""

    row: ReasonRow
    link: Link
    places: tuple[Place, ...]
    note: Note | None
    todo: tuple[str, ...]


def moved(scope: Scope, report: Report, playbook: Playbook) -> tuple[Moved, ...]:
    """Return the reasons that changed significantly, the most first; else the largest ones."""
    names = [row.reason for row in report.reasons]
    links = dict(zip(names, of_reasons(scope, report.reasons), strict=True))
    changed = [row for row in report.reasons if row.significant]
    changed.sort(key=lambda row: -abs(row.change.value))
    largest = [row for row in report.reasons if row.figure.value > 0]
    rows = changed[:MOST_MOVED] or largest[:WITHOUT_CHANGE]
    typical = {group.name: group.notes for group in report.notes}
    return tuple(
        Moved(
            row,
            links[row.reason],
            _places(scope, row.reason),
            typical[row.name][0][0] if row.name in typical else None,
            _todo(playbook, row.reason),
        )
        for row in rows
    )


def _places(scope: Scope, reason: str) -> tuple[Place, ...]:
    """Return the slice of each kind in which the reason's share is the largest, of enough notes."""
    found = []
    for kind, name in KINDS.items():
        cuts = scope.book.slices(kind)
        shares = [(scope.book.at("reason_share", cut, reason), cut) for cut in cuts]
        known = [(figure, cut) for figure, cut in shares if figure.known and figure.n >= THIN]
        if len(known) < 2:
            continue
        figure, cut = max(known, key=lambda pair: pair[0].value)
        if figure.value > scope.book.at("reason_share", "all", reason).value:
            found.append(
                Place(
                    _(name),
                    slice_name(cut),
                    hebrew.percent(figure.value),
                    scope.noun.count(figure.n),
                    of_cell(scope, cut, reason),
                )
            )
    return tuple(found)


def _todo(playbook: Playbook, reason: str) -> tuple[str, ...]:
    lines = playbook.reasons[Reason(reason)].do[:LINES]
    return tuple(line.he if language() == "he" else line.en for line in lines)
