"""What a weekly report is made of: frames and facts, gathered by whoever calls the report."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from keshev.settings import ThreadDefinition
from labels.frames import Calendar
from labels.ownreasons import OwnFigures


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model that labelled the notes, and its own figures on labelled notes it never saw.

    `figures` maps a figure's name to a value from 0 to 1, as `nlp.evaluation` names them
    (`reasons`, `churn_intent`, `resolution`, `repeat`, `evidence_overlap`, or a reason's id).
    `corrects` says that shares of reasons are corrected for its error.
    """

    model_id: str
    base: str
    codebook_version: str
    trained_on_notes: int
    figures: dict[str, float]
    licence: str
    corrects: bool


@dataclass(frozen=True)
class ReportData:
    """One week's report before it is put into words.

    `signals`, `contacts`, `themes` and `theme_notes` are frames of `labels.frames`; more may stand
    in them than is told of: signals of the ten weeks that end with this one, and those of the risk
    list of any week; contacts of the week, the last ones of customers at risk, and those of
    `threads`, which are of `thread_definition` and three contacts or more. `predictions` of these
    have each reason, its probability, and `evidence` as JSON text of places in `contacts.text`.
    `has_customers` says that any contact at all says whose it is. `customers` has `company` and
    `churned_at`, of each customer or the newest of each company; `at_risk` is what `signals.risk`
    returns. `quarantine` has `file, line, code, reason_he, reason_en`; `files` has `name, profile,
    read, stored, known, duplicates, quarantined`. `as_of` is UTC.
    `satisfaction_loss` is the part of a customer's satisfaction that each further contact takes.
    `brief`: what is told has no long lists, and of `at_risk` only its `customer_id` is there.
    `called` is how many customers at risk are called until the next report: five days of
    `daily_calls`, or those that the page shows where that is None. `own` are people's own reasons.
    """

    week: date
    signals: pd.DataFrame
    contacts: pd.DataFrame
    has_customers: bool
    predictions: pd.DataFrame
    customers: pd.DataFrame
    at_risk: pd.DataFrame
    threads: pd.DataFrame
    themes: pd.DataFrame
    theme_notes: pd.DataFrame
    quarantine: pd.DataFrame
    files: pd.DataFrame
    model: ModelFacts
    window_days: int
    wide_window_days: int
    thread_definition: ThreadDefinition
    satisfaction_loss: float
    churn_horizon_days: int
    daily_calls: int | None
    called: int
    calendar: Calendar
    as_of: datetime
    own: tuple[OwnFigures, ...] = ()
    brief: bool = False


def without_texts(data: ReportData) -> ReportData:
    """Return what is told of the week without a word that anybody wrote: for sending it away."""
    return replace(
        data,
        contacts=data.contacts.assign(text=""),
        predictions=data.predictions.assign(evidence="{}"),
    )
