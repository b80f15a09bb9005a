"""Pairs of contacts, and the decision that they are about the same matter."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Pairs
from labels.journeys import read_journeys
from nlp.heads import Bools
from nlp.matters import (
    FEATURES,
    Facts,
    JourneyPairs,
    SameMatter,
    best_threshold,
    features_of,
    fit_same_matter,
    in_one_thread,
    pair_figures,
    pairs_of,
)
from signals.threads import CANDIDATES, JudgedPairs, threads
from tests.signals import builders


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


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40))
def test_no_other_threshold_is_better(pairs: list[tuple[int, bool]]) -> None:
    p = np.array([percent / 100 for percent, _ in pairs], np.float32)
    same = np.array([truth for _, truth in pairs])
    best = pair_figures(p >= best_threshold(lambda cut: p >= cut, same), same).f1
    assert all(pair_figures(p >= cut / 100, same).f1 <= best + 1e-9 for cut in range(1, 100))


def test_figures_of_a_known_case() -> None:
    same = np.array([True, False, True, False])
    found = pair_figures(np.array([True, True, False, False]), same)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert pair_figures(np.zeros(4, bool), same).f1 == 0


@given(st.integers(2, CANDIDATES), st.data())
def test_threads_are_those_that_the_figures_are_made_of(count: int, data: st.DataObject) -> None:
    """One customer's threads here are `signals.threads`' in a window that ends nowhere."""
    pairs = np.array(list(combinations(range(count), 2)))
    tenths = data.draw(st.lists(st.integers(0, 10), min_size=len(pairs), max_size=len(pairs)))
    p = np.array(tenths, dtype=np.float32) / np.float32(10)
    cut = data.draw(st.integers(1, 9)) / 10
    moments = pd.date_range("2026-10-01 08:00", periods=count, freq="D", tz="UTC")
    contacts = builders.contact_frame([{"contacted_at": moment} for moment in moments])
    ids = contacts["contact_id"].tolist()
    rows = [(ids[j], ids[i], tenth / 10) for (i, j), tenth in zip(pairs, tenths, strict=True)]
    judged = JudgedPairs(pd.DataFrame(rows, columns=list(Pairs.to_schema().columns)), cut)
    found = threads(contacts, 365, "text", judged).set_index("contact_id")["thread_id"]
    expected = [found[ids[i]] == found[ids[j]] for i, j in pairs]
    assert in_one_thread(pairs, p, cut).tolist() == expected


def test_threads_of_no_pair_and_of_one_that_is_too_unlikely() -> None:
    """A contact that nothing reaches opens a thread of its own."""
    assert in_one_thread(np.zeros((0, 2), np.int64), np.zeros(0, np.float32), 0.5).size == 0
    assert in_one_thread(np.array([[4, 7]]), np.array([0.4], np.float32), 0.5).tolist() == [False]


def pairs_like(same: Bools) -> JourneyPairs:
    """Return pairs of customers of two contacts each."""
    places = np.arange(2 * len(same)).reshape(-1, 2)
    return JourneyPairs(places, np.zeros(places.size, int), np.zeros(places.size), same)


def test_the_decision_is_learned_and_kept() -> None:
    """Where one feature tells the truth, it is believed; JSON gives the decision back."""
    draw = np.random.default_rng(5)
    features = draw.normal(size=(300, len(FEATURES))).astype(np.float32)
    decision = fit_same_matter(features, pairs_like(features[:, 1] > 0))
    called = decision.probability(features) >= decision.threshold
    assert (called == (features[:, 1] > 0)).mean() > 0.95
    assert SameMatter.from_json(decision.to_json()) == decision
    assert SameMatter().probability(np.array([[3, 9, 9, 9, 9, 9]], np.float32)) == pytest.approx(
        1 / (1 + np.exp(-3)), abs=1e-4
    )


def test_the_threshold_is_the_one_whose_threads_are_best() -> None:
    """The first and the third of a matter are alike through the second alone.

    A threshold low enough for that pair would let a stranger in; the thread holds it at any.
    """
    count = 60
    places = np.concatenate(
        [np.array([[0, 1], [0, 2], [1, 2], [0, 3]]) + 4 * i for i in range(count)]
    )
    same = np.tile([True, True, True, False], count)
    features = np.zeros((4 * count, len(FEATURES)), np.float32)
    features[:, 0] = np.tile([3.0, -1.0, 3.0, 0.0], count)
    found = JourneyPairs(places, np.zeros(4 * count, int), np.zeros(4 * count), same)
    decision = fit_same_matter(features, found)
    p = decision.probability(features)
    assert pair_figures(in_one_thread(places, p, decision.threshold), same).f1 == 1
    assert pair_figures(p >= decision.threshold, same).f1 < 1
