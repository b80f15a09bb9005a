"""The invented week's figures: ten weeks of them, and its themes."""

import math
from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from labels.frames import KnownThemes, Signals, ThemeNotes
from tests.desk.ranking import ranking

WEEK = date(2026, 11, 8)
SHARES = {
    "failure": 0.15,
    "service": 0.10,
    "competition": 0.07,
    "budget": 0.08,
    "trust": 0.06,
    "neglect": 0.06,
    "value": 0.05,
    "needs": 0.03,
    "onboarding": 0.03,
    "staff": 0.02,
    "politics": 0.015,
    "indifference": 0.01,
}
# A theme's notes in the last week and in each before, and the p-value of that.
THEMES = {"1": ((4, 4), 0.9), "2": ((9, 1), 0.002), "3": ((0, 1), 0.4)}
QUEUES = {"תמיכה טכנית": 0.44, "חיובים": 0.26, "שימור": 0.18, "מכירות": 0.12}
CHANNELS = {"phone": 0.64, "chat": 0.16, "whatsapp": 0.13, "email": 0.07}


def signals() -> pd.DataFrame:
    """Return ten weeks of figures: failure jumps in the last, FCR is then known only so far."""
    rows: list[dict[str, object]] = []
    for back in range(9, -1, -1):
        _week(rows, WEEK - timedelta(weeks=back), back)
    frame = pd.DataFrame(rows, columns=list(Signals.to_schema().columns))
    frame["provisional"] = frame["provisional"].astype(bool)
    frame = pd.concat([frame, ranking(WEEK)], ignore_index=True)
    order = ["week", "slice", "metric", "reason"]
    return Signals.validate(frame.sort_values(order, na_position="first", ignore_index=True))


def _week(rows: list[dict[str, object]], week: date, back: int) -> None:
    total = 92 + (37 * back) % 17 + (12 if back == 0 else 0)

    def put(
        cut: str,
        metric: str,
        value: float,
        n: int,
        spread: float = math.nan,
        reason: str | None = None,
        open_: bool = False,
    ) -> None:
        low, high = value - spread, value + spread
        if metric.startswith(("reason_share", "churn", "fcr_queue", "repeat", "declared")):
            low, high = max(low, 0.0), min(high, 1.0)
        rows.append(
            dict(
                zip(
                    list(Signals.to_schema().columns),
                    (week, cut, metric, reason, value, low, high, n, open_),
                    strict=True,
                )
            )
        )

    def share(cut: str, metric: str, value: float, n: int, reason: str | None = None) -> None:
        put(cut, metric, value, n, 1.96 * math.sqrt(max(value, 0.01) * 0.9 / n), reason)

    wave = {reason: 1 + 0.18 * math.sin(back + 2 * i) for i, reason in enumerate(SHARES)}
    for cut, part in (("all", 1.0), ("survey", 0.12)):
        n = round(total * part)
        put(cut, "contacts", n, n)
        for reason, base in SHARES.items():
            moved = 2.1 if reason == "failure" and back == 0 else wave[reason]
            share(cut, "reason_share", round(base * moved, 6), n, reason)
            put(cut, "reason_count", round(base * moved * n), n, reason=reason)
            if back <= 7:
                _change(put, cut, reason, base, base * moved, n)
        share(cut, "churn_explicit", 0.06 + 0.01 * math.sin(back), n)
        share(cut, "churn_signal", 0.12 + 0.02 * math.cos(back), n)
        share(cut, "unclear_share", 0.08, n)
        put(cut, "nps", -12.0 + 9 * math.sin(back), 14, 22.0)
    share("all", "declared_resolution", 0.66 + 0.02 * math.sin(back), total)
    share("all", "survey_resolution", 0.58, 12)
    _four_weeks(put, share, back)
    _threads(put, share, "all", total, back)
    _themes(put, share, total, back)
    for kind, parts in (("queue", QUEUES), ("channel", CHANNELS)):
        for place, (name, part) in enumerate(parts.items()):
            cut, n = f"{kind}={name}", round(total * part)
            put(cut, "contacts", n, n)
            for i, (reason, base) in enumerate(SHARES.items()):
                share(
                    cut, "reason_share", round(base * (0.3 + (place + i) % 4 * 0.5), 6), n, reason
                )
            _threads(put, share, cut, n, back)


def _themes(put: Callable[..., None], share: Callable[..., None], n: int, back: int) -> None:
    put("all", "theme_candidates", 88 - 4 * back, 88 - 4 * back)
    for theme, (counts, p) in THEMES.items():
        cut, count, before = f"theme={theme}", counts[back > 0], counts[1]
        put(cut, "theme_count", count, n)
        share(cut, "theme_share", count / n, n)
        put(cut, "theme_before", before / n, 4 * n)
        put(cut, "theme_change", (count - before) / n, n, 0.02)
        put(cut, "theme_change_p", p, n)
        put(cut, "theme_change_significant", float(p < 0.01), n)


def _change(
    put: Callable[..., None], cut: str, reason: str, before: float, now: float, n: int
) -> None:
    put(cut, "reason_before", before, 4 * n, reason=reason)
    put(cut, "reason_change", now - before, n, 0.08, reason)
    put(cut, "reason_change_p", 0.001 if now > 2 * before else 0.4, n, reason=reason)
    put(cut, "reason_change_significant", float(now > 2 * before), n, reason=reason)


def _four_weeks(put: Callable[..., None], share: Callable[..., None], back: int) -> None:
    """Put who stayed and left, and what the answers say, of the four weeks that end here."""
    left = 9 + back % 3
    counts = {"start": 1204 - back, "new": 21, "left": left, "end": 1225 - back - left}
    for name, value in counts.items():
        put("all", f"customers_{name}_4w", value, 1204 - back)
    share("all", "retention_rate_4w", 1 - left / (1204 - back), 1204 - back)
    share("all", "churn_rate_4w", left / (1204 - back), 1204 - back)
    for reason, value in {"competition": 4, "failure": 3, "neglect": 1, None: 2}.items():
        put("all", "left_last_reason_4w", value, left, reason=reason)
    for reason, n in {None: 46, "failure": 11, "service": 5}.items():
        put("survey", "nps_4w", -12.0 if n > 5 else -60.0, n, 22.0, reason)
        share("survey", "csat_4w", 0.41, n, reason)
        share("survey", "survey_resolution_4w", 0.5, n - 1, reason)


def _threads(
    put: Callable[..., None], share: Callable[..., None], cut: str, n: int, back: int
) -> None:
    opened = round(n * 0.8)
    known = opened >= 20
    fcr = 0.72 + 0.04 * math.sin(back + len(cut))
    for definition in ("any", "queue"):
        value = fcr if known and back else math.nan
        put(cut, f"fcr_{definition}", value, opened, 0.09, open_=back <= 1)
        if back == 0:
            put(
                cut, f"fcr_so_far_{definition}", fcr if known else math.nan, opened, 0.1, open_=True
            )
            put(cut, f"fcr_followed_days_{definition}", 6.8, opened, open_=True)
        share(cut, f"repeat_rate_{definition}", 0.19 + 0.02 * math.cos(back), n)
        if cut != "all":
            continue
        put(cut, f"threads_{definition}", opened, opened)
        put(cut, f"contacts_per_issue_{definition}", 1.31 + 0.05 * math.sin(back), opened)
        put(cut, f"contacts_per_issue_p90_{definition}", 2, opened)
        put(cut, f"ordeals_{definition}", 3 + back * 5 % 4, opened)
        put(cut, f"channel_switch_{definition}", 0.22, 19)
        put(cut, f"false_resolution_{definition}", 0.17, 60, 0.08, open_=back == 0)
        put(cut, f"satisfaction_left_{definition}", 0.93, opened)
        if definition == "any":
            put(cut, "no_customer", 4, n)


def themes() -> pd.DataFrame:
    """Return three themes; the last has no note this week."""
    terms = ("חבילה · חו״ל", "ממיר · טלוויזיה · חיבור · שלט", "חשבונית · מס")
    return KnownThemes.validate(
        pd.DataFrame(
            {
                "theme_id": list(THEMES),
                "model_id": "keshev-0.1-5f2c9d",
                "generation": [1, 2, 2],
                "first_week": [WEEK - timedelta(weeks=6), WEEK, WEEK],
                "terms": terms,
                "centre": "",
            }
        )
    )


def theme_notes() -> pd.DataFrame:
    """Return the themes of a few notes, of the week before too."""
    made = [("c009", "1", 0.99), ("c033", "1", 0.93), ("c034", "2", 0.88)]
    return ThemeNotes.validate(pd.DataFrame(made, columns=["contact_id", "theme_id", "near"]))
