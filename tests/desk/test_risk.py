"""What the report says of customers at risk, their ranking and the capacity of the desk."""

import math
from dataclasses import replace

import pytest

from desk import hebrew
from desk.presenters import present
from desk.presenters.ranking import PARTS
from desk.report_data import ReportData
from signals.risk import PARTS as RISK_PARTS
from tests.desk.fixtures import report_data, said


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
    assert "מתוך 30 הראשונים, 27% (טווח 95%: 13%–43%) צפויים לעזוב בתוך 28 יום" in said_here
    assert "שאין להם פניות: 17" in said_here


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
    assert "אכן דיברו על עזיבה" in words
    assert "זו אינה ההסתברות שיעזבו" in words


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
