"""Pairs of contacts, and the decision that they are about the same matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.journeys import read_journeys
from nlp.matters import (
    FEATURES,
    Facts,
    SameMatter,
    best_threshold,
    features_of,
    fit_same_matter,
    pair_figures,
    pairs_of,
)


def test_pairs_stay_within_a_customer() -> None:
    """A slow twin over all contacts gives the same pairs, days between them and truth."""
    journeys = read_journeys("dev")[:9]
    contacts = [contact for journey in journeys for contact in journey.contacts]
    found = pairs_of(journeys)
    slow = [
        (i, j)
        for i, one in enumerate(contacts)
        for j, other in enumerate(contacts)
        if i < j and one.journey == other.journey
    ]
    assert sorted(map(tuple, found.pairs.tolist())) == slow
    for (i, j), same in zip(found.pairs, found.same, strict=True):
        assert same == (contacts[i].issue == contacts[j].issue)
        assert (found.queue[i] == found.queue[j]) == (contacts[i].queue == contacts[j].queue)
        assert found.days[j] >= found.days[i]


def test_features_of_a_known_pair() -> None:
    """Each is what its name says; a missing queue is like no other."""
    facts = Facts(
        issue=np.array([[1, 0], [0.6, 0.8], [1, 0]], np.float32),
        p_reasons=np.array([[0.8, 0.1], [0.4, 0.1], [0, 0]], np.float32),
        p_repeat=np.array([0.1, 0.7, 0.2], np.float32),
        queue=np.array([2, 2, -1]),
        days=np.array([0.0, 3.0, 3.0]),
    )
    pairs = np.array([[0, 1], [0, 2], [2, 2]])
    found = features_of(facts, pairs, np.array([-20, 1.5, 0], np.float32))
    expected = [
        [-8, 0.6, 0.5 / 0.9, 1, np.log(4), 0.7],
        [1.5, 1, 0, 0, np.log(4), 0.2],
        [0, 1, 0, 0, 0, 0.2],
    ]
    assert found == pytest.approx(np.array(expected), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40))
def test_no_other_threshold_is_better(pairs: list[tuple[int, bool]]) -> None:
    p = np.array([percent / 100 for percent, _ in pairs], np.float32)
    same = np.array([truth for _, truth in pairs])
    best = pair_figures(p >= best_threshold(p, same), same).f1
    assert all(pair_figures(p >= cut / 100, same).f1 <= best + 1e-9 for cut in range(1, 100))


def test_figures_of_a_known_case() -> None:
    same = np.array([True, False, True, False])
    found = pair_figures(np.array([True, True, False, False]), same)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert pair_figures(np.zeros(4, bool), same).f1 == 0


def test_the_decision_is_learned_and_kept() -> None:
    """Where one feature tells the truth, it is believed; JSON gives the decision back."""
    draw = np.random.default_rng(5)
    features = draw.normal(size=(300, len(FEATURES))).astype(np.float32)
    decision = fit_same_matter(features, features[:, 1] > 0)
    called = decision.probability(features) >= decision.threshold
    assert (called == (features[:, 1] > 0)).mean() > 0.95
    assert SameMatter.from_json(decision.to_json()) == decision
    assert SameMatter().probability(np.array([[3, 9, 9, 9, 9, 9]], np.float32)) == pytest.approx(
        1 / (1 + np.exp(-3)), abs=1e-4
    )
