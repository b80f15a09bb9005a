"""The reasons of the week: their shares, their change, and where they stand."""

import math
from dataclasses import dataclass

from desk import hebrew
from desk.i18n import N_, _, language
from desk.presenters.figures import NAN, Figure, Point, Scope, reason_ids
from labels.codebook import CODEBOOK, Name, Reason

HEAT_COLUMNS = 8
HEAT_STEPS = 5
THIN = 20
CHANNELS = {
    "phone": N_("טלפון"),
    "chat": N_("צ׳אט"),
    "whatsapp": N_("וואטסאפ"),
    "email": N_("דוא״ל"),
    "survey": N_("סקר"),
    "branch": N_("סניף"),
    "sms": N_("SMS"),
    "web": N_("אתר"),
    "other": N_("אחר"),
}
UNNAMED = N_("לא צוין")
WHOLE = {"all": N_("כל הפניות"), "at_risk": N_("עם כוונת עזיבה")}


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason's week. `change` is in share points (0..1); `p` is two-sided."""

    reason: str
    name: str
    says: str
    figure: Figure
    count: int
    before: float
    change: Figure
    p: float
    significant: bool
    trend: tuple[Point, ...]
    share_text: str
    interval_text: str
    before_text: str
    change_text: str
    change_interval_text: str
    verdict: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One share with its shade from 0 (none) to 5; `thin` rests on few notes."""

    figure: Figure
    text: str
    shade: int
    thin: bool


@dataclass(frozen=True, slots=True)
class HeatColumn:
    """One queue or channel and what it rests on."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Shares of reasons by slice: `rows` are a reason's name and its cells, one a column."""

    title: str
    columns: tuple[HeatColumn, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]
    left_out: int


def reason_name(reason: str) -> str:
    """Return a reason's name."""
    return called(CODEBOOK.reasons[Reason(reason)])


def reason_says(reason: str) -> str:
    """Return what a note says that carries the reason."""
    name = CODEBOOK.reasons[Reason(reason)]
    return name.says_he if language() == "he" else name.says


def called(name: Name) -> str:
    """Return a label's name in the language of this context."""
    return name.he if language() == "he" else name.en


def channel_name(channel: str) -> str:
    """Return a channel's name, the channel itself where it has none."""
    return _(CHANNELS[channel]) if channel in CHANNELS else channel


def reason_before(scope: Scope, reason: str) -> float:
    """Return a reason's mean share of the weeks before; NaN where they are too few to compare."""
    if not scope.book.at("reason_change", scope.cut, reason).known:
        return NAN
    return scope.book.at("reason_before", scope.cut, reason).value


def reason_rows(scope: Scope) -> tuple[ReasonRow, ...]:
    """Return the twelve reasons, the largest share first."""
    rows = [_row(scope, reason) for reason in reason_ids()]
    return tuple(sorted(rows, key=lambda row: -row.figure.value if row.figure.known else 1))


def _row(scope: Scope, reason: str) -> ReasonRow:
    book, cut = scope.book, scope.cut
    figure = book.at("reason_share", cut, reason)
    count = book.at("reason_count", cut, reason)
    change = book.at("reason_change", cut, reason)
    significant = book.at("reason_change_significant", cut, reason).value == 1.0
    before = reason_before(scope, reason)
    ends = (hebrew.percent(figure.low), hebrew.percent(figure.high))
    return ReasonRow(
        reason=reason,
        name=reason_name(reason),
        says=reason_says(reason),
        figure=figure,
        count=int(count.value) if count.known else 0,
        before=before,
        change=change,
        p=book.at("reason_change_p", cut, reason).value,
        significant=significant,
        trend=book.trend("reason_share", cut, reason),
        share_text=hebrew.percent(figure.value),
        interval_text=hebrew.interval(*ends),
        before_text=hebrew.percent(before),
        change_text=hebrew.signed(100 * change.value),
        change_interval_text=_change_interval(change),
        verdict=verdict(change, significant),
    )


def _change_interval(change: Figure) -> str:
    if math.isnan(change.low) or math.isnan(change.high):
        return hebrew.MISSING
    low, high = (hebrew.signed(100 * end) for end in (change.low, change.high))
    return hebrew.signed_interval(low, high)


def verdict(change: Figure, significant: bool) -> str:
    """Return in words whether a share changed."""
    if not change.known:
        return _("אין השוואה")
    if not significant:
        return _("לא מובהק")
    return _("עלייה מובהקת") if change.value > 0 else _("ירידה מובהקת")


def heat_table(scope: Scope, kind: str, title: str) -> HeatTable:
    """Return reasons by `queue` or `channel`: the largest slices of the week."""
    every = scope.book.slices(kind)
    if kind == "at_risk" and every:
        every = ("all", *every)
    cuts = every[:HEAT_COLUMNS]
    shares = {
        row.name: [scope.book.at("reason_share", cut, row.reason) for cut in cuts]
        for row in reason_rows(scope)
    }
    known = [figure.value for row in shares.values() for figure in row if figure.known]
    top = max(known, default=0.0)
    rows = tuple(
        (name, tuple(_cell(figure, top) for figure in row)) for name, row in shares.items()
    )
    columns = tuple(HeatColumn(slice_name(cut), scope.book.contacts(cut)) for cut in cuts)
    return HeatTable(title, columns, rows, len(every) - len(cuts))


def _cell(figure: Figure, top: float) -> HeatCell:
    shade = math.ceil(HEAT_STEPS * figure.value / top) if figure.known and top > 0 else 0
    return HeatCell(figure, hebrew.percent(figure.value), shade, figure.n < THIN)


def slice_name(cut: str) -> str:
    """Return a slice's name for people: a queue as it is written, a channel in words."""
    if cut in WHOLE:
        return _(WHOLE[cut])
    kind, __, value = cut.partition("=")
    name = channel_name(value) if kind == "channel" else value
    return name or _(UNNAMED)
