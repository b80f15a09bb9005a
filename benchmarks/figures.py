"""Seconds and memory of all figures, by the number of contacts.

    python benchmarks/figures.py [--contacts 10000 100000 1000000] [--json OUT]

Contacts are invented by chance: half a year, four customers in ten who come back, six queues, five
channels, 40 teams and products, each reason on 8 % of the contacts, some customers who left, a
probability for each pair of contacts that may be about the same matter. Measured is
`signals.aggregate` from frames to figures, each size in a process of its own; the peer is one
pandas `groupby` of the same frame by week and queue, in the same process.
"""

import argparse
import json
import multiprocessing
import resource
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.frames import P_CHURN, UTC, Customers
from nlp.card import machine
from signals.aggregate import aggregate
from signals.quantification import HeldOut
from signals.threads import JudgedPairs, candidates, counted_contacts

SIZES = (10_000, 100_000, 1_000_000)
DAYS = 182
WIDE = 30
Frames = tuple[pd.DataFrame, pd.DataFrame, JudgedPairs]


def invented(count: int, seed: int = 7) -> Frames:
    """Return contacts, their predictions, and the decision over their pairs."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{i:07}" for i in range(count)], dtype=object)
    start = pd.Timestamp("2026-04-05", tz="UTC")
    seconds = np.sort(rng.integers(0, DAYS * 86_400, count))
    contacts = pd.DataFrame(
        {
            "contact_id": ids,
            "source": "invented",
            "customer_id": _names("k", rng.integers(0, int(count * 0.6), count)),
            "contacted_at": (start + pd.to_timedelta(seconds, unit="s")).astype(UTC),
            "channel": rng.choice(["phone", "chat", "whatsapp", "email", "survey"], count),
            "queue": _names("q", rng.integers(0, 6, count)),
            "agent_id": _names("a", rng.integers(0, 300, count)),
            "direction": np.where(rng.random(count) < 0.9, "in", "out"),
            "text": "",
            "product": _names("p", rng.integers(0, 40, count)),
            "team": _names("t", rng.integers(0, 40, count)),
            "segment": None,
            "handle_seconds": np.nan,
            "crm_resolved": None,
            "survey_resolved": None,
            "nps": np.where(rng.random(count) < 0.1, rng.integers(0, 11, count), np.nan),
            "csat": np.nan,
        }
    )
    predictions = pd.DataFrame({"contact_id": ids, "model_id": "m1"})
    for reason in REASONS:
        predictions[str(reason)] = rng.random(count) < 0.08
    predictions["churn_intent"] = rng.choice(
        list(map(str, CHURN_INTENTS)), count, p=(0.8, 0.1, 0.1)
    )
    for name in P_CHURN:
        predictions[name] = rng.random(count)
    predictions["resolution"] = rng.choice(list(map(str, RESOLUTIONS)), count)
    predictions["repeat"] = rng.random(count) < 0.1
    predictions["unclear"] = rng.random(count) < 0.05
    predictions["at_risk"] = rng.random(count) < 0.15
    counted = counted_contacts(contacts)
    places, known = candidates(counted, WIDE), counted["contact_id"].to_numpy(dtype=object)
    pairs = pd.DataFrame(
        {
            "contact_id": known[places[:, 1]],
            "earlier_id": known[places[:, 0]],
            "p_same": rng.random(len(places)),
        }
    )
    return contacts, predictions, JudgedPairs(pairs, 0.6)


def left_by(contacts: pd.DataFrame, seed: int = 8) -> pd.DataFrame:
    """Return a roster of those who left: one contact in fifty was the last but for weeks."""
    last = contacts.sample(frac=0.02, random_state=seed).drop_duplicates("customer_id")
    days = last["contacted_at"] + pd.to_timedelta(
        np.random.default_rng(seed).integers(1, 40, len(last)), unit="D"
    )
    names = list(Customers.to_schema().columns)
    roster = pd.DataFrame({"customer_id": last["customer_id"]}, columns=names, dtype=object)
    roster["churned_at"] = days.dt.date
    return roster.astype({"monthly_value": float}).sort_values("customer_id", ignore_index=True)


def _names(prefix: str, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> object:
    known = np.array([f"{prefix}{i}" for i in range(int(numbers.max(initial=0)) + 1)], dtype=object)
    return known[numbers]


def measured(count: int) -> dict[str, float]:
    """Return seconds, the peer's seconds, the peak megabytes of the process, and figures made."""
    contacts, predictions, matter = invented(count)
    held = np.full(len(REASONS), 50)
    errors = HeldOut(held, held - 8, held * 8, held * 8 - 6)
    began = time.perf_counter()
    contacts.groupby([contacts["contacted_at"].dt.dayofyear // 7, "queue"]).size()
    peer = time.perf_counter() - began
    began = time.perf_counter()
    found = aggregate(
        contacts,
        predictions,
        left_by(contacts),
        definition="text",
        matter=matter,
        held_out={"contact": errors, "survey": errors},
        wide_window_days=WIDE,
    )
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "contacts": count,
        "pairs": len(matter.pairs),
        "seconds": seconds,
        "peer_seconds": peer,
        "peak_mb": peak,
        "figures": len(found.signals),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--contacts", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    for count in given.contacts:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(measured, (count,)))
    table = Table(
        *("contacts", "pairs", "figures", "seconds", "per groupby", "peak memory, MB"),
        title=f"All figures; {date.today()}, {machine()}",
    )
    for row in rows:
        table.add_row(
            f"{row['contacts']:,}",
            f"{row['pairs']:,}",
            f"{row['figures']:,}",
            f"{row['seconds']:.1f}",
            f"{row['seconds'] / row['peer_seconds']:.0f}",
            f"{row['peak_mb']:,.0f}",
        )
    Console().print(table)
    if given.json:
        given.json.write_text(json.dumps(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
