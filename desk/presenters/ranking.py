"""What the at-risk list was made with, and how well it tells who leaves."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from desk import hebrew
from desk.i18n import N_, _, ngettext
from desk.presenters.figures import Figure, Scope
from keshev.settings import WORKING_DAYS
from signals.risk import PART_NAMES, RiskWeights
from signals.risk_figures import TOPS, weights_of

PARTS = {
    "churn_intent": N_("כוונת עזיבה"),
    "open_threads": N_("נושאים פתוחים"),
    "ordeals": N_("נושא שנגרר"),
    "reasons": N_("סיבות לעזיבה"),
    "detractor": N_("ציון NPS נמוך"),
    "contract_end": N_("סוף חוזה קרוב"),
    "silence": N_("הפסיק לפנות"),
}
AMONG = ("risk_", "outcomes_")


@dataclass(frozen=True, slots=True)
class Lift:
    """How many times the general rate the top of the list left; `default` by default weights."""

    name: str
    figure: Figure
    text: str
    interval_text: str
    default: Figure
    default_text: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weights (name, used, default) and why these; the lift table; precision, in sentences.

    `lifts` is empty and `untold` says why where no later period can be judged. `fitted` says that
    default weights stand beside.
    """

    fitted: bool
    why: str
    weights: tuple[tuple[str, float, float], ...]
    period: str
    lifts: tuple[Lift, ...]
    untold: str
    precision: tuple[str, ...]


class RiskBook:
    """The figures of the list: each is of one week only, whatever week the report is of."""

    def __init__(self, scope: Scope) -> None:
        signals = scope.data.signals
        rows = signals[signals["metric"].str.startswith(AMONG)]
        self.begin: dict[str, date] = dict(zip(rows["metric"], rows["week"], strict=True))
        names = ("metric", "slice", "value", "low", "high", "n")
        self._figures = {
            (metric, cut): Figure(*figure)
            for metric, cut, *figure in zip(*(rows[name].tolist() for name in names), strict=True)
        }

    def at(self, metric: str, cut: str = "all") -> Figure:
        """Return a figure, an unknown one where there is none."""
        return self._figures.get((metric, cut), Figure())


def ranking(scope: Scope) -> Ranking:
    """Return what is known of the ranking behind the list."""
    book = RiskBook(scope)
    fitted = book.at("risk_weights_fitted").value == 1.0
    used, default = asdict(weights_of(scope.data.signals)), asdict(RiskWeights())
    lifts = tuple(_lift(book, top) for top in TOPS) if book.at("risk_base_rate").known else ()
    return Ranking(
        fitted=fitted,
        why=_why(scope, book, fitted),
        weights=tuple((_(PARTS[name]), used[name], default[name]) for name in PART_NAMES),
        period=_period(scope, book) if lifts else "",
        lifts=lifts,
        untold="" if lifts else _untold(scope, book),
        precision=_precision(scope, book),
    )


def not_enough(n: int) -> str:
    """Return that there is too little to say, and how much there is."""
    return _("אין די נתונים ({n})").format(n=hebrew.ltr(f"n = {n}"))


def _why(scope: Scope, book: RiskBook, fitted: bool) -> str:
    churned = book.at("risk_weights_fitted").n
    if fitted:
        days = hebrew.DAY.count(scope.data.churn_horizon_days)
        return _(
            "המשקלים נלמדו מ־{churned} לקוחות שעזבו, לפי המידה שבה כל רכיב ניבא עזיבה בתוך {days}. "
            "רק לסוף החוזה נשאר משקל ברירת המחדל, כי מצב החוזים בעבר אינו ידוע."
        ).format(churned=hebrew.number(churned), days=days)
    if not book.at("outcomes_known").n:
        return _("משקלי ברירת מחדל: לא נטענו נתוני עזיבה שאפשר ללמוד מהם.")
    needed = (
        int(book.at("risk_churned_needed").value) if book.at("risk_churned_needed").known else 0
    )
    if churned >= needed:
        return _("משקלי ברירת מחדל: בנתוני העזיבה לא נמצא קשר בין רכיבי הציון לעזיבה.")
    return _(
        "משקלי ברירת מחדל: כדי ללמוד משקלים דרושים {needed} לקוחות שעזבו לפני תקופת הבדיקה. "
        "{not_enough}."
    ).format(needed=hebrew.number(needed), not_enough=not_enough(churned))


def _unknown(book: RiskBook) -> str:
    known, unknown = book.at("outcomes_known"), book.at("outcomes_unknown")
    if not unknown.value > 0:
        return ""
    return _(
        "נתוני העזיבה כוללים {customers}. מספר הלקוחות מתוכם שאין להם פניות: {unknown}."
    ).format(customers=hebrew.CUSTOMER.count(known.n), unknown=hebrew.number(unknown.value))


def _from_desk(book: RiskBook) -> str:
    told = book.at("outcomes_desk")
    if not told.known:
        return ""
    line = _("עזיבות שנרשמו בתור השימור ולא בקובצי הלקוחות: {n}.")
    return line.format(n=hebrew.number(told.value))


def _period(scope: Scope, book: RiskBook) -> str:
    base = book.at("risk_base_rate")
    first = book.begin["risk_base_rate"]
    last = first + timedelta(days=scope.data.churn_horizon_days - 1)
    return _(
        "תקופת הבדיקה: {period}. הדירוג נעשה לפי מה שהיה ידוע לפניה. מתוך {customers} שפנו "
        "ב־60 הימים שקדמו לה עזבו בה {share}."
    ).format(
        period=hebrew.interval(hebrew.day(first), hebrew.day(last)),
        customers=hebrew.CUSTOMER.count(base.n),
        share=_share(base),
    )


def _lift(book: RiskBook, top: int) -> Lift:
    figure = book.at("risk_lift", f"top={top}")
    default = book.at("risk_lift_default", f"top={top}")
    ends = hebrew.interval(hebrew.number(figure.low, 1), hebrew.number(figure.high, 1))
    return Lift(
        name=_("{top}% העליונים").format(top=top),
        figure=figure,
        text=_times(figure),
        interval_text=ends,
        default=default,
        default_text=_times(default),
    )


def _times(figure: Figure) -> str:
    if not figure.known:
        return not_enough(figure.n)
    return _("פי {times}").format(times=hebrew.number(figure.value, 1))


def _untold(scope: Scope, book: RiskBook) -> str:
    known = book.at("outcomes_known").n
    days = hebrew.DAY.count(scope.data.churn_horizon_days)
    if not known:
        return _(
            "כדי ללמוד משקלים ולבדוק את הדירוג אפשר לטעון קובץ עזיבות: מספר לקוח ותאריך עזיבה "
            "({columns})."
        ).format(columns=hebrew.ltr("customer_id, churned_at"))
    return _("בדיקת הדירוג על תקופה מאוחרת של {days}: {not_enough}.").format(
        days=days, not_enough=not_enough(known)
    )


def _precision(scope: Scope, book: RiskBook) -> tuple[str, ...]:
    called, daily = scope.data.called, scope.data.daily_calls
    days = hebrew.DAY.count(scope.data.churn_horizon_days)
    cut = f"first={called}"
    leaving, said = book.at("risk_leaving", cut), book.at("risk_said_leaving", cut)
    measured = book.at("risk_precision", cut)
    lines = []
    if daily is not None:
        whom = hebrew.attach("ל", hebrew.CUSTOMER.count(daily))
        lines.append(
            _(
                "המוקד יכול להתקשר {whom} ביום, ולכן רשימת השבוע היא של {called} הראשונים "
                "({days} ימי עבודה)."
            ).format(whom=whom, called=hebrew.number(called), days=WORKING_DAYS)
        )
    if leaving.known:
        line = _("מתוך {first}, {share} צפויים לעזוב בתוך {days}.")
        lines.append(line.format(first=_first(leaving.n), share=_share(leaving), days=days))
    if measured.known:
        line = _("בתקופת הבדיקה עזבו, מתוך {first} בדירוג של אז, {share}.")
        lines.append(line.format(first=_first(measured.n), share=_share(measured)))
    if said.known:
        line = (
            _("לפי הסתברויות המודל, {share} מתוך {first} אכן דיברו על עזיבה.")
            if leaving.known
            else _(
                "לפי הסתברויות המודל, {share} מתוך {first} אכן דיברו על עזיבה. "
                "זו אינה ההסתברות שיעזבו."
            )
        )
        lines.append(line.format(first=_first(said.n), share=_share(said)))
    return tuple(line for line in (*lines, _unknown(book), _from_desk(book)) if line)


def _first(n: int) -> str:
    return ngettext("הלקוח הראשון", "{n} הראשונים", n).format(n=hebrew.number(n))


def _share(figure: Figure) -> str:
    ends = hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high))
    return _("{share} (טווח 95%: {ends})").format(share=hebrew.percent(figure.value), ends=ends)
