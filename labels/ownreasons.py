"""A reason of one's own: what people wrote of it, and what was measured of it."""

from dataclasses import dataclass

LEAST_EXAMPLES = 20
MOST_EXAMPLES = 500
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class OwnReason:
    """A reason by its name, its description and its examples' texts, which are masked."""

    reason_id: str
    name: str
    description: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What was measured of a reason.

    By cross-validation, `examples_found` of the `examples` and `others_found` of `others`, random
    notes, were given it. People saw `checked` of the notes that were given it and `confirmed` some.
    """

    reason_id: str
    version: str
    name: str
    description: str
    examples: int
    examples_found: int
    others: int
    others_found: int
    checked: int
    confirmed: int
