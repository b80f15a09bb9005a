"""Are two contacts of a customer about the same matter? A trained decision over a pair.

The network reads both notes as one (`nlp.together`). A logistic regression on dev's journeys joins
what it says with the rest that is known of the pair, so that the result is a probability; the
threshold is the one whose threads have the best F1 over pairs there.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from nlp.heads import Bools, Floats, sigmoid

if TYPE_CHECKING:
    from labels.journeys import Journey  # reads with pydantic: classifying does without

FEATURES = ("together", "cosine", "reasons", "queue", "gap", "repeat")
SURE = 8.0  # of the network's logit, more counts as this
MINUTES_A_DAY = 24 * 60
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """What is known of N contacts.

    `issue` (N, 64) of length one, `p_reasons` (N, 12), `p_repeat` (N,), `queue` (N,) codes, -1 for
    none, and `days` (N,) since any common moment.
    """

    issue: Floats
    p_reasons: Floats
    p_repeat: Floats
    queue: Ints
    days: NDArray[np.float64]


@dataclass(frozen=True)
class SameMatter:
    """The decision: a weight for each of `FEATURES`, the bias, and the threshold.

    Before it is fitted it is what the network says alone.
    """

    weights: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    bias: float = 0.0
    threshold: float = 0.5

    def probability(self, features: Floats) -> Floats:
        """Return the probability that each pair of (M, 6) features is the same matter, (M,)."""
        logits = features.astype(np.float64) @ np.array(self.weights) + self.bias
        return np.round(sigmoid(logits.astype(np.float32)), 4)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a model folder's config."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the decision that `to_json` gave."""
        return cls(**{**values, "weights": tuple(values["weights"])})


def features_of(facts: Facts, pairs: Ints, together: Floats) -> Floats:
    """Return the features of M pairs, (M, 6), in the order of `FEATURES`.

    `together`: the network's logit, at most 8 either way; `cosine` of the issue vectors; `reasons`:
    the overlap of their probabilities, sum of the lesser over sum of the greater; `queue`: 1 when
    both are the same; `gap`: log(1 + days between); `repeat`: probability that the later note
    says that it is one.

    Args:
        facts: of all contacts.
        pairs: (M, 2) places of the earlier and the later contact.
        together: (M,) logits.
    """
    one, other = pairs[:, 0], pairs[:, 1]
    lesser = np.minimum(facts.p_reasons[one], facts.p_reasons[other]).sum(axis=1)
    greater = np.maximum(facts.p_reasons[one], facts.p_reasons[other]).sum(axis=1)
    columns = (
        np.clip(together, -SURE, SURE),
        (facts.issue[one] * facts.issue[other]).sum(axis=1),
        lesser / np.maximum(greater, 1e-6),
        (facts.queue[one] == facts.queue[other]) & (facts.queue[one] >= 0),
        np.log1p(np.maximum(facts.days[other] - facts.days[one], 0.0)),
        facts.p_repeat[other],
    )
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


@dataclass(frozen=True)
class JourneyPairs:
    """Every two contacts of the same customer.

    `pairs` (M, 2) are places among all contacts in the journeys' order, the earlier first; `queue`
    (N,) codes and `days` (N,) are of the contacts; `same` (M,) is the truth.
    """

    pairs: Ints
    queue: Ints
    days: NDArray[np.float64]
    same: Bools


def pairs_of(journeys: "Sequence[Journey]") -> JourneyPairs:
    """Return the pairs within each journey."""
    contacts = [contact for journey in journeys for contact in journey.contacts]
    pairs: list[tuple[int, int]] = []
    at = 0
    for journey in journeys:
        pairs += combinations(range(at, at + len(journey.contacts)), 2)
        at += len(journey.contacts)
    _, queue = np.unique([contact.queue for contact in contacts], return_inverse=True)
    minutes = [int(c.time[:2]) * 60 + int(c.time[3:]) + c.day * MINUTES_A_DAY for c in contacts]
    same = [contacts[i].issue == contacts[j].issue for i, j in pairs]
    return JourneyPairs(
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        queue.astype(np.int64),
        np.array(minutes, dtype=np.float64) / MINUTES_A_DAY,
        np.array(same, dtype=bool),
    )


@dataclass(frozen=True)
class PairFigures:
    """How well a definition tells the same matter, over `n` pairs, `same` of them true."""

    precision: float
    recall: float
    f1: float
    n: int
    same: int


def pair_figures(chosen: Bools, same: Bools) -> PairFigures:
    """Return the figures of the pairs called the same; 0 where undefined."""
    both = int((chosen & same).sum())
    return PairFigures(
        both / max(int(chosen.sum()), 1),
        both / max(int(same.sum()), 1),
        2 * both / max(int(chosen.sum()) + int(same.sum()), 1),
        len(same),
        int(same.sum()),
    )


def in_one_thread(pairs: Ints, p: Floats, threshold: float) -> Bools:
    """Return whether both contacts of each pair stand in one thread, (M,).

    As `signals.threads` joins, but in a window that ends nowhere: each contact, in order, joins the
    thread of the likeliest earlier one whose pair reaches the threshold, of equals the later one.

    Args:
        pairs: (M, 2) places of every two contacts of each customer, the earlier first.
        p: (M,) probabilities that they are about the same matter.
        threshold: from which a pair is called the same.
    """
    likeliest: dict[int, tuple[float, int]] = {}
    exact = np.round(p.astype(np.float64), 4)  # float32 lies beside the threshold that it equals
    for (earlier, later), probability in zip(pairs.tolist(), exact.tolist(), strict=True):
        if probability >= threshold:
            found = (probability, earlier)
            likeliest[later] = max(likeliest.get(later, found), found)
    thread = np.arange(int(pairs.max(initial=-1)) + 1)
    for later in sorted(likeliest):
        thread[later] = thread[likeliest[later][1]]
    same: Bools = thread[pairs[:, 0]] == thread[pairs[:, 1]]
    return same


def best_threshold(call: Callable[[float], Bools], same: Bools) -> float:
    """Return the threshold, in steps of 0.01, whose calls have the best F1; the middle of equals.

    Args:
        call: gives the pairs called the same, (M,), from a threshold.
        same: the truth, (M,).
    """
    grid = np.round(np.arange(0.01, 1.0, 0.01), 2)
    scores = np.array([pair_figures(call(cut), same).f1 for cut in grid.tolist()])
    best = np.flatnonzero(np.isclose(scores, scores.max()))
    return float(grid[best[len(best) // 2]])


def fit_same_matter(features: Floats, found: JourneyPairs) -> SameMatter:
    """Return the decision that pairs' features and truth give; needs scikit-learn.

    Scikit-learn's default penalty holds the weights of a few hundred pairs small.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000).fit(features, found.same)
    weights = tuple(round(float(weight), 4) for weight in model.coef_[0])
    decision = SameMatter(weights, round(float(model.intercept_[0]), 4))
    p = decision.probability(features)
    threshold = best_threshold(lambda cut: in_one_thread(found.pairs, p, cut), found.same)
    return replace(decision, threshold=threshold)
