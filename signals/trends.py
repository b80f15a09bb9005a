"""What changed: each reason's share this week against the mean of the four weeks before."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from labels.codebook import REASONS
from signals.audited import audited_shares
from signals.intervals import Z95, Floats
from signals.quantification import HeldOut, corrected_change, corrected_mean
from signals.shares import CONTACT, SURVEY
from signals.slices import Bools, tidy

WEEKS_BEFORE = 4
WEEKS_NEEDED = 2
FALSE_DISCOVERIES = 0.05
NAMES = [str(reason) for reason in REASONS]
Audit = tuple[Floats, Floats]  # audited shares of a week and their variances


def trends(shares: pd.DataFrame, held_out: Mapping[str, HeldOut] | None = None) -> pd.DataFrame:
    """Return the Signals of change, for slices `all` and `survey`, from `reason_count` figures.

    For each week and reason: `reason_before` (the plain mean of the shares of the weeks with
    classified contacts among the four calendar weeks before; `n` is their contacts),
    `reason_change` (this week's share minus that, with its 95 % interval; `n` is this week's
    contacts), `reason_change_p` (two-sided) and `reason_change_significant` (1.0 or 0.0, after
    Benjamini-Hochberg at 5 % over the reasons of that week and slice). `weeks_before` says how
    many weeks were compared; with fewer than two of them the change is NaN.

    The weeks are taken as independent samples and the difference as normal. Its variance is
    p(1 - p)/n of this week plus the mean's, the sum of the earlier weeks' over k², each with
    p = (x + 1)/(n + 2) after Agresti and Caffo (2000), so that a count of 0 is no certainty.

    Shares and changes are corrected as `reason_share` is (`signals.quantification`). Whether a
    change is significant is asked of the labels: the classifier errs alike in all weeks.

    A week that was audited (`signals.audited`) is compared by its audited share with the best share
    of each week before it. Unless all of them were audited, the difference may be the classifier's,
    so it is significant only where the labels moved as significantly the same way (the larger of
    the two p-values, 1 where the directions differ: Berger, 1982, Technometrics 24:295-300). A week
    that was not audited is compared as said above, also with weeks that were.
    """
    known = held_out or {}
    audits = audited_shares(shares)
    counts = shares[(shares["metric"] == "reason_count") & shares["slice"].isin(["all", "survey"])]
    parts = []
    for name, own in counts.groupby("slice"):
        wide = own.pivot_table(index="week", columns="reason", values="value")[NAMES]
        n = own.groupby("week")["n"].first()
        parts += [
            of_week(
                week,
                str(name),
                wide.loc[[week, *before]],
                n.loc[[week, *before]],
                known.get(SURVEY if name == SURVEY else CONTACT),
                [audits.get((str(name), one)) for one in (week, *before)],
            )
            for week, before in zip(n.index, earlier(n), strict=True)
        ]
    return tidy(parts)


def earlier(n: "pd.Series[int]") -> list[list[date]]:
    """Return for each week those of the four weeks before it that have contacts."""
    spans = [timedelta(weeks=k) for k in range(1, WEEKS_BEFORE + 1)]
    filled = set(n.index[n > 0])
    return [[week - span for span in spans if week - span in filled] for week in n.index]


def of_week(
    week: date,
    name: str,
    counts: pd.DataFrame,
    n: "pd.Series[int]",
    held_out: HeldOut | None,
    audits: Sequence[Audit | None],
    needed: int = WEEKS_NEEDED,
) -> pd.DataFrame:
    """Return one week's changes; the first row is the week itself, the others those before.

    `needed` is how many of those a comparison needs.
    """
    x: Floats = counts.to_numpy(dtype=np.float64)
    size = n.to_numpy().astype(np.float64)
    found = change_of(x, size, needed)
    k = len(x) - 1
    blank = np.full(len(NAMES), np.nan)
    label = x[0] / size[0] if found.compared else blank
    moved, p_value = found.change, found.p
    before, change, error = corrected_change(label, found.before, found.error, held_out)
    if found.compared and audits[0]:
        earlier_labels = x[1:] / size[1:, None], found.variance[1:]
        before, change, error = _audited_change(audits[0], audits[1:], *earlier_labels, held_out)
        of_audit = two_sided(change / error)
        agreeing = np.where(change * moved > 0, np.maximum(of_audit, p_value), 1.0)
        p_value = np.where(np.isnan(change) | all(audits), of_audit, agreeing)
    significant = np.where(np.isnan(p_value), np.nan, discoveries(p_value))
    rows = {
        "reason_before": (before, blank, blank, int(n.iloc[1:].sum())),
        "reason_change": (change, change - Z95 * error, change + Z95 * error, int(n.iloc[0])),
        "reason_change_p": (p_value, blank, blank, int(n.iloc[0])),
        "reason_change_significant": (significant, blank, blank, int(n.iloc[0])),
    }
    made = [
        {"metric": metric, "reason": reason, "value": v, "low": lo, "high": hi, "n": many}
        for metric, (values, lows, highs, many) in rows.items()
        for reason, v, lo, hi in zip(NAMES, values, lows, highs, strict=True)
    ]
    made.append({"metric": "weeks_before", "reason": None, "value": k, "n": int(n.iloc[1:].sum())})
    return pd.DataFrame(made).assign(week=week, slice=name, provisional=False)


def _audited_change(
    now: Audit,
    audits: Sequence[Audit | None],
    labels: Floats,
    variances: Floats,
    held_out: HeldOut | None,
) -> tuple[Floats, Floats, Floats]:
    """Return the share before, the change and its standard error, (R,) each, of an audited week.

    A week before counts with its audited share where it was audited too, else with the corrected
    share of its labels; what is uncertain in the correction is the same for all of those.

    Args:
        now: the audited shares of the week and their variances.
        audits: those of the k weeks before, None where there was no audit.
        labels: the shares of labels in the weeks before, (k, R).
        variances: the variances of these, (k, R).
        held_out: how the classifier errs.
    """
    plain = np.array([audit is None for audit in audits])
    share = sum((audit[0] for audit in audits if audit), start=np.zeros(len(NAMES)))
    variance = sum((audit[1] for audit in audits if audit), start=np.zeros(len(NAMES)))
    if plain.any():
        many = plain.sum()
        mean = labels[plain].mean(axis=0), variances[plain].sum(axis=0) / many**2
        corrected, uncertain = corrected_mean(*mean, held_out)
        share, variance = share + many * corrected, variance + many**2 * uncertain
    before = share / len(plain)
    return before, now[0] - before, np.sqrt(now[1] + variance / len(plain) ** 2)


@dataclass(frozen=True)
class Change:
    """Of R shares: the mean of the weeks before, the difference, its standard error and p; (R,).

    `variance` (1 + k, R) is of the week's share and those before. With too few weeks to compare,
    all but `before` are NaN.
    """

    before: Floats
    change: Floats
    error: Floats
    p: Floats
    variance: Floats
    compared: bool


def change_of(x: Floats, size: Floats, needed: int = WEEKS_NEEDED) -> Change:
    """Return the change of the first week's shares against the mean of the k weeks that follow it.

    `trends` says how the error is computed.

    Args:
        x: (1 + k, R) counts, the week itself first, then those before.
        size: (1 + k,) contacts; those of the weeks before are not 0.
        needed: the least k that is compared.
    """
    k = len(x) - 1
    blank = np.full(x.shape[1], np.nan)
    before = np.mean(x[1:] / size[1:, None], axis=0) if k else blank
    if k < needed or size[0] == 0:
        return Change(before, blank, blank, blank, np.full_like(x, np.nan), compared=False)
    p = (x + 1) / (size[:, None] + 2)
    variance = p * (1 - p) / size[:, None]
    change = x[0] / size[0] - before
    error = np.sqrt(variance[0] + variance[1:].sum(axis=0) / k**2)
    return Change(before, change, error, two_sided(change / error), variance, compared=True)


def two_sided(z: Floats) -> Floats:
    """Return the two-sided p-values of normal deviates; NaN of NaN."""
    return np.array([math.erfc(abs(one) / math.sqrt(2)) for one in z])


def discoveries(p: Floats, level: float = FALSE_DISCOVERIES) -> Bools:
    """Return which p-values are significant by Benjamini and Hochberg (1995); NaN is none."""
    tested = np.sort(p[~np.isnan(p)])
    passing = tested <= level * np.arange(1, len(tested) + 1) / max(len(tested), 1)
    return p <= (tested[passing].max() if passing.any() else -1.0)
