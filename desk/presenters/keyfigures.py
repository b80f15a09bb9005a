"""The key figures of the head row, those that cannot be had included with their cause."""

import math
from dataclasses import dataclass

from desk import hebrew
from desk.i18n import _
from desk.presenters.figures import Figure, Point, Scope


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of the head row; `kind` is `count`, `share` or `score`."""

    name: str
    kind: str
    figure: Figure
    before: float
    value_text: str
    interval_text: str
    basis_text: str
    before_text: str
    note: str
    trend: tuple[Point, ...]

    @property
    def provisional(self) -> bool:
        """Whether there is a value that may still change."""
        return self.figure.known and self.figure.provisional


def format_value(kind: str, value: float) -> str:
    """Return a figure's value as text: a count, a percentage or a signed score."""
    if kind == "share":
        return hebrew.percent(value)
    return hebrew.signed(value, 0) if kind == "score" else hebrew.number(value)


def format_interval(kind: str, figure: Figure) -> str:
    """Return a figure's 95 % interval as a range, `—` without one."""
    if math.isnan(figure.low) or math.isnan(figure.high):
        return hebrew.MISSING
    low, high = (format_value(kind, end) for end in (figure.low, figure.high))
    return hebrew.signed_interval(low, high) if kind == "score" else hebrew.interval(low, high)


def key_figures(scope: Scope) -> tuple[KeyFigure, ...]:
    """Return the head row: volume, resolution, repeats, leaving and NPS."""
    if scope.survey:
        unclear = _key(scope, _("לא ברור למודל"), "share", "unclear_share")
        return (_volume(scope), _explicit(scope), unclear, _nps(scope))
    return (_volume(scope), _resolution(scope), _repeat(scope), _explicit(scope), _nps(scope))


def provisional_note(scope: Scope) -> str:
    """Return the one line that explains the provisional mark."""
    days = hebrew.DAY.count(scope.data.window_days)
    followed = scope.followed_days()
    if math.isnan(followed):
        return _("חלק מהנושאים עוד לא השלימו {days} של מעקב. השיעור הוא אומדן ועוד יתעדכן.").format(
            days=days
        )
    so_far = hebrew.number(followed, 1)
    return _("נכון ל־{so_far} ימי מעקב מתוך {days}. השיעור הסופי צפוי להיות מעט נמוך יותר.").format(
        so_far=so_far, days=days
    )


def why_unknown(scope: Scope, figure: Figure) -> str:
    """Return why a figure about returning customers is missing, empty when it is there."""
    if figure.known:
        return ""
    if not scope.has_customers:
        return _("אין מזהי לקוח בנתונים, ולכן אי אפשר לדעת מי חזר.")
    return _("אין השבוע די נושאים, או די ימי מעקב, כדי לחשב שיעור.")


def _key(
    scope: Scope,
    name: str,
    kind: str,
    metric: str,
    *,
    cut: str = "",
    basis: str | None = None,
    note: str = "",
) -> KeyFigure:
    cut = cut or scope.cut
    figure, before = scope.book.at(metric, cut), scope.book.before(metric, cut)
    basis = scope.noun.count(figure.n) if basis is None else basis
    trend = scope.book.trend(metric, cut)
    return _of(name, kind, figure, before, basis, note, trend)


def _of(
    name: str,
    kind: str,
    figure: Figure,
    before: float,
    basis: str,
    note: str,
    trend: tuple[Point, ...],
) -> KeyFigure:
    ends = format_interval(kind, figure)
    return KeyFigure(
        name=name,
        kind=kind,
        figure=figure,
        before=before,
        value_text=format_value(kind, figure.value),
        interval_text="" if ends == hebrew.MISSING else _("טווח 95%: {ends}").format(ends=ends),
        basis_text=basis,
        before_text=(
            ""
            if math.isnan(before)
            else _("ממוצע 4 קודמים: {before}").format(before=format_value(kind, before))
        ),
        note=note,
        trend=trend,
    )


def _volume(scope: Scope) -> KeyFigure:
    customers = int(scope.week_contacts["customer_id"].nunique())
    who = hebrew.CUSTOMER.count(customers)
    basis = _("של {customers}").format(customers=who) if customers else ""
    return _key(scope, scope.noun.plural.capitalize(), "count", "contacts", basis=basis)


def _resolution(scope: Scope) -> KeyFigure:
    figure = scope.fcr()
    provisional = figure.known and figure.provisional
    return _of(
        _("פתרון בפנייה הראשונה (FCR)"),
        "share",
        figure,
        scope.book.before(scope.threads("fcr")),
        hebrew.THREAD.count(figure.n) if figure.n else "",
        provisional_note(scope) if provisional else why_unknown(scope, figure),
        scope.fcr_trend(),
    )


def _repeat(scope: Scope) -> KeyFigure:
    metric = scope.threads("repeat_rate")
    figure = scope.book.at(metric)
    basis = None if figure.n else ""
    note = why_unknown(scope, figure)
    return _key(scope, _("פניות חוזרות"), "share", metric, basis=basis, note=note)


def explicit_count(figure: Figure) -> int:
    """Return how many asked to leave, from the share and what it rests on."""
    return round(figure.value * figure.n) if figure.known else 0


def _explicit(scope: Scope) -> KeyFigure:
    figure = scope.book.at("churn_explicit", scope.cut)
    asked, of = hebrew.number(explicit_count(figure)), scope.noun.count(figure.n)
    basis = _("{number} מתוך {of}").format(number=asked, of=of)
    return _key(scope, _("בקשות עזיבה מפורשות"), "share", "churn_explicit", basis=basis)


def _nps(scope: Scope) -> KeyFigure:
    cut = "all" if scope.book.at("nps", "all").n else "survey"
    figure = scope.book.at("nps", cut)
    note = "" if figure.known else _("לא התקבלו השבוע תשובות NPS.")
    basis = hebrew.ANSWER.count(figure.n) if figure.n else ""
    return _key(scope, "NPS", "score", "nps", cut=cut, basis=basis, note=note)
