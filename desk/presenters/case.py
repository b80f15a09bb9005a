"""One customer's case: who it is, the journey, and what was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from desk import hebrew
from desk.casework import VISITS, File, Shift
from desk.i18n import _
from desk.presenters.advice import Advice, advice
from desk.presenters.notes import Note, printable
from desk.presenters.ownchips import OwnChip, own_chips
from desk.presenters.queue import (
    QueueRow,
    contract_text,
    note_view,
    offer_name,
    outcome_name,
    queue_row,
    reasons_of,
)
from desk.presenters.reasons import called, reason_name
from desk.presenters.risk import intent_name
from labels.codebook import CHURN_INTENTS, CODEBOOK, REASONS, RESOLUTIONS
from labels.playbook import Playbook
from store.cases import OFFERS, OUTCOMES, RELEASE, TAKE, Event
from store.journeys import Journey, Visit

Choice = tuple[str, str, bool]  # value, name, chosen


@dataclass(frozen=True, slots=True)
class Step:
    """One contact of the journey. `thread` is empty for what stands in no thread."""

    note: Note
    outbound: bool
    direction: str
    thread: str
    tags: tuple[str, ...]
    reasons: tuple[str, ...]
    own: tuple[OwnChip, ...]
    intent: str
    resolution: str
    resolved: bool


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done: when, by whom, what, and in what words."""

    when: str
    who: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Form:
    """What an outcome may be, and the labels of the note that may be corrected with it."""

    outcomes: tuple[Choice, ...]
    offers: tuple[Choice, ...]
    note: Note | None
    reasons: tuple[Choice, ...]
    churn_intent: tuple[Choice, ...]
    resolution: tuple[Choice, ...]
    repeat: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """All of a case page. `facts` are name and value; `pages` counts the journey's."""

    row: QueueRow
    facts: tuple[tuple[str, str], ...]
    advice: Advice
    steps: tuple[Step, ...]
    contacts_text: str
    pages: int
    history: tuple[Done, ...]
    form: Form


def case_page(shift: Shift, file: File, playbook: Playbook, who: str, chosen: str = "") -> CasePage:
    """Return a case; `chosen` is the outcome that the form shows."""
    row = queue_row(file.place, file.row, file.weights, None, file.own, shift, who)
    reasons = reasons_of(file.row) or _told(file.visits)
    return CasePage(
        row=row,
        facts=tuple(_facts(file, shift)),
        advice=advice(playbook, reasons),
        steps=tuple(_step(visit, file, shift.zone) for visit in file.visits),
        contacts_text=hebrew.CONTACT.count(file.journey.contacts),
        pages=max(1, -(-file.journey.contacts // VISITS)),
        history=tuple(_done(event, shift) for event in file.events),
        form=_form(file.note, shift.zone, chosen),
    )


def _told(visits: Iterable[Visit]) -> tuple[str, ...]:
    """Return the different reasons of contacts, the most recent first."""
    return tuple(dict.fromkeys(reason for visit in visits for reason in visit.reasons))


def _facts(file: File, shift: Shift) -> list[tuple[str, str]]:
    known, journey, today = file.customer, file.journey, shift.clock.today
    facts = []
    if known and known.customer_since:
        facts.append((_("לקוח מאז"), hebrew.day(known.customer_since)))
    if known and known.contract_end:
        facts.append((_("חוזה"), contract_text(known.contract_end, today)))
    if known and known.monthly_value is not None:
        facts.append((_("ערך חודשי"), hebrew.rtl(hebrew.money(known.monthly_value))))
    if known and (known.segment or known.company):
        parts = (printable(part) for part in (known.segment, known.company) if part)
        facts.append((_("סוג"), " · ".join(parts)))
    if known and known.churned_at:
        facts.append((_("עזיבה לפי הקבצים"), hebrew.day(known.churned_at)))
    if journey.threads:
        facts.append((_("נושאים"), hebrew.THREAD.count(len(journey.threads))))
    return facts


def _step(visit: Visit, file: File, zone: ZoneInfo) -> Step:
    return Step(
        note=note_view(visit, zone, whole=True),
        outbound=visit.direction == "out",
        direction=_("מאיתנו") if visit.direction == "out" else _("מהלקוח"),
        thread=_thread(visit, file.journey),
        tags=tuple(_tags(visit)),
        reasons=tuple(reason_name(reason) for reason in visit.reasons),
        own=own_chips(file.given.get(visit.contact_id, ())),
        intent=intent_name(visit.churn_intent) if visit.churn_intent else "",
        resolution=_resolution(visit),
        resolved=visit.resolution == "resolved",
    )


def _thread(visit: Visit, journey: Journey) -> str:
    thread = journey.threads.get(visit.thread_id or "")
    if thread is None:
        return ""
    if thread.contacts == 1:
        return _("נושא {number}").format(number=thread.number)
    return _("נושא {number}, פנייה {position} מתוך {contacts}").format(
        number=thread.number, position=visit.position, contacts=thread.contacts
    )


def _tags(visit: Visit) -> list[str]:
    tags = [printable(visit.product)] if visit.product else []
    if visit.repeat:
        tags.append(called(CODEBOOK.repeat))
    if visit.nps is not None:
        tags.append(_("ציון NPS: {score}").format(score=hebrew.number(visit.nps)))
    if visit.csat is not None:
        tags.append(_("שביעות רצון: {score} מתוך 5").format(score=hebrew.number(visit.csat)))
    return tags


def _resolution(visit: Visit) -> str:
    return {"resolved": _("נפתר"), "open": _("נשאר פתוח")}.get(visit.resolution or "", "")


def _done(event: Event, shift: Shift) -> Done:
    at = event.at.astimezone(shift.zone)
    return Done(
        when=f"{hebrew.day(at.date())} {at:%H:%M}",
        who=printable(shift.names.get(event.user_name, event.user_name)),
        what=_what(event),
        note=printable(event.note) if event.note else "",
    )


def _what(event: Event) -> str:
    if event.action == TAKE:
        return _("לקיחה לטיפול")
    if event.action == RELEASE:
        return _("החזרה לתור")
    name = outcome_name(event.action)
    if event.offer:
        return f"{name}: {offer_name(event.offer)}"
    return f"{name}: {hebrew.day(event.day)}" if event.day else name


def _form(visit: Visit | None, zone: ZoneInfo, chosen: str) -> Form:
    said = visit.reasons if visit else ()
    intent = (visit.churn_intent if visit else None) or "none"
    resolution = (visit.resolution if visit else None) or "unstated"
    # Without a note there are no labels to correct.
    kinds = OUTCOMES if visit else tuple(kind for kind in OUTCOMES if kind != "wrong_reason")
    return Form(
        outcomes=tuple((kind, outcome_name(kind), kind == chosen) for kind in kinds),
        offers=tuple((offer, offer_name(offer), False) for offer in OFFERS),
        note=note_view(visit, zone, whole=True) if visit else None,
        reasons=tuple((str(one), reason_name(one), str(one) in said) for one in REASONS),
        churn_intent=tuple(
            (str(one), called(CODEBOOK.churn_intent[one]), one == intent) for one in CHURN_INTENTS
        ),
        resolution=tuple(
            (str(one), called(CODEBOOK.resolution[one]), one == resolution) for one in RESOLUTIONS
        ),
        repeat=bool(visit and visit.repeat),
    )
