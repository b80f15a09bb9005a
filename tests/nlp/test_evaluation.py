"""The figures against scikit-learn's, and calibration against its definition."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.calibration import calibrate
from nlp.evaluation import (
    bootstrap_interval,
    by_reason,
    calibration_error,
    evidence_overlap,
    macro_f1,
    truth_of,
)
from nlp.heads import Logits, decide


def note(reasons: list[int], churn: int, resolution: int, repeat: bool, name: str) -> LabelledNote:
    text = " ".join(f"חלק{i}" for i in range(12))
    return LabelledNote(
        id=name,
        text=text,
        channel="phone",
        industry="bank",
        voice="plain",
        reasons=tuple(REASONS[i] for i in reasons),
        evidence={REASONS[i]: f"חלק{i}" for i in reasons},
        churn_intent=CHURN_INTENTS[churn],
        resolution=RESOLUTIONS[resolution],
        repeat=repeat,
    )


NOTES = st.lists(
    st.builds(
        note,
        st.lists(st.integers(0, 11), unique=True, max_size=3),
        st.integers(0, 2),
        st.integers(0, 2),
        st.booleans(),
        st.just("n"),
    ),
    min_size=2,
    max_size=12,
)


def random_logits(n: int, seed: int) -> Logits:
    rng = np.random.default_rng(seed)
    shapes = ((n, 12), (n, 3), (n, 3), (n,))
    return Logits(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))


@settings(max_examples=30, deadline=None)
@given(NOTES, st.integers(0, 99))
def test_figures_are_scikit_learns(notes: list[LabelledNote], seed: int) -> None:
    """Macro-F1, precision and recall equal the reference library's."""
    decisions = decide(random_logits(len(notes), seed))
    truth = truth_of(notes)
    figures = macro_f1(notes, decisions)
    expected = f1_score(truth.reasons, decisions.reasons, average="macro", zero_division=0)
    assert np.isclose(figures["reasons"], expected)
    churn = f1_score(
        truth.churn, decisions.churn, labels=[0, 1, 2], average="macro", zero_division=0
    )
    assert np.isclose(figures["churn_intent"], churn)
    precision, recall, _, _ = precision_recall_fscore_support(
        truth.reasons, decisions.reasons, zero_division=0
    )
    mine = by_reason(notes, decisions)
    assert np.allclose([mine[r].precision for r in REASONS], precision)
    assert np.allclose([mine[r].recall for r in REASONS], recall)


def test_evidence_overlap_counts_only_reasons_that_were_found() -> None:
    """A touching piece is a hit, a piece beside it is not, a missed reason is not counted."""
    one = note([0, 1], 0, 0, False, "a")
    start = one.text.index("חלק0")
    assert evidence_overlap([one], [{"budget": (start, start + 2)}]) == 1
    assert evidence_overlap([one], [{"budget": (start + 5, start + 9)}]) == 0
    assert evidence_overlap([one], [{}]) == 0


def test_calibration_error_of_the_calibrated_is_small() -> None:
    """Probabilities that come true as often as they say have next to no error; doubled ones do."""
    rng = np.random.default_rng(1)
    p = rng.uniform(0, 0.5, size=(20_000, 1)).astype(np.float32)
    came_true = rng.uniform(size=p.shape) < p
    assert calibration_error(p, came_true) < 0.02
    assert calibration_error(2 * p, came_true) > 0.2


def test_calibrating_cools_an_overconfident_network() -> None:
    """Logits ten times too large get a temperature far above one, and thresholds stay in range."""
    rng = np.random.default_rng(3)
    notes = [note([i % 12], i % 3, i % 3, bool(i % 2), f"n{i}") for i in range(60)]
    truth = truth_of(notes).reasons
    noisy = np.where(rng.uniform(size=truth.shape) < 0.85, truth, ~truth)
    base = random_logits(60, 1)
    loud = Logits((20 * (noisy - 0.5)).astype(np.float32), base.churn, base.resolution, base.repeat)
    found = calibrate(loud, notes)
    assert found.temperatures["reasons"] > 2
    assert all(0.1 <= cut <= 0.8 for cut in found.thresholds)
    assert 0 < found.uncertain_from <= min(found.thresholds)


def test_bootstrap_interval_holds_the_figure() -> None:
    """The interval lies around the figure, and the same seed gives the same interval."""
    notes = [note([i % 12], 0, 0, False, f"n{i}") for i in range(120)]
    decisions = decide(random_logits(120, 5))
    low, high = bootstrap_interval(notes, decisions, draws=200)
    assert low <= macro_f1(notes, decisions)["reasons"] <= high
    assert (low, high) == bootstrap_interval(notes, decisions, draws=200)
