"""Who stayed and who left, and how satisfied those are who answer: four weeks, by reason."""

import math
from dataclasses import dataclass
from datetime import timedelta

from desk import hebrew
from desk.i18n import N_, _
from desk.presenters.figures import WEEKS_BEFORE, Figure, Scope, reason_ids
from desk.presenters.keyfigures import format_value
from desk.presenters.reasons import reason_name
from desk.presenters.resolution import Measure

LEAST_ANSWERS = 10  # that a figure on the page rests on; the workbook has all, with intervals
MEASURES = (
    ("customers_start_4w", "count", N_("לקוחות בתחילת התקופה"), N_("לפי רשימת הלקוחות")),
    ("customers_new_4w", "count", N_("לקוחות שהצטרפו"), N_("ונשארו עד סופה")),
    ("customers_left_4w", "count", N_("לקוחות שעזבו"), N_("מתוך מי שהיו בתחילתה")),
    ("customers_end_4w", "count", N_("לקוחות בסוף התקופה"), ""),
    ("retention_rate_4w", "share", N_("שיעור שימור (CRR)"), N_("מי שהיו בתחילה ונשארו עד הסוף")),
    ("churn_rate_4w", "share", N_("שיעור נטישה"), N_("היתר")),
)
ASKED = ("nps_4w", "csat_4w", "survey_resolution_4w")


@dataclass(frozen=True, slots=True)
class Satisfied:
    """Answers of those whose comment carries a reason; the first row is of all of them."""

    name: str
    nps: Figure
    csat: Figure
    resolved: Figure
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """The section; each part says by `missing` why it is empty. `last_reasons` is (name, count)."""

    period: str
    missing: str
    measures: tuple[Measure, ...]
    left: int
    last_reasons: tuple[tuple[str, int], ...]
    satisfaction: tuple[Satisfied, ...]


def retention(scope: Scope) -> Retention:
    """Return customers who stayed and left, and satisfaction by reason, in the last four weeks."""
    first = scope.data.week - timedelta(weeks=WEEKS_BEFORE - 1)
    last = scope.data.week + timedelta(days=6)
    known = scope.book.at("customers_start_4w").n > 0
    return Retention(
        period=_("ארבעת השבועות {days}").format(
            days=hebrew.interval(hebrew.day(first), hebrew.day(last))
        ),
        missing="" if known else _missing(scope),
        measures=tuple(_measure(scope, *line) for line in MEASURES) if known else (),
        left=int(scope.book.at("customers_left_4w").value) if known else 0,
        last_reasons=_last_reasons(scope),
        satisfaction=_satisfaction(scope),
    )


def _missing(scope: Scope) -> str:
    days = scope.data.customers["churned_at"].dropna()
    if days.empty:
        return _(
            "אין ברשימת הלקוחות תאריכי עזיבה, ולכן אי אפשר לחשב שימור ונטישה. "
            "אפשר לטעון קובץ עזיבות: מספר לקוח ותאריך עזיבה."
        )
    return _(
        "תאריך העזיבה האחרון שידוע הוא {day}, לפני השבוע הזה. כדי לחשב שימור ונטישה יש לטעון "
        "קובץ עזיבות מעודכן."
    ).format(day=hebrew.day(days.max()))


def _measure(scope: Scope, metric: str, kind: str, name: str, meaning: str) -> Measure:
    """Return one line; what it was is the figure of the four weeks before these."""
    figure = scope.book.at(metric)
    earlier = scope.data.week - timedelta(weeks=WEEKS_BEFORE)
    before = scope.book.at(metric, week=earlier).value
    return Measure(
        _(name),
        _(meaning) if meaning else "",
        kind,
        figure,
        before,
        _text(kind, figure.value),
        hebrew.interval(_text(kind, figure.low), _text(kind, figure.high)),
        _text(kind, before),
    )


def _text(kind: str, value: float) -> str:
    """Return a count, or a percentage with a decimal: 99.3 % and 98.7 % are far apart here."""
    if kind == "count" or math.isnan(value):
        return hebrew.number(value)
    return f"{100 * value:.1f}%"


def _last_reasons(scope: Scope) -> tuple[tuple[str, int], ...]:
    named = [(_("לא זוהתה סיבה ב־90 הימים שלפני העזיבה"), "")]
    named = [*((reason_name(reason), reason) for reason in reason_ids()), *named]
    counts = [(name, scope.book.at("left_last_reason_4w", "all", r)) for name, r in named]
    found = [(name, int(figure.value)) for name, figure in counts if figure.value > 0]
    return tuple(sorted(found, key=lambda row: -row[1]))


def _satisfaction(scope: Scope) -> tuple[Satisfied, ...]:
    rows = [_satisfied(scope, _("כל התשובות"), "")]
    rows += [_satisfied(scope, reason_name(reason), reason) for reason in reason_ids()]
    answered = [row for row in rows if row.nps.n or row.csat.n or row.resolved.n]
    return tuple(sorted(answered, key=lambda row: (row is not rows[0], -row.nps.n)))


def _satisfied(scope: Scope, name: str, reason: str) -> Satisfied:
    nps, csat, resolved = (scope.book.at(metric, "survey", reason) for metric in ASKED)
    return Satisfied(
        name,
        nps,
        csat,
        resolved,
        (
            *(
                format_value(kind, figure.value) if figure.n >= LEAST_ANSWERS else hebrew.MISSING
                for kind, figure in (("score", nps), ("share", csat), ("share", resolved))
            ),
        ),
    )
