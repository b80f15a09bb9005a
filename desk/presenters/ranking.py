"""What the at-risk list was made with, and how well it tells who leaves."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from desk import hebrew
from desk.presenters.figures import Figure, Scope
from keshev.settings import WORKING_DAYS
from signals.risk import PART_NAMES, RiskWeights
from signals.risk_figures import TOPS, weights_of

PARTS = {
    "churn_intent": "כוונת עזיבה",
    "open_threads": "נושאים פתוחים",
    "ordeals": "נושא שנגרר",
    "reasons": "סיבות לעזיבה",
    "detractor": "ציון NPS נמוך",
    "contract_end": "סוף חוזה קרוב",
    "silence": "הפסיק לפנות",
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
        weights=tuple((PARTS[name], used[name], default[name]) for name in PART_NAMES),
        period=_period(scope, book) if lifts else "",
        lifts=lifts,
        untold="" if lifts else _untold(scope, book),
        precision=_precision(scope, book),
    )


def not_enough(n: int) -> str:
    """Return that there is too little to say, and how much there is."""
    return f"אין די נתונים ({hebrew.ltr(f'n = {n}')})"


def _why(scope: Scope, book: RiskBook, fitted: bool) -> str:
    churned = book.at("risk_weights_fitted").n
    if fitted:
        days = hebrew.DAY.count(scope.data.churn_horizon_days)
        return (
            f"המשקלים נלמדו מ־{hebrew.number(churned)} לקוחות שעזבו: כמה ניבא כל חלק עזיבה בתוך "
            f"{days}. רק לסוף החוזה נשאר משקל ברירת המחדל, כי מצב החוזים בעבר אינו ידוע."
        )
    if not book.at("outcomes_known").n:
        return "משקלי ברירת מחדל: לא נטענו נתוני עזיבה שאפשר ללמוד מהם."
    needed = (
        int(book.at("risk_churned_needed").value) if book.at("risk_churned_needed").known else 0
    )
    if churned >= needed:
        return "משקלי ברירת מחדל: בנתוני העזיבה לא נמצא קשר בין חלקי הציון לעזיבה."
    return (
        f"משקלי ברירת מחדל: כדי ללמוד משקלים דרושים {hebrew.number(needed)} לקוחות שעזבו לפני "
        f"תקופת הבדיקה. {not_enough(churned)}."
    )


def _unknown(book: RiskBook) -> str:
    known, unknown = book.at("outcomes_known"), book.at("outcomes_unknown")
    if not unknown.value > 0:
        return ""
    who = hebrew.CUSTOMER.count(known.n)
    return (
        f"נתוני העזיבה כוללים {who}. מספר הלקוחות מתוכם שאין להם פניות: "
        f"{hebrew.number(unknown.value)}."
    )


def _period(scope: Scope, book: RiskBook) -> str:
    base = book.at("risk_base_rate")
    first = book.begin["risk_base_rate"]
    last = first + timedelta(days=scope.data.churn_horizon_days - 1)
    period = hebrew.interval(hebrew.day(first), hebrew.day(last))
    ends = hebrew.interval(hebrew.percent(base.low), hebrew.percent(base.high))
    return (
        f"תקופת הבדיקה: {period}. הדירוג נעשה לפי מה שהיה ידוע לפניה. מתוך "
        f"{hebrew.CUSTOMER.count(base.n)} שפנו ב־60 הימים שקדמו לה עזבו בה "
        f"{hebrew.percent(base.value)} (טווח 95%: {ends})."
    )


def _lift(book: RiskBook, top: int) -> Lift:
    figure = book.at("risk_lift", f"top={top}")
    default = book.at("risk_lift_default", f"top={top}")
    ends = hebrew.interval(hebrew.number(figure.low, 1), hebrew.number(figure.high, 1))
    return Lift(
        name=f"{top}% העליונים",
        figure=figure,
        text=_times(figure),
        interval_text=ends,
        default=default,
        default_text=_times(default),
    )


def _times(figure: Figure) -> str:
    return f"פי {hebrew.number(figure.value, 1)}" if figure.known else not_enough(figure.n)


def _untold(scope: Scope, book: RiskBook) -> str:
    known = book.at("outcomes_known").n
    days = hebrew.DAY.count(scope.data.churn_horizon_days)
    if not known:
        return (
            "כדי ללמוד משקלים ולבדוק את הדירוג אפשר לטעון קובץ עזיבות: מספר לקוח ותאריך עזיבה "
            f"({hebrew.ltr('customer_id, churned_at')})."
        )
    return f"בדיקת הדירוג על תקופה מאוחרת של {days}: {not_enough(known)}."


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
            f"המוקד יכול להתקשר {whom} ביום, ולכן רשימת השבוע היא של "
            f"{hebrew.number(called)} הראשונים ({WORKING_DAYS} ימי עבודה)."
        )
    if leaving.known:
        share = _share(leaving)
        lines.append(f"מתוך {_first(leaving.n)}, {share} צפויים לעזוב בתוך {days}.")
    if measured.known:
        share = _share(measured)
        lines.append(f"בתקופת הבדיקה עזבו, מתוך {_first(measured.n)} בדירוג של אז, {share}.")
    if said.known:
        share = _share(said)
        tail = "" if leaving.known else " זו אינה ההסתברות שיעזבו."
        lines.append(
            f"לפי הסתברויות המסווג, {share} מתוך {_first(said.n)} אכן דיברו על עזיבה.{tail}"
        )
    return tuple(line for line in (*lines, _unknown(book)) if line)


def _first(n: int) -> str:
    return "הלקוח הראשון" if n == 1 else f"{hebrew.number(n)} הראשונים"


def _share(figure: Figure) -> str:
    ends = hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high))
    return f"{hebrew.percent(figure.value)} (טווח 95%: {ends})"
