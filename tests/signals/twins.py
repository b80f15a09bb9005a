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

from labels.codebook import REASONS

Row = dict[str, Any]
Figure = tuple[float | None, int, bool]
Figures = dict[tuple[date, str, str, str | None], Figure]
ISRAEL = ZoneInfo("Asia/Jerusalem")
DAY = timedelta(days=1)


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


def resolution(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    window_days: int,
    as_of: pd.Timestamp,
    min_slice: int,
) -> Figures:
    """Return the figures of resolution whose `n` is not 0."""
    window = window_days * DAY
    declared = {r["contact_id"] for r in rows(predictions) if r["resolution"] == "resolved"}
    out: Figures = {}
    for name in ("any", "queue"):
        opening: dict[tuple[date, str], list[list[Row]]] = {}
        contact_places: dict[tuple[date, str], list[tuple[list[Row], int]]] = {}
        for thread in threads(contacts, window_days, name):
            for where in slices_of(thread[0], ("queue", "channel", "team", "product")):
                opening.setdefault((week(thread[0]["contacted_at"]), where), []).append(thread)
            for i, contact in enumerate(thread):
                for where in slices_of(contact):
                    place = (week(contact["contacted_at"]), where)
                    contact_places.setdefault(place, []).append((thread, i))

        for (when, where), cohort in opening.items():
            n, few = len(cohort), len(cohort) < min_slice
            value, provisional = _followed([(t, 0) for t in cohort], window, as_of)
            out[when, where, f"fcr_{name}", None] = (None if few else value, n, provisional)
            if where.startswith(("team=", "product=")):
                continue
            growing = any(as_of - t[-1]["contacted_at"] < window for t in cohort)
            sizes = sorted(len(t) for t in cohort)
            p90 = next(s for s in sizes if sum(x <= s for x in sizes) * 10 >= 9 * n)
            left = sum(0.85 ** (s - 1) for s in sizes) / n
            for metric, rate in {
                "contacts_per_issue": sum(sizes) / n,
                "contacts_per_issue_p90": float(p90),
                "satisfaction_left": left,
            }.items():
                out[when, where, f"{metric}_{name}", None] = (None if few else rate, n, growing)
            out[when, where, f"threads_{name}", None] = (n, n, False)
            long = sum(s >= 3 for s in sizes)
            out[when, where, f"ordeals_{name}", None] = (long, n, growing)

        for (when, where), own in contact_places.items():
            repeats = [(t, i) for t, i in own if i > 0]
            switched = [1 for t, i in repeats if t[i]["channel"] != t[i - 1]["channel"]]
            few = len(own) < min_slice
            rate = None if few else len(repeats) / len(own)
            out[when, where, f"repeat_rate_{name}", None] = (rate, len(own), False)
            if repeats:
                few = len(repeats) < min_slice
                rate = None if few else len(switched) / len(repeats)
                out[when, where, f"channel_switch_{name}", None] = (rate, len(repeats), False)
            closed = [(t, i) for t, i in own if t[i]["contact_id"] in declared]
            if closed:
                value, provisional = _followed(closed, window, as_of)
                missed = None if value is None or len(closed) < min_slice else 1 - value
                key = (when, where, f"false_resolution_{name}", None)
                out[key] = (missed, len(closed), provisional)
    _add_no_customer(contacts, out)
    return out


def _add_no_customer(contacts: pd.DataFrame, out: Figures) -> None:
    for contact in inbound(contacts):
        for where in slices_of(contact):
            key = (week(contact["contacted_at"]), where, "no_customer", None)
            value, n, _ = out.get(key, (0, 0, False))
            out[key] = ((value or 0) + (contact["customer_id"] is None), n + 1, False)


def _followed(
    starts: list[tuple[list[Row], int]], window: timedelta, as_of: pd.Timestamp
) -> tuple[float | None, bool]:
    """Return the share without a next contact in the thread, and whether one is censored."""
    pairs, provisional = [], False
    for thread, i in starts:
        begin = thread[i]["contacted_at"]
        if i + 1 < len(thread):
            pairs.append((thread[i + 1]["contacted_at"] - begin, True))
        else:
            pairs.append((as_of - begin, False))
            provisional |= as_of - begin < window
    return survival(pairs, window), provisional


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
            for where in slices_of(contact):
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


def at_risk(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    window_days: int,
    definition: str,
) -> dict[str, Row]:
    """Return the listed customers with their parts, reasons, intent and evidence."""
    label = {r["contact_id"]: r for r in rows(predictions)}
    roster = {r["customer_id"]: r for r in rows(customers)}
    made = threads(contacts, window_days, definition)
    out: dict[str, Row] = {}
    for customer in {c["customer_id"] for c in rows(contacts)} - {None}:
        every = sorted(
            (c for c in rows(contacts) if c["customer_id"] == customer),
            key=lambda c: (c["contacted_at"], c["contact_id"]),
        )
        notes = [
            c
            for c in every
            if (c["channel"] == "survey" or c["direction"] == "in")
            and as_of - c["contacted_at"] < 60 * DAY
        ]
        if notes:
            own = [t for t in made if t[0]["customer_id"] == customer]
            row = _risk_of(notes, own, label, roster.get(customer, {}), as_of, window_days)
            row["part_silence"] = _silence([c for c in every if c in inbound_of(every)], as_of)
            if row.pop("listed"):
                out[customer] = row
    return out


def inbound_of(contacts: list[Row]) -> list[Row]:
    return [c for c in contacts if c["direction"] == "in" and c["channel"] != "survey"]


def _silence(calls: list[Row], as_of: pd.Timestamp) -> float:
    times = [c["contacted_at"] for c in calls]
    if len(times) < 4:
        return 0.0
    gap = pd.Series([b - a for a, b in zip(times, times[1:], strict=False)]).median()
    return float(as_of - times[-1] > 3 * max(gap, DAY))


def _risk_of(
    notes: list[Row],
    own: list[list[Row]],
    label: dict[str, Row],
    roster: Row,
    as_of: pd.Timestamp,
    window_days: int,
) -> Row:
    def strength(c: Row) -> float:
        intent = label.get(c["contact_id"], {}).get("churn_intent", "none")
        return {"none": 0.0, "signal": 0.5, "explicit": 1.0}[intent]

    def reasons(c: Row) -> list[str]:
        return [str(r) for r in REASONS if label.get(c["contact_id"], {}).get(str(r))]

    def resolved(c: Row) -> bool:
        return label.get(c["contact_id"], {}).get("resolution") == "resolved"

    def detractor(c: Row) -> bool:
        return c["nps"] is not None and c["nps"] <= 6

    days = [(as_of - c["contacted_at"]) / DAY for c in notes]
    latest: dict[str, pd.Timestamp] = {r: c["contacted_at"] for c in notes for r in reasons(c)}
    order = [str(r) for r in REASONS]
    open_ = [
        t
        for t in own
        if as_of - t[-1]["contacted_at"] <= window_days * DAY and not resolved(t[-1])
    ]
    long = [t for t in own if len(t) >= 3 and as_of - t[-1]["contacted_at"] < 60 * DAY]
    end, contract = roster.get("contract_end"), 0.0
    if end is not None:
        left = (end - as_of.astimezone(ISRAEL).date()).days
        contract = 1 - left / 60 if 0 <= left <= 60 else 0.0
    best = max(strength(c) for c in notes)
    telling = max(
        notes,
        key=lambda c: (
            strength(c),
            bool(reasons(c)),
            detractor(c),
            c["contacted_at"],
            c["contact_id"],
        ),
    )
    row: Row = {
        "part_churn_intent": max(
            strength(c) * 0.5 ** (age / 14) for c, age in zip(notes, days, strict=True)
        ),
        "part_open_threads": min(sum(map(len, open_)) / 4, 1.0),
        "part_ordeals": min(len(long) / 2, 1.0),
        "part_reasons": min(len(latest) / 3, 1.0),
        "part_detractor": float(any(map(detractor, notes))),
        "part_contract_end": contract,
        "reasons": ",".join(sorted(latest, key=lambda r: (-latest[r].value, order.index(r)))),
        "churn_intent": {0.0: "none", 0.5: "signal", 1.0: "explicit"}[best],
        "last_contact_id": telling["contact_id"],
        "last_contacted_at": max(c["contacted_at"] for c in notes),
        "contacts": len(inbound_of(notes)),
    }
    row["listed"] = bool(best or long or latest or row["part_detractor"])
    return row
