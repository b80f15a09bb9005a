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


def resolution(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    window_days: int,
    as_of: pd.Timestamp,
    min_slice: int,
    net_queues: frozenset[str] = frozenset(),
    net_reasons: frozenset[str] = frozenset(),
) -> Figures:
    """Return the figures of resolution whose `n` is not 0."""
    window = window_days * DAY
    labels = {r["contact_id"]: r for r in rows(predictions)}
    declared = {name for name, r in labels.items() if r["resolution"] == "resolved"}
    out: Figures = {}
    for name in ("any", "queue"):
        opening: dict[Place, list[list[Row]]] = {}
        contact_places: dict[Place, list[tuple[list[Row], int]]] = {}
        for thread in threads(contacts, window_days, name):
            _place(thread, opening, contact_places)
        figures = {
            place: _of_cohort(cohort, place[1], window, as_of) for place, cohort in opening.items()
        }
        for place, cohort in opening.items():
            if place[1] == "all":
                for reason, (value, n, provisional) in _by_reason(cohort, labels, window, as_of):
                    figure = (None if n < min_slice else value, n, provisional)
                    out[(*place, f"fcr_{name}", reason)] = figure
            net = _net(cohort, labels, net_queues, net_reasons)
            if net and (net_queues or net_reasons) and not place[1].startswith(("team", "prod")):
                figures[place]["fcr_net"] = _followed([(t, 0) for t in net], window, as_of)
        for place, own in contact_places.items():
            figures.setdefault(place, {}).update(
                _of_contacts(own, declared, window, as_of, place[1])
            )
        for place, metrics in figures.items():
            for metric, (value, n, provisional) in metrics.items():
                hidden = n < min_slice and metric not in ("threads", "ordeals")
                figure = (None if hidden else value, n, provisional)
                out[(*place, f"{metric}_{name}", None)] = figure
    _add_no_customer(contacts, out)
    return out


def _place(
    thread: list[Row],
    opening: dict[Place, list[list[Row]]],
    contact_places: dict[Place, list[tuple[list[Row], int]]],
) -> None:
    for where in slices_of(thread[0], ("queue", "channel", "team", "product")):
        opening.setdefault((week(thread[0]["contacted_at"]), where), []).append(thread)
    for i, contact in enumerate(thread):
        for where in slices_of(contact, ("queue", "channel", "team", "product")):
            place = (week(contact["contacted_at"]), where)
            contact_places.setdefault(place, []).append((thread, i))


def _by_reason(
    cohort: list[list[Row]], labels: dict[str, Row], window: timedelta, as_of: pd.Timestamp
) -> Iterator[tuple[str, Figure]]:
    for reason in map(str, REASONS):
        own = [(t, 0) for t in cohort if labels.get(t[0]["contact_id"], {}).get(reason)]
        if own:
            yield reason, _followed(own, window, as_of)


def _net(
    cohort: list[list[Row]], labels: dict[str, Row], queues: frozenset[str], reasons: frozenset[str]
) -> list[list[Row]]:
    return [
        t
        for t in cohort
        if t[0]["queue"] not in queues
        and not any(labels.get(t[0]["contact_id"], {}).get(reason) for reason in reasons)
    ]


def _of_cohort(
    cohort: list[list[Row]], where: str, window: timedelta, as_of: pd.Timestamp
) -> dict[str, Figure]:
    n = len(cohort)
    fcr: dict[str, Figure] = {"fcr": _followed([(t, 0) for t in cohort], window, as_of)}
    if where.startswith(("team=", "product=")):
        return fcr
    growing = any(as_of - t[-1]["contacted_at"] < window for t in cohort)
    sizes = sorted(len(t) for t in cohort)
    p90 = next(s for s in sizes if sum(x <= s for x in sizes) * 10 >= 9 * n)
    return fcr | {
        "contacts_per_issue": (sum(sizes) / n, n, growing),
        "contacts_per_issue_p90": (p90, n, growing),
        "satisfaction_left": (sum(0.85 ** (s - 1) for s in sizes) / n, n, growing),
        "threads": (n, n, False),
        "ordeals": (sum(s >= 3 for s in sizes), n, growing),
    }


def _of_contacts(
    own: list[tuple[list[Row], int]],
    declared: set[str],
    window: timedelta,
    as_of: pd.Timestamp,
    where: str,
) -> dict[str, Figure]:
    repeats = [(t, i) for t, i in own if i > 0]
    closed = [(t, i) for t, i in own if t[i]["contact_id"] in declared]
    out: dict[str, Figure] = {"repeat_rate": (len(repeats) / len(own), len(own), False)}
    if where.startswith(("team=", "product=")):
        return out
    out["fcr_contacts"] = _followed(own, window, as_of)
    if repeats:
        switched = sum(t[i]["channel"] != t[i - 1]["channel"] for t, i in repeats)
        out["channel_switch"] = (switched / len(repeats), len(repeats), False)
    if closed:
        kept, n, provisional = _followed(closed, window, as_of)
        out["false_resolution"] = (None if kept is None else 1 - kept, n, provisional)
    return out


def _add_no_customer(contacts: pd.DataFrame, out: Figures) -> None:
    for contact in inbound(contacts):
        for where in slices_of(contact):
            key = (week(contact["contacted_at"]), where, "no_customer", None)
            value, n, _ = out.get(key, (0, 0, False))
            out[key] = ((value or 0) + (contact["customer_id"] is None), n + 1, False)


def _followed(
    starts: list[tuple[list[Row], int]], window: timedelta, as_of: pd.Timestamp
) -> Figure:
    """Return the share without a next contact in the thread; provisional if one is censored."""
    pairs, provisional = [], False
    for thread, i in starts:
        begin = thread[i]["contacted_at"]
        if i + 1 < len(thread):
            pairs.append((thread[i + 1]["contacted_at"] - begin, True))
        else:
            pairs.append((as_of - begin, False))
            provisional |= as_of - begin < window
    return survival(pairs, window), len(pairs), provisional


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
