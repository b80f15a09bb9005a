"""The expected calibration error against its definition."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labels.codebook import REASONS
from nlp.evaluation_calibration import calibration_by_label, calibration_error
from nlp.evaluation_scores import truth_of
from nlp.heads import decide
from tests.nlp.labelled import note, random_logits


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=40))
def test_the_error_is_the_definition(cells: list[tuple[int, bool]]) -> None:
    """The sum over ten bins of their share of all, times mean confidence less frequency."""
    slow = 0.0
    for lowest in range(0, 1000, 100):
        last = lowest == 900
        own = [(p, true) for p, true in cells if lowest <= p < lowest + 100 or (last and p == 1000)]
        if own:
            gap = np.mean([p / 1000 for p, _ in own]) - np.mean([true for _, true in own])
            slow += len(own) / len(cells) * abs(gap)
    p = np.array([p / 1000 for p, _ in cells], dtype=np.float32)
    assert np.isclose(calibration_error(p, np.array([true for _, true in cells])), slow, atol=1e-5)


def test_the_error_of_the_calibrated_is_small() -> None:
    """Probabilities that come true as often as they say have next to no error; doubled ones do."""
    rng = np.random.default_rng(1)
    p = rng.uniform(0, 0.5, size=(20_000, 1)).astype(np.float32)
    came_true = rng.uniform(size=p.shape) < p
    assert calibration_error(p, came_true) < 0.02
    assert calibration_error(2 * p, came_true) > 0.2


def test_each_label_has_its_own_error() -> None:
    """A reason that is never true and always likely stands out; so does a class that is wrong."""
    notes = [note([1], churn=0, resolution=2, repeat=True) for _ in range(30)]
    logits = random_logits(30, 2)
    reasons = np.full((30, 12), -9, dtype=np.float32)
    reasons[:, :2] = 9
    wrong, right = (np.tile(np.float32(row), (30, 1)) for row in ([0, 9, 0], [0, 0, 9]))
    repeat = np.full(30, 9, dtype=np.float32)
    logits = replace(logits, reasons=reasons, churn=wrong, resolution=right, repeat=repeat)
    found = calibration_by_label(decide(logits), truth_of(notes))
    assert list(found) == [*REASONS, "churn_intent", "resolution", "repeat"]
    assert {name for name, error in found.items() if error > 0.9} == {"budget", "churn_intent"}
    assert all(
        error < 0.01 for name, error in found.items() if name not in {"budget", "churn_intent"}
    )
