"""The shares of a week whose random sample people labelled: prediction-powered inference.

People's labels of n contacts say how far the classifier is off in this very week, and its
predictions of the N others carry that to the whole (Angelopoulos, Bates, Fannjiang, Jordan and
Zrnic, 2023, Science 382:669-674). Unlike the correction of `signals.quantification`, this holds
whatever the classifier's errors are. Power tuning (Angelopoulos, Duchi and Zrnic, 2023, PPI++,
arXiv:2311.01453) trusts the predictions as far as the sample shows them right.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from labels.frames import P_REASONS, Calendar
from signals.intervals import Z95, Floats, wilson
from signals.sampling import random_order, that_count
from signals.shares import CONTACT, REASON_NAMES, SURVEY
from signals.slices import inbound, surveys, tidy, with_weeks

LEAST = 30  # labels that an audit needs to be shown, unless they are the whole week's
ADDED = 0.5  # misses and false alarms, each, so that a sample without any is no certainty
SLICE_OF = {CONTACT: "all", SURVEY: "survey"}


@dataclass(frozen=True)
class Moments:
    """Variances and covariance of labels and predictions, (R,), with `ADDED` errors of each kind.

    A miss is a contact that carries the reason and has the probability 0, a false alarm one that
    does not and has 1.
    """

    label: Floats
    guess: Floats
    both: Floats

    @classmethod
    def of(cls, label: Floats, guess: Floats, added: float = ADDED) -> "Moments":
        """Return the moments of (n, R) labels (0 or 1) and probabilities."""
        size = len(label) + 2 * added
        means = (label.sum(axis=0) + added) / size, (guess.sum(axis=0) + added) / size
        return cls(
            ((label**2).sum(axis=0) + added) / size - means[0] ** 2,
            ((guess**2).sum(axis=0) + added) / size - means[1] ** 2,
            (label * guess).sum(axis=0) / size - means[0] * means[1],
        )


def power(moments: Moments, n: int, others: int) -> Floats:
    """Return how much the predictions count for each reason, (R,), from 0 to 1 (PPI++, 6.1).

    It is 0 where the predictions say nothing about the labels, or where there are no others.
    """
    slope = np.divide(
        moments.both, moments.guess, out=np.zeros_like(moments.both), where=moments.guess > 0
    )
    tuned: Floats = np.clip(slope, 0, 1) * others / (n + others)
    return tuned


def powered_mean(label: Floats, guess: Floats, others: Floats, weight: Floats) -> Floats:
    """Return the prediction-powered mean of R reasons for a given power, (R,), not cut.

    Args:
        label: (n, R) what people said.
        guess: (n, R) the predictions of the same contacts.
        others: (N, R) the predictions of the others.
        weight: (R,) the power; all 0 where N is 0.
    """
    beyond = others.mean(axis=0) if len(others) else np.zeros(others.shape[1])
    mean: Floats = label.mean(axis=0) + weight * (beyond - guess.mean(axis=0))
    return mean


def powered_share(label: Floats, guess: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the share of R reasons and its 95 % interval, (R,) each, from 0 to 1.

    The interval of the papers is normal and fails for rare reasons: a sample that shows no error
    of the classifier would leave no uncertainty. So the variance is taken with `ADDED` errors of
    each kind; it says how many contacts of a plain sample would be worth as much, and the interval
    is Wilson's of that many (the effective size of Korn and Graubard, 1998, Survey Methodology
    24:193-201). With noise for predictions it is the plain sample's; it is never narrower than if
    all contacts had been labelled. `benchmarks/coverage.py` measures how often it holds.

    Args:
        label: (n, R) what people said, 0 or 1; n is at least 1.
        guess: (n, R) the probabilities of the same contacts.
        others: (N, R) the probabilities of the others.
    """
    n, many = len(label), len(others)
    moments = Moments.of(label, guess)
    weight = power(moments, n, many)
    share = np.clip(powered_mean(label, guess, others, weight), 0, 1)
    beyond = others.var(axis=0) / many if many else np.zeros_like(share)
    residual = moments.label - 2 * weight * moments.both + weight**2 * moments.guess
    worth = moments.label / (weight**2 * beyond + residual / n)
    low, high = wilson(share, np.minimum(worth, n + many))
    return share, np.minimum(low, share), np.maximum(high, share)


def with_audits(
    figures: pd.DataFrame,
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    audits: pd.DataFrame,
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the figures of `shares` with audited ones in their place, where a week was audited.

    `reason_share` of the slice `all` or `survey` becomes the estimate of `powered_share`;
    `audited` (labels that count; `n` is the week's classified contacts) marks it. What the labels
    of the classifier alone say stays, or becomes, `reason_label_share`. Queues and channels stay.

    Args:
        figures: what `signals.shares` returns.
        contacts: Contacts, those that `figures` is of.
        predictions: Predictions of one model; those without one are not of the week.
        audits: the labels that people gave, with `labels.frames.audit_columns()`.
        calendar: how moments become weeks.
    """
    dated = with_weeks(contacts, calendar)
    places = pd.Index(predictions["contact_id"])
    parts = []
    asked = audits[["week", "kind"]].drop_duplicates()
    for week, kind in asked.itertuples(index=False, name=None):
        own = audits[(audits["week"] == week) & (audits["kind"] == kind)]
        chosen = (inbound if kind == CONTACT else surveys)(dated[dated["week"] == week])
        known = chosen.loc[chosen["contact_id"].isin(places), "contact_id"]
        parts.append(_of_week(week, SLICE_OF[kind], known, predictions, places, own))
    found = [part for part in parts if len(part)]
    if not found:
        return figures
    audited = pd.concat(found, ignore_index=True)
    return tidy([_beside(figures, audited), audited])


def _of_week(
    week: date,
    name: str,
    contact_ids: "pd.Series[str]",
    predictions: pd.DataFrame,
    places: "pd.Index[str]",
    own: pd.DataFrame,
) -> pd.DataFrame:
    """Return the audited figures of one week and kind; none where too few labels count."""
    order = random_order(week, contact_ids)
    counted = that_count(order, set(own["contact_id"]))
    if not counted or (len(counted) < LEAST and len(counted) < len(order)):
        return pd.DataFrame()
    guesses = predictions[list(P_REASONS)].to_numpy(np.float64)[places.get_indexer(pd.Index(order))]
    given = own.set_index("contact_id").loc[counted, list(REASON_NAMES)].to_numpy(np.float64)
    n = len(counted)
    share, low, high = powered_share(given, guesses[:n], guesses[n:])
    rows = pd.DataFrame(
        {
            "metric": "reason_share",
            "reason": [*REASON_NAMES],
            "value": share,
            "low": low,
            "high": high,
        }
    )
    mark = pd.DataFrame({"metric": ["audited"], "reason": None, "value": float(n)})
    both = pd.concat([rows, mark.assign(low=np.nan, high=np.nan)], ignore_index=True)
    return both.assign(week=week, slice=name, n=len(order), provisional=False)


def _beside(figures: pd.DataFrame, audited: pd.DataFrame) -> pd.DataFrame:
    """Return the figures without the shares that audited ones replace.

    Where these were the classifier's labels, uncorrected, they stay under that name.
    """
    cell = pd.MultiIndex.from_frame(figures[["week", "slice"]])
    corrected = cell.isin(cell[figures["metric"] == "reason_label_share"])
    replaced = cell.isin(pd.MultiIndex.from_frame(audited[["week", "slice"]]))
    replaced &= (figures["metric"] == "reason_share").to_numpy()
    named = figures["metric"].mask(replaced & ~corrected, "reason_label_share")
    return figures.assign(metric=named)[~(replaced & corrected)]


def audited_shares(figures: pd.DataFrame) -> dict[tuple[str, date], tuple[Floats, Floats]]:
    """Return the audited shares among the figures and their variances, (R,), by slice and week.

    The variance is that of a normal interval as wide.
    """
    marks = figures.loc[figures["metric"] == "audited", ["slice", "week"]]
    found = {}
    for name, week in marks.itertuples(index=False, name=None):
        own = figures[(figures["slice"] == name) & (figures["week"] == week)]
        rows = own[own["metric"] == "reason_share"].set_index("reason").loc[list(REASON_NAMES)]
        half = (rows["high"] - rows["low"]).to_numpy() / 2
        found[name, week] = (rows["value"].to_numpy(), (half / Z95) ** 2)
    return found
