"""Dates of exports become the right moment in UTC, or a reason why there is none."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.dates import DateRules, Order, find_order, local_day, moment, parse_date
from store.rawrows import Cell
from store.rejections import Rejection

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 15, 6, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 3), datetime(2026, 11, 14), timezones=st.just(UTC))


def read(cell: Cell, clock: Cell = None, order: Order = "dmy") -> datetime | Rejection:
    return moment(cell, clock, DateRules(order, ZONE, NOW))


@pytest.mark.parametrize(
    "cell",
    [
        "08/09/2026 10:32",
        "8.9.26 10:32",
        "08-09-2026, 10:32:00",
        "2026-09-08 10:32",
        "2026-09-08T10:32:00+03:00",
        "2026-09-08 10:32:00+03",
        "2026-09-08 04:32:00.000000-03",
        "2026-09-08T07:32:00Z",
        "2026-09-08T07:32:00.000000Z",
        "08/09/2026 10:32 AM",
        "20260908 10:32",
        " 8 / 9 / 2026 10:32 ",
        46273.438888888886,
        "46273.438888888886",
        1788852720,
        1788852720000,
        "1788852720",
        " 1788852720.0 ",
        "1788852720000",
        datetime(2026, 9, 8, 10, 32),
        datetime(2026, 9, 8, 9, 32, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_one_moment_in_many_forms(cell: Cell) -> None:
    """Every way to write the same minute gives the same moment."""
    assert read(cell) == datetime(2026, 9, 8, 7, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    "clock", ["22:05", "10:05 PM", time(22, 5), timedelta(hours=22, minutes=5), 22 / 24 + 5 / 1440]
)
def test_date_and_time_in_two_columns(clock: Cell) -> None:
    """The time of day may stand in a column of its own, as text or as Excel keeps it."""
    moment_read = read("08/09/2026", clock)
    assert isinstance(moment_read, datetime)
    assert abs(moment_read - datetime(2026, 9, 8, 19, 5, tzinfo=UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize("clock", [None, "", " ", "-", "--", "NULL", "N/A", float("nan")])
def test_a_time_cell_that_says_nothing_is_midnight(clock: Cell) -> None:
    """A placeholder in the time's column loses no row: it is read as an empty cell is."""
    assert read("08/09/2026", clock) == datetime(2026, 9, 7, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01T22:00:00Z",
        "2026-03-01 22:00:00+00",
        "1772402400",
        1772402400,
        datetime(2026, 3, 1, 22, tzinfo=UTC),
    ],
)
def test_time_of_day_is_of_the_local_day(cell: Cell) -> None:
    """Local midnight told in UTC is a day later than its date in UTC; the clock beside is local."""
    assert read(cell, "10:30") == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert read(cell, "08:30Z") == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_clock_change_is_resolved() -> None:
    """The hour that comes twice is its first occurrence; the missing one is moved forward."""
    assert read("25/10/2026 01:30") == datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert read("27/03/2026 02:30") == datetime(2026, 3, 27, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31/02/2026", Rejection.BAD_DATE),
        ("32/01/2026", Rejection.BAD_DATE),
        ("08/09/2026 25:00", Rejection.BAD_DATE),
        ("08/09/2026 13:00 PM", Rejection.BAD_DATE),
        ("08/09/202", Rejection.BAD_DATE),
        ("2026040110", Rejection.BAD_DATE),
        ("202604011030", Rejection.BAD_DATE),
        ("202613011030", Rejection.BAD_DATE),
        ("20260401103000", Rejection.BAD_DATE),
        ("0541234567", Rejection.BAD_DATE),
        ("08/09/2026 10:32+25", Rejection.BAD_DATE),
        ("אתמול", Rejection.BAD_DATE),
        ("", Rejection.BAD_DATE),
        (None, Rejection.BAD_DATE),
        (True, Rejection.BAD_DATE),
        (float("nan"), Rejection.BAD_DATE),
        (float("inf"), Rejection.BAD_DATE),
        ("915148800", Rejection.DATE_TOO_OLD),
        ("01/01/1999", Rejection.DATE_TOO_OLD),
        ("01/01/1900", Rejection.DATE_TOO_OLD),
        ("01/01/0001", Rejection.DATE_TOO_OLD),
        ("17/11/2026", Rejection.DATE_IN_FUTURE),
        ("31/12/9999 23:00", Rejection.DATE_IN_FUTURE),
        (datetime(2206, 9, 8), Rejection.DATE_IN_FUTURE),
    ],
)
def test_impossible_dates_are_rejected(cell: Cell, code: Rejection) -> None:
    """Dates that cannot be, are before 2000 or after tomorrow are rejected, each by its reason."""
    assert read(cell) is code


@given(
    day=st.dates(date(2000, 1, 3), date(2026, 11, 14)),
    order=st.sampled_from(["dmy", "mdy", "ymd"]),
    separator=st.sampled_from("/.-"),
)
def test_orders_agree_with_the_calendar(day: date, order: Order, separator: str) -> None:
    """Any day that is written in an order is read back in that order."""
    form = separator.join({"dmy": "%d %m %Y", "mdy": "%m %d %Y", "ymd": "%Y %m %d"}[order].split())
    moment_read = read(day.strftime(form) + " 12:00", order=order)
    assert isinstance(moment_read, datetime)
    assert moment_read.astimezone(ZONE).date() == day


@given(MOMENTS)
def test_epochs_in_texts_are_those_in_numbers(told: datetime) -> None:
    """CSV has only texts: seconds, their fractions and milliseconds are what JSON's numbers are."""
    seconds = int(told.timestamp())
    whole = told.replace(microsecond=0)
    assert read(str(seconds)) == read(seconds) == whole
    assert read(f"{seconds}.5") == read(seconds + 0.5) == whole + timedelta(seconds=0.5)
    assert read(f"{seconds}250") == read(seconds * 1000 + 250) == whole + timedelta(seconds=0.25)


@given(st.dates(date(2000, 1, 3), date(2026, 11, 14)), st.from_regex(r"[0-9]{0,6}", fullmatch=True))
def test_compact_days_are_no_epochs(day: date, rest: str) -> None:
    """yyyymmdd is its day; digits that run on after it are never taken for another moment."""
    midnight = datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC)
    assert read(f"{day:%Y%m%d}{rest}") == (Rejection.BAD_DATE if rest else midnight)


@given(st.integers(10**8, 10**13 - 1))
def test_digits_are_no_dates_where_nobody_says_so(digits: int) -> None:
    """Ids are as long as epochs: a column is not guessed to hold dates because of them."""
    assert parse_date(str(digits), "dmy") is None


@given(told=MOMENTS, hours=st.integers(-12, 14), form=st.sampled_from(["{:+03}", "{:+03}:00"]))
def test_offsets_of_hours(told: datetime, hours: int, form: str) -> None:
    """Offsets may leave out their minutes, as PostgreSQL does; the day is the one in the zone."""
    there = told.astimezone(timezone(timedelta(hours=hours)))
    cell = f"{there:%Y-%m-%d %H:%M:%S.%f}{form.format(hours)}"
    assert read(cell) == told
    assert local_day(cell, DateRules("dmy", ZONE, NOW)) == told.astimezone(ZONE).date()


@given(st.text(max_size=30), st.text(max_size=10))
def test_no_text_crashes(text: str, clock: str) -> None:
    """Whatever stands in the date's cell and the time's, there is a moment or a reason."""
    assert isinstance(read(text), datetime | Rejection)
    assert isinstance(read("08/09/2026", clock), datetime | Rejection)
    assert isinstance(local_day(text, DateRules("dmy", ZONE, NOW)), date | None)


@pytest.mark.parametrize("cell", ["0001-01-01 00:00+14", "9999-12-31T23:00:00Z"])
def test_days_at_the_ends_of_the_calendar(cell: str) -> None:
    """A day that no zone can turn to a local one is none; as a contact's it is rejected."""
    assert local_day(cell, DateRules("dmy", ZONE, NOW)) is None
    assert isinstance(read(cell), Rejection)
    assert isinstance(read(cell, "10:30"), Rejection)


def test_order_is_found_from_the_column() -> None:
    """American dates are recognised by a second number over 12; else days come first."""
    assert find_order(["03/04/2026", "09/28/2026"]) == "mdy"
    assert find_order(["03/04/2026", "28/09/2026"]) == "dmy"
    assert find_order(["03/04/2026", None]) == "dmy"
