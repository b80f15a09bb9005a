"""Do the 95 % intervals hold the truth? Data with a known truth, a thousand times over.

    python benchmarks/coverage.py [--runs 1000] [--seed 7] [--json OUT]

- First-contact resolution of a week that is not over: customers with tempers of their own open
  threads through the week; observation ends within the window, so that many threads are censored.
  The naive figure counts every thread without a second contact so far as resolved.
- Shares of reasons: a classifier with known errors labels a week whose mix moved since its errors
  were measured on labelled notes. The naive figure is the share of labels.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nlp.card import machine
from signals.audited import powered_share
from signals.intervals import Floats, wilson
from signals.quantification import HeldOut, corrected
from signals.survival import kaplan_meier

DAY = 24  # hours
WINDOW = 7 * DAY
# Truth, then value, low and high of Keshev's figure, then of the naive one; (F,) each.
Run = tuple[Floats, tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]


@dataclass(frozen=True)
class Coverage:
    """How often 95 % intervals held the truth, and the mean error: Keshev's, and naive ones.

    `known` is the share of runs that had data enough for a figure; the others count for nothing.
    """

    figure: str
    truth: float
    known: float
    covered: float
    error: float
    naive_covered: float
    naive_error: float


def first_contact(rng: np.random.Generator, customers: int, ends_after: int, most: int = 4) -> Run:
    """Return one week's FCR, observed until `ends_after` hours after its first.

    A customer opens one to `most` threads and has a temper: by it a thread comes back within the
    window with a probability of 5 to 55 %, 30 % in the mean, sooner rather than later.
    """
    many = rng.integers(1, most + 1, customers)
    customer = np.repeat(np.arange(customers), many)
    temper = rng.uniform(0.05, 0.55, customers)[customer]
    opened = rng.uniform(0, 7 * DAY, len(customer))
    returns = rng.random(len(customer)) < temper
    wait = np.where(returns, WINDOW * rng.beta(1, 2, len(customer)), 10 * WINDOW)
    followed = ends_after - opened
    seen = followed > 0
    event = wait[seen] <= followed[seen]
    time = np.minimum(wait, followed)[seen]
    units = (np.maximum(time, 0.001) * 3_600_000_000).astype(np.int64)
    group = np.zeros(len(units), dtype=np.int64)
    found = kaplan_meier(group, units, event, customer[seen], 1, WINDOW * 3_600_000_000)
    so_far = np.array([1 - event.mean()])
    ours = (found.value, found.low, found.high)
    return np.array([0.7]), ours, (so_far, *wilson(so_far, np.array([len(units)])))


# True share, sensitivity and specificity of five reasons, from frequent to rare.
REASONS = np.array(
    [
        (0.25, 0.80, 0.95),
        (0.12, 0.85, 0.97),
        (0.08, 0.75, 0.985),
        (0.05, 0.85, 0.99),
        (0.02, 0.90, 0.995),
    ]
)


def reason_shares(rng: np.random.Generator, contacts: int, labelled: int) -> Run:
    """Return one week's shares of reasons, corrected by `labelled` held-out notes.

    The held-out notes were drawn with other shares: each reason's is the half or the double.
    """
    share, sensitivity, specificity = REASONS.T
    held = np.clip(share * 2.0 ** rng.uniform(-1, 1, len(share)), 0.01, 0.6)
    positives = rng.binomial(labelled, held)
    negatives = labelled - positives
    errors = HeldOut(
        positives,
        rng.binomial(positives, sensitivity),
        negatives,
        rng.binomial(negatives, specificity),
    )
    carry = rng.binomial(contacts, share)
    count = rng.binomial(carry, sensitivity) + rng.binomial(contacts - carry, 1 - specificity)
    value, low, high = corrected(count[None, :], np.array([contacts]), errors)
    naive = count / contacts
    ends = wilson(naive, np.full(len(naive), contacts))
    return share, (value[0], low[0], high[0]), (naive, *ends)


# The errors that the classifier has come to since, sensitivity and specificity of each reason.
MOVED = np.array([(0.60, 0.91), (0.65, 0.95), (0.95, 0.96), (0.55, 0.98), (0.60, 0.98)])


def audited_shares(rng: np.random.Generator, contacts: int, audited: int) -> Run:
    """Return one week's shares, by an audit of some contacts, of a classifier whose errors moved.

    The naive figure is corrected by 5,000 notes that it was held to before. A contact that is
    labelled has a probability of 0.8 in the mean, another one of 0.05.
    """
    share, sensitivity, specificity = REASONS.T
    positives = rng.binomial(5000, share)
    errors = HeldOut(
        positives,
        rng.binomial(positives, sensitivity),
        5000 - positives,
        rng.binomial(5000 - positives, specificity),
    )
    carry = rng.random((contacts, len(share))) < share
    draw = rng.random(carry.shape)
    found = np.where(carry, draw < MOVED.T[0], draw >= MOVED.T[1])
    guess = np.where(found, rng.beta(6, 1.5, carry.shape), rng.beta(0.6, 12, carry.shape))
    ours = powered_share(carry[:audited].astype(np.float64), guess[:audited], guess[audited:])
    value, low, high = corrected(found.sum(axis=0)[None, :], np.array([contacts]), errors)
    return share, ours, (value[0], low[0], high[0])


SCENES: dict[str, Callable[[np.random.Generator], Run]] = {
    "FCR, week ended 1 day ago, 400 customers": lambda rng: first_contact(rng, 400, 8 * DAY),
    "FCR, week ended 3 days ago, 100 customers": lambda rng: first_contact(rng, 100, 10 * DAY),
    "FCR, whole, 12 customers of many threads": lambda rng: first_contact(rng, 12, 15 * DAY, 8),
    "share, 400 contacts, 500 labelled": lambda rng: reason_shares(rng, 400, 500),
    "share, 4,000 contacts, 500 labelled": lambda rng: reason_shares(rng, 4000, 500),
    "share, audited, 100 of 400 contacts": lambda rng: audited_shares(rng, 400, 100),
    "share, audited, 100 of 4,000 contacts": lambda rng: audited_shares(rng, 4000, 100),
}


def coverage_of(scene: str, runs: int, seed: int) -> list[Coverage]:
    """Return the coverage of each figure of a scene over `runs` runs of a seed."""
    place = list(SCENES).index(scene)
    made = [SCENES[scene](np.random.default_rng([seed, place, run])) for run in range(runs)]
    truth = made[0][0]
    sides = []
    for side in (1, 2):
        value, low, high = (np.array([run[side][k] for run in made]) for k in range(3))
        known = ~np.isnan(value)  # a figure may say that there is not enough data
        held = np.where(known, (low <= truth) & (truth <= high), np.nan)
        sides.append((known.mean(axis=0), np.nanmean(held, axis=0), np.nanmean(value - truth, 0)))
    (known, held, error), (_, naive_held, naive_error) = sides
    columns = (truth, known, held, error, naive_held, naive_error)
    return [Coverage(scene, *map(float, row)) for row in zip(*columns, strict=True)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    out = Console()
    rows = [
        row
        for scene in track(SCENES, "scenes", console=Console(stderr=True))
        for row in coverage_of(scene, given.runs, given.seed)
    ]
    table = Table(
        *("figure", "truth", "known", "covered", "mean error", "naive covered", "naive mean error"),
        title=f"95 % intervals, {given.runs} runs; {date.today()}, {machine()}",
    )
    for row in rows:
        table.add_row(
            row.figure,
            f"{row.truth:.2f}",
            f"{row.known:.1%}",
            f"{row.covered:.1%}",
            f"{row.error:+.4f}",
            f"{row.naive_covered:.1%}",
            f"{row.naive_error:+.4f}",
        )
    out.print(table)
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
