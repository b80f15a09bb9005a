"""First-contact resolution and repeats: by week, by queue, declared against observed."""

from dataclasses import dataclass

from desk import hebrew
from desk.presenters.figures import Figure, Point, Scope
from desk.presenters.keyfigures import format_interval, format_value, provisional_note, why_unknown
from desk.presenters.reasons import slice_name

DEFINITIONS = {
    "any": "כל פנייה נוספת של אותו לקוח",
    "queue": "פנייה נוספת של אותו לקוח לאותו תור",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table of the week: `kind` is `share`, `count` or `mean`."""

    name: str
    meaning: str
    kind: str
    figure: Figure
    before: float
    value_text: str
    interval_text: str
    before_text: str


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One queue's or channel's resolution and repeats."""

    kind: str
    name: str
    fcr: Figure
    repeat: Figure
    fcr_text: str
    fcr_interval_text: str
    repeat_text: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everything about who had to contact again; `missing` says why there is nothing."""

    missing: str
    definition: str
    provisional: str
    fcr: tuple[Point, ...]
    declared: tuple[Point, ...]
    ordeals: tuple[Point, ...]
    measures: tuple[Measure, ...]
    slices: tuple[SliceRow, ...]


def resolution(scope: Scope) -> Resolution:
    """Return the section; without customers it holds only the reason why it is empty."""
    book = scope.book
    missing = "" if scope.has_customers and not scope.survey else _nothing(scope)
    days = hebrew.DAY.count(scope.data.window_days)
    return Resolution(
        missing=missing,
        definition=f"{DEFINITIONS[scope.data.thread_definition]} בתוך {days} נחשבת חזרה",
        provisional=provisional_note(scope) if scope.fcr().provisional else "",
        fcr=scope.fcr_trend(),
        declared=book.trend("declared_resolution"),
        ordeals=book.trend(scope.threads("ordeals")),
        measures=_measures(scope),
        slices=_slices(scope),
    )


def _nothing(scope: Scope) -> str:
    if scope.survey:
        return "הדוח עוסק בתגובות לסקר, ואין בו פניות שאפשר לעקוב אחרי פתרונן."
    return why_unknown(scope, Figure())


def _measures(scope: Scope) -> tuple[Measure, ...]:
    named = (
        ("fcr", "share", "פתרון בפנייה הראשונה (FCR)", "לא הגיעה פנייה שנייה בזמן המעקב"),
        ("declared_resolution", "share", "נפתר לפי הרישום", "כך כתוב בסיכום הפנייה"),
        ("false_resolution", "share", "נרשם כנפתר והלקוח חזר", "מתוך הפניות שנרשמו כפתורות"),
        ("repeat_rate", "share", "פניות חוזרות", "מתוך כל הפניות שיש בהן מזהה לקוח"),
        ("contacts_per_issue", "mean", "פניות לנושא, בממוצע", "נושאים שנפתחו השבוע"),
        ("ordeals", "count", "נושאים של 3 פניות ומעלה", "נפתחו השבוע"),
        ("channel_switch", "share", "חזרה בערוץ אחר", "מתוך הפניות החוזרות"),
        ("satisfaction_left", "share", "שביעות רצון שנותרה (אומדן)", "כל פנייה נוספת גורעת ממנה"),
    )
    return tuple(_measure(scope, *line) for line in named)


def _measure(scope: Scope, metric: str, kind: str, name: str, meaning: str) -> Measure:
    known = metric if metric == "declared_resolution" else scope.threads(metric)
    figure = scope.fcr() if metric == "fcr" else scope.book.at(known)
    before = scope.book.before(known)
    return Measure(
        name,
        meaning,
        kind,
        figure,
        before,
        _value(kind, figure.value),
        format_interval("share" if kind == "share" else "count", figure),
        _value(kind, before),
    )


def _value(kind: str, value: float) -> str:
    return hebrew.number(value, 2) if kind == "mean" else format_value(kind, value)


def _slices(scope: Scope) -> tuple[SliceRow, ...]:
    cuts = [(kind, cut) for kind in ("queue", "channel") for cut in scope.book.slices(kind)]
    rows = [_slice(scope, kind, cut) for kind, cut in cuts]
    return tuple(row for row in rows if row.fcr.n or row.repeat.n)


def _slice(scope: Scope, kind: str, cut: str) -> SliceRow:
    fcr = scope.fcr(cut)
    repeat = scope.book.at(scope.threads("repeat_rate"), cut)
    return SliceRow(
        kind="תור" if kind == "queue" else "ערוץ",
        name=slice_name(cut),
        fcr=fcr,
        repeat=repeat,
        fcr_text=hebrew.percent(fcr.value),
        fcr_interval_text=format_interval("share", fcr),
        repeat_text=hebrew.percent(repeat.value),
    )
