"""The links at the head of every page: what the person may open, and which of it is open."""

from dataclasses import dataclass

from desk.deps import Person
from desk.i18n import _
from desk.rights import Right


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `here` where the open page is its own or below it."""

    path: str
    name: str
    here: bool


def links(person: Person | None, path: str) -> tuple[Link, ...]:
    """Return the person's links, none before signing in."""
    places = (
        ("/queue", _("לקוחות בסיכון"), Right.QUEUE),
        ("/week", _("השבוע"), Right.WEEK),
        ("/search", _("חיפוש"), Right.SEARCH),
        ("/review", _("בדיקת תיוג"), Right.REVIEW),
        ("/quality", _("איכות"), Right.QUALITY),
        ("/people", _("משתמשים"), Right.PEOPLE),
    )
    return tuple(
        Link(place, name, path == place or path.startswith(f"{place}/"))
        for place, name, right in places
        if person is not None and person.may(right)
    )
