"""What the report says of customers: matters that dragged on, who stayed, who is satisfied."""

from dataclasses import replace
from datetime import date

import pandas as pd

from desk import hebrew
from desk.presenters import present
from tests.desk.fixtures import empty_data, report_data, survey_data


def test_an_ordeal_shows_its_journey_to_the_last_note() -> None:
    """Contacts of earlier weeks are in it, in order of time; the note is the newest."""
    first = present(report_data()).ordeals[0]
    assert (first.customer_id, first.contacts, first.span_text) == ("1042", 4, "בתוך 9 ימים")
    assert [step.day for step in first.steps] == ["1.11", "3.11", "8.11", "10.11"]
    assert [step.channel for step in first.steps] == ["טלפון", "וואטסאפ", "טלפון", "וואטסאפ"]
    assert first.note.text.startswith("טכנאי לא הגיע")
    assert first.note.evidence


def test_a_matter_that_was_quiet_this_week_is_no_news() -> None:
    """Only matters whose last contact is of the week are listed."""
    data = report_data()
    week = data.contacts["contacted_at"] >= data.calendar.bounds(data.week)[0]
    kept = data.contacts[~week]
    threads = data.threads[data.threads["contact_id"].isin(kept["contact_id"])]
    threads = threads.assign(thread_id="one", position=range(1, len(threads) + 1))
    assert len(threads) > 2
    assert present(replace(data, contacts=kept, threads=threads)).ordeals == ()


def test_retention_is_told_with_a_decimal_and_its_past() -> None:
    """99.3 % and 98.7 % are far apart; before are the four weeks before these."""
    found = present(report_data()).retention
    assert found.missing == ""
    named = {row.name: row for row in found.measures}
    assert named["שיעור שימור (CRR)"].value_text == "99.3%"
    assert named["שיעור שימור (CRR)"].before_text == "99.2%"
    assert named["לקוחות שעזבו"].figure.value == found.left == 9
    assert found.last_reasons[0] == ("תחרות", 4)
    assert [name for name, _ in found.last_reasons][2].startswith("לא זוהתה")


def test_satisfaction_begins_with_all_answers() -> None:
    """Then the reasons, those of most answers first; reasons that nobody gave are left out."""
    rows = present(report_data()).retention.satisfaction
    assert [row.name for row in rows] == ["כל התשובות", "כישלון", "שירות לקוי"]
    assert hebrew.without_marks(rows[0].texts[0]) == "\u221212"
    assert rows[1].texts[1:] == ("41%", "50%")
    assert rows[2].texts == ("—", "—", "—")  # five answers say too little for a page


def test_what_cannot_be_had_is_said() -> None:
    """Without days of leaving the section says so, and shows no zero."""
    for data in (survey_data(), empty_data()):
        found = present(data).retention
        assert "תאריכי עזיבה" in found.missing
        assert (found.measures, found.left, found.last_reasons) == ((), 0, ())
    assert present(empty_data()).retention.satisfaction == ()


def test_a_roster_that_knows_nobody_who_left_has_no_rates() -> None:
    """It is told by the figures that are missing, whatever else the roster holds."""
    data = report_data()
    kept = data.signals[~data.signals["metric"].str.startswith(("customers_", "retention", "left"))]
    assert isinstance(kept, pd.DataFrame)
    assert (
        "אין ברשימת הלקוחות תאריכי עזיבה" in present(replace(data, signals=kept)).retention.missing
    )
    old = data.customers.assign(churned_at=date(2026, 9, 1))
    said = present(replace(data, signals=kept, customers=old)).retention.missing
    assert "תאריך העזיבה האחרון שידוע הוא 1.9.2026" in said
