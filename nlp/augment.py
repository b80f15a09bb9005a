"""Noise as agents and customers make it, and notes that hold the matters of two.

Typos, shorthand, missing spaces and full stops: training on noisy copies teaches the network to
read what the corpus' writers typed too well. Each change keeps track of where a character came
from, so that evidence stays in its place. Two notes in one teach it that a loud reason is no sign
against a quiet one beside it.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.examples import Example

# Letters that sound alike, or lie side by side on the Hebrew keyboard.
SOUNDS = {"ט": "ת", "ת": "ט", "כ": "ק", "ק": "כ", "א": "ע", "ע": "א", "ח": "כ", "ס": "ש", "ו": "ב"}
NEIGHBOURS = dict(zip("קראטופשדגכעיחלזסבהנמצת", "ראטוןםדגכעיחלךסבהנמצתץ", strict=True))
FINALS = dict(zip("םןץףך", "מנצפכ", strict=True))
SHORTHAND = {
    "לקוח": "לק'",
    "לקוחה": "לק'",
    "הלקוח": "הלק'",
    "הלקוחה": "הלק'",
    "התקנה": "התק'",
    "נציג": "נצ'",
    "נציגה": "נצ'",
    "חשבונית": "חשב'",
    "טכנאי": "טכ'",
    "טלפון": "טל'",
    "מספר": "מס'",
    "שקל": 'ש"ח',
    "שקלים": 'ש"ח',
    "פעמים": "פע'",
    "פעם": "פע'",
    "דקות": "דק'",
    "שעות": "ש'",
    "ביטול": "ביט'",
    "אינטרנט": "אינט'",
    "מבקש": "מבק'",
    "מבקשת": "מבק'",
    "מעוניין": "מעונ'",
    "מעוניינת": "מעונ'",
}
WORD = re.compile(r"[א-ת]+")
BETWEEN = (". ", " / ", ", ", "\n", " ", "! ")  # what stands between two notes in one
SHORT = 140  # characters of a note that is joined with another
MOST_REASONS = 3  # of two notes in one


@dataclass(frozen=True)
class Manner:
    """How a text is typed: the share of letters, finals, words and marks that change, 0 to 1."""

    letters: float
    finals: float
    shorthand: float
    marks: float


def manner_of(rng: random.Random) -> Manner:
    """Return a typist's manner: most make a few kinds of mistakes, none makes all of them."""
    return Manner(
        letters=rng.choice((0.0, 0.01, 0.02, 0.05)),
        finals=rng.choice((0.0, 0.0, 0.3)),
        shorthand=rng.choice((0.0, 0.5, 1.0)),
        marks=rng.choice((0.0, 0.0, 0.5, 1.0)),
    )


def noisy(example: Example, rng: random.Random) -> Example:
    """Return the example as a hastier typist would have written it; labels stay as they are.

    A reason whose evidence vanished altogether keeps its label and loses its span.
    """
    manner = manner_of(rng)
    typed: list[tuple[str, int]] = []
    at = 0
    for match in WORD.finditer(example.text):
        typed += _marks(example.text, at, match.start(), manner, rng)
        typed += _word(match.group(), match.start(), manner, rng)
        at = match.end()
    typed += _marks(example.text, at, len(example.text), manner, rng)
    text = "".join(letter for letter, _ in typed)
    if not text.strip():
        return example
    spans = {}
    for reason, (start, end) in example.spans.items():
        places = [place for place, (_, origin) in enumerate(typed) if start <= origin < end]
        if places:
            spans[reason] = (places[0], places[-1] + 1)
    return replace(example, text=text, spans=spans)


def two_in_one(first: Example, second: Example, rng: random.Random) -> Example:
    """Return an example that says what both say, evidence in its place.

    The reasons of both; the stronger churn intent; half of either's resolution, since the note
    tells two; a repeat when one is. It belongs to no journey.
    """
    between = rng.choice(BETWEEN)
    shift = len(first.text) + len(between)
    spans = {reason: (start + shift, end + shift) for reason, (start, end) in second.spans.items()}
    return Example(
        first.text + between + second.text,
        np.maximum(first.reasons, second.reasons),
        max(first.churn, second.churn, key=lambda churn: int(churn.argmax())),
        np.float32(0.5) * (first.resolution + second.resolution),
        max(first.repeat, second.repeat),
        {**spans, **first.spans},
    )


def joined_notes(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """Return `count` draws of two short notes in one, none where fewer than two are short.

    Pairs of more reasons than a note has are drawn again, as far as there are others.
    """
    short = [one for one in examples if not one.journey and len(one.text) <= SHORT]
    if len(short) < 2:
        return []
    made = []
    for _ in range(count):
        drawn = (rng.sample(short, 2) for _ in range(9))
        few = (two for two in drawn if sum(one.reasons.sum() for one in two) <= MOST_REASONS)
        first, second = next(few, rng.sample(short, 2))
        made.append(two_in_one(first, second, rng))
    return made


def _marks(
    text: str, start: int, end: int, manner: Manner, rng: random.Random
) -> list[tuple[str, int]]:
    """Return what stands between words: a comma loses its space or is left out."""
    kept: list[tuple[str, int]] = []
    for place in range(start, end):
        character = text[place]
        after_comma = character == " " and kept and kept[-1][0] in ",."
        if (after_comma or character in ".!?") and rng.random() < manner.marks:
            if character != " " and text[place + 1 : place + 2].isalnum():
                kept.append((" ", place))
            continue
        kept.append((character, place))
    return kept


def _word(word: str, start: int, manner: Manner, rng: random.Random) -> list[tuple[str, int]]:
    """Return a word as typed."""
    if word in SHORTHAND and rng.random() < manner.shorthand:
        return [(letter, start) for letter in SHORTHAND[word]]
    typed: list[tuple[str, int]] = []
    for offset, letter in enumerate(word):
        place = start + offset
        if letter in FINALS and rng.random() < manner.finals:
            typed.append((FINALS[letter], place))
        elif len(word) > 2 and rng.random() < manner.letters:
            typed += _slip(letter, place, rng)
        else:
            typed.append((letter, place))
    return typed


def _slip(letter: str, place: int, rng: random.Random) -> list[tuple[str, int]]:
    """Return one letter mistyped: left out, doubled, a neighbour's, or one that sounds alike."""
    kind = rng.randrange(4)
    if kind == 0:
        return []
    if kind == 1:
        return [(letter, place), (letter, place)]
    table = NEIGHBOURS if kind == 2 else SOUNDS
    return [(table.get(letter, letter), place)]
