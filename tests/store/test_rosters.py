"""Days of rosters are the days in the profile's zone, whatever form they are told in."""

import io
import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.profiles import Profile, profile_of
from store.rawrows import Cell, RawRow
from store.rosters import Roster, read_roster
from tests.store.exportfiles import NOW, codes, read_bytes

TIMEZONES = ("Asia/Jerusalem", "America/New_York", "UTC")
APRIL = datetime(2026, 3, 31, 21, tzinfo=UTC)  # midnight in Israel


def outcomes(timezone: str = "Asia/Jerusalem") -> Profile:
    raw = {
        "name": "outcomes",
        "kind": "roster",
        "files": ["*"],
        "columns": {"customer_id": "customer", "churned_at": "left"},
        "dates": {"timezone": timezone},
    }
    return profile_of(raw, "test")


def left(*cells: Cell, timezone: str = "Asia/Jerusalem") -> Roster:
    lines = [
        RawRow(line, {"customer": str(line), "left": cell})
        for line, cell in enumerate(cells, start=2)
    ]
    return read_roster(lines, outcomes(timezone), NOW, None)


@pytest.mark.parametrize(
    "cell", ["2026-03-31T21:00:00Z", "2026-03-31 21:00:00+00", "1774990800", "1774990800000"]
)
def test_midnight_in_utc_is_the_local_day(cell: str) -> None:
    """Who left on the first of April did not leave in March, though UTC is behind Israel."""
    export = read_bytes("a.csv", f"customer,left\n1,{cell}\n".encode(), outcomes())
    assert export.customers is not None
    assert list(export.customers["churned_at"]) == [date(2026, 4, 1)]


def test_moments_of_json_and_parquet() -> None:
    """Numbers of JSON and the aware moments of Parquet are the same local day."""
    lines = json.dumps({"customer": "1", "left": APRIL.timestamp()}).encode()
    parquet = io.BytesIO()
    pd.DataFrame({"customer": ["1"], "left": [APRIL]}).to_parquet(parquet)
    for name, data in (("a.jsonl", lines), ("a.parquet", parquet.getvalue())):
        export = read_bytes(name, data, outcomes())
        assert export.customers is not None
        assert list(export.customers["churned_at"]) == [date(2026, 4, 1)]


@given(
    told=st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    timezone=st.sampled_from(TIMEZONES),
)
def test_days_are_those_of_the_zone(told: datetime, timezone: str) -> None:
    """Moments are days in the profile's zone; what is told without an offset stays as it stands."""
    seconds = int(told.timestamp())
    moments = left(
        told, told.isoformat(), seconds, str(seconds), f"{seconds}000", timezone=timezone
    )
    assert set(moments.customers["churned_at"]) == {told.astimezone(ZoneInfo(timezone)).date()}
    naive = told.replace(tzinfo=None)
    days = left(naive, naive.isoformat(), naive.date(), f"{naive:%Y%m%d}", timezone=timezone)
    assert set(days.customers["churned_at"]) == {naive.date()}
    assert not moments.rejected + days.rejected


def test_days_that_cannot_be_are_rejected() -> None:
    """Digits that run on after a day are no epoch of 1976, and no zone turns the last day."""
    cells = ("202604011030", "202613011030", "20260401103000", "9999-12-31T23:00:00Z", "0541234567")
    lines = "\n".join(f"{place},{cell}" for place, cell in enumerate(cells, 1))
    export = read_bytes("a.csv", f"customer,left\n{lines}\n".encode(), outcomes())
    assert codes(export) == ["bad_date"] * len(cells)
