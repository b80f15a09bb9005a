"""What the desk knows of customers who left, beside what the rosters tell."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from keshev.settings import Settings
from signals.retention import without_returned
from signals.risk import outcomes
from store.cases import read_lost
from store.desk_session import desk_reading, open_desk_store
from store.rows import digest


def lost_at_desk(settings: Settings) -> dict[str, date]:
    """Return the day on which each customer left who was lost at the desk."""
    engine = open_desk_store(settings.database_url)
    try:
        with desk_reading(engine) as connection:
            return read_lost(connection)
    finally:
        engine.dispose()


def losses_key(lost: Mapping[str, date]) -> str:
    """Return what figures with these losses follow from, empty without any."""
    return digest(sorted(lost.items())) if lost else ""


def with_losses(customers: pd.DataFrame, lost: Mapping[str, date]) -> pd.DataFrame:
    """Return the customers with the desk's day of leaving where the rosters tell none.

    Customers whom no roster names stand at the end, with nothing but that day. The rosters'
    word counts before the desk's: they are what is billed.
    """
    if not lost:
        return customers
    days = customers["churned_at"].astype(object)
    told = customers.assign(
        churned_at=days.where(days.notna(), customers["customer_id"].map(lost.get))
    )
    more = sorted(set(lost) - set(customers["customer_id"]))
    if not more:
        return told
    rows = pd.DataFrame({"customer_id": more, "churned_at": [lost[name] for name in more]})
    rows = rows.reindex(columns=customers.columns).astype({"monthly_value": float})
    columns = {name: [*told[name], *rows[name]] for name in customers.columns}
    types = customers.dtypes.to_dict()
    joined = pd.DataFrame(columns, dtype=object)
    return joined.where(joined.notna(), None).astype(types)


def losses_figure(
    signals: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, today: int
) -> pd.DataFrame:
    """Return the figure `outcomes_desk`: of `outcomes_known`, how many only the desk told.

    `before` and `after` are the customers without and with its losses; `today` is the figures' last
    local day, from 1970. No row where the desk told of none who had left by then for good.
    """
    known = signals[signals["metric"] == "outcomes_known"]
    told = before.loc[before["churned_at"].notna(), "customer_id"]
    count = int((~outcomes(without_returned(after), today).index.isin(told)).sum())
    if not count:
        return known.iloc[:0]
    return known.assign(metric="outcomes_desk", value=float(count))
