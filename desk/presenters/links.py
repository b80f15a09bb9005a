"""Which notes stand behind each figure of a week's page, and how many the figure says they are."""

import math
from dataclasses import replace

from desk.i18n import _
from desk.presenters.behind import Link, of_slice
from desk.presenters.figures import Figure, Scope, reason_ids
from desk.presenters.keyfigures import KeyFigure, explicit_count
from desk.presenters.ordeals import ongoing
from desk.presenters.ownshares import OwnCell, OwnShare
from desk.presenters.reasons import HEAT_COLUMNS, ReasonRow, reason_name, slice_name
from desk.presenters.resolution import KINDS, MEASURES, Measure, SliceRow
from desk.presenters.retention import Satisfied
from desk.presenters.themes import ThemeRow
from store.behind import Answered, Behind, Kind

FOUR_WEEKS = 4
ASKED: tuple[Answered, ...] = ("nps", "csat", "resolved")


def kind_of(scope: Scope) -> Kind:
    """Return what the week is about: contacts, or survey comments."""
    return "survey" if scope.survey else "contact"


def part_of(figure: Figure) -> int | None:
    """Return how many of a share's notes it is, None where the share is not known."""
    return None if math.isnan(figure.value) else round(figure.value * figure.n)


def of_keys(scope: Scope, keys: tuple[KeyFigure, ...]) -> tuple[Link, ...]:
    """Return the links of the head row's figures, in the order of `key_figures`."""
    week, kind = scope.data.week, kind_of(scope)
    volume = Link(Behind(week, kind=kind), scope.book.contacts(scope.cut))
    explicit = scope.book.at("churn_explicit", scope.cut)
    leaving = Link(Behind(week, kind=kind, churn="explicit"), explicit_count(explicit))
    answers = scope.book.at("nps", "all").n
    asked: Kind = "any" if answers else "survey"
    nps = Link(Behind(week, kind=asked, answered="nps"), keys[-1].figure.n)
    if scope.survey:
        unclear = Link(Behind(week, kind=kind, reason="unclear"), part_of(keys[2].figure))
        return volume, leaving, unclear, nps
    opened = Link(Behind(week, opens="thread"), keys[1].figure.n)
    repeats = Link(Behind(week, repeat="thread"), part_of(keys[2].figure))
    return volume, opened, repeats, leaving, nps


def of_reasons(scope: Scope, rows: tuple[ReasonRow, ...]) -> tuple[Link, ...]:
    """Return the links of the reasons' counts."""
    kind = kind_of(scope)
    return tuple(
        Link(Behind(scope.data.week, kind=kind, reason=row.reason), row.count) for row in rows
    )


def cuts_of(scope: Scope, kind: str) -> tuple[str, ...]:
    """Return the slices that the columns of `heat_table` stand for."""
    every = scope.book.slices(kind)
    if kind == "at_risk" and every:
        every = ("all", *every)
    return every[:HEAT_COLUMNS]


def of_cell(scope: Scope, cut: str, reason: str) -> Link:
    """Return the link of a slice's share of a reason."""
    count = scope.book.at("reason_count", cut, reason)
    return Link(of_slice(scope.data.week, cut, reason), int(count.value) if count.known else None)


def of_measures(scope: Scope, measures: tuple[Measure, ...]) -> tuple[Link | None, ...]:
    """Return the links of the measures of resolution; None where no notes are one's own."""
    named = {_(name): metric for metric, _kind, name, _meaning in MEASURES}
    return tuple(_of_measure(scope, named.get(one.name, ""), one.figure) for one in measures)


def _of_measure(scope: Scope, metric: str, figure: Figure) -> Link | None:
    week, n = scope.data.week, figure.n
    if not n:
        return None
    if metric == "ordeals":
        return Link(Behind(week, opens="ordeal"), int(figure.value))
    links = {
        **dict.fromkeys(
            ("fcr", "contacts_per_issue", "contacts_per_issue_p90", "satisfaction_left"),
            Link(Behind(week, opens="thread"), n),
        ),
        "fcr_contacts": Link(Behind(week, repeat="followed"), n),
        "declared_resolution": Link(Behind(week, resolution="resolved"), part_of(figure)),
        "survey_resolution": Link(Behind(week, kind="any", answered="resolved"), n),
        "false_resolution": Link(Behind(week, resolution="returned"), None),
        "repeat_rate": Link(Behind(week, repeat="thread"), part_of(figure)),
        "repeat_cost": Link(Behind(week, repeat="thread"), n),
        "channel_switch": Link(Behind(week, repeat="switched"), part_of(figure)),
    }
    link = links.get(metric)
    unknown = link is not None and link.count is None and metric != "false_resolution"
    return None if unknown else link


def of_slices(scope: Scope, rows: tuple[SliceRow, ...]) -> tuple[tuple[Link, Link | None], ...]:
    """Return the links of each slice's threads, and of its repeats where their share is known."""
    cuts = {
        (_(name), slice_name(cut)): (cut, None)
        for kind, name in KINDS.items()
        for cut in scope.book.slices(kind)
    }
    reasons = {(_("סיבה"), reason_name(reason)): ("all", reason) for reason in reason_ids()}
    found = {**cuts, **reasons}
    return tuple(_of_slice(scope, row, *found[row.kind, row.name]) for row in rows)


def _of_slice(
    scope: Scope, row: SliceRow, cut: str, reason: str | None
) -> tuple[Link, Link | None]:
    asked = of_slice(scope.data.week, cut, reason)
    repeats = part_of(row.repeat)
    return (
        Link(replace(asked, opens="thread"), row.fcr.n),
        None if repeats is None else Link(replace(asked, repeat="thread"), repeats),
    )


def of_themes(scope: Scope, rows: tuple[ThemeRow, ...]) -> tuple[Link, ...]:
    """Return the links of the themes' counts."""
    return tuple(
        Link(of_slice(scope.data.week, f"theme={row.theme_id}"), row.count) for row in rows
    )


def of_own(scope: Scope, rows: tuple[OwnShare, ...]) -> tuple[Link, ...]:
    """Return the links of the counts of people's own reasons."""
    return tuple(Link(Behind(scope.data.week, own=row.reason_id), row.count) for row in rows)


def of_own_cell(scope: Scope, cut: str, reason_id: str, cell: OwnCell) -> Link | None:
    """Return the link of an own reason in a queue; None where nothing was asked there."""
    asked = replace(of_slice(scope.data.week, cut), own=reason_id)
    return Link(asked, cell.count) if cell.share.known else None


def of_ordeals(scope: Scope) -> Link:
    """Return the link of the matters that went on in this week."""
    return Link(Behind(scope.data.week, repeat="ordeal"), len(ongoing(scope)))


def of_answers(scope: Scope, rows: tuple[Satisfied, ...]) -> tuple[tuple[Link, ...], ...]:
    """Return the links of each row's answers: NPS, CSAT, whether the matter was solved."""
    named: dict[str, str | None] = {reason_name(reason): reason for reason in reason_ids()}
    return tuple(
        tuple(
            Link(
                Behind(
                    scope.data.week,
                    weeks=FOUR_WEEKS,
                    kind="survey",
                    reason=named.get(row.name),
                    answered=asked,
                ),
                figure.n,
            )
            for asked, figure in zip(ASKED, (row.nps, row.csat, row.resolved), strict=True)
        )
        for row in rows
    )
