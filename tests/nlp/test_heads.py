"""Logits become the same decisions everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.heads import Calibration, Logits, decide, sigmoid, softmax


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
