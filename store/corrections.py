"""What a new content of a file says about an older one of its name: rules of store/readings.py."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median_low

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What a content tells of a contact, whatever the contact is called."""

    moment: datetime
    customer_id: str | None
    text_digest: str


@dataclass(frozen=True)
class Older:
    """An older content of a file's name: its contacts, and which ids are generated.

    `found` are those that the new content has under other ids: see `as_reread`.
    """

    file_id: str
    contacts: Mapping[str, Told]
    generated: frozenset[str]
    latest: bool
    found: frozenset[str] = frozenset()


@dataclass(frozen=True)
class News:
    """What a new reading says: its contacts, its quarantined rows, whose it is."""

    contacts: Mapping[str, Told]
    refused: frozenset[str]
    source: str
    id_header: str | None
    roster: bool

    def corrects(self, older: Older) -> bool:
        """Return whether this is the same file, mended, and not the next one of its name."""
        if self.roster:
            return not older.contacts
        shared = len(self.contacts.keys() & older.contacts.keys() | older.found)
        return older.latest and shared > 0 and 2 * shared >= len(older.contacts)

    def moves_on(self, older: Older) -> bool:
        """Return whether this both begins and ends later than the older content."""
        if not (self.contacts and older.contacts):
            return False
        begin, end = _span(self.contacts)
        old_begin, old_end = _span(older.contacts)
        return begin > old_begin and end > old_end

    def withdrawn(self, older: Older) -> set[str]:
        """Return the older content's contacts that this one takes back."""
        if not self.corrects(older):
            return set()
        gone = set(older.generated - self.contacts.keys())
        if not self.moves_on(older):
            return gone
        first, _ = _span(self.contacts)
        return {one for one in gone if older.contacts[one].moment >= first}

    def settles(self, row: str) -> bool:
        """Return whether a quarantined row stands here too, or is stored by its own id."""
        if row in self.refused:
            return True
        given = json.loads(row).get(self.id_header) if self.id_header else None
        return given is not None and f"{self.source}:{given}" in self.contacts


Alike = Callable[[Told], tuple[object, str]]


def as_reread(older: Older, news: News) -> Older:
    """Return an older content as near as can be to how the new reading's rules would have read it.

    Other rules can give each row another moment or another customer, and so another generated id.
    A row is told by its text with its moment, or else with its customer, when the new content has
    at least half of what the older one tells that way. Rows that stand once in both then get their
    new moments, and all others move by the median of that. Where most move alike, as under another
    time zone, one that would move by days more is another contact with the same words.

    Contents whose times do not meet are two weeks' files, however alike their notes are, and the
    older one is returned as it is.
    """
    if not _meet(older.contacts, news.contacts):
        return older
    return _told_by(_moment, older, news) or _told_by(_customer, older, news) or older


def _moment(one: Told) -> tuple[object, str]:
    return one.moment, one.text_digest


def _customer(one: Told) -> tuple[object, str]:
    return one.customer_id, one.text_digest


def _told_by(alike: Alike, older: Older, news: News) -> Older | None:
    mine = Counter(map(alike, news.contacts.values()))
    others = Counter(map(alike, older.contacts.values()))
    shared = mine.keys() & others.keys()
    if 2 * len(shared) < len(others):
        return None
    once = {what for what in shared if mine[what] == others[what] == 1}
    now = {what: one.moment for one in news.contacts.values() if (what := alike(one)) in once}
    then = {what: one.moment for one in older.contacts.values() if (what := alike(one)) in once}
    moves = {what: now[what] - then[what] for what in once}
    if not moves:
        return None
    shift = median_low(moves.values())
    far = {what for what, move in moves.items() if abs(move - shift) > _DAY}
    if 2 * len(far) < len(moves):
        now = {what: moment for what, moment in now.items() if what not in far}
    contacts = {
        name: replace(one, moment=now.get(alike(one), one.moment + shift))
        for name, one in older.contacts.items()
    }
    found = frozenset(name for name, one in older.contacts.items() if alike(one) in shared)
    return replace(older, contacts=contacts, found=found)


def _span(contacts: Mapping[str, Told]) -> tuple[datetime, datetime]:
    moments = [one.moment for one in contacts.values()]
    return min(moments), max(moments)


def _meet(one: Mapping[str, Told], other: Mapping[str, Told]) -> bool:
    if not (one and other):
        return False
    (begin, end), (other_begin, other_end) = _span(one), _span(other)
    return begin <= other_end and other_begin <= end
