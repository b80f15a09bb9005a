"""Customers' journeys: labelled contacts of one customer, each with the key of its issue.

Two contacts of a journey with the same issue key are about the same matter, by the codebook's
rules. They stand in `corpus/journeys/`, one contact a line, a journey's contacts together and in
the order of time.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from keshev.errors import CorpusError
from labels.annotation import LabelledNote
from labels.corpus import CORPUS, FURTHER, NEEDED, Split, problems_of


class JourneyContact(LabelledNote):
    """A labelled note with its place in a journey: `day` counts from the journey's first contact.

    `time` is local, HH:MM.
    """

    journey: Annotated[str, Field(min_length=1)]
    issue: Annotated[str, Field(pattern=r"^[A-H]$")]
    day: Annotated[int, Field(ge=0)]
    time: Annotated[str, Field(pattern=r"^[0-2]\d:[0-5]\d$")]
    queue: str


class Journey(BaseModel):
    """One customer's contacts, in the order of time."""

    model_config = ConfigDict(frozen=True)

    id: str
    contacts: tuple[JourneyContact, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [(contact.day, contact.time) for contact in self.contacts]
        if len(moments) < 2:
            raise ValueError("a journey has at least two contacts")
        if moments != sorted(moments) or moments[0][0] != 0:
            raise ValueError("contacts must begin on day 0 and follow each other in time")
        return self


def journey_file(split: Split, root: Path = CORPUS) -> Path:
    """Return where the journeys of a split stand."""
    return root / "journeys" / f"{split}.jsonl"


def _has_some(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def journey_splits(root: Path = CORPUS) -> list[Split]:
    """Return the splits that need journeys, train first, and the further ones that have some."""
    return [*NEEDED, *(split for split in FURTHER if _has_some(journey_file(split, root)))]


def read_journeys(split: Split, root: Path = CORPUS) -> list[Journey]:
    """Return the journeys of one split.

    Raises:
        CorpusError: naming file and line, when a contact or a journey breaks the rules.
    """
    path = journey_file(split, root)
    contacts: list[tuple[int, JourneyContact]] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                contacts.append((number, JourneyContact.model_validate_json(line)))
            except ValidationError as error:
                raise CorpusError(path, number, problems_of(error)) from None
    journeys: dict[str, Journey] = {}
    for key, group in groupby(contacts, key=lambda item: item[1].journey):
        members = list(group)
        if key in journeys:
            raise CorpusError(path, members[0][0], f"the journey {key} stands in two places")
        try:
            journeys[key] = Journey(id=key, contacts=tuple(contact for _, contact in members))
        except ValidationError as error:
            raise CorpusError(path, members[0][0], problems_of(error)) from None
    return list(journeys.values())


def write_journeys(path: Path, journeys: Iterable[Journey]) -> None:
    """Write journeys as JSON Lines, one contact a line, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for journey in journeys:
            out.writelines(contact.model_dump_json() + "\n" for contact in journey.contacts)
