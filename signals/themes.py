"""Themes: groups of notes that no reason explains, found week by week and then kept.

A theme is a centre among the issue vectors, and the words that its notes share. The known themes
take the notes near their centres first, the older ones before the younger; only what remains is
searched for new ones. So a note keeps its theme, and a theme its number and name, whatever arrives.

A week is searched when what its search looks at is not what it last looked at. Weeks that arrive in
their order, one by one, give what all at once give. A week that arrives late, or is corrected, is
searched then, and after it, in their order, the weeks whose searches look back at it; a theme that
is found there is that week's, with the next number. In another order of arrival the same matters
may have other numbers, and other notes at their edges, as the theme that was found first takes its
notes first; but a week that was loaded is never left unsearched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import compress
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.shares import REASON_NAMES
from signals.slices import Bools, Ints, inbound, surveys
from signals.theme_groups import NEAR, NEAR_PRODUCT, groups, whole

LEAST_NOTES = 50  # without that many notes nothing is searched
LEAST_TERMS = 2  # words that a theme's notes share: what nobody can name is none
LEAST_SIZE = 5  # notes of a new theme, or
LEAST_PART = 0.01  # this part of the notes searched
SEARCHED_WEEKS = 5  # the week and the four that it is compared with, or
SEARCHED_NOTES = 500  # as many weeks as hold that many notes
SAMPLE = 4000  # notes searched at a time
PART = 65_536  # notes compared with the centres at a time

# Returns the terms of some notes of those searched, both given by their places, the best first.
Namer = Callable[[Ints, Ints], Sequence[str]]


@dataclass(frozen=True)
class Theme:
    """A theme: its number, the week in which it was found, its terms and its centre.

    `generation` counts the searches that found something; `centre` is text of `issue_text`.
    """

    theme_id: str
    generation: int
    first_week: date
    terms: tuple[str, ...]
    centre: str


@dataclass(frozen=True)
class Known:
    """What is kept between runs: the themes, the oldest first, and what was searched.

    `searched` says of each week that was searched, by a digest, which notes its last search saw.
    """

    themes: tuple[Theme, ...] = ()
    searched: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Themes:
    """What `find_themes` returns.

    `themes` are those that exist, in order of age; `place` (N,) is each note's theme among them, -1
    for none, `near` (N,) its cosine with the centre, NaN for none. `candidates` is how many notes
    each week's search had. `known` is for the next run.
    """

    themes: tuple[Theme, ...]
    place: Ints
    near: NDArray[np.float64]
    candidates: dict[date, int]
    known: Known


def unexplained(contacts: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return inbound contacts and survey comments that are classified and have no reason.

    The columns are those of `contacts`, and `issue`; the rows are in order of contact id. Unclear
    notes are among them.
    """
    counted = pd.concat([inbound(contacts), surveys(contacts)]).drop_duplicates("contact_id")
    none = predictions.loc[~predictions[list(REASON_NAMES)].any(axis=1), ["contact_id", "issue"]]
    found = counted.merge(none[none["issue"] != ""], on="contact_id")
    return found.sort_values("contact_id", ignore_index=True)


def find_themes(
    notes: pd.DataFrame, terms: Namer, known: Known | None = None, ended: date | None = None
) -> Themes:
    """Return the themes of notes and which theme each note has.

    Args:
        notes: with `contact_id`, `week` and `issue`, in order of contact id.
        terms: tells the terms of a group of notes.
        known: what the last run returned. Themes of later weeks than the notes' do not exist yet,
            but their numbers and their notes are taken: a look at the past shows a note in the
            theme that it has now, or in none.
        ended: the last week that is searched and whose themes exist; None for all. A look at the
            past in the midst of a week does not search the part of it that it sees.
    """
    known = known or Known()
    weeks, found_weeks = pd.factorize(notes["week"], sort=True)
    every: list[date] = found_weeks.tolist()
    texts = notes["issue"].to_numpy(dtype=object)
    vectors = whole(texts)
    last = min(every[-1], ended or date.max) if every else date.min
    themes, searched = list(known.themes), dict(known.searched)
    place, near = np.full(len(notes), -1, dtype=np.int64), np.full(len(notes), np.nan)
    for generation in _generations(themes):
        _take(vectors, themes, generation, place, near)
    searches = list(_searches(notes["contact_id"], texts, weeks, every))
    for search in searches:
        if search.week > last or searched.get(search.week) == search.digest:
            continue
        searched[search.week] = search.digest
        found = _found(search, texts, place, terms)
        if found:
            begin = len(themes)
            themes += _numbered(found, search.week, themes)
            _take(vectors, themes, range(begin, len(themes)), place, near)
    exist = np.array([theme.first_week <= last for theme in themes], dtype=bool)
    candidates = {search.week: search.candidates for search in searches}
    return Themes(
        tuple(compress(themes, exist)),
        *_among(exist, place, near),
        candidates,
        Known(tuple(themes), searched),
    )


def _among(
    exist: Bools, place: Ints, near: NDArray[np.float64]
) -> tuple[Ints, NDArray[np.float64]]:
    """Return the places among the themes that exist, -1 and NaN for notes of others."""
    renumbered = np.append(np.where(exist, exist.cumsum() - 1, -1), -1)
    places: Ints = renumbered[place]
    return places, np.where(places >= 0, near, np.nan)


@dataclass(frozen=True)
class _Search:
    """A week's search: how many candidates it has, and the places of those that are looked at.

    `digest` is of these notes.
    """

    week: date
    candidates: int
    sample: Ints
    digest: str


def _searches(
    ids: Iterable[str], texts: NDArray[np.object_], weeks: Ints, every: Sequence[date]
) -> Iterator[_Search]:
    """Yield each week's search.

    The sample depends on the notes' ids alone, so weeks searched one by one search what they would
    if all were searched at once.
    """
    digests = np.array([crc32(i.encode()) for i in ids], dtype=np.int64)
    for number, week in enumerate(every):
        first = next(
            at for at, one in enumerate(every) if one >= week - timedelta(weeks=SEARCHED_WEEKS - 1)
        )
        while first > 0 and ((weeks >= first) & (weeks <= number)).sum() < SEARCHED_NOTES:
            first -= 1
        places = np.flatnonzero((weeks >= first) & (weeks <= number))
        sample = np.sort(places[np.lexsort((places, digests[places]))[:SAMPLE]])
        digest = crc32("".join(texts[sample]).encode(), crc32(digests[sample].tobytes()))
        yield _Search(week, len(places), sample, f"{digest:08x}")


def _found(
    search: _Search, texts: NDArray[np.object_], place: Ints, terms: Namer
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the centres and terms of the new themes of a search."""
    if search.candidates < LEAST_NOTES:
        return []
    free = search.sample[place[search.sample] < 0]
    named: list[tuple[str, ...]] = []

    def accept(members: Ints) -> bool:
        own = tuple(terms(free[members], search.sample))
        if len(own) >= LEAST_TERMS:
            named.append(own)
        return len(own) >= LEAST_TERMS

    least = max(LEAST_SIZE, int(LEAST_PART * len(search.sample)))
    centres = groups(texts[free].tolist(), least, accept)
    return list(zip(centres, named, strict=True))


def _generations(themes: Sequence[Theme]) -> list[list[int]]:
    """Return the places of the themes of each generation, the oldest first."""
    found: dict[int, list[int]] = {}
    for at, theme in enumerate(themes):
        found.setdefault(theme.generation, []).append(at)
    return [found[generation] for generation in sorted(found)]


def _numbered(
    found: Sequence[tuple[str, tuple[str, ...]]], week: date, taken: Sequence[Theme]
) -> list[Theme]:
    first = 1 + max((int(theme.theme_id) for theme in taken), default=0)
    generation = 1 + max((theme.generation for theme in taken), default=0)
    return [
        Theme(str(first + at), generation, week, terms, centre)
        for at, (centre, terms) in enumerate(found)
    ]


def _take(
    vectors: NDArray[np.float32],
    themes: Sequence[Theme],
    chosen: Iterable[int],
    place: Ints,
    near: NDArray[np.float64],
) -> None:
    """Give each note without a theme the nearest of the chosen ones, where one is near."""
    at = np.array(list(chosen), dtype=np.int64)
    centres = whole([themes[one].centre for one in at])
    free = np.flatnonzero(place < 0)
    for start in range(0, len(free), PART):
        part = free[start : start + PART]
        products = vectors[part] @ centres.T
        best = products.argmax(axis=1)
        product = products[np.arange(len(part)), best].astype(np.float64)
        taken = product >= NEAR_PRODUCT
        place[part[taken]] = at[best[taken]]
        cosine = np.minimum(product[taken] / (NEAR_PRODUCT / NEAR), 1.0)
        near[part[taken]] = cosine.round(6)
