"""First-contact resolution, repeats, and what was only declared resolved.

A thread is resolved at first contact when no second inbound contact joins it within W days. The
threads of the last W days are not fully observed; counting them as resolved would flatter the
newest weeks, so the rate is the Kaplan-Meier estimate of "no second contact by day W", of the
threads that open in the week.

While nobody of a cohort was followed for W days, the curve says nothing about day W: the estimate
at an earlier day is too high for it. So `fcr` is NaN then (its `n` is given), and the estimate
by the longest follow-up stands under a name of its own, `fcr_so_far`, beside
`fcr_followed_days`. With W = 7 that is the case for a week that has only just ended.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals.intervals import Floats, ratio
from signals.journeys import NO_CONTACT, ORDEAL, places_in_threads
from signals.shares import REASON_NAMES, labelled
from signals.slices import (
    SLICES,
    Bools,
    Cells,
    Ints,
    cells,
    enough,
    inbound,
    microsecond,
    tidy,
    with_weeks,
)
from signals.survival import Survival, kaplan_meier
from signals.threads import DAY_US, SAME_ISSUE

FCR_SLICES = (*SLICES, "team", "product")


@dataclass(frozen=True)
class Observation:
    """Until when and how far contacts are followed, and how many a rate needs.

    `satisfaction_loss` is the part of the satisfaction that each further contact of a thread
    costs: 15 % by the published rule of seed 004, so what is left of it is an estimate.
    `net_queues` and `net_reasons` are of matters that no first line can resolve. `contact_cost` is
    what one contact costs, in shekels.
    """

    as_of: pd.Timestamp
    window_days: int = 7
    min_slice: int = 20
    satisfaction_loss: float = 0.15
    net_queues: frozenset[str] = frozenset()
    net_reasons: frozenset[str] = frozenset()
    contact_cost: float | None = None

    @property
    def window(self) -> int:
        """W in microseconds."""
        return self.window_days * DAY_US

    @property
    def end(self) -> int:
        """The end of observation in microseconds since 1970."""
        return microsecond(self.as_of)


def resolution(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    threads: pd.DataFrame,
    calendar: Calendar,
    observation: Observation,
) -> pd.DataFrame:
    """Return the Signals of resolution and repeats, for each definition that `threads` holds.

    Metrics, each ending in `_any`, `_queue` or `_text`, by the week and slice in which a thread
    opens: `threads`, `fcr` (of slice `all` for each reason too), `fcr_net` (without the threads
    that begin in a net queue or with a net reason), `contacts_per_issue`, `contacts_per_issue_p90`,
    `ordeals`, `satisfaction_left`; by the week and slice of the contact: `fcr_contacts` (of every
    contact: none follows it in its thread within W days), `repeat_rate`, `channel_switch` (of the
    repeats), `repeat_cost` (of the repeats, in shekels, where the price of a contact is known; `n`
    is the repeats), `false_resolution` (of the contacts declared resolved). Without an ending:
    `no_customer`. A thread has the queue, channel, team, product and reasons of its first contact.
    Intervals of what is followed over time know that customers repeat (`signals.survival`).

    A rate with fewer than `min_slice` observations is NaN, with its `n`. `provisional` says that
    a thread behind the figure was not yet followed for W days and may still change it. Repeats in
    the first W days of the data are undercounted, because what came before is not known.

    Raises:
        ValueError: when a contact is later than `as_of`.
    """
    dated = with_weeks(contacts, calendar)
    calls = inbound(dated).reset_index(drop=True)
    if (calls["contacted_at"] > observation.as_of).any():
        raise ValueError("a contact is later than the end of observation")
    labels = labelled(calls, predictions)
    placed = {dimension: cells(calls, dimension) for dimension in ("all", *FCR_SLICES)}
    parts = [_without_customer(calls, placed[dimension]) for dimension in ("all", *SLICES)]
    for definition in sorted(threads["definition"].unique()) or SAME_ISSUE:
        places = places_in_threads(calls, threads[threads["definition"] == definition])
        for dimension, cell in placed.items():
            made = _first_contact(places, cell, observation)
            if dimension == "all":
                made += _by_reason(places, cell, observation, labels)
            if dimension not in ("all", *SLICES):
                made.append(_repeats(places, cell, observation))
            else:
                made += _net(places, cell, observation, labels)
                made += _of_threads(places, cell, observation)
                made += _of_contacts(places, cell, observation, labels["resolved"].to_numpy())
            parts += [part.assign(metric=part["metric"] + f"_{definition}") for part in made]
    return tidy(parts)


def wide_resolution(
    contacts: pd.DataFrame, threads: pd.DataFrame, calendar: Calendar, observation: Observation
) -> pd.DataFrame:
    """Return the Signals `fcr_wide_…` of a second window, whose threads are given.

    For slices `all`, `queue=…` and `channel=…`, as `resolution` gives `fcr`.
    """
    calls = inbound(with_weeks(contacts, calendar)).reset_index(drop=True)
    parts = []
    for definition in sorted(threads["definition"].unique()):
        places = places_in_threads(calls, threads[threads["definition"] == definition])
        for dimension in ("all", *SLICES):
            cell = cells(calls, dimension)
            made = _followed("fcr_wide", places, cell, _opens(places), observation)
            parts += [part.assign(metric=part["metric"] + f"_{definition}") for part in made]
    return tidy(parts)


def _without_customer(calls: pd.DataFrame, cell: Cells) -> pd.DataFrame:
    """Return how many inbound contacts have no known customer; `n` is all of them."""
    missing = calls["customer_id"].isna().to_numpy()
    return cell.figure("no_customer", cell.count(missing), cell.count(np.ones_like(missing)))


def _first_contact(places: pd.DataFrame, cell: Cells, seen: Observation) -> list[pd.DataFrame]:
    """Return `fcr` of the threads that open in each cell."""
    return _followed("fcr", places, cell, _opens(places), seen)


def _opens(places: pd.DataFrame) -> Bools:
    return (places["position"] == 1).to_numpy()


def _by_reason(
    places: pd.DataFrame, cell: Cells, seen: Observation, labels: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return `fcr` of the threads whose first contact carries each reason."""
    return [
        part.assign(reason=reason)
        for reason in REASON_NAMES
        for part in _followed("fcr", places, cell, _opens(places) & labels[reason], seen)
    ]


def _net(
    places: pd.DataFrame, cell: Cells, seen: Observation, labels: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return `fcr_net` of the threads that a first line can resolve; without rules, none."""
    if not seen.net_queues and not seen.net_reasons:
        return []
    beyond = labels["queue"].isin(sorted(seen.net_queues)).to_numpy()
    for reason in sorted(seen.net_reasons):
        beyond = beyond | labels[reason].to_numpy()
    return _followed("fcr_net", places, cell, _opens(places) & ~beyond, seen)


def _followed(
    metric: str, places: pd.DataFrame, cell: Cells, where: Bools, seen: Observation
) -> list[pd.DataFrame]:
    """Return the share of the chosen contacts that nothing follows in their thread for W days."""
    estimate, provisional = _survival(places, cell, np.asarray(where), seen)
    n = cell.count(np.asarray(where))
    return _estimates(metric, cell, n, estimate, provisional, seen.min_slice)


def _of_threads(places: pd.DataFrame, cell: Cells, seen: Observation) -> list[pd.DataFrame]:
    """Return the other figures of the threads that open in each cell."""
    opens = (places["position"] == 1).to_numpy()
    size = places["size"].to_numpy()
    n = cell.count(opens)
    growing = cell.count(opens & (seen.end - places["last"].to_numpy() < seen.window)) > 0
    left = (1 - seen.satisfaction_loss) ** (np.maximum(size, 1) - 1)
    rates = {
        "contacts_per_issue": ratio(cell.total(size, opens), n),
        "contacts_per_issue_p90": _nine_in_ten(cell, opens, size),
        "satisfaction_left": ratio(cell.total(left, opens), n),
    }
    made = [
        cell.figure(metric, enough(value, n, seen.min_slice), n, provisional=growing)
        for metric, value in rates.items()
    ]
    ordeals = cell.count(opens & (size >= ORDEAL))
    return [
        *made,
        cell.figure("threads", n, n),
        cell.figure("ordeals", ordeals, n, provisional=growing),
    ]


def _of_contacts(
    places: pd.DataFrame, cell: Cells, seen: Observation, resolved: Bools
) -> list[pd.DataFrame]:
    """Return the figures of each cell's own inbound contacts of a known customer."""
    position = places["position"].to_numpy()
    switched = places["switched"].to_numpy(dtype=bool)
    declared = resolved & (position > 0)
    kept, provisional = _survival(places, cell, declared, seen)
    missed = Survival(1 - kept.value, 1 - kept.high, 1 - kept.low, kept.followed, kept.reached)
    n, least = cell.count(declared), seen.min_slice
    return [
        _repeats(places, cell, seen),
        cell.share("channel_switch", switched, position > 1, least=least),
        *_estimates("false_resolution", cell, n, missed, provisional, least),
        *_followed("fcr_contacts", places, cell, position > 0, seen),
        *_cost(cell, position > 1, seen),
    ]


def _repeats(places: pd.DataFrame, cell: Cells, seen: Observation) -> pd.DataFrame:
    """Return `repeat_rate` of each cell's own contacts."""
    position = places["position"].to_numpy()
    return cell.share("repeat_rate", position > 1, position > 0, least=seen.min_slice)


def _cost(cell: Cells, repeats: Bools, seen: Observation) -> list[pd.DataFrame]:
    """Return what the repeats of each cell cost; without a price, nothing."""
    if seen.contact_cost is None:
        return []
    n = cell.count(repeats)
    return [cell.figure("repeat_cost", seen.contact_cost * n, n)]


def _survival(
    places: pd.DataFrame, cell: Cells, where: Bools, seen: Observation
) -> tuple[Survival, Bools]:
    """Return the estimate of "no further contact by day W", and which cells are provisional."""
    chosen = where & (cell.codes >= 0)
    group, wait = cell.codes[chosen], places["wait"].to_numpy()[chosen]
    followed = seen.end - places["moment"].to_numpy()[chosen]
    event = wait != NO_CONTACT
    censored = ~event & (followed < seen.window)
    time = np.where(event, wait, followed)
    customer = places["customer"].to_numpy()[chosen]
    estimate = kaplan_meier(group, time, event, customer, len(cell.keys), seen.window)
    return estimate, np.bincount(group[censored], minlength=len(cell.keys)) > 0


def _estimates(
    metric: str, cell: Cells, n: Ints, estimate: Survival, provisional: Bools, least: int
) -> list[pd.DataFrame]:
    """Return a metric where day W was reached, and what is known so far where it was not."""
    value, low, high = (
        enough(found, n, least) for found in (estimate.value, estimate.low, estimate.high)
    )
    final = cell.figure(metric, value, n, (low, high), provisional=provisional)
    final.loc[~estimate.reached, ["value", "low", "high"]] = np.nan
    so_far = ~estimate.reached & (n > 0)
    days = estimate.followed / DAY_US
    return [
        final,
        cell.figure(f"{metric}_so_far", value, n, (low, high), provisional=True)[so_far],
        cell.figure(f"{metric}_followed_days", days, n, provisional=True)[so_far],
    ]


def _nine_in_ten(cell: Cells, opens: Bools, size: Ints) -> Floats:
    """Return the least number of contacts that nine threads in ten do not exceed."""
    chosen = opens & (cell.codes >= 0)
    group, values = cell.codes[chosen], size[chosen]
    ordered = values[np.lexsort((values, group))]
    n = np.bincount(group, minlength=len(cell.keys))
    rank = -(-9 * n // 10)  # nine tenths, rounded up without floats
    found = np.full(len(n), np.nan)
    found[n > 0] = ordered[(np.cumsum(n) - n + rank - 1)[n > 0]]
    return found
