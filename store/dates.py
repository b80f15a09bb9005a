"""From the dates of exports to moments in UTC.

Read are dd/mm/yyyy, d.m.yy, yyyy-mm-dd, ISO 8601 with an offset, yyyymmdd, Excel serials and
epoch seconds or milliseconds, as numbers and as text, with times as HH:MM[:SS] or AM/PM.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from store.cells import word_of
from store.rawrows import Cell
from store.rejections import Rejection

Order = Literal["dmy", "mdy", "ymd"]
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # serials are local time
_SERIALS = (10_000, 120_000)  # 1927 to 2228
_EPOCH_SECONDS = (10**8, 10**10)
_EPOCH_MILLISECONDS = (10**11, 10**13)
_DATE = re.compile(
    r"(?P<a>\d{1,4})\s?(?P<sep>[./\-])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<rest>.+))?",
    re.ASCII | re.S,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d.*))?", re.ASCII)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?|לפנה\"צ|אחה\"צ)?\s*(?P<offset>Z|[+-]\d{2}(?::?\d{2})?|UTC)?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
# From 1979, so that neither yyyymmddhhmm nor a phone with its first zero is taken for an epoch.
_EPOCH = re.compile(r"(?:[3-9]\d{8}|[1-9]\d{9})(?:\d{3})?(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateRules:
    """How an export's dates are read: the order of day, month and year, the zone, and now."""

    order: Order
    zone: ZoneInfo
    now: datetime


def find_order(cells: Iterable[Cell]) -> Order:
    """Return the order that a column's dates are written in.

    Day first, as in Israel, unless more second numbers than first ones are over 12.
    """
    day_first, month_first = order_evidence(cells)
    return "mdy" if month_first > day_first else "dmy"


def order_evidence(cells: Iterable[Cell]) -> tuple[int, int]:
    """Return how many dates can only be day first, and how many only month first."""
    day_first = month_first = 0
    for cell in cells:
        match = _DATE.match(cell.strip()) if isinstance(cell, str) else None
        if match and len(match["a"]) <= 2:
            day_first += int(match["a"]) > 12
            month_first += int(match["b"]) > 12
    return day_first, month_first


def moment(cell: Cell, clock: Cell, rules: DateRules) -> datetime | Rejection:
    """Return the moment in UTC of a date cell and an optional cell with the time of day.

    A local time that the clock change skips is moved forward by the hour that is missing; of one
    that comes twice the first is taken. A time of day in a cell of its own is local too, on the
    local day of the date's cell; a cell that says nothing (`-`, `NULL`) gives none.
    """
    local = _dated(cell, rules.order)
    if local is None:
        return Rejection.BAD_DATE
    try:
        if word_of(clock) is not None:
            of_day = _clock(clock)
            if of_day is None:
                return Rejection.BAD_DATE
            local = datetime.combine(_in_zone(local, rules.zone).date(), of_day)
        zoned = local if local.tzinfo else local.replace(tzinfo=rules.zone, fold=0)
        utc = zoned.astimezone(UTC)
    except OverflowError:  # the first and the last day that a datetime can hold
        return Rejection.DATE_TOO_OLD if local.year < EARLIEST.year else Rejection.DATE_IN_FUTURE
    if utc < EARLIEST:
        return Rejection.DATE_TOO_OLD
    if utc > rules.now + timedelta(days=1):
        return Rejection.DATE_IN_FUTURE
    return utc


def local_day(cell: Cell, rules: DateRules) -> date | None:
    """Return the day of a cell in the export's zone; None when there is none."""
    found = _dated(cell, rules.order)
    try:
        return None if found is None else _in_zone(found, rules.zone).date()
    except OverflowError:  # the first and the last day that a datetime can hold
        return None


def parse_date(cell: Cell, order: Order) -> datetime | None:
    """Return a cell's date and time, local unless it has an offset; None when there is none.

    A text of digits that may be an epoch is none here: in a column that nobody called dates it
    is an id.
    """
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool):
        return None
    try:
        if isinstance(cell, (int, float)):
            return _from_number(float(cell))
        if isinstance(cell, str):
            return _from_text(cell.strip(), order)
    except (ValueError, OverflowError):
        return None
    return None


def _dated(cell: Cell, order: Order) -> datetime | None:
    """Return the date and time of a cell of a date column, where long digits are an epoch.

    Digits that begin with a day as yyyymmdd may be that day and its time, and are no epoch.
    """
    if isinstance(cell, str):
        text = cell.strip()
        if _EPOCH.fullmatch(text) and parse_date(int(text[:8]), order) is None:
            return _from_number(float(text))
    return parse_date(cell, order)


def _in_zone(found: datetime, zone: ZoneInfo) -> datetime:
    return found.astimezone(zone) if found.tzinfo else found


def _from_text(text: str, order: Order) -> datetime | None:
    match = _DATE.fullmatch(text)
    if match:
        day = _ordered(match["a"], match["b"], match["c"], order)
        of_day = _clock(match["rest"]) if match["rest"] else time()
    elif compact := _COMPACT.fullmatch(text):
        day = date(int(compact[1]), int(compact[2]), int(compact[3]))
        of_day = _clock(compact[4]) if compact[4] else time()
    elif _NUMBER.fullmatch(text):
        return _from_number(float(text))
    else:
        return None
    return None if of_day is None else datetime.combine(day, of_day, tzinfo=of_day.tzinfo)


def _ordered(first: str, second: str, third: str, order: Order) -> date:
    if len(first) > 2 or (order == "ymd" and len(third) <= 2):
        return date(_year(first), int(second), int(third))
    if order == "mdy":
        return date(_year(third), int(first), int(second))
    return date(_year(third), int(second), int(first))


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) <= 2:
        return year + (2000 if year < 70 else 1900)
    if len(digits) == 3:
        raise ValueError("a year has two or four digits")
    return year


def _clock(cell: Cell) -> time | None:
    if isinstance(cell, datetime):
        return cell.timetz()
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        return (datetime.min + cell).time() if timedelta() <= cell < timedelta(days=1) else None
    if isinstance(cell, (int, float)):
        return (datetime.min + timedelta(days=float(cell))).time() if 0 <= cell < 1 else None
    return _clock_of_text(cell.strip()) if isinstance(cell, str) else None


def _clock_of_text(text: str) -> time | None:
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour = int(match["hour"])
    half = (match["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith(("p", "אחה")) else 0)
    offset = match["offset"]
    zone: tzinfo | None = UTC if offset in {"Z", "UTC"} else None
    try:
        if offset and zone is None:
            zone = datetime.strptime(offset.replace(":", "").ljust(5, "0"), "%z").tzinfo
        micro = int((match["part"] or "0")[:6].ljust(6, "0"))
        return time(hour, int(match["minute"]), int(match["second"] or 0), micro, tzinfo=zone)
    except ValueError:
        return None


def _from_number(number: float) -> datetime | None:
    if _SERIALS[0] <= number <= _SERIALS[1]:
        # Serials carry binary fractions of days; times are typed to the second.
        return _EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
    if _EPOCH_SECONDS[0] <= number < _EPOCH_SECONDS[1]:
        return datetime.fromtimestamp(number, UTC)
    if _EPOCH_MILLISECONDS[0] <= number < _EPOCH_MILLISECONDS[1]:
        return datetime.fromtimestamp(number / 1000, UTC)
    if number.is_integer() and 19_000_101 <= number <= 21_001_231:
        digits = str(int(number))
        return datetime.combine(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), time())
    return None
