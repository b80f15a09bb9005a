"""Logits become the same decisions everywhere."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.heads import Calibration, Logits, decide, risk_of, sigmoid, softmax


def logits(reasons: list[float]) -> Logits:
    return Logits(
        np.array([reasons], np.float32),
        np.array([[0, 2, 1]], np.float32),
        np.array([[3, 0, 0]], np.float32),
        np.array([-1.0], np.float32),
    )


def test_thresholds_decide_and_the_band_marks_unclear() -> None:
    """At the threshold a reason holds; below it but within the band the note is unclear."""
    calibration = Calibration(thresholds=(0.5,) * 12, uncertain_from=0.25)
    held = decide(logits([0.0] + [-9.0] * 11), calibration)
    assert held.reasons[0, 0]
    assert not held.unclear[0]
    unsure = decide(logits([-0.5] + [-9.0] * 11), calibration)
    assert not unsure.reasons.any()
    assert unsure.unclear[0]
    sure = decide(logits([-9.0] * 12), calibration)
    assert not sure.unclear[0]


@given(st.lists(st.floats(-500, 500, width=32), min_size=1, max_size=6))
def test_probabilities_are_probabilities(values: list[float]) -> None:
    """No overflow, and each lies between 0 and 1; a softmax sums to 1."""
    row = np.array(values, np.float32)
    assert ((sigmoid(row) >= 0) & (sigmoid(row) <= 1)).all()
    assert softmax(row).sum() == pytest.approx(1, abs=1e-5)


def test_calibration_survives_json() -> None:
    """What a model folder stores is what decides."""
    calibration = Calibration(thresholds=tuple(np.linspace(0.2, 0.7, 12)), repeat_threshold=0.4)
    assert Calibration.from_json(calibration.to_json()) == calibration
    flagging = replace(calibration, risk_threshold=0.8, risk_precision=0.85, risk_confidence=0.9)
    assert Calibration.from_json(json.loads(json.dumps(flagging.to_json()))) == flagging


def test_a_calibration_without_the_flag_is_written_as_before() -> None:
    """An older model's fingerprint, a digest of these values, stays; its flag is never set."""
    before = Calibration().to_json()
    assert set(before) == {"temperatures", "thresholds", "repeat_threshold", "uncertain_from"}
    certain = replace(logits([-9.0] * 12), churn=np.array([[-50, 50, 0]], np.float32))
    assert not decide(certain, Calibration.from_json(before)).at_risk[0]


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 100))
def test_the_flag_compares_decimals(signal: int, explicit: int, threshold: int) -> None:
    """0.28 + 0.07 is at least 0.35, though not in float32."""
    p = np.array([[0, signal / 1e4, explicit / 1e4]], np.float32)
    assert bool(risk_of(p)[0] >= threshold / 100) == (signal + explicit >= threshold * 100)


def test_a_note_is_at_risk_from_the_threshold_up() -> None:
    """What counts is signal and explicit together, whichever label is the likeliest."""
    between = replace(logits([-9.0] * 12), churn=np.zeros((1, 3), np.float32))
    risk = float(risk_of(decide(between).p_churn)[0])
    assert risk == pytest.approx(2 / 3, abs=1e-3)
    assert decide(between, Calibration(risk_threshold=0.66)).at_risk[0]
    assert not decide(between, Calibration(risk_threshold=0.67)).at_risk[0]
    assert decide(between).churn[0] == 0
