"""The figures of an invented at-risk list: fitted weights, judged four weeks before."""

import math
from dataclasses import asdict
from datetime import date, timedelta

import pandas as pd

from labels.frames import Signals
from signals.risk import RiskWeights

FITTED = RiskWeights(0.31, 0.2, 0.09, 0.1, 0.15, 0.1, 0.05)


def ranking(week: date) -> pd.DataFrame:
    """Return the figures of a list with fitted weights that was judged four weeks before."""
    nan, then = math.nan, week - timedelta(weeks=4)
    parts = {f"part={name}": weight for name, weight in asdict(FITTED).items()}
    made = [(week, cut, "risk_weight", value, nan, nan, 640) for cut, value in parts.items()]
    made += [
        (week, "all", "risk_weights_fitted", 1.0, nan, nan, 84),
        (week, "all", "risk_churned_needed", 60.0, nan, nan, 640),
        (week, "first=30", "risk_leaving", 0.27, 0.13, 0.43, 30),
        (week, "first=30", "risk_said_leaving", 0.88, 0.77, 0.97, 30),
        (week, "all", "outcomes_known", 126.0, nan, nan, 126),
        (week, "all", "outcomes_unknown", 17.0, nan, nan, 126),
        (then, "all", "risk_base_rate", 0.055, 0.039, 0.076, 582),
        (then, "first=30", "risk_precision", 0.3, 0.167, 0.479, 30),
    ]
    for top, n, value, low, high in ((5, 30, 5.4, 3.1, 8.2), (10, 59, 4.0, 2.6, 5.6)):
        made.append((then, f"top={top}", "risk_lift", value, low, high, n))
        made.append((then, f"top={top}", "risk_lift_default", value - 1.1, low - 1, high - 1, n))
    for metric in ("risk_lift", "risk_lift_default"):
        made.append((then, "top=20", metric, nan, nan, nan, 117))
    columns = ["week", "slice", "metric", "value", "low", "high", "n"]
    frame = pd.DataFrame(made, columns=columns).assign(reason=None, provisional=False)
    return frame[list(Signals.to_schema().columns)]
