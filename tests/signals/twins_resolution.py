"""The slow, obvious twin of first-contact resolution and repeats."""

from collections.abc import Iterator
from datetime import timedelta

import pandas as pd

from labels.codebook import REASONS
from tests.signals.twins import (
    DAY,
    Figure,
    Figures,
    Place,
    Row,
    inbound,
    rows,
    slices_of,
    survival,
    threads,
    week,
)


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
