"""The at-risk flag is right as often as its guarantee says, as surely as it says."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value

from nlp.calibration import calibrate
from nlp.evaluation_risk import risk_figures, risk_in_words
from nlp.guarantee import GRID, guarantee, halves, p_values
from nlp.heads import Bools, Calibration, Floats
from tests.nlp.labelled import note, random_logits


def drawn(n: int, seed: int, power: float = 1.0) -> tuple[Floats, Bools]:
    """Return scores, uniform, and truths that come true with the chance score ** power."""
    rng = np.random.default_rng(seed)
    scores = np.round(rng.uniform(size=n), 4).astype(np.float32)
    return scores, rng.uniform(size=n) < scores**power


def slow_threshold(p: Floats, truth: Bools, precision: float, confidence: float) -> float | None:
    """Return the lowest threshold that holds, by the definition."""
    learning, testing = halves(len(p))

    def p_value(rows: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", cut: float) -> float:
        flagged = [bool(truth[row]) for row in rows if round(float(p[row]), 4) >= cut]
        n, wrong = len(flagged), flagged.count(False)
        return sum(
            comb(n, k) * (1 - precision) ** k * precision ** (n - k) for k in range(wrong + 1)
        )

    held = None
    first = min(GRID, key=lambda cut: p_value(learning, cut))
    for cut in [cut for cut in GRID[::-1] if cut <= first]:
        if p_value(testing, cut) > 1 - confidence:
            break
        held = float(cut)
    return held


@given(
    n=st.integers(2, 160),
    seed=st.integers(0, 10_000),
    power=st.sampled_from([0.1, 0.3, 1.0, 3.0]),
    precision=st.sampled_from([0.6, 0.85, 0.9]),
    confidence=st.sampled_from([0.5, 0.9]),
)
def test_the_threshold_is_the_definition(
    n: int, seed: int, power: float, precision: float, confidence: float
) -> None:
    p, truth = drawn(n, seed, power)
    found = guarantee(p, truth, precision, confidence)
    slow = slow_threshold(p, truth, precision, confidence)
    assert (found.threshold if found else None) == slow


def true_precision(t: float) -> float:
    """Return the mean of u ** 0.5 over u from t to 1."""
    return (1 - t**1.5) / (1.5 * (1 - t))


@pytest.mark.parametrize("confidence", [0.9, 0.6])
def test_the_guarantee_holds_as_often_as_it_says(confidence: float) -> None:
    """Over 200 drawn devs, whose true precision from each threshold up is known.

    The lowest threshold that dev itself shows to have the precision fails far more often.
    """
    draws, failed, naive_failed, found = 200, 0, 0, 0
    for seed in range(draws):
        p, truth = drawn(493, seed, power=0.5)
        held = guarantee(p, truth, 0.85, confidence)
        found += held is not None
        failed += held is not None and true_precision(held.threshold) < 0.85
        naive = next(cut for cut in GRID if truth[p >= cut].mean() >= 0.85)
        naive_failed += true_precision(naive) < 0.85
    noise = 3 * np.sqrt(confidence * (1 - confidence) / draws)
    assert failed / draws <= 1 - confidence + noise
    assert naive_failed / draws > 0.4
    assert found > draws / 2, "a guarantee that is hardly ever given is worth nothing"


def test_no_threshold_holds_where_none_is_precise() -> None:
    """Notes that are never at risk, too few notes, and a target beyond reach get no threshold."""
    p, truth = drawn(400, 3)
    assert guarantee(p, np.zeros(400, dtype=bool)) is None
    assert guarantee(p[:9], truth[:9] | True) is None
    assert guarantee(p, truth, precision=0.999) is None
    assert guarantee(p[:1], truth[:1]) is None


def test_recall_and_number_are_of_the_testing_half() -> None:
    """A flag for all notes, all truly at risk, finds all of the testing half."""
    p = np.full(401, 0.5, dtype=np.float32)
    found = guarantee(p, np.ones(401, dtype=bool), 0.9, 0.95)
    assert found is not None
    assert (found.threshold, found.precision, found.confidence) == (0.05, 0.9, 0.95)
    assert (found.recall, found.n) == (1.0, 200)


def test_the_p_value_is_hoeffding_bentkus() -> None:
    """MAPIE's, which is the paper's, but for counts that it rounds up by one."""
    for n in range(1, 60, 7):
        p = np.ones(n, dtype=np.float64)
        wrong = np.arange(n + 1)
        ours = np.array([p_values(p, np.arange(n) >= k, GRID[:1], 0.85)[0] for k in wrong])
        theirs = compute_hoeffding_bentkus_p_value(wrong / n, np.full(n + 1, n), 0.15, binary=True)
        exact = np.ceil(wrong / n * n) == wrong
        assert np.allclose(ours[exact], theirs[exact, 0])


@given(st.integers(1, 500))
def test_every_note_is_in_one_half(n: int) -> None:
    learning, testing = halves(n)
    assert sorted([*learning, *testing]) == list(range(n))
    assert 0 <= len(learning) - len(testing) <= 1


def test_the_testing_half_fits_nothing_that_the_flag_is_made_of() -> None:
    """Other logits there leave churn's temperature as it is, and change those of other labels."""
    notes = [note([i % 12], churn=i % 3, repeat=i % 2 == 0) for i in range(40)]
    logits, other = random_logits(40, 1), random_logits(40, 2)
    _, testing = halves(40)
    churn, reasons = logits.churn.copy(), logits.reasons.copy()
    churn[testing], reasons[testing] = other.churn[testing], other.reasons[testing]
    before = calibrate(logits, notes)
    after = calibrate(replace(logits, churn=churn, reasons=reasons), notes)
    assert before.temperatures["churn"] == after.temperatures["churn"]
    assert before.temperatures["reasons"] != after.temperatures["reasons"]


def test_the_flag_is_measured_and_told_with_its_guarantee() -> None:
    """Three of four flagged are at risk, of five; without a threshold the reason is told."""
    flagged = np.array([True] * 4 + [False] * 6)
    truth = np.array([True] * 3 + [False] * 5 + [True] * 2)
    promised = Calibration(risk_threshold=0.7, risk_precision=0.85, risk_confidence=0.9)
    figures = risk_figures(flagged, truth, promised)
    assert (figures.n, figures.precision, figures.recall) == (4, 0.75, 0.6)
    line = risk_in_words(figures)
    for words in ("0.70", "at least 0.85", "confidence 0.90", "4 notes", "0.750", "0.600"):
        assert words in line
    none_held = replace(promised, risk_threshold=None)
    assert "no threshold" in risk_in_words(risk_figures(~truth & truth, truth, none_held))
    assert "without" in risk_in_words(risk_figures(~truth & truth, truth, Calibration()))
