"""Finding a figure among the signals, and what the report is about."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import pandas as pd

from desk import hebrew
from desk.report_data import ReportData
from labels.codebook import REASONS

WEEKS_SHOWN = 10
WEEKS_BEFORE = 4
LEAST_WEEKS_BEFORE = 2
COLUMNS = ("week", "slice", "metric", "reason", "value", "low", "high", "n", "provisional")
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % interval; NaN where it cannot be had. `n` is what it rests on."""

    value: float = NAN
    low: float = NAN
    high: float = NAN
    n: int = 0
    provisional: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of one week, as a chart needs it."""

    week: date
    figure: Figure

    @property
    def label(self) -> str:
        """Return the week's first day, short."""
        return hebrew.short_day(self.week)


class Book:
    """The signals of the shown weeks, by slice, metric and reason."""

    def __init__(self, signals: pd.DataFrame, week: date) -> None:
        first = week - timedelta(weeks=WEEKS_SHOWN - 1)
        kept = signals.loc[[first <= day <= week for day in signals["week"]]]
        self.week = week
        columns = [kept[name].tolist() for name in COLUMNS]
        self._figures = {
            (day, cut, metric, reason if isinstance(reason, str) else ""): figure
            for day, cut, metric, reason, *figure in zip(*columns, strict=True)
        }
        start = min((key[0] for key in self._figures), default=week)
        count = (week - start).days // 7
        self.weeks = tuple(week - timedelta(weeks=back) for back in range(count, -1, -1))
        self._slices = {key[1] for key in self._figures if key[0] == week}

    def at(
        self, metric: str, cut: str = "all", reason: str = "", week: date | None = None
    ) -> Figure:
        """Return a week's figure of a slice, the report's week by default."""
        return Figure(*self._figures.get((week or self.week, cut, metric, reason), ()))

    def trend(self, metric: str, cut: str = "all", reason: str = "") -> tuple[Point, ...]:
        """Return the figure of each shown week, oldest first."""
        return tuple(Point(week, self.at(metric, cut, reason, week)) for week in self.weeks)

    def before(self, metric: str, cut: str = "all", reason: str = "") -> float:
        """Return the mean of the four weeks before; NaN with fewer than two of them."""
        earlier = [self.week - timedelta(weeks=back) for back in range(1, WEEKS_BEFORE + 1)]
        values = [self.at(metric, cut, reason, week).value for week in earlier]
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if len(known) >= LEAST_WEEKS_BEFORE else NAN

    def slices(self, kind: str) -> tuple[str, ...]:
        """Return the week's slices of a kind (`queue`, `at_risk`) by contacts, most first."""
        of_kind = [name for name in self._slices if name == kind or name.startswith(f"{kind}=")]
        return tuple(sorted(of_kind, key=lambda name: (-self.contacts(name), name)))

    def contacts(self, cut: str, week: date | None = None) -> int:
        """Return how many contacts (in `survey`: comments) a week's slice has."""
        counted = self.at("contacts", cut, week=week)
        return int(counted.value) if counted.known else 0


@dataclass(frozen=True)
class Scope:
    """A report's data, its figures, and whether it is about contacts or survey comments."""

    data: ReportData

    @cached_property
    def book(self) -> Book:
        """The week's figures."""
        return Book(self.data.signals, self.data.week)

    @cached_property
    def survey(self) -> bool:
        """Whether the week has survey comments and no contacts, so that they are the subject."""
        return self.book.contacts("all") == 0 and self.book.contacts("survey") > 0

    @property
    def cut(self) -> str:
        """The slice that the report is about."""
        return "survey" if self.survey else "all"

    @property
    def noun(self) -> hebrew.Noun:
        """What is counted."""
        return hebrew.COMMENT if self.survey else hebrew.CONTACT

    @cached_property
    def week_contacts(self) -> pd.DataFrame:
        """The week's contacts that the figures count: inbound ones, or survey comments."""
        surveys = self.noted_contacts["channel"] == "survey"
        return self.noted_contacts[surveys if self.survey else ~surveys]

    @cached_property
    def noted_contacts(self) -> pd.DataFrame:
        """The week's inbound contacts and survey comments."""
        begin, end = self.data.calendar.bounds(self.data.week)
        contacts = self.data.contacts
        in_week = (contacts["contacted_at"] >= begin) & (contacts["contacted_at"] < end)
        counted = (contacts["channel"] == "survey") | (contacts["direction"] == "in")
        return contacts[in_week & counted]

    @property
    def has_customers(self) -> bool:
        """Whether any contact says whose it is; without that nothing can be followed."""
        return self.data.has_customers

    @property
    def comparable(self) -> bool:
        """Whether there are enough earlier weeks to compare with."""
        return any(self.book.at("reason_change", self.cut, reason).known for reason in reason_ids())

    def threads(self, metric: str) -> str:
        """Return a thread metric's name under the definition that is displayed."""
        return f"{metric}_{self.data.thread_definition}"

    def fcr(self, cut: str = "all", week: date | None = None) -> Figure:
        """Return a week's first-contact resolution, provisional while it is only known so far."""
        return self.followed("fcr", cut, week=week)

    def followed(
        self, metric: str, cut: str = "all", reason: str = "", week: date | None = None
    ) -> Figure:
        """Return a figure of contacts that are followed for a window.

        Until somebody was followed for the whole window there is no estimate at its end; the one
        at the longest follow-up stands in, and `followed_days` says how long that was.
        """
        final = self.book.at(self.threads(metric), cut, reason, week=week)
        if final.known:
            return final
        so_far = self.book.at(self.threads(f"{metric}_so_far"), cut, reason, week=week)
        return so_far if so_far.known else final

    def followed_days(self, cut: str = "all") -> float:
        """Return the days that the week's threads were followed, NaN where the window is full."""
        return self.book.at(self.threads("fcr_followed_days"), cut).value

    def fcr_trend(self) -> tuple[Point, ...]:
        """Return `fcr` of each shown week, oldest first."""
        return tuple(Point(week, self.fcr(week=week)) for week in self.book.weeks)


def reason_ids() -> tuple[str, ...]:
    """Return the twelve reasons' ids."""
    return tuple(str(reason) for reason in REASONS)


def local(scope: Scope, moment: datetime) -> datetime:
    """Return a UTC moment in the report's time zone."""
    return pd.Timestamp(moment).tz_convert(scope.data.calendar.timezone).to_pydatetime()
