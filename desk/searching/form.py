"""What the search form and its links may hold, typed and bounded, and the query that it is."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from desk.forms import Line
from desk.searching.filters import Filters
from desk.searching.search import DEPTH, Mode, Query
from labels.codebook import ChurnIntent, Reason, Resolution
from labels.frames import Calendar

PAGE = 20
EARLIEST, LATEST = date(1970, 1, 2), date(2200, 1, 1)


def _none(value: object) -> object:
    """Return None for a field that was left empty."""
    return None if value == "" else value


Empty = BeforeValidator(_none)
Day = Annotated[date | None, Empty, Field(ge=EARLIEST, le=LATEST)]
Value = Annotated[Line | None, Empty]


class Narrowed(BaseModel):
    """What an address may hold: filters, and the id of a note whose like is searched."""

    like: Line = ""
    week: Day = None
    first: Day = None
    last: Day = None
    queue: Value = None
    channel: Value = None
    product: Value = None
    team: Value = None
    reason: Annotated[Reason | None, Empty] = None
    own: Value = None
    churn_intent: Annotated[ChurnIntent | None, Empty] = None
    resolution: Annotated[Resolution | None, Empty] = None
    customer_id: Value = None
    unclear: Annotated[bool | None, Empty] = None
    page: Annotated[int, Field(ge=1, le=DEPTH // PAGE)] = 1

    def query(self, calendar: Calendar) -> Query:
        """Return what is asked; a week is its seven days, and goes before other dates."""
        first, last = self.first, self.last
        if self.week is not None:
            first = calendar.week_of_moment(calendar.bounds(self.week)[0])
            last = first + timedelta(days=6)
        return Query(
            like=self.like,
            filters=Filters(
                first=first,
                last=last,
                queue=self.queue,
                channel=self.channel,
                product=self.product,
                team=self.team,
                reason=self.reason,
                own=self.own,
                churn_intent=self.churn_intent,
                resolution=self.resolution,
                customer_id=self.customer_id,
                unclear=self.unclear or None,
            ),
            page=self.page,
        )


class Typed(Narrowed):
    """What the form may hold besides: the words."""

    text: Line = ""
    mode: Mode = "both"

    def query(self, calendar: Calendar) -> Query:
        """Return what is asked; words go before a note whose like is searched."""
        asked = super().query(calendar)
        like = "" if self.text else asked.like
        return Query(self.text, self.mode, like, asked.filters, asked.page)
