"""The weekly shares of people's own reasons."""

import pandas as pd

from labels.frames import Calendar
from signals.slices import cells, inbound, tidy, with_weeks

METRIC = "own_share"
BREAKDOWNS = ("all", "queue")


def own_shares(contacts: pd.DataFrame, own: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the Signals of own reasons by week: `own_share` of all contacts, and by queue.

    Of a week's inbound contacts that were asked for a reason (`n`), the share that was given it,
    with its 95 % Wilson interval. It is the share of labels, not corrected for their error: how
    often a reason of one's own is missed is not known. `reason` is the reason's id.

    Args:
        contacts: Contacts, as the figures see them.
        own: `contact_id`, `reason_id` and `present`, a contact and reason once.
        calendar: says what a week is.
    """
    calls = inbound(with_weeks(contacts, calendar))
    kinds = [cells(calls, dimension) for dimension in BREAKDOWNS]
    figures = []
    for reason_id, told in own.groupby("reason_id", sort=True):
        present = calls["contact_id"].map(told.set_index("contact_id")["present"])
        asked = present.notna().to_numpy(bool)
        given = present.eq(True).to_numpy(bool)  # who was not asked counts as without it
        figures += [cell.share(METRIC, given, asked, reason=str(reason_id)) for cell in kinds]
    return tidy(figures)
