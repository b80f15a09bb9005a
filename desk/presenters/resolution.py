"""First-contact resolution and repeats: by week, by queue, declared against observed."""

from dataclasses import dataclass, replace

from desk import hebrew
from desk.i18n import N_, _
from desk.presenters.figures import NAN, Figure, Point, Scope, reason_ids
from desk.presenters.keyfigures import format_interval, format_value, provisional_note, why_unknown
from desk.presenters.reasons import reason_name, slice_name
from labels.codebook import Reason

MOST_OF_A_KIND = 12
KINDS = {"queue": N_("תור"), "channel": N_("ערוץ"), "team": N_("צוות"), "product": N_("מוצר")}
DEFINITIONS = {
    "any": N_("כל פנייה נוספת של אותו לקוח בתוך {days} נחשבת פנייה חוזרת"),
    "queue": N_("פנייה נוספת של אותו לקוח לאותו תור בתוך {days} נחשבת פנייה חוזרת"),
    "text": N_("פנייה נוספת של אותו לקוח באותו נושא, לפי הטקסט, בתוך {days} נחשבת פנייה חוזרת"),
}
MEASURES = (
    ("fcr", "share", N_("פתרון בפנייה הראשונה (FCR)"), N_("לא הגיעה פנייה שנייה בזמן המעקב")),
    ("fcr_net", "share", N_("FCR נטו"), N_("בלי נושאים שקו ראשון אינו יכול לפתור")),
    (
        "fcr_contacts",
        "share",
        N_("FCR לפי פנייה"),
        N_("כל פנייה נבדקת: לא הגיעה אחריה פנייה בנושא"),
    ),
    ("declared_resolution", "share", N_("נפתר לפי הרישום"), N_("כך כתוב בסיכום הפנייה")),
    ("survey_resolution", "share", N_("ענו בסקר שהבעיה נפתרה"), N_("מתוך מי שנשאלו וענו")),
    ("false_resolution", "share", N_("נרשם כנפתר והלקוח חזר"), N_("מתוך הפניות שנרשמו כפתורות")),
    ("repeat_rate", "share", N_("פניות חוזרות"), N_("מתוך כל הפניות שיש בהן מזהה לקוח")),
    (
        "contacts_per_issue",
        "mean",
        N_("פניות לנושא, בממוצע"),
        N_("נושאים שנפתחו השבוע; המספר עוד יכול לגדול"),
    ),
    (
        "contacts_per_issue_p90",
        "count",
        N_("פניות לנושא, אחוזון 90"),
        N_("ב־9 מכל 10 נושאים לא היו יותר פניות מכך"),
    ),
    ("repeat_cost", "count", N_("עלות הפניות החוזרות, ₪"), N_("פניות חוזרות כפול עלות פנייה")),
    ("ordeals", "count", N_("נושאים של 3 פניות ומעלה"), N_("נפתחו השבוע; המספר עוד יכול לגדול")),
    ("channel_switch", "share", N_("פנייה חוזרת בערוץ אחר"), N_("מתוך הפניות החוזרות")),
    (
        "satisfaction_left",
        "share",
        N_("שביעות רצון שנותרה (חישוב, לא סקר)"),
        N_("אומדן: כל פנייה נוספת גורעת {loss} ממה שנותר"),
    ),
)
UNSET = {  # what is missing where a setting asks for nothing
    "fcr_net": N_("לא הוגדרו תורים או סיבות שקו ראשון אינו יכול לפתור (KESHEV_NET_QUEUES)"),
    "repeat_cost": N_("לא הוגדרה עלות של פנייה (KESHEV_CONTACT_COST)"),
}
SAID = ("declared_resolution", "survey_resolution")  # whatever the threads are
FOLLOWED = ("fcr", "fcr_net", "fcr_contacts")  # what is known so far stands in for them


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
    """Resolution and repeats of one queue, channel, team, product or reason."""

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
    costs: str
    measures: tuple[Measure, ...]
    slices: tuple[SliceRow, ...]


def resolution(scope: Scope) -> Resolution:
    """Return the section; without customers it holds only the reason why it is empty."""
    book = scope.book
    missing = "" if scope.has_customers and not scope.survey else _nothing(scope)
    return Resolution(
        missing=missing,
        definition=_(DEFINITIONS[scope.data.thread_definition]).format(
            days=hebrew.DAY.count(scope.data.window_days)
        ),
        provisional=provisional_note(scope) if scope.fcr().provisional else "",
        fcr=scope.fcr_trend(),
        declared=book.trend("declared_resolution"),
        ordeals=book.trend(scope.threads("ordeals")),
        costs=_costs(scope),
        measures=_measures(scope),
        slices=_slices(scope),
    )


def _costs(scope: Scope) -> str:
    """Return the three prices of the week's mistakes in words, empty without any."""
    names = ("error_cost_prevented", "error_cost_mended", "error_cost_suffered")
    prevented, mended, suffered = (scope.book.at(name) for name in names)
    if not prevented.n or not suffered.value > 0:
        return ""
    return _(
        "כלל 1-10-100: {contacts} על טעות או תקלה. אם מניעת טעות אחת עולה {unit} (ניתן להגדרה), "
        "המניעה הייתה עולה {prevented}, תיקון לפני שהלקוח הרגיש {mended}, והטיפול אחרי שנגרמה "
        "בעיה {suffered}. זהו כלל אצבע ולא עלות שנמדדה, והוא גבול עליון: לא כל תקלה אפשר היה "
        "למנוע."
    ).format(
        contacts=hebrew.CONTACT.count(prevented.n),
        unit=hebrew.money(prevented.value / prevented.n),
        prevented=hebrew.money(prevented.value),
        mended=hebrew.money(mended.value),
        suffered=hebrew.money(suffered.value),
    )


def _nothing(scope: Scope) -> str:
    if scope.survey:
        return _("הדוח עוסק בתגובות לסקר, ואין בו פניות שאפשר לעקוב אחרי פתרונן.")
    return why_unknown(scope, Figure())


def _measures(scope: Scope) -> tuple[Measure, ...]:
    shown = []
    loss = hebrew.percent(scope.data.satisfaction_loss)
    for metric, kind, name, meaning in MEASURES:
        measure = _measure(scope, metric, kind, _(name), _(meaning).format(loss=loss))
        if not measure.figure.n and metric in UNSET:
            measure = replace(measure, meaning=_(UNSET[metric]))
        if measure.figure.n or metric != "survey_resolution":  # only where customers are asked
            shown.append(measure)
    return (*shown[:1], *_wide(scope), *shown[1:])


def _wide(scope: Scope) -> list[Measure]:
    """Return FCR in the second window, of the newest week that was followed that long."""
    metric = scope.threads("fcr_wide")
    known = [point for point in scope.book.trend(metric) if point.figure.known]
    if not known or scope.data.wide_window_days <= scope.data.window_days:
        return []
    days, first = hebrew.DAY.count(scope.data.wide_window_days), known[-1].week
    name = _("FCR בתוך {days}, בשבוע של {first}").format(days=days, first=hebrew.short_day(first))
    meaning = _("השבוע האחרון שכבר אפשר לעקוב אחריו כל כך הרבה זמן")
    figure = known[-1].figure
    ends = format_interval("share", figure)
    value = format_value("share", figure.value)
    return [Measure(name, meaning, "share", figure, NAN, value, ends, hebrew.MISSING)]


def _measure(scope: Scope, metric: str, kind: str, name: str, meaning: str) -> Measure:
    known = metric if metric in SAID else scope.threads(metric)
    figure = scope.followed(metric) if metric in FOLLOWED else scope.book.at(known)
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
    found = []
    for kind, name in KINDS.items():
        rows = [_slice(scope, _(name), cut) for cut in scope.book.slices(kind)]
        found += _largest(rows)
    reasons = [_slice(scope, _("סיבה"), "all", reason) for reason in reason_ids()]
    return (*found, *_largest(reasons, len(Reason)))


def _largest(rows: list[SliceRow], most: int = MOST_OF_A_KIND) -> list[SliceRow]:
    known = [row for row in rows if row.fcr.n or row.repeat.n]
    return sorted(known, key=lambda row: (-row.fcr.n, row.name))[:most]


def _slice(scope: Scope, kind: str, cut: str, reason: str = "") -> SliceRow:
    fcr = scope.followed("fcr", cut, reason)
    repeat = scope.book.at(scope.threads("repeat_rate"), cut, reason)
    return SliceRow(
        kind=kind,
        name=reason_name(reason) if reason else slice_name(cut),
        fcr=fcr,
        repeat=repeat,
        fcr_text=hebrew.percent(fcr.value),
        fcr_interval_text=format_interval("share", fcr),
        repeat_text=hebrew.percent(repeat.value),
    )
