"""What the report says: figures, sections and counts, without any markup."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from desk.presenters import present, summary_rows
from labels.codebook import REASONS
from tests.desk.fixtures import WEEK, empty_data, report_data, said, survey_data

GOLDEN = Path(__file__).with_name("golden")


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
    assert corrected.correction == "השיעור מתוקן לפי טעויות המודל"
    assert "מתוקן לפי טעויות המודל" in corrected.sources.limits[0]
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
    assert measure.name == f"FCR בתוך 30 יום, בשבוע של {before.day}.{before.month}"
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


def test_quarantine_counts_are_of_its_rows() -> None:
    """The slow twin: a value count."""
    data = report_data()
    found = present(data).quarantine
    slow = data.quarantine.value_counts(["reason_he", "file"]).to_dict()
    assert {(count.reason, count.file): count.count for count in found.counts} == slow
    assert len(found.rows) == len(data.quarantine)
    assert "(מכל הקבצים שנטענו, לא רק מהשבוע): 6." in found.sentence


def test_files_reconcile_and_a_gap_is_named() -> None:
    """A row that nothing accounts for is said, with its file."""
    data = report_data()
    assert "בדיוק בעמודה אחת" in present(data).sources.balance
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
            has_customers=False,
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
