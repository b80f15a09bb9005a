"""The Kaplan-Meier estimate, against lifelines and where the formula has no answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from signals.survival import kaplan_meier
from tests.signals import builders

HORIZON = 7
observation = st.tuples(st.integers(0, 2), st.integers(0, 9), st.booleans())


@builders.MANY
@given(drawn=st.lists(observation, min_size=1, max_size=40))
def test_estimate_and_interval_are_those_of_lifelines(drawn: list[tuple[int, int, bool]]) -> None:
    """Ties, events at once, censoring at an event's time and past the horizon."""
    group, time, event = (np.array(column) for column in zip(*drawn, strict=True))
    found = kaplan_meier(group, time, event, 3, HORIZON)
    for k in range(3):
        own = group == k
        if not own.any():
            assert np.isnan(found.value[k])
            assert not found.reached[k]
            continue
        fitter = KaplanMeierFitter().fit(time[own], event[own])
        value = fitter.predict(HORIZON)
        assert found.value[k] == pytest.approx(value)
        if 1e-9 < value < 1:
            table = fitter.confidence_interval_survival_function_
            low, high = table[table.index <= HORIZON].iloc[-1]
            assert (found.low[k], found.high[k]) == pytest.approx((low, high))


def test_curve_is_not_reached_while_nobody_was_followed_so_long() -> None:
    """What happens after the longest follow-up is unknown, and is not called resolved."""
    found = kaplan_meier(np.zeros(2, int), np.array([2, 6]), np.array([True, False]), 1, HORIZON)
    assert found.followed[0] == 6
    assert not found.reached[0]
    found = kaplan_meier(np.zeros(2, int), np.array([2, 7]), np.array([True, False]), 1, HORIZON)
    assert found.reached[0]


@pytest.mark.parametrize("event", [True, False])
def test_interval_stays_open_where_all_are_alike(event: bool) -> None:
    """Twenty threads without a repeat are no proof that nobody ever calls again."""
    found = kaplan_meier(np.zeros(20, int), np.full(20, 7), np.full(20, event), 1, HORIZON)
    assert found.value[0] == 1 - event
    assert 0.1 < found.high[0] - found.low[0] < 0.25
