"""Pairs of contacts, and the cosine from which they are about the same matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labels.journeys import read_journeys
from nlp.matters import Pairs, best_threshold, pair_figures, pairs_of


def test_pairs_stay_within_a_customer() -> None:
    """A slow twin over all contacts gives the same pairs."""
    journeys = read_journeys("dev")[:9]
    contacts = [contact for journey in journeys for contact in journey.contacts]
    vectors = np.random.default_rng(4).normal(size=(len(contacts), 8)).astype(np.float32)
    expected = []
    for i, one in enumerate(contacts):
        for j, other in enumerate(contacts):
            if i < j and one.journey == other.journey:
                expected.append((float(vectors[i] @ vectors[j]), one.issue == other.issue))
    pairs = pairs_of(journeys, vectors)
    assert np.allclose(sorted(pairs.cosine), sorted(cosine for cosine, _ in expected))
    assert pairs.same.sum() == sum(same for _, same in expected)


@given(st.lists(st.tuples(st.integers(-50, 99), st.booleans()), min_size=1, max_size=40))
def test_no_other_threshold_is_better(given_pairs: list[tuple[int, bool]]) -> None:
    pairs = Pairs(
        np.array([c / 100 for c, _ in given_pairs], np.float32),
        np.array([same for _, same in given_pairs]),
    )
    best = pair_figures(pairs, best_threshold(pairs)).f1
    assert all(pair_figures(pairs, cut / 100).f1 <= best + 1e-9 for cut in range(-50, 100))


def test_figures_of_a_known_case() -> None:
    pairs = Pairs(np.array([0.9, 0.8, 0.3, 0.2], np.float32), np.array([True, False, True, False]))
    found = pair_figures(pairs, 0.5)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert pair_figures(pairs, 0.95).f1 == 0
