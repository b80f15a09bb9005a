"""The slow twin of what a report is made of: every row of the store, in whole frames."""

from dataclasses import replace

import pandas as pd
from sqlalchemy import Connection

from desk.report_data import ReportData
from keshev.settings import Settings
from store.contacts import read_contacts
from store.customers import read_customers
from store.predictions import read_predictions
from store.signals import read_signals, read_threads
from store.themes import read_theme_notes


def whole(settings: Settings, connection: Connection, lean: ReportData) -> ReportData:
    """Return the report's data with all of the store in place of the week's rows."""
    contacts = read_contacts(connection)
    until = pd.Timestamp(settings.observed_until or contacts["contacted_at"].max())
    seen = contacts[contacts["contacted_at"] <= until].reset_index(drop=True)
    return replace(
        lean,
        as_of=until.to_pydatetime(),
        signals=read_signals(connection),
        contacts=seen,
        has_customers=bool(seen["customer_id"].notna().any()),
        predictions=read_predictions(connection, lean.model.model_id),
        customers=read_customers(connection),
        threads=read_threads(connection, settings.thread_definition),
        theme_notes=read_theme_notes(connection),
    )
