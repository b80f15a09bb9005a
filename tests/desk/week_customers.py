"""The invented week's customers, and those of them at risk."""

import math
from dataclasses import asdict
from datetime import UTC, date, datetime
from operator import mul

import pandas as pd

from labels.frames import Customers
from tests.desk.ranking import FITTED

AS_OF = datetime(2026, 11, 14, 17, 52, tzinfo=UTC)


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
