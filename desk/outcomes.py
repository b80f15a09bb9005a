"""What a person says at the end of a case: whether it is whole, and what the store keeps of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from desk.i18n import _
from labels.codebook import REASONS, ChurnIntent, Reason, Resolution
from store.cases import Offer, Outcome, OutcomeKind
from store.journeys import Visit

if TYPE_CHECKING:
    from nlp.privacy import Masker

LONGEST = 500  # characters of the words to an outcome
CALL_WITHIN = timedelta(days=365)
LEFT_WITHIN = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Said:
    """The filled-in form; what does not belong to the outcome is not looked at."""

    kind: OutcomeKind
    offer: Offer | None
    words: str
    left_on: date | None
    call_on: date | None
    reasons: list[Reason]
    churn_intent: ChurnIntent
    resolution: Resolution
    repeat: bool

    @property
    def labels(self) -> dict[str, bool | str]:
        """The note's labels, as a review keeps them."""
        flags: dict[str, bool | str] = {str(one): one in self.reasons for one in REASONS}
        last = {"churn_intent": str(self.churn_intent), "resolution": str(self.resolution)}
        return {**flags, **last, "repeat": self.repeat}


def problem_of(said: Said, note: Visit | None, today: date) -> str:
    """Return what is missing or wrong in the form, in words; nothing where it is whole."""
    if len(said.words) > LONGEST:
        return _("ההערה ארוכה מדי: עד {n} תווים.").format(n=LONGEST)
    checks = {
        "saved": _saved,
        "lost": _lost,
        "later": _later,
    }
    if said.kind == "wrong_reason":
        return _unchanged(said, note)
    check = checks.get(said.kind)
    return check(said, today) if check else ""


def _saved(said: Said, _today: date) -> str:
    return "" if said.offer or said.words else _("צריך לבחור מה עזר, או לכתוב במילים.")


def _lost(said: Said, today: date) -> str:
    if said.left_on is None:
        return _("צריך לבחור באיזה יום הלקוח עזב.")
    if not today - LEFT_WITHIN <= said.left_on <= today:
        return _("יום העזיבה צריך להיות היום או לפני כן.")
    return ""


def _later(said: Said, today: date) -> str:
    if said.call_on is None:
        return _("צריך לבחור באיזה יום לחזור ללקוח.")
    if not today < said.call_on <= today + CALL_WITHIN:
        return _("היום לחזרה צריך להיות ממחר ועד שנה מהיום.")
    return ""


def _unchanged(said: Said, note: Visit | None) -> str:
    if note is None:
        return _("אין פנייה שאפשר לתקן את הסיבות שלה.")
    was = (
        set(note.reasons),
        note.churn_intent or str(ChurnIntent.NONE),
        note.resolution or str(Resolution.UNSTATED),
        bool(note.repeat),
    )
    now = set(map(str, said.reasons)), str(said.churn_intent), str(said.resolution), said.repeat
    return _("שום סימון לא השתנה. מה היה שגוי?") if was == now else ""


def outcome_of(said: Said, note: Visit | None) -> Outcome:
    """Return what the store keeps: only what belongs to the outcome, the words masked."""
    days = {"lost": said.left_on, "later": said.call_on}
    return Outcome(
        kind=said.kind,
        day=days.get(said.kind),
        offer=said.offer if said.kind == "saved" else None,
        note=masked(said.words) or None,
        contact_id=note.contact_id if note and said.kind == "wrong_reason" else None,
    )


def masked(words: str) -> str:
    """Return a person's words with personal data masked, as the store keeps all texts."""
    return next(_masker().mask([words])) if words else ""


@cache
def _masker() -> "Masker":
    from nlp.privacy import Masker  # loads spaCy: only where something was written

    return Masker()
