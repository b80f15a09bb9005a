"""What a new content of a file says about an older one of its name: rules of store/readings.py."""

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Older:
    """An older content of a file's name: its contacts' moments, and which ids are generated."""

    file_id: str
    moments: dict[str, datetime]
    generated: frozenset[str]
    latest: bool


@dataclass(frozen=True)
class News:
    """What a new reading says: its contacts' moments, its quarantined rows, whose it is."""

    moments: dict[str, datetime]
    refused: frozenset[str]
    source: str
    id_header: str | None
    roster: bool

    def corrects(self, older: Older) -> bool:
        """Return whether this is the same file, mended, and not the next one of its name."""
        if self.roster:
            return not older.moments
        shared = len(self.moments.keys() & older.moments.keys())
        return older.latest and shared > 0 and 2 * shared >= len(older.moments)

    def moves_on(self, older: Older) -> bool:
        """Return whether this both begins and ends later than the older content."""
        mine, others = self.moments.values(), older.moments.values()
        return bool(mine and others) and min(mine) > min(others) and max(mine) > max(others)

    def withdrawn(self, older: Older) -> set[str]:
        """Return the older content's contacts that this one takes back."""
        if not self.corrects(older):
            return set()
        gone = set(older.generated - self.moments.keys())
        if not self.moves_on(older):
            return gone
        first = min(self.moments.values())
        return {one for one in gone if older.moments[one] >= first}

    def settles(self, row: str) -> bool:
        """Return whether a quarantined row stands here too, or is stored by its own id."""
        if row in self.refused:
            return True
        given = json.loads(row).get(self.id_header) if self.id_header else None
        return given is not None and f"{self.source}:{given}" in self.moments
