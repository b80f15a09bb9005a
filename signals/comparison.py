"""One week beside another: shares of reasons, their difference, whether it is significant."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from signals.audited import audited_shares
from signals.quantification import HeldOut
from signals.shares import CONTACT, SURVEY
from signals.slices import tidy
from signals.trends import NAMES, of_week


def against(
    shares: pd.DataFrame,
    week: date,
    other: date,
    cut: str = "all",
    held_out: Mapping[str, HeldOut] | None = None,
) -> pd.DataFrame:
    """Return the Signals of how a week's shares of reasons differ from those of another week.

    As `signals.trends.trends` returns them, where the other week stands in the place of the weeks
    before: `reason_before` is its share, `reason_change` this week's minus that with its 95 %
    interval, `reason_change_p`, and `reason_change_significant` after Benjamini-Hochberg at 5 %
    over the reasons. Of the slice `all` or `survey`; no rows where either week has no classified
    contact in it.

    Args:
        shares: Signals with the `reason_count` of both weeks, and the audited shares of those that
            were audited.
        week: the week that is told of.
        other: the week that it is compared with; it may be a later one.
        cut: the slice.
        held_out: how the classifier errs on a `contact` and on a `survey`.
    """
    own = shares[shares["slice"].eq(cut) & shares["week"].isin([week, other])]
    counts = own[own["metric"] == "reason_count"]
    n = counts.groupby("week")["n"].first()
    if not n.get(week) or not n.get(other):
        return tidy([])
    wide = counts.pivot_table(index="week", columns="reason", values="value")[NAMES]
    audits = audited_shares(own)
    both = pd.Index([week, other])
    known = (held_out or {}).get(SURVEY if cut == SURVEY else CONTACT)
    found = [audits.get((cut, one)) for one in both]
    return tidy([of_week(week, cut, wide.reindex(both), n.reindex(both), known, found, needed=1)])
