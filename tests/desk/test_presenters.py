"""What the report says: wording, figures, evidence and counts, without any markup."""

import json
import math
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import hebrew
from desk.presenters import present, summary_rows
from desk.presenters.notes import evidence_spans, mark, printable, shortened
from desk.presenters.ranking import PARTS
from desk.report_data import ReportData
from labels.codebook import REASONS
from signals.risk import PARTS as RISK_PARTS
from tests.desk.fixtures import WEEK, empty_data, report_data, survey_data

GOLDEN = Path(__file__).with_name("golden")
TEXTS = st.text(alphabet="אבגדה abc123 .,\n", max_size=600)
SPANS = st.lists(
    st.tuples(
        st.integers(-3, 620), st.integers(-3, 620), st.sampled_from(["אמון", "ערך", "כישלון"])
    ),
    max_size=5,
)


def said(lines: tuple[str, ...]) -> str:
    return hebrew.without_marks(" ".join(lines))


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 פניות"), (1, "פנייה אחת"), (2, "שתי פניות"), (1200, "1,200 פניות")]
)
def test_counted_nouns_are_hebrew(n: int, text: str) -> None:
    """One and two are words of their own, the rest a number with separators."""
    assert hebrew.CONTACT.count(n) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "היום"),
        (1, "אתמול"),
        (2, "לפני יומיים"),
        (3, "לפני 3 ימים"),
        (14, "לפני שבועיים"),
        (22, "לפני 3 שבועות"),
        (60, "לפני חודשיים"),
        (365, "לפני שנה"),
    ],
)
def test_days_ago_are_said_as_people_say_them(days: int, text: str) -> None:
    """Duals and the unit follow the distance."""
    assert hebrew.ago(days) == text


def test_until_looks_both_ways() -> None:
    """A contract that has ended is said to be behind."""
    assert (hebrew.until(1), hebrew.until(14), hebrew.until(-3)) == (
        "מחר",
        "בעוד שבועיים",
        "לפני 3 ימים",
    )


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (date(2026, 11, 8), "8–14 בנובמבר 2026"),
        (date(2026, 11, 29), "29 בנובמבר עד 5 בדצמבר 2026"),
        (date(2026, 12, 27), "27 בדצמבר 2026 עד 2 בינואר 2027"),
    ],
)
def test_a_week_is_named_by_its_seven_days(first: date, text: str) -> None:
    """The last day is six days on, over the edge of a month or a year too."""
    assert hebrew.without_marks(hebrew.week_dates(first)) == text


def test_signs_and_ranges_are_isolated() -> None:
    """Without isolation a minus jumps behind its number, and a range is read backwards."""
    assert hebrew.signed(-3.24) == "\u2066\u22123.2\u2069"
    assert hebrew.interval("62%", "79%") == "\u206662%–79%\u2069"
    assert hebrew.signed(-0.01) == "0.0"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.078, "7.8%"), (0.0996, "10%"), (0.254, "25%"), (1.0, "100%")],
)
def test_percentages_have_a_decimal_only_where_it_tells(share: float, text: str) -> None:
    """Small shares keep a decimal, larger ones do not."""
    assert hebrew.percent(share) == text
    assert hebrew.percent(math.nan) == "—"


def test_prefixes_take_a_hyphen_before_digits_only() -> None:
    """`בשתי פניות`, but `ב־12 פניות`."""
    assert hebrew.attach("ב", "שתי פניות") == "בשתי פניות"
    assert hebrew.attach("ב", "12 פניות") == "ב־12 פניות"
    assert hebrew.join(["הוט", "בזק", "012"]) == "הוט, בזק ו־012"


@settings(max_examples=50, deadline=None)
@given(TEXTS, SPANS)
def test_marked_pieces_are_the_text_again(text: str, spans: list[tuple[int, int, str]]) -> None:
    """Nothing of a note is lost or doubled, and each character is marked as the places say."""
    pieces = mark(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    marked = [bool(piece.reasons) for piece in pieces for _ in piece.text]
    slow = [any(start <= i < end for start, end, _ in spans) for i in range(len(text))]
    assert marked == slow


@settings(max_examples=50, deadline=None)
@given(TEXTS, st.integers(0, 599), st.integers(1, 60))
def test_a_shortened_note_keeps_its_first_evidence(text: str, start: int, length: int) -> None:
    """Shortening is around the evidence, whose place moves with the text."""
    if start >= len(text):
        return
    end = min(start + length, len(text))
    short, moved = shortened(text, [(start, end, "אמון")])
    assert len(short) <= 422
    assert short[moved[0][0] : moved[0][1]] == text[start:end]


def test_unprintable_characters_keep_every_place() -> None:
    """NUL, lone surrogates and carriage returns are replaced one for one."""
    text = "א\x00ב\ud800ג\r\nד"
    assert printable(text) == "א\ufffdב\ufffdג \nד"
    assert len(printable(text)) == len(text)


def test_evidence_of_a_prediction_without_any_is_none() -> None:
    """A missing or empty evidence column is no error."""
    assert evidence_spans(None) == evidence_spans("") == evidence_spans("{}") == []
    assert evidence_spans(json.dumps({"trust": [1, 4]})) == [(1, 4, "אמון")]


def test_only_significant_moves_are_told_as_moves() -> None:
    """The paragraph names failure, which is significant, and no other reason."""
    words = said(present(report_data()).words)
    assert "״כישלון״ עלתה באופן מובהק: 32% מ־104 פניות, לעומת 15%" in words
    assert words.count("באופן מובהק") == 1


def test_a_week_without_significant_moves_says_so() -> None:
    """Silence about change is said, not left to guess."""
    data = report_data()
    calm = data.signals.copy()
    calm.loc[calm["metric"] == "reason_change_significant", "value"] = 0.0
    words = said(present(replace(data, signals=calm)).words)
    assert "אף סיבה לא השתנתה באופן מובהק" in words


def test_few_earlier_weeks_are_not_compared() -> None:
    """One earlier week gives no mean, no change and a sentence that says it."""
    data = report_data()
    late = data.signals[data.signals["week"] >= WEEK - timedelta(weeks=1)]
    changed = late["metric"].str.startswith("reason_change")
    report = present(replace(data, signals=late[~changed]))
    assert not report.comparable
    assert "אין עדיין די שבועות קודמים" in said(report.words)
    assert all(key.before_text == "" for key in report.key_figures)
    assert any("פחות משני שבועות" in line for line in report.sources.limits)


def test_resolution_known_only_so_far_is_provisional() -> None:
    """The newest week's FCR is shown, marked, with how long it was followed."""
    key = next(key for key in present(report_data()).key_figures if "FCR" in key.name)
    assert key.value_text == "73%"
    assert key.provisional
    assert "6.8 ימי מעקב מתוך 7 ימים" in key.note


def test_a_final_resolution_has_no_mark() -> None:
    """Once the window has passed, the final figure wins over the one so far."""
    data = report_data()
    final = data.signals.copy()
    newest = (final["week"] == WEEK) & (final["metric"] == "fcr_queue")
    final.loc[newest, ["value", "low", "high", "provisional"]] = [0.61, 0.5, 0.7, False]
    key = present(replace(data, signals=final)).key_figures[1]
    assert (key.value_text, key.provisional, key.note) == ("61%", False, "")


def test_the_thread_definition_chooses_the_figures() -> None:
    """`any` reads the figures of `any`, and the page says which was counted."""
    data = report_data()
    signals = data.signals.copy()
    signals.loc[signals["metric"] == "repeat_rate_any", "value"] = 0.5
    report = present(replace(data, signals=signals, thread_definition="any"))
    assert report.key_figures[2].value_text == "50%"
    assert "אותו לקוח בתוך 7 ימים" in report.resolution.definition


def test_the_page_says_whether_shares_are_corrected() -> None:
    """Once under the reasons and once among the limits, and never both."""
    data = report_data()
    assert "אינו מתוקן" in present(data).correction
    corrected = present(replace(data, model=replace(data.model, corrects=True)))
    assert corrected.correction == "החלק מתוקן לפי טעויות המסווג"
    assert "מתוקן לפי טעויות המסווג" in corrected.sources.limits[0]
    assert "אינו" not in corrected.sources.limits[0]


def figure(metric: str, value: float, week: date, n: int = 40) -> pd.DataFrame:
    """Return one row of Signals."""
    row = {"week": week, "slice": "all", "metric": metric, "reason": None, "value": value}
    return pd.DataFrame([{**row, "low": 0.5, "high": 0.7, "n": n, "provisional": False}])


def test_the_second_window_is_of_the_newest_week_that_reached_it() -> None:
    """It has its own week in its name, and what a week knows so far never stands in for it."""
    data = report_data()
    names = [measure.name for measure in present(data).resolution.measures]
    assert not any("30" in name for name in names)
    before = data.week - timedelta(weeks=3)
    made = [
        data.signals,
        figure("fcr_wide_queue", 0.61, before),
        figure("fcr_wide_so_far_queue", 0.9, data.week),
    ]
    report = present(replace(data, signals=pd.concat(made, ignore_index=True)))
    measure = report.resolution.measures[1]
    assert measure.name == f"FCR בתוך 30 ימים, בשבוע של {before.day}.{before.month}"
    assert (measure.value_text, measure.before_text) == ("61%", "—")


def test_what_mistakes_cost_is_one_sentence() -> None:
    """Three prices and what they are an estimate of; nothing without mistakes or a price."""
    data = report_data()
    assert present(data).resolution.costs == ""
    names = ("error_cost_prevented", "error_cost_mended", "error_cost_suffered")
    made = [figure(name, 12 * 10**k, data.week, n=12) for k, name in enumerate(names)]
    report = present(replace(data, signals=pd.concat([data.signals, *made], ignore_index=True)))
    assert "12 פניות" in report.resolution.costs
    assert "1,200 ₪" in report.resolution.costs


def test_means_before_are_of_the_four_weeks_before() -> None:
    """The slow twin: a filter and a mean."""
    data = report_data()
    key = next(k for k in present(data).key_figures if k.name == "בקשות עזיבה מפורשות")
    frame = data.signals
    weeks = [WEEK - timedelta(weeks=back) for back in (1, 2, 3, 4)]
    chosen = frame[
        (frame["metric"] == "churn_explicit")
        & (frame["slice"] == "all")
        & frame["week"].isin(weeks)
    ]
    assert key.before == pytest.approx(chosen["value"].mean())


def test_reasons_are_ordered_by_share_and_all_twelve_shown() -> None:
    """The manager reads from the top."""
    rows = present(report_data()).reasons
    values = [row.figure.value for row in rows]
    assert values == sorted(values, reverse=True)
    assert {row.reason for row in rows} == {str(reason) for reason in REASONS}


def test_typical_notes_are_of_the_week_and_of_different_customers() -> None:
    """At most three a reason, the surest first, each with its own evidence marked."""
    data = report_data()
    groups = present(data).notes
    assert groups[0].name == "כישלון"
    ids = data.contacts.set_index("contact_id")["contacted_at"]
    begin, end = data.calendar.bounds(WEEK)
    for group in groups:
        who = [note.customer_id for note, _ in group.notes]
        assert 1 <= len(who) == len(set(who)) <= 3
        for note, _ in group.notes:
            assert begin <= ids[note.contact_id] < end
            assert {piece.reasons for piece in note.pieces} - {""} == {group.name}
            assert note.evidence in note.text


def test_risk_parts_sum_to_the_score() -> None:
    """The bar is the score: each part weighs what the score's own weights say."""
    rows = present(report_data()).risk.rows
    assert [row.customer_id for row in rows] == ["1042", "1077", "1182", "1249", "1131"]
    for row in rows:
        assert sum(part.points for part in row.parts) == pytest.approx(row.score)
    assert {f"part_{name}" for name in PARTS} == set(RISK_PARTS)


def without(metrics: str) -> ReportData:
    """Return the week without the figures whose metric begins so."""
    data = report_data()
    named = data.signals["metric"].str.startswith(tuple(metrics.split()))
    return replace(data, signals=data.signals[~named])


def test_fitted_weights_stand_beside_the_default_ones() -> None:
    """The reader sees which weights, from how many, and what fitting brought."""
    found = present(report_data()).risk.ranking
    assert found.fitted
    assert "נלמדו מ־84 לקוחות" in found.why
    assert found.weights[0] == ("כוונת עזיבה", 0.31, 0.35)
    assert (found.lifts[0].text, found.lifts[0].default_text) == ("פי 5.4", "פי 4.3")
    assert "אין די נתונים" in found.lifts[2].text
    assert "n = 117" in found.lifts[2].text
    assert "11.10.2026–7.11.2026" in hebrew.without_marks(found.period)
    said_here = said(found.precision)
    assert "מתוך 30 הראשונים צפויים לעזוב בתוך 28 ימים 27%" in said_here
    assert "17 אינם מופיעים בפניות" in said_here


def test_without_outcomes_no_sentence_speaks_of_a_probability_of_leaving() -> None:
    """What the notes say is shown under its own name, and how to get more is said."""
    data = without(
        "risk_leaving risk_lift risk_base risk_precision risk_weight outcomes risk_churned"
    )
    found = present(replace(data, at_risk=data.at_risk.assign(p_leaving=math.nan))).risk.ranking
    assert not found.fitted
    assert "לא נטענו נתוני עזיבה" in found.why
    assert "קובץ עזיבות" in found.untold
    words = said(found.precision)
    assert "צפויים לעזוב" not in words
    assert "שאכן דיברו על עזיבה" in words
    assert "זו אינה הסתברות לעזיבה" in words


def test_too_few_outcomes_are_said_with_their_number() -> None:
    """Not enough for weights, not enough for lift: each with its n."""
    data = without("risk_lift risk_base risk_precision risk_leaving")
    signals = data.signals.copy()
    fitted = signals["metric"] == "risk_weights_fitted"
    signals.loc[fitted, ["value", "n"]] = [0.0, 12]
    found = present(replace(data, signals=signals)).risk.ranking
    assert "דרושים 60 לקוחות שעזבו" in found.why
    assert "n = 12" in found.why
    assert found.lifts == ()
    assert "n = 126" in found.untold


def test_outcomes_that_no_part_explains_are_said() -> None:
    """Enough customers left, and nothing told who."""
    data = report_data()
    signals = data.signals.copy()
    signals.loc[signals["metric"] == "risk_weights_fitted", "value"] = 0.0
    assert "לא נמצא קשר" in present(replace(data, signals=signals)).risk.ranking.why


def test_the_capacity_of_the_desk_cuts_the_list() -> None:
    """A call a day: five customers in the week, the others stay in the workbook."""
    data = report_data()
    many = data.at_risk.loc[data.at_risk.index.repeat(3)].reset_index(drop=True)
    found = present(replace(data, at_risk=many, daily_calls=1, called=5)).risk
    assert len(found.shown) == 5
    assert [row.called for row in found.rows] == [True] * 5 + [False] * 10
    assert "ל־1 לקוחות" not in said(found.ranking.precision)
    assert "5 הראשונים (5 ימי עבודה)" in said(found.ranking.precision)
    huge = present(replace(data, at_risk=many.loc[many.index.repeat(20)], called=5000)).risk
    assert len(huge.shown) == 200


def test_a_customer_at_risk_shows_the_note_and_the_contract() -> None:
    """The last note has its evidence; dates are counted from the end of observation."""
    row = present(report_data()).risk.rows[0]
    assert row.note is not None
    assert "אף אחד לא הודיע לי כלום" in row.note.evidence
    assert row.contract_text == "1.12.2026, בעוד שבועיים"
    assert row.value_text == "189 ₪"
    assert row.reasons == ("תחרות", "הזנחה", "כישלון", "שירות לקוי")


def test_a_note_that_is_not_there_is_left_out() -> None:
    """A customer at risk whose note was deleted still stands in the list."""
    data = report_data()
    lost = data.at_risk.assign(last_contact_id="gone")
    assert all(row.note is None for row in present(replace(data, at_risk=lost)).risk.rows)


def test_english_notes_run_left_to_right_and_mixed_ones_right_to_left() -> None:
    """The direction follows the letters, so that neither kind is scrambled."""
    notes = [note for group in present(report_data()).notes for note, _ in group.notes]
    english = [note for note in notes if note.text.startswith("Cust reports")]
    assert [note.direction for note in english] == ["ltr"]
    assert all(note.direction == "rtl" for note in notes if note not in english)


def test_quarantine_counts_are_of_its_rows() -> None:
    """The slow twin: a value count."""
    data = report_data()
    found = present(data).quarantine
    slow = data.quarantine.value_counts(["reason_he", "file"]).to_dict()
    assert {(count.reason, count.file): count.count for count in found.counts} == slow
    assert len(found.rows) == len(data.quarantine)
    assert found.sentence.startswith("6 שורות")


def test_files_reconcile_and_a_gap_is_named() -> None:
    """A row that nothing accounts for is said, with its file."""
    data = report_data()
    assert "בדיוק בטור אחד" in present(data).sources.balance
    wrong = data.files.copy()
    wrong.loc[1, "stored"] -= 2
    sources = present(replace(data, files=wrong)).sources
    assert "chats.jsonl: שתי שורות" in sources.balance
    assert sources.total.gap == 2


def test_a_report_of_survey_comments_says_what_cannot_be_had() -> None:
    """Without contacts the comments are the subject; without customers nothing is followed."""
    report = present(survey_data())
    assert report.survey
    assert report.noun == "תגובות"
    assert report.key_figures[0].name == "תגובות"
    assert "אין מזהי לקוח" in report.risk.missing
    limits = " ".join(report.sources.limits)
    assert "רק תגובות לסקר" in limits
    assert "FCR" in limits
    assert report.notes[0].notes[0][0].queue == ""


def test_contacts_without_any_customer_have_no_rates() -> None:
    """The cause stands in the place of the figure."""
    data = report_data()
    threaded = data.signals["metric"].str.contains("_queue|_any")
    report = present(
        replace(
            data,
            signals=data.signals[~threaded],
            contacts=data.contacts.assign(customer_id=None),
            at_risk=data.at_risk.iloc[:0],
        )
    )
    assert report.key_figures[1].value_text == "—"
    assert "אין מזהי לקוח" in report.key_figures[1].note
    assert "אין מזהי לקוח" in report.resolution.missing


def test_a_week_of_nothing_is_a_report_too() -> None:
    """Empty frames give sentences and dashes, never an error."""
    report = present(empty_data())
    assert said(report.words).startswith("בשבוע זה לא נרשמו פניות")
    assert report.key_figures[0].value_text == "—"
    assert report.notes == ()
    assert report.quarantine.rows == ()


def test_missing_reasons_may_be_nan() -> None:
    """A frame that came from a database has NaN where it had None."""
    data = report_data()
    read = data.signals.assign(reason=data.signals["reason"].where(data.signals["reason"].notna()))
    assert summary_rows(replace(data, signals=read)) == summary_rows(data)


def test_summary_for_the_terminal_is_as_read_and_approved() -> None:
    """Golden: the rows of the terminal table, without bidi marks."""
    lines = [" | ".join(row) for row in summary_rows(report_data())]
    text = "\n".join(lines) + "\n"
    path = GOLDEN / "summary.txt"
    if os.environ.get("KESHEV_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert not set("\u2066\u2067\u2068\u2069") & set(text)


def test_a_contact_without_a_prediction_is_no_typical_note() -> None:
    """What was not classified has no reason to be typical of."""
    data = report_data()
    none = data.predictions.iloc[:0]
    assert present(replace(data, predictions=none)).notes == ()
