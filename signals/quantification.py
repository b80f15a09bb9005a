"""The share of a reason, corrected for the classifier's error.

A classifier that misses a fifth of a reason would report a fifth too little, and its false alarms
are reported as too much. Both rates are known from labelled notes that it never saw; the true share
follows from them and from the share of labels (Rogan and Gladen, 1978). This holds as long as the
classifier errs on these notes as it did on those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.intervals import Z95, Floats
from signals.slices import Ints

ADDED = 1  # of each outcome among the labelled notes, so that none found or missed is no certainty


@dataclass(frozen=True)
class HeldOut:
    """What the classifier did on labelled notes that it never saw, (R,) counts, one a reason.

    `positives` carry the reason, `found` of these got it; `negatives` do not, `rejected` of these
    did not get it.
    """

    positives: Ints
    found: Ints
    negatives: Ints
    rejected: Ints

    @classmethod
    def of(cls, counts: Mapping[str, Sequence[int]]) -> "HeldOut":
        """Return the counts that a model's card holds."""
        return cls(**{name: np.asarray(values, np.int64) for name, values in counts.items()})


@dataclass(frozen=True)
class Rates:
    """Sensitivity and specificity of R reasons with the variances of their estimates, (R,) each."""

    sensitivity: Floats
    specificity: Floats
    sensitivity_variance: Floats
    specificity_variance: Floats

    @property
    def youden(self) -> Floats:
        """Return by how much the label's share rises where the true share rises by one."""
        return self.sensitivity + self.specificity - 1


def rates_of(held_out: HeldOut, added: int = ADDED) -> Rates:
    """Return the rates, with `added` notes more of each outcome."""
    found, positives = held_out.found + added, held_out.positives + 2 * added
    rejected, negatives = held_out.rejected + added, held_out.negatives + 2 * added
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity, specificity = found / positives, rejected / negatives
        return Rates(
            sensitivity,
            specificity,
            sensitivity * (1 - sensitivity) / positives,
            specificity * (1 - specificity) / negatives,
        )


def corrected(count: Ints, n: Ints, held_out: HeldOut) -> tuple[Floats, Floats, Floats]:
    """Return the corrected share and its 95 % interval, (C, R) each, from 0 to 1.

    The interval (Lang and Reiczigel, 2014, Preventive Veterinary Medicine 113:13-22) holds both the
    sample's uncertainty and that of the two rates. NaN where there is nothing to count, or where
    the label says nothing about the reason (sensitivity no greater than the rate of false alarms).

    Args:
        count: (C, R) contacts of each cell that carry the label.
        n: (C,) classified contacts of each cell.
        held_out: the counts of R reasons.
    """
    size = np.where(n > 0, n, np.nan)[:, None].astype(np.float64)
    plain, safe = rates_of(held_out, added=0), rates_of(held_out)
    known = (plain.youden > 0) & (safe.youden > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, _true_share(count / size, plain), np.nan)
        label = (count + Z95**2 / 2) / (size + Z95**2)
        middle = (label + safe.specificity - 1) / safe.youden
        spread = label * (1 - label) / (size + Z95**2)
        of_found = safe.sensitivity_variance * middle**2
        of_rejected = safe.specificity_variance * (1 - middle) ** 2
        half = Z95 * np.sqrt(spread + of_found + of_rejected) / safe.youden
        shift = safe.sensitivity_variance * middle - safe.specificity_variance * (1 - middle)
        centre = np.where(known, middle + 2 * Z95**2 * shift, np.nan)
        low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    return share, np.minimum(low, share), np.maximum(high, share)


def _true_share(label: Floats, rates: Rates) -> Floats:
    """Return the true share that a share of labels speaks of, cut at 0 and 1."""
    share: Floats = np.clip((label + rates.specificity - 1) / rates.youden, 0, 1)
    return share


def corrected_change(
    label: Floats, before: Floats, error: Floats, held_out: HeldOut | None
) -> tuple[Floats, Floats, Floats]:
    """Return the share before, the change and its standard error, (R,) each, in true shares.

    What is known of the rates is the same in both weeks, so it widens the change only in proportion
    to the change itself. Without `held_out` nothing is corrected.

    Args:
        label: the share of labels now, (R,).
        before: that of the weeks before.
        error: the standard error of their difference.
        held_out: the counts of R reasons.
    """
    if held_out is None:
        return before, label - before, error
    plain, safe = rates_of(held_out, added=0), rates_of(held_out)
    known = (plain.youden > 0) & (safe.youden > 0)
    uncertain = safe.sensitivity_variance + safe.specificity_variance
    with np.errstate(divide="ignore", invalid="ignore"):
        was = np.where(known, _true_share(before, plain), np.nan)
        change = np.where(known, _true_share(label, plain), np.nan) - was
        wider = np.sqrt(error**2 + uncertain * ((label - before) / safe.youden) ** 2) / safe.youden
    return was, change, np.where(known, wider, np.nan)


def corrected_mean(
    label: Floats, variance: Floats, held_out: HeldOut | None
) -> tuple[Floats, Floats]:
    """Return the true share that a share of labels speaks of, and its variance, (R,) each.

    The variance is of the sample and of the two rates (Rogan and Gladen, 1978). Without `held_out`
    nothing is corrected.
    """
    if held_out is None:
        return label, variance
    plain, safe = rates_of(held_out, added=0), rates_of(held_out)
    known = (plain.youden > 0) & (safe.youden > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, _true_share(label, plain), np.nan)
        of_rates = safe.sensitivity_variance * share**2
        of_rates = of_rates + safe.specificity_variance * (1 - share) ** 2
        return share, (variance + of_rates) / safe.youden**2
