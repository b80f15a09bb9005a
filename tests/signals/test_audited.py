"""Audited shares: as ppi-python's where its intervals hold, and sound where these break down."""

import math
from datetime import date

import numpy as np
import pandas as pd
import ppi_py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Calendar, audit_columns
from signals.aggregate import aggregate
from signals.audited import LEAST, Moments, power, powered_mean, powered_share, with_audits
from signals.intervals import Floats, wilson
from signals.sampling import random_order, that_count
from signals.shares import shares
from tests.signals import builders

WEEK = date(2026, 10, 4)
NO_CUSTOMERS = builders.customer_frame([])


def drawn(seed: int, n: int, share: float = 0.2) -> tuple[Floats, Floats]:
    """Return labels and fairly good probabilities of n contacts and one reason, (n, 1) each."""
    rng = np.random.default_rng(seed)
    label = rng.random((n, 1)) < share
    right = rng.random((n, 1)) < 0.9
    guess = np.where(label == right, rng.beta(6, 2, (n, 1)), rng.beta(1, 12, (n, 1)))
    return label.astype(np.float64), guess


@builders.FEW
@given(
    seed=st.integers(0, 999), n=st.integers(2, 200), many=st.integers(2, 400), part=st.floats(0, 1)
)
def test_the_mean_is_ppi_pythons(seed: int, n: int, many: int, part: float) -> None:
    """For any power: 0 is the plain mean of the labels, 1 the first paper's."""
    label, guess = drawn(seed, n + many)
    own = powered_mean(label[:n], guess[:n], guess[n:], np.array([part]))
    theirs = ppi_py.ppi_mean_pointestimate(label[:n], guess[:n], guess[n:], lam=part)
    assert own[0] == pytest.approx(float(np.squeeze(theirs)), abs=1e-12)


@pytest.mark.parametrize(("n", "many"), [(4000, 4000), (2000, 20_000), (9000, 1000)])
def test_a_large_audit_is_ppi_pythons(n: int, many: int) -> None:
    """Power, share and interval: the errors added and Wilson's curve vanish as samples grow."""
    label, guess = drawn(n, n + many)
    given_to = (label[:n], guess[:n], guess[n:])
    share, low, high = powered_share(*given_to)
    value = float(np.squeeze(ppi_py.ppi_mean_pointestimate(*given_to)))
    ends = np.squeeze(ppi_py.ppi_mean_ci(*given_to, alpha=0.05))
    assert share[0] == pytest.approx(value, abs=2e-4)
    assert [low[0], high[0]] == pytest.approx(list(ends), abs=6e-4)
    assert high[0] - low[0] == pytest.approx(ends[1] - ends[0], rel=0.02)


def test_ppi_python_breaks_down_where_ours_does_not() -> None:
    """A sample without the reason and without an error leaves no uncertainty in the papers' way."""
    label, guess = np.zeros((100, 1)), np.zeros((100, 1))
    others = np.zeros((400, 1))
    theirs = np.squeeze(ppi_py.ppi_mean_ci(label, guess, others, alpha=0.05, lam=1))
    assert list(theirs) == [0, 0]
    share, low, high = powered_share(label, guess, others)
    assert (share[0], low[0]) == (0, 0)
    assert 0.005 < high[0] < 0.04


@builders.FEW
@given(seed=st.integers(0, 999), n=st.integers(1, 80), many=st.integers(0, 200))
def test_one_share_by_hand(seed: int, n: int, many: int) -> None:
    """The formula one step a line, of a list of contacts with two of half a weight."""
    label, guess = drawn(seed, n + many)
    pairs = [(float(y), float(f), 1.0) for y, f in zip(label[:n, 0], guess[:n, 0], strict=True)]
    pairs += [(1.0, 0.0, 0.5), (0.0, 1.0, 0.5)]
    size = sum(w for _, _, w in pairs)
    my, mf = (sum(p[k] * p[2] for p in pairs) / size for k in (0, 1))
    vy, vf = (sum(p[2] * (p[k] - m) ** 2 for p in pairs) / size for k, m in ((0, my), (1, mf)))
    both = sum(w * (y - my) * (f - mf) for y, f, w in pairs) / size
    weight = min(max(both / vf, 0), 1) * many / (n + many)
    rest = guess[n:, 0]
    shift = rest.mean() - guess[:n, 0].mean() if many else 0.0
    share = min(max(label[:n, 0].mean() + weight * shift, 0), 1)
    variance = (vy - 2 * weight * both + weight**2 * vf) / n
    variance += weight**2 * rest.var() / many if many else 0.0
    low, high = wilson(share, min(vy / variance, n + many))
    found = powered_share(label[:n], guess[:n], guess[n:])
    expected = (share, min(float(low), share), max(float(high), share))
    assert [float(one[0]) for one in found] == pytest.approx(expected, abs=1e-9)
    assert 0 <= found[1][0] <= found[0][0] <= found[2][0] <= 1


def test_noise_leaves_the_plain_sample() -> None:
    """Predictions that say nothing, or the contrary, change neither the share nor its interval."""
    label, _ = drawn(1, 300)
    for guess in (np.full((900, 1), 0.3), 1 - np.vstack([label, drawn(2, 600)[0]])):
        share, low, high = powered_share(label, guess[:300], guess[300:])
        assert share[0] == pytest.approx(label.mean())
        expected = wilson(label.mean(), 300)
        assert (low[0], high[0]) == pytest.approx([float(end) for end in expected], rel=0.02)


def test_perfect_predictions_count_every_contact() -> None:
    """The share is that of all, nearly, and far surer than the sample's own."""
    label, _ = drawn(3, 4000)
    share, low, high = powered_share(label[:400], label[:400], label[400:])
    assert share[0] == pytest.approx(label.mean(), abs=1e-3)
    alone = wilson(label[:400].mean(), 400)
    assert high[0] - low[0] < 0.55 * float(alone[1] - alone[0])


def test_the_share_is_right_in_the_mean_whatever_the_classifier_does() -> None:
    """Of many samples of one week: a classifier that calls half of all by the reason."""
    rng = np.random.default_rng(5)
    label = (rng.random((2000, 1)) < 0.3).astype(np.float64)
    guess = np.clip(0.5 * label + rng.random((2000, 1)) * 0.7, 0, 1)
    found = []
    for _ in range(800):
        order = rng.permutation(2000)
        sample, rest = order[:100], order[100:]
        found.append(powered_share(label[sample], guess[sample], guess[rest])[0][0])
    error = np.std(found) / math.sqrt(800)
    assert np.mean(found) == pytest.approx(label.mean(), abs=4 * error + 0.002)
    assert np.std(found) < math.sqrt(0.3 * 0.7 / 100)
    assert abs(guess.mean() - label.mean()) > 0.15


@builders.FEW
@given(n=st.integers(0, 30), many=st.integers(0, 30))
def test_power_is_none_without_others(n: int, many: int) -> None:
    """It lies between none and all, and is 0 where all contacts were labelled."""
    label, guess = drawn(n, n + 1)
    found = power(Moments.of(label, guess), n + 1, many)
    assert 0 <= found[0] <= 1
    assert many or found[0] == 0


def test_the_order_is_the_weeks_own() -> None:
    """Whatever order the ids come in; another week has another one; newcomers take their places."""
    ids = [f"k{i:03}" for i in range(60)]
    order = random_order(WEEK, ids)
    assert sorted(order) == ids
    assert order != ids
    assert random_order(WEEK, reversed(ids)) == order
    assert random_order(date(2026, 10, 11), ids) != order
    fewer = random_order(WEEK, ids[:40])
    assert [one for one in order if one in set(ids[:40])] == fewer


def test_each_contact_is_as_likely_to_be_drawn() -> None:
    """Over many weeks each of twenty is about as often among the first five."""
    ids = [f"k{i}" for i in range(20)]
    weeks = [date.fromordinal(700_000 + 7 * i) for i in range(2000)]
    counts = np.array([[one in random_order(week, ids)[:5] for one in ids] for week in weeks])
    spread = math.sqrt(2000 * 0.25 * 0.75)
    assert (abs(counts.sum(axis=0) - 500) < 4 * spread).all()


def test_what_counts_ends_at_the_first_gap() -> None:
    assert that_count("abcd", {"a", "b", "d"}) == ["a", "b"]
    assert that_count("abcd", {"b", "c", "d"}) == []
    assert that_count("ab", {"a", "b", "z"}) == ["a", "b"]


def week_of(size: int, kind: str = "contact") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a week of contacts or comments; a third is labelled `budget`, wrongly every fifth."""
    channel = "survey" if kind == "survey" else "phone"
    rows = [{"contacted_at": f"2026-10-05 {i % 24:02}:00", "channel": channel} for i in range(size)]
    labels = {f"k{i:03}": {"reasons": ["budget"] if i % 3 == 0 else []} for i in range(size)}
    predictions = builders.prediction_frame(labels)
    predictions["p_budget"] = np.where(predictions["budget"], 0.9, 0.1)
    return builders.contact_frame(rows), predictions


def labels_of(ids: list[str], kind: str = "contact", week: date = WEEK) -> pd.DataFrame:
    """Return what people said: `budget` of every third contact but the multiples of five."""
    rows = []
    for one in ids:
        row = dict.fromkeys(audit_columns(), False)
        budget = int(one[1:]) % 3 == 0 and int(one[1:]) % 5 > 0
        row |= {"week": week, "kind": kind, "contact_id": one, "budget": budget}
        rows.append({**row, "churn_intent": "none", "resolution": "open"})
    return pd.DataFrame(rows, columns=list(audit_columns()))


@pytest.mark.parametrize("kind", ["contact", "survey"])
def test_an_audited_week_shows_what_people_said(kind: str) -> None:
    """Its shares are the estimate by hand, the label's share stays, other slices are as before."""
    contacts, predictions = week_of(120, kind)
    order = random_order(WEEK, predictions["contact_id"])
    given_labels = labels_of(order[:50], kind)
    plain = shares(contacts, predictions, Calendar())
    found = with_audits(plain, contacts, predictions, given_labels, Calendar())
    name = "all" if kind == "contact" else "survey"
    own = found[found["slice"] == name].set_index(["metric", "reason"])
    mark = own.loc["audited"].iloc[0]
    assert (mark["value"], mark["n"]) == (50, 120)
    guess = predictions.set_index("contact_id").loc[order, ["p_budget"]].to_numpy()
    said = given_labels[["budget"]].to_numpy(np.float64)
    expected = powered_share(said, guess[:50], guess[50:])
    budget = own.loc[("reason_share", "budget")]
    got = [float(budget[end]) for end in ("value", "low", "high")]
    assert got == pytest.approx([float(one[0]) for one in expected], abs=2e-6)
    assert budget["n"] == 120
    assert own.loc[("reason_label_share", "budget"), "value"] == pytest.approx(1 / 3, abs=1e-6)
    others = plain[plain["slice"] != name].reset_index(drop=True)
    pd.testing.assert_frame_equal(found[found["slice"] != name].reset_index(drop=True), others)


@pytest.mark.parametrize(
    ("size", "labelled", "gap", "counted"),
    [(120, 50, None, 50), (120, 50, 40, 40), (120, 50, 20, None), (120, LEAST - 1, None, None),
     (12, 12, None, 12), (12, 11, None, None), (1, 1, None, 1)],
)  # fmt: skip
def test_how_many_labels_count(
    size: int, labelled: int, gap: int | None, counted: int | None
) -> None:
    """Those before the first gap, thirty at least or the whole week."""
    contacts, predictions = week_of(size)
    order = random_order(WEEK, predictions["contact_id"])
    chosen = [one for place, one in enumerate(order[:labelled]) if place != gap]
    found = aggregate(contacts, predictions, NO_CUSTOMERS, audits=labels_of(chosen)).signals
    marks = found.loc[found["metric"] == "audited", "value"].tolist()
    assert marks == ([] if counted is None else [counted])
    share = found.query("metric == 'reason_share' and slice == 'all' and reason == 'budget'")
    assert len(share) == 1
    if counted == size:
        said = labels_of(order)["budget"].mean()
        assert share["value"].iloc[0] == pytest.approx(said, abs=1e-6)


@pytest.mark.parametrize("week", [WEEK, date(2026, 1, 4)])
def test_labels_without_their_contacts_change_nothing(week: date) -> None:
    """Labels of a week without contacts, of contacts that are gone, or of none at all."""
    contacts, predictions = week_of(40)
    plain = aggregate(contacts, predictions, NO_CUSTOMERS).signals
    for ids in (["k900", "k901"], []):
        audits = labels_of(ids, week=week)
        again = aggregate(contacts, predictions, NO_CUSTOMERS, audits=audits).signals
        pd.testing.assert_frame_equal(again, plain)
    nobody = builders.contact_frame([])
    empty = aggregate(nobody, builders.prediction_frame({}), NO_CUSTOMERS, audits=labels_of([]))
    assert empty.signals.empty
