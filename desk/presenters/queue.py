"""The retention queue as rows to read, and the day in a line."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from desk import hebrew
from desk.casework import Rows, Shift
from desk.i18n import _
from desk.presenters.notes import Note, evidence_spans, note_at, printable
from desk.presenters.ownchips import OwnChip, own_chips
from desk.presenters.ranking import PARTS
from desk.presenters.reasons import reason_name
from desk.presenters.risk import RiskPart, intent_name, parts_text, score_parts
from desk.queueing import Place, waiting
from labels.ownreasons import OwnFigures
from signals.risk import RiskWeights
from store.cases import OFFERS, OUTCOMES, Case
from store.journeys import Visit
from store.tables import EPOCH


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One customer. `score` is None for who is no longer at risk; `state` is a `Place`'s.

    `path` is the case's address, `seen` what the button sends to say which outcome was known.
    """

    customer_id: str
    path: str
    score: float | None
    parts: tuple[RiskPart, ...]
    parts_text: str
    reasons: tuple[str, ...]
    own: tuple[OwnChip, ...]
    intent: str
    note: Note | None
    facts: tuple[str, ...]
    state: str
    state_text: str
    mine: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Today:
    """What was done since midnight, and how many wait now."""

    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The rows that were asked for, the legend of their bars, and why there are none."""

    rows: tuple[QueueRow, ...]
    more: bool
    legend: tuple[tuple[str, int], ...]
    today: Today
    empty: str


def queue_page(shift: Shift, found: Rows, who: str, *, filtered: bool) -> QueuePage:
    """Return a page of the queue; `filtered` says that the person asked for some only."""
    rows = tuple(
        queue_row(
            one,
            found.rows.get(one.customer_id),
            found.weights,
            _note(found, one, shift.zone),
            found.own.get(one.customer_id, ()),
            shift,
            who,
        )
        for one in found.places
    )
    legend = tuple((_(name), tone) for tone, name in enumerate(PARTS.values(), start=1))
    return QueuePage(rows, found.more, legend, today(shift), "" if rows else _why(shift, filtered))


def queue_row(
    place: Place,
    row: Mapping[str, Any] | None,
    weights: RiskWeights,
    note: Note | None,
    own: Iterable[OwnFigures],
    shift: Shift,
    who: str,
) -> QueueRow:
    """Return one customer; `row` is the list's, None for who is not on it.

    `own` are the reasons of people's own among the customer's.
    """
    parts = score_parts(row, weights) if row else ()
    return QueueRow(
        customer_id=printable(place.customer_id),
        path=f"/cases/{quote(place.customer_id, safe='')}",
        score=float(row["score"]) if row else None,
        parts=parts,
        parts_text=parts_text(parts),
        reasons=tuple(reason_name(one) for one in reasons_of(row)),
        own=own_chips(own),
        intent=intent_name(str(row["churn_intent"])) if row else "",
        note=note,
        facts=_facts(row, shift) if row else (),
        state=place.state,
        state_text=state_text(place, shift, who),
        mine=place.holder == who,
        seen=seen_of(place.case),
    )


def reasons_of(row: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the reasons of a row of the list."""
    return tuple(one for one in (row["reasons"] or "").split(",") if one) if row else ()


def seen_of(case: Case) -> str:
    """Return the newest outcome's moment as the forms carry it, empty without any."""
    if case.outcome_at is None:
        return ""
    return str((case.outcome_at - EPOCH) // timedelta(microseconds=1))


def seen_moment(seen: int | None) -> datetime | None:
    """Return the moment that a form carried."""
    return None if seen is None else EPOCH + timedelta(microseconds=seen)


def note_view(visit: Visit, zone: ZoneInfo, *, whole: bool = False) -> Note:
    """Return a contact's note with its evidence marked."""
    spans = evidence_spans(visit.evidence)
    return note_at(visit.contacted_at.astimezone(zone), asdict(visit), spans, whole=whole)


def _note(found: Rows, place: Place, zone: ZoneInfo) -> Note | None:
    row = found.rows.get(place.customer_id)
    visit = found.notes.get(str(row["last_contact_id"])) if row else None
    return note_view(visit, zone) if visit else None


def _facts(row: Mapping[str, Any], shift: Shift) -> tuple[str, ...]:
    today_ = shift.clock.today
    last = row["last_contacted_at"].astimezone(shift.zone).date()
    facts = [
        _("פנייה אחרונה {when}").format(when=hebrew.ago(max((today_ - last).days, 0))),
        _("{contacts} ב־60 יום").format(contacts=hebrew.CONTACT.count(int(row["contacts"]))),
    ]
    if row["contract_end"]:
        facts.append(contract_text(row["contract_end"], today_))
    if row["monthly_value"] is not None:
        facts.append(value_text(float(row["monthly_value"])))
    return tuple(facts)


def contract_text(end: date, today_: date) -> str:
    """Return when a contract ends, in words."""
    when = hebrew.until((end - today_).days)
    return _("סוף חוזה {day}, {when}").format(day=hebrew.day(end), when=when)


def value_text(value: float) -> str:
    """Return what a customer pays in a month."""
    return _("{value} לחודש").format(value=hebrew.money(value))


def state_text(place: Place, shift: Shift, who: str) -> str:
    """Return how a customer stands, in words; nothing for who is simply free."""
    case = place.case
    if place.state == "held":
        name = shift.names.get(place.holder or "", place.holder or "")
        return _("בטיפול שלך") if place.holder == who else _("בטיפול של {name}").format(name=name)
    if place.due and case.call_on:
        late = (shift.clock.today - case.call_on).days
        return _("מועד החזרה ללקוח: {when}").format(when=hebrew.ago(late))
    if place.state == "later" and case.call_on:
        return _("לחזור ב־{day}").format(day=hebrew.day(case.call_on))
    if case.outcome is None:
        return ""
    text = outcome_name(case.outcome)
    return _("חזרה לתור אחרי: {outcome}").format(outcome=text) if place.state == "free" else text


def today(shift: Shift) -> Today:
    """Return the day in numbers of customers."""
    done = shift.done
    return Today(
        (
            (_("נלקחו היום"), done.get("take", 0)),
            (_("נשארו"), done.get("saved", 0)),
            (_("עזבו"), done.get("lost", 0)),
            (_("ממתינים"), waiting(shift.risk, shift.known)),
        )
    )


def outcome_name(kind: str) -> str:
    """Return an outcome's name."""
    names = (
        _("נשאר"),
        _("עזב"),
        _("לא בסיכון"),
        _("לחזור במועד אחר"),
        _("הסיבה שגויה"),
    )
    named: dict[str, str] = dict(zip(OUTCOMES, names, strict=True))
    return named[kind]


def offer_name(offer: str) -> str:
    """Return what saved a customer."""
    names = (
        _("הבעיה תוקנה"),
        _("מסלול אחר"),
        _("זיכוי או פיצוי"),
        _("הנחה"),
        _("שיחה בלבד"),
        _("משהו אחר"),
    )
    named: dict[str, str] = dict(zip(OFFERS, names, strict=True))
    return named[offer]


def _why(shift: Shift, filtered: bool) -> str:
    if filtered:
        return _("אין כאן לקוחות שמתאימים לסינון.")
    if not shift.risk.key.strip():
        return _("עוד לא חושבו נתונים. אחרי ההרצה הראשונה יופיעו כאן הלקוחות שכדאי לדבר איתם.")
    if not shift.risk.listed:
        return _("אין לקוחות בסיכון לפי הפניות של 60 הימים האחרונים.")
    return _("התור ריק: כל מי שבסיכון בטיפול או טופל.")
