"""Shares corrected for the classifier's error: against the formula by hand, and at its ends."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.quantification import HeldOut, corrected, corrected_change
from tests.signals import builders

Z = 1.959963984540054
counts = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 300), st.integers(0, 300))


def held_out(positives: int, found: int, negatives: int, rejected: int) -> HeldOut:
    """Return the counts of one reason."""
    return HeldOut(*(np.array([n]) for n in (positives, found, negatives, rejected)))


def by_hand(
    x: int, n: int, positives: int, found: int, negatives: int, rejected: int
) -> tuple[float, float, float]:
    """Return Rogan and Gladen's share and Lang and Reiczigel's limits, one step a line."""
    share = (x / n + rejected / negatives - 1) / (found / positives + rejected / negatives - 1)
    share = min(1, max(0, share))
    q, q_n = (x + Z**2 / 2) / (n + Z**2), n + Z**2
    se, se_n = (found + 1) / (positives + 2), positives + 2
    sp, sp_n = (rejected + 1) / (negatives + 2), negatives + 2
    p = (q + sp - 1) / (se + sp - 1)
    error = sqrt(
        q * (1 - q) / q_n + se * (1 - se) / se_n * p**2 + sp * (1 - sp) / sp_n * (1 - p) ** 2
    ) / (se + sp - 1)
    shift = 2 * Z**2 * (p * se * (1 - se) / se_n - (1 - p) * sp * (1 - sp) / sp_n)
    low, high = (min(1, max(0, p + shift + side * Z * error)) for side in (-1, 1))
    return share, min(low, share), max(high, share)


@builders.MANY
@given(drawn=counts, x=st.integers(0, 400), n=st.integers(1, 400))
def test_shares_are_those_done_by_hand(drawn: tuple[int, int, int, int], x: int, n: int) -> None:
    positives, found, negatives, rejected = drawn
    found, rejected, x = min(found, positives), min(rejected, negatives), min(x, n)
    value, low, high = corrected(
        np.array([[x]]), np.array([n]), held_out(positives, found, negatives, rejected)
    )
    safe = (found + 1) / (positives + 2) + (rejected + 1) / (negatives + 2)
    whole = positives and negatives
    if not whole or found / positives + rejected / negatives <= 1 or safe <= 1:
        assert np.isnan([value, low, high]).all()
        return
    expected = by_hand(x, n, positives, found, negatives, rejected)
    assert (value[0, 0], low[0, 0], high[0, 0]) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= value <= high <= 1


def test_a_perfect_classifier_is_hardly_corrected() -> None:
    """The share is the label's; the interval is a little wider than the sample's own."""
    value, low, high = corrected(
        np.array([[30]]), np.array([100]), held_out(5000, 5000, 5000, 5000)
    )
    assert value[0, 0] == pytest.approx(0.3)
    assert (low[0, 0], high[0, 0]) == pytest.approx((0.219, 0.396), abs=0.003)


def test_what_the_classifier_misses_is_given_back() -> None:
    """Of every five two are missed: 30 found stand for 50."""
    value, low, high = corrected(np.array([[30]]), np.array([100]), held_out(50, 30, 500, 500))
    assert value[0, 0] == pytest.approx(0.5)
    assert high[0, 0] - low[0, 0] > 0.35


def test_false_alarms_alone_are_nothing() -> None:
    """Two labels in a hundred are what such a classifier finds where there is nothing."""
    value, low, high = corrected(np.array([[2]]), np.array([100]), held_out(50, 40, 500, 490))
    assert value[0, 0] == low[0, 0] == 0
    assert 0.02 < high[0, 0] < 0.1


def test_no_contacts_have_no_share() -> None:
    value, low, high = corrected(np.array([[0]]), np.array([0]), held_out(50, 40, 500, 490))
    assert np.isnan([value, low, high]).all()


def test_a_change_is_as_much_larger_as_the_label_is_weaker() -> None:
    """Half of a reason is found, so a change of the label of 0.1 is one of 0.2."""
    label, before, error = (np.array([value]) for value in (0.3, 0.2, 0.02))
    rates = held_out(100_000, 50_000, 100_000, 100_000)
    found = corrected_change(label, before, error, rates)
    assert [float(one[0]) for one in found] == pytest.approx([0.4, 0.2, 0.04], abs=1e-3)
    unsure = corrected_change(label, before, error, held_out(20, 10, 100, 100))
    assert unsure[2] > found[2]
    plain = corrected_change(label, before, error, None)
    assert [float(one[0]) for one in plain] == pytest.approx([0.2, 0.1, 0.02])


@builders.MANY
@given(drawn=counts, x=st.integers(0, 200), was=st.floats(0, 1))
def test_share_before_and_change_add_up(
    drawn: tuple[int, int, int, int], x: int, was: float
) -> None:
    """What the report shows beside each other is one sum, also where shares are cut at 0."""
    positives, found, negatives, rejected = drawn
    errors = held_out(positives, min(found, positives), negatives, min(rejected, negatives))
    share, _, _ = corrected(np.array([[x]]), np.array([200]), errors)
    before, change, _ = corrected_change(
        np.array([x / 200]), np.array([was]), np.array([0.01]), errors
    )
    assert share[0] - before == pytest.approx(change, abs=1e-9, nan_ok=True)
