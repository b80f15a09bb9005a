"""What the quality pages say, without HTTP."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from desk.i18n import speaking
from desk.modelcard import rendered
from desk.presenters.drift import DriftPage, drift_page
from labels.frames import P_REASONS
from labels.measures import MEASURES
from signals.drift import drift

WEEK = date(2026, 11, 1)


def notes(
    n: int, seed: int, week: date = WEEK, hebrew: float = 0.8, sure: float = 0.3
) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {
        "week": [week] * n,
        "length": random.integers(5, 90, n),
        "language": random.choice(["Hebrew", "Russian"], n, p=[hebrew, 1 - hebrew]),
        "channel": random.choice(["phone", "survey"], n),
        "unseen": random.beta(1, 8, n),
        **{name: random.beta(sure, 2, n) for name in P_REASONS},
        "unclear": random.random(n) < 0.1,
        "at_risk": random.random(n) < 0.3,
    }
    return pd.DataFrame(columns)


BEFORE = notes(5000, 1)
COUNTS = {one.name: one.count(BEFORE[one.name]).tolist() for one in MEASURES}
MEANS = {one.name: float(BEFORE[one.name].mean()) for one in MEASURES if one.is_number}


def page_of(frame: pd.DataFrame) -> DriftPage:
    found = drift(frame, COUNTS)
    shares = found["metric"] == "drift_share"
    own = found[shares & (found["week"] == WEEK)]
    return drift_page(WEEK, found[~shares], own, COUNTS, MEANS)


def test_no_drift_asks_for_nothing() -> None:
    page = page_of(notes(300, 2))
    assert page.n == 300
    assert page.advice == ("אין צורך לעשות דבר.",)
    assert {row.tone for row in page.rows} == {""}
    assert not any(row.meaning for row in page.rows)


def test_a_large_drift_of_inputs_is_said_with_what_to_do() -> None:
    """Its meaning stands at the measure; of the others nothing is claimed."""
    page = page_of(notes(300, 3, hebrew=0.4))
    (moved,) = (row for row in page.rows if row.tone)
    assert (moved.key, moved.tone, moved.verdict) == ("language", "bad", "שינוי גדול")
    assert "ברוסית" in moved.meaning
    assert page.sentence.startswith("מדד אחד מתוך 18 התרחק")
    assert ["בדיקת תיוג" in page.advice[0], "keshev train" in page.advice[-1]] == [True, True]
    assert not any("keshev audit" in step for step in page.advice)
    assert [one.name for one in moved.bins] == ["עברית", "רוסית"]


def test_a_drift_of_probabilities_asks_for_an_audit() -> None:
    page = page_of(notes(300, 4, sure=1.2))
    assert any(f"keshev audit {WEEK}" in step for step in page.advice)
    row = next(one for one in page.rows if one.key == "p_budget")
    assert row.mean != row.mean_before
    assert row.mean.endswith("%")


def test_too_few_notes_are_said() -> None:
    page = page_of(notes(12, 5))
    assert "12" in page.sentence
    assert page.advice == ()
    assert {row.verdict for row in page.rows} == {"אין די פניות"}


def test_weeks_stand_beside_each_other() -> None:
    """The oldest first; only what is no chance is marked."""
    page = page_of(pd.concat([notes(300, 6, week=date(2026, 10, 25)), notes(300, 3, hebrew=0.4)]))
    assert page.weeks == ("25.10", "1.11")
    marks = {name: [cell.drifted for cell in cells] for name, cells in page.history}
    assert marks["שפה, לפי הכתב"] == [False, True]
    assert not any(any(found) for name, found in marks.items() if name != "שפה, לפי הכתב")


def test_bins_are_ranges_that_people_read() -> None:
    page = page_of(notes(300, 2))
    bins = {row.key: [one.name for one in row.bins] for row in page.rows}
    assert bins["length"][0] == "עד 8"
    assert bins["length"][1] == "\u20668–16\u2069"
    assert bins["p_budget"][-1] == "מעל 80%"
    shares = [one.share for row in page.rows if row.key == "length" for one in row.bins]
    assert math.isclose(sum(shares), 1, abs_tol=1e-5)


def test_it_is_said_in_english_too() -> None:
    with speaking("en"):
        page = page_of(notes(300, 3, hebrew=0.4))
    assert page.weeks


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ('<img src=x onerror="a()">', "&lt;img"),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("![a](http://example.com/x.png)", "![a]"),
        ("<http://example.com>", "&lt;http"),
    ],
)
def test_a_card_is_shown_and_not_obeyed(written: str, shown: str) -> None:
    """A folder may come from elsewhere."""
    html = rendered(f"# Model\n\ntext {written}\n\n{written}")
    assert shown in html
    for tag in ("<script", "<img", "<a ", "href=", 'src="'):
        assert tag not in html


def test_a_card_s_tables_and_headings_fit_the_page() -> None:
    html = rendered("# One\n\n| a | b |\n| --- | ---: |\n| x | 1 |\n")
    assert html.startswith("<h3>One</h3>")
    assert '<td class="num">1</td>' in html
    assert '<div class="scroll" tabindex="0" role="region" aria-label="One">' in html


def test_each_table_of_a_card_has_a_name_of_its_own() -> None:
    """Two below one heading too; a heading cannot break out of the name."""
    table = "|  | b |\n| --- | --- |\n| x | 1 |\n\n"
    html = rendered(f'# One" onclick="a()\n\n{table}{table}')
    assert html.count("<td></td>") == 2
    assert html.count('aria-label="One&#34; onclick=&#34;a()"') == 1
    assert html.count('aria-label="One&#34; onclick=&#34;a() (2)"') == 1
