"""What real exports bring now and then: figures or a plain lack of them, never a crash."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from labels.frames import Customers, Pairs, Signals
from signals.aggregate import Aggregates, aggregate
from signals.threads import JudgedPairs, candidates, counted_contacts
from tests.signals import builders

MANY = 5000
BEGIN = pd.Timestamp("2026-08-02 06:00", tz="UTC")


def of_one_customer() -> tuple[pd.DataFrame, pd.DataFrame, JudgedPairs]:
    """Return a switchboard's contacts: one customer, every 20 minutes, every third a new matter."""
    rows = [
        {"contact_id": f"k{i:04}", "contacted_at": BEGIN + timedelta(minutes=20 * i)}
        for i in range(MANY)
    ]
    contacts = builders.contact_frame(rows)
    labels = {f"k{i:04}": {"reasons": ["failure"] if i % 5 == 0 else []} for i in range(MANY)}
    counted = counted_contacts(contacts)
    places = candidates(counted, 7)
    ids = counted["contact_id"].to_numpy(dtype=object)
    same = np.where(places[:, 1] % 3 > places[:, 0] % 3, 0.9, 0.1)
    pairs = pd.DataFrame(
        {"contact_id": ids[places[:, 1]], "earlier_id": ids[places[:, 0]], "p_same": same}
    )
    return contacts, builders.prediction_frame(labels), JudgedPairs(Pairs.validate(pairs), 0.5)


def value(found: Aggregates, metric: str) -> list[float]:
    rows = found.signals[(found.signals["metric"] == metric) & (found.signals["slice"] == "all")]
    return [float(one) for one in rows["value"]]


def test_a_customer_with_thousands_of_contacts() -> None:
    """Each is compared with eight before it at most, stands in one thread, and is counted once."""
    contacts, predictions, matter = of_one_customer()
    assert len(matter.pairs) <= 8 * MANY
    found = aggregate(contacts, predictions, Customers.empty(), matter=matter, definition="text")
    Signals.validate(found.signals)
    text = found.threads[found.threads["definition"] == "text"]
    assert sorted(text["contact_id"]) == sorted(contacts["contact_id"])
    assert sum(value(found, "contacts")) == MANY
    assert found.at_risk["customer_id"].tolist() == ["c1"]
    assert 0 < found.at_risk["score"].iloc[0] <= 100


def test_outcomes_of_strangers_change_no_list() -> None:
    """An outcomes file whose customers nobody knows: the list stands, and says that they are so."""
    rows = [
        {"contacted_at": f"2026-10-{day:02} 09:00", "customer_id": f"c{day}"} for day in (4, 6, 13)
    ]
    contacts = builders.contact_frame(rows)
    labels = builders.prediction_frame({f"k00{i}": {"churn": "explicit"} for i in range(3)})
    strangers = builders.customer_frame(
        [{"customer_id": f"x{i}", "churned_at": date(2026, 10, 5 + i)} for i in range(5)]
    )
    with_them = aggregate(contacts, labels, strangers)
    without = aggregate(contacts, labels, Customers.empty())
    assert with_them.at_risk["score"].tolist() == without.at_risk["score"].tolist()
    assert [v for v in value(with_them, "outcomes_unknown") if v == v][-1:] == [5.0]
    assert [v for v in value(with_them, "risk_weights_fitted") if v == v][-1:] in ([], [0.0])


def test_a_product_for_each_customer_makes_no_flood_of_figures() -> None:
    """Of 300 products the hundred commonest are broken down, of equals the first by name."""
    rows = [
        {"contacted_at": BEGIN + timedelta(minutes=i), "product": f"p{i % 300:03}"}
        for i in range(350)
    ]
    found = aggregate(
        builders.contact_frame(rows), builders.prediction_frame({}), Customers.empty()
    )
    slices = set(found.signals["slice"])
    expected = {f"product=p{i:03}" for i in range(100)}
    assert {name for name in slices if name.startswith("product=")} == expected
    assert sum(value(found, "contacts")) == len(rows)
