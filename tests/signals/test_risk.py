"""At-risk customers: parts equal to a twin's, listed for a sign only, in a stable order."""

import zlib
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.risk import PARTS, Curve, RiskModel, RiskWeights, at_risk
from signals.risk_parts import history, parts_at
from signals.threads import JudgedPairs, candidates, counted_contacts, threads
from tests.signals import builders, twins, twins_risk

DEFINED = ["any", "queue", "text"]
NOW = pd.Timestamp("2026-11-08 06:00", tz="UTC")


def risky(
    rows: list[dict[str, Any]],
    labels: dict[str, dict[str, Any]],
    roster: list[dict[str, Any]] | None = None,
    model: RiskModel | None = None,
) -> pd.DataFrame:
    contacts = builders.contact_frame(rows)
    past = history(contacts, builders.prediction_frame(labels), threads(contacts, 7, "queue"))
    return at_risk(past, builders.customer_frame(roster or []), NOW, model=model)


@builders.FEW
@given(drawn=builders.labelled_frames(), customers=builders.customer_frames())
def test_parts_equal_their_twin(
    drawn: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame
) -> None:
    """Every part, reason and piece of evidence is what a loop over customers finds."""
    contacts, predictions = drawn
    as_of = contacts["contacted_at"].max() if len(contacts) else NOW
    past = history(contacts, predictions, threads(contacts, 7, "any"))
    found = at_risk(past, customers, as_of)
    expected = twins_risk.at_risk(contacts, predictions, customers, as_of, 7, "any")
    assert set(found["customer_id"]) == set(expected)
    weights = vars(RiskWeights())
    for row in twins.rows(found):
        twin = expected[row["customer_id"]]
        for name, value in twin.items():
            if name.startswith("part_"):
                assert row[name] == pytest.approx(value, abs=1e-6), name
            else:
                assert row[name] == value, name
        score = 100 * sum(weights[part.removeprefix("part_")] * twin[part] for part in PARTS)
        assert row["score"] == pytest.approx(score, abs=1e-4)
    assert found["score"].between(0, 100).all()
    assert found["score"].is_monotonic_decreasing


@builders.FEW
@given(drawn=builders.labelled_frames(), part=st.floats(0, 1), definition=st.sampled_from(DEFINED))
def test_the_parts_of_a_moment_follow_from_what_lies_before_it(
    drawn: tuple[pd.DataFrame, pd.DataFrame], part: float, definition: str
) -> None:
    """The history cut at a moment gives the parts that the contacts up to it alone would give."""
    contacts, predictions = drawn
    if contacts.empty:
        return
    moments = contacts["contacted_at"].sort_values()
    moment = moments.iloc[int(part * (len(moments) - 1))]
    early = contacts[contacts["contacted_at"] <= moment]
    made = [
        parts_at(history(frame, predictions, made_threads(frame, definition)), moment)
        for frame in (contacts, early)
    ]
    assert made[0].to_csv(index=False) == made[1].to_csv(index=False)


def made_threads(contacts: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Return threads; those by text of a decision that calls pairs the same by their ids."""
    places = candidates(counted_contacts(contacts), 7)
    ids = counted_contacts(contacts)["contact_id"].to_numpy(dtype=object)
    pairs = pd.DataFrame({"contact_id": ids[places[:, 1]], "earlier_id": ids[places[:, 0]]})
    joined = pairs["contact_id"] + pairs["earlier_id"]
    pairs["p_same"] = joined.map(lambda name: zlib.crc32(name.encode()) / 2**32).astype(float)
    return threads(contacts, 7, definition, JudgedPairs(pairs, 0.5))


def test_a_routine_call_lists_nobody() -> None:
    """A customer who only asked, or whose contract ends, shows no sign and is not listed."""
    rows = [{"contacted_at": "2026-11-07 09:00"}]
    roster = [{"customer_id": "c1", "contract_end": date(2026, 11, 9)}]
    assert risky(rows, {"k000": {"resolution": "open"}}, roster).empty


def test_intent_fades_by_half_in_fourteen_days() -> None:
    """An explicit wish of two weeks ago weighs half of today's."""
    rows = [
        {"contacted_at": NOW, "customer_id": "c1"},
        {"contacted_at": NOW - pd.Timedelta(days=14), "customer_id": "c2"},
        {"contacted_at": NOW - pd.Timedelta(days=60), "customer_id": "c3"},
    ]
    found = risky(rows, {f"k{i:03}": {"churn": "explicit"} for i in range(3)})
    assert found["customer_id"].tolist() == ["c1", "c2"]  # sixty days ago is out of the window
    assert found["part_churn_intent"].tolist() == [1.0, 0.5]


def test_evidence_is_the_strongest_note_and_reasons_stand_newest_first() -> None:
    """The desk opens the note that says it, not the newest call."""
    rows = [{"contacted_at": f"2026-11-0{day} 09:00"} for day in (1, 2, 3)]
    found = risky(
        rows,
        {
            "k000": {"reasons": ["budget", "value"]},
            "k001": {"churn": "explicit", "reasons": ["neglect", "budget"]},
            "k002": {"churn": "signal", "reasons": ["service"]},
        },
    ).iloc[0]
    assert found["last_contact_id"] == "k001"
    assert found["last_contacted_at"] == pd.Timestamp("2026-11-03 09:00", tz="UTC")
    assert found["reasons"] == "service,budget,neglect,value"
    assert found["churn_intent"] == "explicit"


def test_a_regular_customer_who_fell_silent() -> None:
    """Every five days for a month, then nothing for over fifteen."""
    days = (45, 40, 35, 30, 25, 20)
    rows = [{"contacted_at": NOW - pd.Timedelta(days=d)} for d in days]
    labels = {"k005": {"reasons": ["neglect"]}}
    assert risky(rows, labels)["part_silence"].tolist() == [1.0]
    rows.append({"contacted_at": NOW - pd.Timedelta(days=14)})
    assert risky(rows, labels)["part_silence"].tolist() == [0.0]


def test_four_calls_in_an_hour_are_no_rhythm_to_fall_silent_from() -> None:
    """A gap counts as a day at least: silent after three days, not after an hour."""
    for days, silent in ((2, 0.0), (4, 1.0)):
        last = NOW - pd.Timedelta(days=days)
        rows = [{"contacted_at": last - pd.Timedelta(minutes=m)} for m in (60, 40, 20, 0)]
        assert risky(rows, {"k000": {"reasons": ["service"]}})["part_silence"].tolist() == [silent]


def test_a_contract_counts_for_sixty_days_before_it_ends() -> None:
    """Today is 1, thirty days is a half; one that has ended is no pressure any more."""
    rows = [{"contacted_at": NOW}]
    for end, part in ((8, 1.0), (7, 0.0), (38, 0.5), (69, 0.0)):
        day = date(2026, 11, 1) + pd.Timedelta(days=end - 1)
        roster = [{"customer_id": "c1", "contract_end": day}]
        found = risky(rows, {"k000": {"churn": "signal"}}, roster)
        assert found["part_contract_end"].tolist() == [part]


def test_equal_scores_are_ordered_by_value_then_id() -> None:
    """The dearer customer first; one of unknown value last."""
    names = ["c3", "c1", "c4", "c2"]
    rows = [{"contacted_at": NOW, "customer_id": name} for name in names]
    roster = [
        {"customer_id": "c4", "monthly_value": 300.0},
        {"customer_id": "c3", "monthly_value": 99.0},
        {"customer_id": "c2", "monthly_value": 99.0},
    ]
    found = risky(rows, {f"k{i:03}": {"churn": "signal"} for i in range(4)}, roster)
    assert found["customer_id"].tolist() == ["c4", "c2", "c3", "c1"]


def test_weights_must_sum_to_one() -> None:
    """A score stays between 0 and 100."""
    with pytest.raises(ValueError, match="sum to 1"):
        RiskWeights(silence=0.5)
    with pytest.raises(ValueError, match="below 0"):
        RiskWeights(silence=-0.05, detractor=0.2)


def test_who_has_left_is_not_listed() -> None:
    """Gone yesterday or today; who leaves tomorrow is not known to leave yet."""
    names = ["c1", "c2", "c3", "c4"]
    rows = [{"contacted_at": "2026-11-02 09:00", "customer_id": name} for name in names]
    labels = {f"k{i:03}": {"churn": "explicit"} for i in range(4)}
    roster = [
        {"customer_id": name, "churned_at": date(2026, 11, day)}
        for name, day in zip(names, (7, 8, 9), strict=False)
    ]
    assert risky(rows, labels, roster)["customer_id"].tolist() == ["c3", "c4"]


def test_the_probability_is_read_without_the_contract() -> None:
    """The curve never saw a contract's end, so its points do not raise the probability."""
    rows = [{"contacted_at": NOW, "customer_id": name} for name in ("c1", "c2")]
    roster = [{"customer_id": "c1", "contract_end": date(2026, 11, 8)}]
    labels = {f"k{i:03}": {"churn": "explicit"} for i in range(2)}  # 35, and 3 of an open matter
    found = risky(rows, labels, roster, RiskModel(curve=Curve(-2.0, 4.0)))
    assert found["score"].tolist() == pytest.approx([48.0, 38.0])
    p = 1 / (1 + np.exp(2 - 4 * 0.38))
    assert found["p_leaving"].tolist() == pytest.approx([p, p], abs=1e-6)
    assert risky(rows, labels)["p_leaving"].isna().all()
