"""All figures at once: nothing crashes it, and the same facts give the same bytes."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.frames import Customers, Signals, Threads
from signals.aggregate import Aggregates, aggregate
from tests.signals import builders

NO_LABELS = builders.prediction_frame({})
NOBODY = Customers.empty()


def csv(found: Aggregates) -> tuple[str, str, str]:
    return found.signals.to_csv(), found.threads.to_csv(), found.at_risk.to_csv()


@builders.FEWEST
@given(
    drawn=builders.labelled_frames(),
    customers=builders.customer_frames(),
    seed=st.integers(0, 99),
)
def test_row_order_changes_no_byte(
    drawn: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame, seed: int
) -> None:
    """A second run, or a store that hands its rows out otherwise, writes the same files."""
    contacts, predictions = drawn
    shuffled = [frame.sample(frac=1, random_state=seed) for frame in (*drawn, customers)]
    assert csv(aggregate(contacts, predictions, customers)) == csv(aggregate(*shuffled))


@builders.FEWEST
@given(drawn=builders.labelled_frames(), part=st.floats(0, 0.9))
def test_what_comes_after_as_of_does_not_exist(
    drawn: tuple[pd.DataFrame, pd.DataFrame], part: float
) -> None:
    """A week looked at again later, with the same --as-of, shows the same figures."""
    contacts, predictions = drawn
    moments = contacts["contacted_at"].sort_values()
    as_of = moments.iloc[int(part * (len(moments) - 1))] if len(moments) else None
    early = contacts if as_of is None else contacts[contacts["contacted_at"] <= as_of]
    assert csv(aggregate(contacts, predictions, NOBODY, as_of=as_of)) == csv(
        aggregate(early, predictions, NOBODY, as_of=as_of)
    )


def test_a_contact_after_as_of_is_not_seen() -> None:
    """Of two contacts an hour apart, the first alone is there half an hour later."""
    rows = [{"contacted_at": f"2026-10-05 {hour:02}:00"} for hour in (9, 10)]
    half_past = pd.Timestamp("2026-10-05 12:30", tz="Asia/Jerusalem")  # 09:30 UTC
    found = aggregate(builders.contact_frame(rows), NO_LABELS, NOBODY, as_of=half_past)
    assert found.threads["contact_id"].tolist() == ["k000", "k000"]


ONE_DAY = [{"contacted_at": f"2026-10-05 {h:02}:00", "customer_id": f"c{h % 5}"} for h in range(24)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([{"contacted_at": "2026-10-05 09:00"}], id="one contact"),
        pytest.param(ONE_DAY, id="one day"),
        pytest.param([{**row, "customer_id": None} for row in ONE_DAY], id="no customers"),
        pytest.param([{**row, "queue": None} for row in ONE_DAY], id="no queues"),
        pytest.param([{**row, "direction": "out"} for row in ONE_DAY], id="outbound only"),
        pytest.param(
            [{**row, "channel": "survey", "customer_id": None} for row in ONE_DAY], id="surveys"
        ),
    ],
)
@pytest.mark.parametrize("label", [None, {"unclear": True}, {"reasons": ["neglect"]}])
def test_thin_data_gives_counts_not_crashes(
    rows: list[dict[str, Any]], label: dict[str, Any] | None
) -> None:
    """What cannot be had is NaN or 0, in a valid frame."""
    contacts = builders.contact_frame(rows)
    labels = {i: label for i in contacts["contact_id"]} if label else {}
    found = aggregate(contacts, builders.prediction_frame(labels), NOBODY)
    signals = Signals.validate(found.signals)
    Threads.validate(found.threads)
    assert signals.empty == (not rows)
    assert signals.loc[signals["n"] == 0, "value"].fillna(0).eq(0).all()
    assert signals["reason"].map(lambda reason: reason is None or isinstance(reason, str)).all()


def test_surveys_without_customers_still_show_their_reasons() -> None:
    """An export of comments alone gives shares in `survey`, and no contact in `all`."""
    rows = [{**row, "channel": "survey", "customer_id": None} for row in ONE_DAY]
    contacts = builders.contact_frame(rows)
    labels = {i: {"reasons": ["neglect"]} for i in contacts["contact_id"][:6]}
    labels |= {i: {} for i in contacts["contact_id"][6:]}
    signals = aggregate(contacts, builders.prediction_frame(labels), NOBODY).signals
    neglect = signals.query("metric == 'reason_share' and reason == 'neglect'").set_index("slice")
    assert neglect.loc["survey", "value"] == 0.25
    assert neglect.loc["all", "n"] == 0
    assert signals.query("metric == 'contacts' and slice == 'all'")["value"].tolist() == [0]


def test_a_moment_without_a_time_zone_is_refused() -> None:
    """Local and UTC hours are never mixed up silently."""
    with pytest.raises(ValueError, match="time zone"):
        aggregate(builders.contact_frame(ONE_DAY), NO_LABELS, NOBODY, as_of=pd.Timestamp("2026-10"))
