"""Coverage against accuracy: confidence by hand, the table against a slow one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.annotation import LabelledNote
from nlp.evaluation_coverage import SHARES, confidence_of, coverage, unclear_figures
from nlp.evaluation_scores import macro, truth_of
from nlp.heads import Calibration, Decisions, Logits, decide
from tests.nlp.labelled import note, note_lists, random_logits


def decided(rows: list[list[float]], calibration: Calibration | None = None) -> Decisions:
    reasons = np.full((len(rows), 12), -9, dtype=np.float32)
    reasons[:, : len(rows[0])] = rows
    base = random_logits(len(rows), 1)
    return decide(Logits(reasons, base.churn, base.resolution, base.repeat), calibration)


def test_confidence_is_the_nearest_thresholds_distance() -> None:
    """In log-odds; the nearest reason decides, whether it holds or not, by its own threshold."""
    found = confidence_of(decided([[3, -1], [0.5, -4], [-4, -4]]), Calibration())
    assert found == pytest.approx([1, 0.5, 4], abs=0.01)
    cuts = (1 / (1 + np.exp(-2)),) + (0.5,) * 11
    assert confidence_of(decided([[3, -4]]), Calibration(thresholds=cuts)) == pytest.approx(
        [1], abs=0.01
    )


def test_confidence_of_the_silent_is_finite() -> None:
    """A note without letters has probabilities of exactly 0: sure, and a number all the same."""
    made = decided([[0]])
    silent = replace(made, p_reasons=np.zeros_like(made.p_reasons))
    assert 5 < confidence_of(silent, Calibration())[0] < 20


@settings(max_examples=40)
@given(note_lists(30), st.integers(0, 99))
def test_the_table_is_the_slow_one(notes: list[LabelledNote], seed: int) -> None:
    """Notes sorted one by one, the surest first, and cut at each share."""
    decisions = decide(random_logits(len(notes), seed))
    truth = truth_of(notes).reasons
    confidence = np.round(confidence_of(decisions, Calibration()), 1)
    rows = coverage(decisions.reasons, truth, confidence)
    assert [row.share for row in rows] == list(SHARES)
    order = sorted(range(len(notes)), key=lambda i: (-confidence[i], i))
    for row in rows:
        kept = order[: max(1, round(row.share * len(notes)))]
        right = [
            set(np.flatnonzero(decisions.reasons[i])) == set(np.flatnonzero(truth[i])) for i in kept
        ]
        assert row.n == len(kept)
        assert row.exact == pytest.approx(sum(right) / len(kept))
        assert row.confidence == min(confidence[i] for i in kept)
        assert row.macro_f1 == pytest.approx(macro(decisions.reasons[kept], truth[kept]))


def test_how_unclear_notes_fare() -> None:
    """Three unclear notes: one has no reason, one the likeliest, one another; one note is clear."""
    notes = [note([]), note([0]), note([5]), note([0])]
    made = decided([[-0.5, -4], [-0.5, -4], [-0.5, -4], [4, -4]])
    assert made.unclear.tolist() == [True, True, True, False]
    found = unclear_figures(made, truth_of(notes).reasons)
    assert (found.n, found.exact_of_others) == (3, 1)
    assert found.exact == found.likeliest_right == pytest.approx(1 / 3)


def test_no_unclear_note_is_no_figure() -> None:
    """Where nothing is unclear there is nothing to say, and no division by zero."""
    found = unclear_figures(decided([[4, -4]]), truth_of([note([0])]).reasons)
    assert (found.n, found.exact, found.likeliest_right, found.exact_of_others) == (
        0,
        None,
        None,
        1,
    )
