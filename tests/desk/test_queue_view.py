"""The queue and the case as values: what a row says, in both languages, without HTTP."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import hebrew
from desk.casework import VISITS, File, Rows, Shift
from desk.i18n import speaking
from desk.presenters.advice import advice
from desk.presenters.case import case_page
from desk.presenters.queue import queue_page, seen_moment, seen_of
from desk.queueing import Clock, Place, with_cases
from labels.ownreasons import OwnFigures
from labels.playbook import read_playbook
from signals.risk import PART_NAMES, RiskWeights
from store.cases import Case, Event
from store.journeys import Customer, Journey, Thread, Visit
from store.risklist import Listed, RiskList

NOW = datetime(2026, 11, 15, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 15)
ZONE = ZoneInfo("Asia/Jerusalem")
TEXT = "לק' ביקש לבטל eSIM 5G מ-1.12, שילם 49.90 ש\"ח במקום 29.90"
MARKED = "eSIM 5G מ-1.12"
ROW: dict[str, object] = {
    "customer_id": "=1/ב",
    "score": 61.0,
    **{f"part_{name}": 0.0 for name in PART_NAMES},
    "part_churn_intent": 1.0,
    "part_reasons": 1.0,
    "part_contract_end": 1.0,
    "part_silence": 0.2,
    "reasons": "service,budget",
    "churn_intent": "explicit",
    "last_contacted_at": NOW - timedelta(days=3),
    "last_contact_id": "c1",
    "contacts": 2,
    "contract_end": date(2026, 12, 15),
    "monthly_value": 129.9,
}
MEASURED = OwnFigures("own-1", "v", "טכנאי", "לא הגיע", 20, 17, 400, 3, 25, 20)
NEW = OwnFigures("own-2", "v", "חדשה", "", 22, 11, 400, 9, 0, 0)


def visit(number: int = 1, **given: object) -> Visit:
    values: dict[str, object] = {
        "contact_id": f"c{number}",
        "customer_id": "=1/ב",
        "contacted_at": NOW - timedelta(days=number),
        "channel": "whatsapp",
        "queue": "שימור",
        "direction": "in",
        "product": None,
        "text": TEXT,
        "text_digest": "d",
        "nps": None,
        "csat": None,
        "crm_resolved": None,
        "churn_intent": "explicit",
        "resolution": "open",
        "repeat": True,
        "evidence": json.dumps({"service": [TEXT.index(MARKED), TEXT.index(MARKED) + len(MARKED)]}),
        "thread_id": "text:c3",
        "position": 2,
        "reasons": ("service",),
    }
    return Visit(**{**values, **given})


def listed(name: str = "=1/ב", rank: int = 1) -> Listed:
    return Listed(rank, name, 61.0, ("service", "budget"), NOW - timedelta(days=3))


def shift(*cases: Case, done: dict[str, int] | None = None) -> Shift:
    risk = RiskList("key", (listed(), listed("c2", 2)), {"=1/ב": listed(), "c2": listed("c2", 2)})
    clock = Clock(NOW, TODAY, 8)
    known = with_cases(risk, {case.customer_id: case for case in cases}, (), clock)
    return Shift(clock, ZONE, risk, known, done or {}, {"omer": "עומר לוי"})


def rows(now: Shift, *places: Place) -> Rows:
    ours = places or (now.known.get("=1/ב") or Place("=1/ב", "free", Case("=1/ב"), listed()),)
    own = {"=1/ב": (MEASURED, NEW)}
    return Rows([*ours], False, {"=1/ב": ROW}, {"c1": visit()}, RiskWeights(), own)


def test_a_row_says_who_why_and_what_to_know() -> None:
    (row,) = queue_page(shift(), rows(shift()), "dana", filtered=False).rows
    assert row.path == "/cases/%3D1%2F%D7%91"
    assert (row.reasons, row.intent) == (("שירות לקוי", "תקציב"), "ביקש לעזוב")
    assert row.parts_text == "כוונת עזיבה 35, סיבות לעזיבה 15, סוף חוזה קרוב 10, הפסיק לפנות 1"
    assert sum(part.points for part in row.parts) == pytest.approx(row.score)
    facts = hebrew.without_marks(" | ".join(row.facts))
    assert facts == (
        "פנייה אחרונה לפני 3 ימים | שתי פניות ב־60 יום | "
        "סוף חוזה 15.12.2026, בעוד שבועות | 130 ₪ לחודש"
    ).replace("בעוד שבועות", hebrew.until(30))


def test_evidence_among_digits_and_english_is_marked_to_the_letter() -> None:
    (row,) = queue_page(shift(), rows(shift()), "dana", filtered=False).rows
    assert row.note is not None
    assert "".join(piece.text for piece in row.note.pieces) == TEXT
    assert [piece.text for piece in row.note.pieces if piece.reasons] == [MARKED]
    assert (row.note.direction, row.note.channel) == ("rtl", "וואטסאפ")


def test_own_reasons_stand_beside_the_twelve_with_what_people_measured() -> None:
    (row,) = queue_page(shift(), rows(shift()), "dana", filtered=False).rows
    assert row.reasons == ("שירות לקוי", "תקציב")
    assert [chip.name for chip in row.own] == ["טכנאי", "חדשה"]
    measured, new = row.own
    assert "דיוק בבדיקה ידנית: 80%" in measured.says
    assert "n=25" in measured.says
    assert "עוד לא נמדד" in new.says
    assert "n=" not in new.says
    case = case_page(shift(), a_file(), read_playbook(), "dana")
    assert [chip.name for chip in case.row.own] == ["טכנאי"]
    assert [[chip.name for chip in step.own] for step in case.steps] == [[], ["חדשה"]]


def test_english_speaks_english_of_everything_but_the_data() -> None:
    with speaking("en"):
        (row,) = queue_page(shift(), rows(shift()), "dana", filtered=False).rows
        found = advice(read_playbook(), ["service", "budget"])
    assert row.reasons == ("Poor service", "Budget")
    for text in (found.rule, found.first[1].text, found.sources[0].cited):
        assert not any("א" <= letter <= "ת" for letter in text)


@pytest.mark.parametrize(
    ("case", "state", "text"),
    [
        (Case("=1/ב", "omer", NOW), "held", "בטיפול של עומר לוי"),
        (Case("=1/ב", "dana", NOW), "held", "בטיפול שלך"),
        (
            Case("=1/ב", outcome="later", outcome_at=NOW, call_on=date(2026, 12, 1)),
            "later",
            "לחזור ב־1.12.2026",
        ),
        (
            Case("=1/ב", outcome="later", outcome_at=NOW, call_on=date(2026, 11, 14)),
            "free",
            "מועד החזרה ללקוח: אתמול",
        ),
        (Case("=1/ב", outcome="saved", outcome_at=NOW), "closed", "נשאר"),
    ],
)
def test_how_a_customer_stands_in_words(case: Case, state: str, text: str) -> None:
    now = shift(case)
    (row,) = queue_page(now, rows(now), "dana", filtered=False).rows
    assert (row.state, row.state_text) == (state, text)
    assert row.mine == (case.holder == "dana")


def test_the_button_carries_the_outcome_that_was_seen_to_the_microsecond() -> None:
    moment = NOW + timedelta(microseconds=123_457)
    assert seen_moment(int(seen_of(Case("c", outcome="saved", outcome_at=moment)))) == moment
    assert seen_of(Case("c")) == ""
    assert seen_moment(None) is None


def test_the_day_in_a_line() -> None:
    now = shift(Case("c2", "omer", NOW), done={"take": 3, "saved": 1, "release": 1})
    view = queue_page(now, rows(now), "dana", filtered=False)
    assert view.today.items == (
        ("נלקחו היום", 3),
        ("נשארו", 1),
        ("עזבו", 0),
        ("ממתינים", 1),
    )


def test_an_empty_queue_says_why() -> None:
    def why(risk: RiskList, *, filtered: bool = False) -> str:
        now = Shift(Clock(NOW, TODAY, 8), ZONE, risk, {}, {}, {})
        nothing = Rows([], False, {}, {}, RiskWeights(), {})
        return queue_page(now, nothing, "dana", filtered=filtered).empty

    full = shift().risk
    texts = {
        why(RiskList("\n", (), {})),
        why(RiskList("key", (), {})),
        why(full),
        why(full, filtered=True),
    }
    assert len(texts) == 4
    assert all(texts)


def a_file(**given: object) -> File:
    values: dict[str, object] = {
        "place": Place("=1/ב", "free", Case("=1/ב"), listed()),
        "row": ROW,
        "weights": RiskWeights(),
        "customer": Customer("=1/ב", date(2020, 1, 1), date(2026, 12, 15), None, 129.9, "פרטי"),
        "journey": Journey(
            2 * VISITS + 1, NOW, NOW, {"text:c3": Thread(2, 4), "text:c9": Thread(3, 1)}
        ),
        "visits": [visit(1), visit(2, direction="out", thread_id=None, churn_intent=None)],
        "note": visit(1),
        "events": [],
        "own": (MEASURED,),
        "given": {"c2": (NEW,)},
    }
    return File(**{**values, **given})


def test_a_case_shows_the_journey_with_its_threads() -> None:
    view = case_page(shift(), a_file(), read_playbook(), "dana")
    first, second = view.steps
    assert first.thread == "נושא 2, פנייה 2 מתוך 4"
    assert (first.direction, first.intent, first.resolution) == (
        "מהלקוח",
        "ביקש לעזוב",
        "נשאר פתוח",
    )
    assert first.tags == ("פנייה חוזרת",)
    assert (second.direction, second.thread, second.intent) == ("מאיתנו", "", "")
    assert view.pages == 3
    lone = case_page(shift(), a_file(visits=[visit(thread_id="text:c9")]), read_playbook(), "dana")
    assert lone.steps[0].thread == "נושא 3"


def test_the_advice_is_for_the_reasons_of_the_list_or_else_of_the_notes() -> None:
    view = case_page(shift(), a_file(), read_playbook(), "dana")
    assert view.advice.rule
    assert [tip.reason for tip in view.advice.then] == ["תקציב"]
    unlisted = case_page(shift(), a_file(row=None), read_playbook(), "dana")
    assert {tip.reason for tip in unlisted.advice.first} == {"", "שירות לקוי"}
    assert unlisted.row.score is None


def test_the_form_starts_from_what_the_model_said() -> None:
    form = case_page(shift(), a_file(), read_playbook(), "dana", "wrong_reason").form
    assert [value for value, _, on in form.outcomes if on] == ["wrong_reason"]
    assert [value for value, _, on in form.reasons if on] == ["service"]
    assert [value for value, _, on in form.churn_intent if on] == ["explicit"]
    assert [value for value, _, on in form.resolution if on] == ["open"]
    assert form.repeat
    none = case_page(shift(), a_file(note=None, visits=[]), read_playbook(), "dana").form
    assert "wrong_reason" not in [value for value, _, _ in none.outcomes]


def test_the_past_is_told_in_words() -> None:
    events = [
        Event(3, "x", NOW, "omer", "saved", None, "plan", "שקט עכשיו", None),
        Event(2, "x", NOW, "omer", "lost", date(2026, 11, 1), None, None, None),
        Event(1, "x", NOW, "gone", "take", None, None, None, None),
    ]
    done = case_page(shift(), a_file(events=events), read_playbook(), "dana").history
    assert [(one.who, one.what, one.note) for one in done] == [
        ("עומר לוי", "נשאר: מסלול אחר", "שקט עכשיו"),
        ("עומר לוי", "עזב: 1.11.2026", ""),
        ("gone", "לקיחה לטיפול", ""),
    ]
    assert done[0].when == "15.11.2026 11:30"
