"""Logistic regression held at 0: equal to scipy's bounded minimum, and to scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from signals.intervals import Floats
from signals.logistic import RIDGE, fit_logistic
from signals.slices import Bools
from tests.signals import builders


def drawn(seed: int, weights: list[float], n: int = 400) -> tuple[Floats, Bools]:
    """Return parts and who left, by a logistic of these weights."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((n, len(weights))) < 0.4, rng.random((n, len(weights))), 0.0)
    p = 1 / (1 + np.exp(2 - x @ weights))
    left = rng.random(n) < p
    left[:2] = [True, False]
    return x, left


def twin(x: Floats, y: Bools, ridge: float) -> Floats:
    """Return the minimum by scipy's bounded quasi-Newton."""

    def loss(w: Floats) -> float:
        eta = w[0] + x @ w[1:]
        return float(np.sum(np.logaddexp(0, eta) - y * eta) + ridge / 2 * w[1:] @ w[1:])

    bounds = [(None, None)] + [(0, None)] * x.shape[1]
    start = np.zeros(x.shape[1] + 1)
    options = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 5000}
    found: Floats = minimize(loss, start, bounds=bounds, method="L-BFGS-B", options=options).x
    return found


@builders.MANY
@given(
    seed=st.integers(0, 999),
    weights=st.lists(st.sampled_from([-3.0, -1.0, 0.0, 0.5, 2.0, 6.0]), min_size=1, max_size=7),
    ridge=st.sampled_from([0.1, RIDGE, 20.0]),
)
def test_it_is_the_bounded_minimum(seed: int, weights: list[float], ridge: float) -> None:
    """Whatever the truth, also parts that keep customers, which weigh 0."""
    x, y = drawn(seed, weights)
    found = fit_logistic(x, y, ridge)
    assert (found[1:] >= 0).all()
    assert found == pytest.approx(twin(x, y, ridge), abs=2e-3)


def test_where_all_weights_rise_it_is_scikit_learns() -> None:
    """The same penalty, its intercept free."""
    x, y = drawn(3, [2.0, 4.0, 3.0], 2000)
    model = LogisticRegression(C=1 / RIDGE, tol=1e-10, max_iter=1000).fit(x, y)
    found = fit_logistic(x, y)
    assert found[1:].min() > 0
    assert found == pytest.approx([*model.intercept_, *model.coef_[0]], abs=1e-4)


def test_parts_that_keep_customers_weigh_nothing() -> None:
    """A score is a sum of signs of leaving; without one it is flat."""
    x, y = drawn(5, [-6.0, -6.0], 2000)
    found = fit_logistic(x, y)
    assert found[1:].tolist() == [0.0, 0.0]
    assert 1 / (1 + np.exp(-found[0])) == pytest.approx(y.mean())


@pytest.mark.parametrize("one", [True, False])
def test_outcomes_of_one_kind_are_refused(one: bool) -> None:
    """Nobody left, or everybody did."""
    with pytest.raises(ValueError, match="same"):
        fit_logistic(np.zeros((4, 2)), np.full(4, one))
