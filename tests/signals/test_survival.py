"""The Kaplan-Meier estimate, against lifelines and where the formula has no answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from signals.survival import FEW_CLUSTERS, Survival, kaplan_meier
from tests.signals import builders

HORIZON = 7
observation = st.tuples(st.integers(0, 2), st.integers(0, 9), st.booleans())


@builders.MANY
@given(drawn=st.lists(observation, min_size=1, max_size=40))
def test_estimate_and_interval_are_those_of_lifelines(drawn: list[tuple[int, int, bool]]) -> None:
    """Ties, events at once, censoring at an event's time and past the horizon."""
    group, time, event = (np.array(column) for column in zip(*drawn, strict=True))
    found = kaplan_meier(group, time, event, np.arange(len(group)), 3, HORIZON)
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


def of_two(times: list[int]) -> Survival:
    """Return the estimate of an event and of one followed so long."""
    event = np.array([True, False])
    return kaplan_meier(np.zeros(2, int), np.array(times), event, np.arange(2), 1, HORIZON)


@builders.MANY
@given(
    drawn=st.lists(observation, min_size=1, max_size=20),
    copies=st.integers(1, 4),
)
def test_copies_of_a_customer_add_no_certainty(
    drawn: list[tuple[int, int, bool]], copies: int
) -> None:
    """Each observation given several times over by its own customer: the same interval."""
    group, time, event = (np.array(column) for column in zip(*drawn, strict=True))
    customer = np.arange(len(drawn))
    once = kaplan_meier(group, time, event, customer, 3, HORIZON)
    many = kaplan_meier(
        *(np.repeat(column, copies) for column in (group, time, event, customer)), 3, HORIZON
    )
    assert many.value == pytest.approx(once.value, nan_ok=True)
    inner = (once.value > 0) & (once.value < 1) & (np.bincount(group, minlength=3) >= FEW_CLUSTERS)
    assert (many.low[inner] <= once.low[inner] + 1e-9).all()
    assert (many.high[inner] >= once.high[inner] - 1e-9).all()


@pytest.mark.parametrize("customers", [1, 2, 5])
def test_a_few_customers_prove_little(customers: int) -> None:
    """Forty threads of two customers tell hardly more than two threads."""
    time, event = np.full(40, 3), np.arange(40) % 4 == 0
    customer = np.arange(40) % customers
    found = kaplan_meier(np.zeros(40, int), np.where(event, time, 7), event, customer, 1, HORIZON)
    assert found.high[0] - found.low[0] > 0.5


def test_curve_is_not_reached_while_nobody_was_followed_so_long() -> None:
    """What happens after the longest follow-up is unknown, and is not called resolved."""
    found = of_two([2, 6])
    assert found.followed[0] == 6
    assert not found.reached[0]
    found = of_two([2, 7])
    assert found.reached[0]


@pytest.mark.parametrize("event", [True, False])
def test_interval_stays_open_where_all_are_alike(event: bool) -> None:
    """Twenty threads without a repeat are no proof that nobody ever calls again."""
    group, time = np.zeros(20, int), np.full(20, 7)
    found = kaplan_meier(group, time, np.full(20, event), np.arange(20), 1, HORIZON)
    assert found.value[0] == 1 - event
    assert 0.1 < found.high[0] - found.low[0] < 0.25
