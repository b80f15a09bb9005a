"""Personal data in notes, masked with typed placeholders before anything is stored.

The rules live in the spaCy components of `privacy_numbers`, `privacy_phones`, `privacy_places` and
`privacy_names`; each writes its candidates to `doc.spans["pii"]`, and `pii_resolve` keeps those
that do not overlap.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from nlp import privacy_names, privacy_numbers, privacy_phones, privacy_places
from nlp.hebrew import blank_hebrew
from nlp.normalize import CHARACTERS, WHITE_SPACE, Normalized, apply, deletes, replaces
from nlp.privacy_spans import BARRIER, GROUP, PLACEHOLDER, Kind

MASKER_VERSION = "2"
"""Raise it when a rule changes: notes masked by another version are then known as such."""

RULES = (privacy_numbers, privacy_phones, privacy_places, privacy_names)
COMPONENTS = (
    "pii_email",
    "pii_card",
    "pii_account",
    "pii_phone",
    "pii_identity",
    "pii_plate",
    "pii_address",
    "pii_name",
    "pii_resolve",
)
BATCH = 512
LINE_ENDS = {ord(character): "\n" for character in "\n\v\f\r\x85\u2028\u2029"}
OTHER_DIGITS = re.compile(r"[^\D0-9]")  # of other scripts, Arabic ones among them


def plain_digits(given: Normalized) -> Normalized:
    """Return the text with all digits as 0 to 9, in which the rules look for phones."""
    plain = OTHER_DIGITS.sub(lambda digit: str(unicodedata.decimal(digit[0])), given.text)
    return Normalized(plain, given.origin)


VIEW_STEPS = (
    *CHARACTERS,
    plain_digits,
    replaces({**WHITE_SPACE, **LINE_ENDS}),
    deletes("(?<= ) +"),
)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Personal data in a text: its kind and its half-open place, in characters."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class _View:
    """A text as the rules see it.

    Quotes, dashes and spaces are plain, and a placeholder is one `BARRIER`: what the rules see does
    not depend on how long the masked data was. `starts[i]` and `ends[i]` are the place of
    character i in the given text; `found` is what has been masked in it.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    found: tuple[Finding, ...] = ()

    def blank(self, places: Iterable[tuple[int, int]]) -> "_View":
        """Return the view with each of the rising, half-open places as one barrier."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end in places:
            text.extend((self.text[done:start], BARRIER))
            starts.extend((*self.starts[done:start], self.starts[start]))
            ends.extend((*self.ends[done:start], self.ends[end - 1]))
            done = end
        text.append(self.text[done:])
        starts.extend(self.starts[done:])
        ends.extend(self.ends[done:])
        return replace(self, text="".join(text), starts=starts, ends=ends)

    def mask(self, places: Sequence[tuple[Kind, int, int]]) -> "_View":
        """Return the view with rising places masked and noted as found."""
        found = tuple(
            Finding(self.starts[start], self.ends[end - 1], kind) for kind, start, end in places
        )
        blanked = self.blank((start, end) for _, start, end in places)
        return replace(blanked, found=self.found + found)


def _view(text: str) -> _View:
    plain = apply(VIEW_STEPS, text)
    view = _View(plain.text, plain.origin, [at + 1 for at in plain.origin])
    if "[" not in plain.text:
        return view
    return view.blank(match.span() for match in PLACEHOLDER.finditer(plain.text))


class Masker:
    """Finds and masks personal data. Built once (a tenth of a second); calls take turns."""

    def __init__(self) -> None:
        self._nlp = blank_hebrew()
        for component in COMPONENTS:
            self._nlp.add_pipe(component)
        self._turn = threading.Lock()

    def find(self, text: str) -> list[Finding]:
        """Return the personal data in a text, in order, without overlaps."""
        return self._find_all([text])[0]

    def mask(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield each text with its personal data replaced by placeholders, such as `[טלפון]`.

        What is not personal data stays as it is, to the letter. Masking twice changes nothing more.
        """
        remaining = iter(texts)
        while batch := list(islice(remaining, BATCH)):
            for text, findings in zip(batch, self._find_all(batch), strict=True):
                yield _replace(text, findings)

    def _find_all(self, texts: Sequence[str]) -> list[list[Finding]]:
        # What is masked may have hidden something else, or been its context: the rules run again
        # over what they changed until they find nothing. Each round masks characters, so it ends.
        views = [_view(text) for text in texts]
        unsettled = list(range(len(views)))
        while unsettled:
            places = self._places([views[at].text for at in unsettled])
            changed = [at for at, found in zip(unsettled, places, strict=True) if found]
            for at, found in zip(unsettled, places, strict=True):
                views[at] = views[at].mask(found) if found else views[at]
            unsettled = changed
        return [sorted(view.found) for view in views]

    def _places(self, texts: Sequence[str]) -> list[list[tuple[Kind, int, int]]]:
        # A memory zone forgets the words of the notes; spaCy would keep each one for ever.
        with self._turn, self._nlp.memory_zone():
            return [
                [
                    (Kind[span.label_], span.start_char, span.end_char)
                    for span in doc.spans.get(GROUP) or ()
                ]
                for doc in self._nlp.pipe(texts, batch_size=BATCH)
            ]


def _replace(text: str, findings: Sequence[Finding]) -> str:
    pieces: list[str] = []
    done = 0
    for finding in findings:
        pieces.extend((text[done : finding.start], finding.kind.placeholder))
        done = finding.end
    pieces.append(text[done:])
    return "".join(pieces)
