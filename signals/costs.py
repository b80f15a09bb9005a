"""What mistakes cost, by the rule of 1, 10 and 100."""

import pandas as pd

from labels.codebook import Reason
from signals.slices import tidy

# Seed 004: an error of data costs 1 to prevent when the customer is set up, 10 to mend when a
# control finds it, and 100 once it has made a problem.
PRICES = {"error_cost_prevented": 1, "error_cost_mended": 10, "error_cost_suffered": 100}


def error_costs(shares: pd.DataFrame, unit: float) -> pd.DataFrame:
    """Return the Signals of three prices, in shekels, of the week's contacts about a mistake.

    They are those labelled `failure`, for the slice `all`; `n` is how many. `unit` is the 1 of the
    rule. Each contact is taken for one error, so the figures are an estimate.

    Args:
        shares: what `signals.shares` returns.
        unit: shekels.
    """
    chosen = (shares["metric"] == "reason_count") & (shares["slice"] == "all")
    found = shares[chosen & (shares["reason"] == Reason.FAILURE)]
    count = found["value"]
    blank = {"low": float("nan"), "high": float("nan"), "reason": None}
    return tidy(
        found.assign(metric=metric, value=price * unit * count, n=count.astype(int), **blank)
        for metric, price in PRICES.items()
    )
