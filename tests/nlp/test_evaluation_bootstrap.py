"""The intervals against drawing the notes one sample at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.annotation import LabelledNote
from nlp import evaluation_bootstrap
from nlp.evaluation_bootstrap import Interval, bootstrap_intervals
from nlp.evaluation_scores import Tables, macro, macro_f1, tables_of, truth_of
from nlp.heads import decide
from tests.nlp.labelled import note, note_lists, random_logits


def slow_intervals(tables: Tables, draws: int, seed: int) -> dict[str, Interval]:
    rng = np.random.default_rng(seed)
    notes = len(tables["reasons"][0])
    scores: dict[str, list[float]] = {name: [] for name in tables}
    for _ in range(draws):
        rows = rng.integers(0, notes, size=notes)
        for name, (predicted, truth) in tables.items():
            scores[name].append(macro(predicted[rows], truth[rows]))
    return {
        name: (float(np.quantile(each, 0.025)), float(np.quantile(each, 0.975)))
        for name, each in scores.items()
    }


@settings(max_examples=20)
@given(note_lists(), st.integers(0, 99), st.sampled_from([1, 40, 4_000_000]))
def test_intervals_are_the_slow_ones(notes: list[LabelledNote], seed: int, cells: int) -> None:
    """Counting drawn notes gives what drawing them gives, however many draws are held at once."""
    tables = tables_of(decide(random_logits(len(notes), seed)), truth_of(notes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation_bootstrap, "CELLS", cells)
        fast = bootstrap_intervals(tables, draws=25, seed=seed)
    slow = slow_intervals(tables, 25, seed)
    for name, interval in slow.items():
        assert np.allclose(fast[name], interval), name


def test_intervals_hold_the_figures() -> None:
    """Each interval lies around its figure, and the same seed gives the same intervals."""
    notes = [note([i % 12], i % 3, i % 3, i % 4 == 0, f"n{i}") for i in range(120)]
    decisions = decide(random_logits(120, 5))
    tables = tables_of(decisions, truth_of(notes))
    found = bootstrap_intervals(tables, draws=200)
    for name, value in macro_f1(notes, decisions).items():
        low, high = found[name]
        assert low <= value <= high
        assert low < high
    assert found == bootstrap_intervals(tables, draws=200)
