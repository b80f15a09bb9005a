"""Slow, obvious twins of the figures: one loop a definition, no numpy tricks.

A twin of Signals is a dict {(week, slice, metric, reason): (value, n, provisional)}; None stands
for NaN.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from math import erfc, sqrt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from labels.codebook import REASONS

Row = dict[str, Any]
Figure = tuple[float | None, int, bool]
Figures = dict[tuple[date, str, str, str | None], Figure]
Place = tuple[date, str]
ISRAEL = ZoneInfo("Asia/Jerusalem")
DAY = timedelta(days=1)
BREAKDOWNS = ("queue", "channel", "product", "team", "segment")


def assert_figures(signals: pd.DataFrame, twin: Figures) -> None:
    """Check that figures equal a twin's, and that what the twin lacks counts nothing."""
    found = {
        (row.week, row.slice, row.metric, row.reason): row
        for row in signals.itertuples(index=False)
    }
    assert set(twin) <= set(found)
    for key, row in found.items():
        if "so_far" in row.metric or "followed_days" in row.metric:
            continue
        value, n, provisional = twin.get(key, (None, 0, False))
        assert (row.n, row.provisional) == (n, provisional), key
        if key not in twin and row.value == 0:
            continue  # a count of nothing
        expected = float("nan") if value is None else value
        assert row.value == pytest.approx(expected, abs=2e-6, nan_ok=True), key


def rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows as dicts, every kind of missing value as None."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def week(moment: pd.Timestamp) -> date:
    """Return the Sunday of a moment's local week."""
    day = moment.astimezone(ISRAEL).date()
    while day.isoweekday() != 7:
        day -= DAY
    return day


def inbound(contacts: pd.DataFrame) -> list[Row]:
    found = [r for r in rows(contacts) if r["direction"] == "in" and r["channel"] != "survey"]
    return sorted(found, key=lambda r: (r["contacted_at"], r["contact_id"]))


def threads(contacts: pd.DataFrame, window_days: int, definition: str) -> list[list[Row]]:
    """Return the threads as lists of contacts."""
    made: list[list[Row]] = []
    for contact in inbound(contacts):
        if contact["customer_id"] is None:
            continue
        for thread in made:
            last = thread[-1]
            same = last["customer_id"] == contact["customer_id"] and (
                definition == "any" or last["queue"] == contact["queue"]
            )
            if same and contact["contacted_at"] - last["contacted_at"] <= window_days * DAY:
                thread.append(contact)
                break
        else:
            made.append([contact])
    return made


def text_threads(
    contacts: pd.DataFrame, window_days: int, p_same: Callable[[str, str], float], threshold: float
) -> list[list[Row]]:
    """Return the threads by matter: each contact joins the open thread of the likeliest of eight.

    The eight are the customer's newest before it, back to the first gap over the window.
    """
    made: list[list[Row]] = []
    before: dict[str, list[tuple[Row, list[Row]]]] = {}
    for contact in inbound(contacts):
        if contact["customer_id"] is None:
            continue
        own = before.setdefault(contact["customer_id"], [])
        found: list[tuple[float, int, list[Row]]] = []
        following = contact
        for place in range(len(own) - 1, max(len(own) - 9, -1), -1):
            earlier, thread = own[place]
            if following["contacted_at"] - earlier["contacted_at"] > window_days * DAY:
                break
            following = earlier
            p = p_same(contact["contact_id"], earlier["contact_id"])
            still_open = contact["contacted_at"] - thread[-1]["contacted_at"] <= window_days * DAY
            if p >= threshold and still_open:
                found.append((p, place, thread))
        joined = max(found, key=lambda one: one[:2])[2] if found else []
        if not found:
            made.append(joined)
        joined.append(contact)
        own.append((contact, joined))
    return made


def slices_of(contact: Row, dimensions: tuple[str, ...] = ("queue", "channel")) -> Iterator[str]:
    yield "all"
    for name in dimensions:
        if contact[name] is not None:
            yield f"{name}={contact[name]}"


def survival(pairs: list[tuple[timedelta, bool]], horizon: timedelta) -> float | None:
    """Return the product-limit estimate at the horizon, None where the curve does not reach it."""
    if not pairs:
        return None
    value = 1.0
    for at in sorted({t for t, event in pairs if event and t <= horizon}):
        at_risk = sum(t >= at for t, _ in pairs)
        events = sum(t == at and event for t, event in pairs)
        value *= 1 - events / at_risk
    reached = max(t for t, _ in pairs) >= horizon or value == 0
    return value if reached else None


def shares(contacts: pd.DataFrame, predictions: pd.DataFrame) -> Figures:
    """Return the figures of labels in every slice that has a contact."""
    label = {r["contact_id"]: r for r in rows(predictions)}
    tests: dict[str, Callable[[Row], bool]] = {
        "no_reason_share": lambda p: not p["unclear"] and not any(p[str(r)] for r in REASONS),
        "unclear_share": lambda p: p["unclear"],
        "churn_signal": lambda p: p["churn_intent"] == "signal",
        "churn_explicit": lambda p: p["churn_intent"] == "explicit",
        "declared_resolution": lambda p: p["resolution"] == "resolved",
        "resolution_open": lambda p: p["resolution"] == "open",
        "repeat_stated": lambda p: p["repeat"],
    }
    groups: dict[tuple[date, str], list[Row]] = {}
    for contact in rows(contacts):
        when = week(contact["contacted_at"])
        if contact["channel"] == "survey":
            groups.setdefault((when, "survey"), []).append(contact)
        elif contact["direction"] == "in":
            flagged = label.get(contact["contact_id"], {}).get("at_risk")
            whole = ["at_risk"] if flagged else []
            for where in (*slices_of(contact, BREAKDOWNS), *whole):
                groups.setdefault((when, where), []).append(contact)
    out: Figures = {}
    for (when, where), own in groups.items():
        known = [label[c["contact_id"]] for c in own if c["contact_id"] in label]
        n = len(known)
        out[when, where, "contacts", None] = (len(own), len(own), False)
        for metric, test in tests.items():
            share = sum(bool(test(p)) for p in known) / n if n else None
            out[when, where, metric, None] = (share, n, False)
        for reason in map(str, REASONS):
            count = sum(bool(p[reason]) for p in known)
            out[when, where, "reason_count", reason] = (count, n, False)
            out[when, where, "reason_share", reason] = (count / n if n else None, n, False)
    return out


def change(weeks: dict[date, tuple[int, int]], when: date) -> tuple[float, float] | None:
    """Return the change and its p-value of {week: (count, n)}, None with under two weeks before."""
    x, n = weeks[when]
    spans = [timedelta(days=7 * k) for k in (1, 2, 3, 4)]
    before = [weeks[when - s] for s in spans if weeks.get(when - s, (0, 0))[1] > 0]
    if n == 0 or len(before) < 2:
        return None
    difference = x / n - sum(b / m for b, m in before) / len(before)

    def variance(count: int, size: int) -> float:
        p = (count + 1) / (size + 2)
        return p * (1 - p) / size

    error = sqrt(variance(x, n) + sum(variance(b, m) for b, m in before) / len(before) ** 2)
    return difference, erfc(abs(difference) / error / sqrt(2))


def nps(answers: list[float]) -> float | None:
    """Return promoters minus detractors, from -100 to 100."""
    if not answers:
        return None
    return 100 * (sum(a >= 9 for a in answers) - sum(a <= 6 for a in answers)) / len(answers)
