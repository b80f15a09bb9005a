"""A week's page: the report's own values, and the notes behind each of its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Generic, TypeVar

from markupsafe import Markup

from desk import hebrew
from desk.i18n import _
from desk.presenters import HEAT, Report
from desk.presenters.behind import Link
from desk.presenters.figures import Scope, local
from desk.presenters.keyfigures import KeyFigure
from desk.presenters.links import (
    cuts_of,
    of_answers,
    of_cell,
    of_keys,
    of_measures,
    of_ordeals,
    of_own,
    of_own_cell,
    of_reasons,
    of_slices,
    of_themes,
)
from desk.presenters.moved import Moved, moved
from desk.presenters.ownshares import OwnCell, OwnShare
from desk.presenters.reasons import HeatCell, HeatTable, ReasonRow
from desk.presenters.resolution import Measure, SliceRow
from desk.presenters.retention import Satisfied
from desk.presenters.themes import ThemeRow
from labels.playbook import Playbook

if TYPE_CHECKING:
    from desk.report import Charts  # brings Altair: a second by itself

T = TypeVar("T")
L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Linked(Generic[T, L]):
    """A row of the report and the link, or links, to its notes."""

    row: T
    link: L


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Reasons by one kind of slice; `cells` has a line a reason."""

    kind: str
    name: str
    table: HeatTable
    cells: tuple[tuple[str, tuple[Linked[HeatCell, Link], ...]], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page's charts, and the small ones of the key figures."""

    charts: "Charts"
    sparks: tuple[Markup | None, ...]


@dataclass(frozen=True, slots=True)
class WeekView:
    """Everything that a week's page shows. `report` is a brief one; `changed`: significantly.

    `corrected` says that shares of reasons are corrected for the classifier's errors. `drawn` is
    None until the charts are made. `own_cells` has a line an own reason, a cell a queue.
    """

    week: date
    until: str
    corrected: bool
    report: Report
    moved: tuple[Moved, ...]
    changed: bool
    keys: tuple[Linked[KeyFigure, Link], ...]
    reasons: tuple[Linked[ReasonRow, Link], ...]
    breakdowns: tuple[Breakdown, ...]
    measures: tuple[Linked[Measure, Link | None], ...]
    slices: tuple[Linked[SliceRow, tuple[Link, Link | None]], ...]
    ordeals: Link
    themes: tuple[Linked[ThemeRow, Link], ...]
    own: tuple[Linked[OwnShare, Link], ...]
    own_cells: tuple[tuple[str, tuple[Linked[OwnCell, Link | None], ...]], ...]
    answers: tuple[Linked[Satisfied, tuple[Link, ...]], ...]
    at_risk: int
    drawn: Drawn | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        """Return every link of the page."""
        cells = [c.link for table in self.breakdowns for _name, row in table.cells for c in row]
        places = [place.link for one in self.moved for place in one.places]
        rows = [one.link for one in self.keys] + [one.link for one in self.reasons]
        rows += [one.link for one in self.themes] + [one.link for one in self.own]
        several = [link for row in self.slices for link in row.link if link]
        several += [link for row in self.answers for link in row.link]
        several += [row.link for row in self.measures if row.link]
        several += [c.link for _name, row in self.own_cells for c in row if c.link]
        return (*rows, *cells, *places, *several, self.ordeals)


def week_view(scope: Scope, report: Report, playbook: Playbook) -> WeekView:
    """Return a week's page without its charts.

    Args:
        scope: the week's data.
        report: what `present` made of it.
        playbook: what to do about each reason.
    """
    until = local(scope, scope.data.as_of)
    resolution, answers = report.resolution, report.retention.satisfaction
    return WeekView(
        week=scope.data.week,
        until=f"{hebrew.day(until.date())} {until:%H:%M}",
        corrected=scope.data.model.corrects,
        report=report,
        moved=moved(scope, report, playbook),
        changed=any(row.significant for row in report.reasons),
        keys=_linked(report.key_figures, of_keys(scope, report.key_figures)),
        reasons=_linked(report.reasons, of_reasons(scope, report.reasons)),
        breakdowns=_breakdowns(scope, report),
        measures=_linked(resolution.measures, of_measures(scope, resolution.measures)),
        slices=_linked(resolution.slices, of_slices(scope, resolution.slices)),
        ordeals=of_ordeals(scope),
        themes=_linked(report.themes.rows, of_themes(scope, report.themes.rows)),
        own=_linked(report.own, of_own(scope, report.own)),
        own_cells=_own_cells(scope, report),
        answers=_linked(answers, of_answers(scope, answers)),
        at_risk=len(scope.data.at_risk),
    )


def _linked(rows: Sequence[T], links: Sequence[L]) -> tuple[Linked[T, L], ...]:
    return tuple(Linked(row, link) for row, link in zip(rows, links, strict=True))


def _own_cells(
    scope: Scope, report: Report
) -> tuple[tuple[str, tuple[Linked[OwnCell, Link | None], ...]], ...]:
    cuts = report.own_queues.cuts
    return tuple(
        (
            name,
            _linked(
                row,
                [
                    of_own_cell(scope, cut, own.reason_id, cell)
                    for cut, cell in zip(cuts, row, strict=True)
                ],
            ),
        )
        for (name, row), own in zip(report.own_queues.rows, report.own, strict=True)
    )


def _breakdowns(scope: Scope, report: Report) -> tuple[Breakdown, ...]:
    """Return the report's heat tables, those that the page can switch between."""
    if report.survey:
        return ()
    names = {
        "queue": _("תור"),
        "channel": _("ערוץ"),
        "product": _("מוצר"),
        "team": _("צוות"),
        "segment": _("סוג לקוח"),
        "at_risk": _("כוונת עזיבה"),
    }
    kinds = [kind for kind in HEAT if scope.book.slices(kind)]
    tables = {
        kind: _breakdown(scope, report, kind, names[kind], table)
        for kind, table in zip(kinds, report.heat, strict=True)
    }
    return tuple(tables[kind] for kind in names if kind in tables)


def _breakdown(scope: Scope, report: Report, kind: str, name: str, table: HeatTable) -> Breakdown:
    cuts = cuts_of(scope, kind)
    cells = tuple(
        (title, _linked(row, [of_cell(scope, cut, reason.reason) for cut in cuts]))
        for (title, row), reason in zip(table.rows, report.reasons, strict=True)
    )
    return Breakdown(kind, name, table, cells)
