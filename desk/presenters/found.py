"""Found notes as people read them: the words that were searched and the evidence marked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from desk import hebrew
from desk.presenters.notes import evidence_spans, printable
from desk.presenters.ownchips import OwnChip, own_chips
from desk.presenters.reasons import CHANNELS, called, reason_name
from desk.searching.terms import Term
from desk.searching.wordindex import WordIndex
from labels.codebook import CODEBOOK, REASONS, ChurnIntent, Resolution
from labels.ownreasons import OwnFigures
from nlp.searchwords import Place, places

SHOWN = 600  # characters of a long note around the first thing that is marked
BEFORE = 160
HEBREW, LATIN = re.compile("[א-ת]"), re.compile("[A-Za-z]")

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a note; `hit` was searched for, `reasons` are what it is evidence of."""

    text: str
    hit: bool = False
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A found note. Empty texts are not known; `churn` and `resolution` are empty when ordinary."""

    contact_id: str
    customer_id: str
    moment: datetime
    when: str
    where: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    direction: str
    reasons: tuple[str, ...]
    own: tuple[OwnChip, ...]
    churn: str
    resolution: str
    unclear: bool


def found_notes(
    rows: Sequence[Row[Any]],
    terms: Sequence[Term],
    index: WordIndex,
    zone: str,
    own: Mapping[str, tuple[OwnFigures, ...]],
) -> tuple[FoundNote, ...]:
    """Return rows of `store.notewords.shown_notes` as they are shown, in their order.

    `own` are people's own reasons of the contacts that have any, by their id.
    """
    spelt = [
        [[index.spellings(word) for word in way] for way in term.ways]
        for term in terms
        if not term.excluded
    ]
    ways = [way for several in spelt for way in several]
    return tuple(
        _note(row, hits(str(row.text), ways), zone, own.get(row.contact_id, ())) for row in rows
    )


def hits(text: str, ways: Sequence[Sequence[frozenset[str]]]) -> Spans:
    """Return where a text has one of `ways`: words side by side, each in one of its forms.

    Whole words as they stand in the text, what is written onto them included.
    """
    words = places(text)
    return sorted({span for way in ways for span in _spans(words, way)})


def _spans(words: Sequence[Place], way: Sequence[frozenset[str]]) -> Spans:
    return [
        (words[at].start, words[at + len(way) - 1].end)
        for at in range(len(words) - len(way) + 1)
        if all(words[at + k].word in forms for k, forms in enumerate(way))
    ]


def stretches(
    text: str, hit: Spans, evidence: Sequence[tuple[int, int, str]]
) -> tuple[Stretch, ...]:
    """Return the text cut where a mark begins or ends; joined, the stretches are the text."""
    edges = {0, len(text)}
    for start, end in (*hit, *((first, last) for first, last, _ in evidence)):
        edges |= {min(max(start, 0), len(text)), min(max(end, 0), len(text))}
    cuts = sorted(edges)
    return tuple(
        Stretch(
            text[start:end],
            any(first <= start and end <= last for first, last in hit),
            ", ".join(
                dict.fromkeys(
                    name for first, last, name in evidence if first <= start and end <= last
                )
            ),
        )
        for start, end in pairwise(cuts)
    )


def window(text: str, marked: Sequence[int]) -> tuple[int, int]:
    """Return the part of a long text to show: around the first of the `marked` places."""
    if len(text) <= SHOWN:
        return 0, len(text)
    begin = max(0, min(min(marked, default=0) - BEFORE, len(text) - SHOWN))
    return begin, begin + SHOWN


def _note(row: Row[Any], hit: Spans, zone: str, own: Iterable[OwnFigures]) -> FoundNote:
    whole = printable(str(row.text))
    evidence = evidence_spans(row.evidence)
    begin, end = window(whole, [start for start, *_ in hit or evidence])
    # Cut first: what is marked beyond the part that is shown falls away.
    pieces = stretches(
        whole[begin:end],
        [(first - begin, last - begin) for first, last in hit],
        [(first - begin, last - begin, name) for first, last, name in evidence],
    )
    head, tail = (Stretch("…"),) * (begin > 0), (Stretch("…"),) * (end < len(whole))
    local = row.contacted_at.astimezone(ZoneInfo(zone))
    where = (CHANNELS[row.channel], row.queue, row.product, row.team)
    churn, resolution = ChurnIntent(row.churn_intent), Resolution(row.resolution)
    return FoundNote(
        contact_id=row.contact_id,
        customer_id=row.customer_id or "",
        moment=local,
        when=f"{hebrew.day(local.date())} {local:%H:%M}",
        where=tuple(printable(one) for one in where if one),
        stretches=(*head, *pieces, *tail),
        direction="rtl" if HEBREW.search(whole) or not LATIN.search(whole) else "ltr",
        reasons=tuple(reason_name(str(one)) for one in REASONS if getattr(row, str(one))),
        own=own_chips(own),
        churn="" if churn is ChurnIntent.NONE else called(CODEBOOK.churn_intent[churn]),
        resolution=(
            "" if resolution is Resolution.UNSTATED else called(CODEBOOK.resolution[resolution])
        ),
        unclear=bool(row.unclear),
    )
