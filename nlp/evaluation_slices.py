"""The figures by channel, industry, length and language."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from labels.annotation import LabelledNote
from nlp.evaluation_scores import Tables, macro
from nlp.heads import Bools

FEWEST = 20  # notes that a slice needs to show figures
LENGTHS = {"up to 40": 40, "41-120": 120, "121-300": 300}
LONGER = "longer"
# The Unicode blocks of each script, presentation forms too.
SCRIPTS = {
    "Hebrew": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "Russian": re.compile("[\u0400-\u052f]"),
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
}
OTHER = "other"


@dataclass(frozen=True)
class Slice:
    """The four headline F1s of `n` notes that share a `value`.

    `f1` is None for fewer than `FEWEST` notes, and one figure of it where no label of its kind is
    true or predicted.
    """

    by: str
    value: str
    n: int
    f1: dict[str, float | None] | None


def length_of(text: str) -> str:
    """Return the class of the text's length in characters."""
    return next((name for name, most in LENGTHS.items() if len(text) <= most), LONGER)


def language_of(text: str) -> str:
    """Return the language whose script has most of the text's letters; `other` without any.

    It is told by the script alone: Ukrainian counts as Russian, Persian as Arabic, Yiddish as
    Hebrew. Of equals the first in `SCRIPTS` wins.
    """
    letters = "".join(filter(str.isalpha, text))
    counts = {name: len(script.findall(letters)) for name, script in SCRIPTS.items()}
    counts[OTHER] = len(letters) - sum(counts.values())
    return max(counts, key=lambda name: counts[name]) if letters else OTHER


# What notes are sliced by, and the values that are shown even where no note has them.
KINDS: dict[str, tuple[Callable[[LabelledNote], str], tuple[str, ...]]] = {
    "channel": (lambda note: note.channel, ()),
    "length": (lambda note: length_of(note.text), (*LENGTHS, LONGER)),
    "industry": (lambda note: note.industry, ()),
    "language": (lambda note: language_of(note.text), (*SCRIPTS, OTHER)),
}


def slices(notes: Sequence[LabelledNote], tables: Tables) -> tuple[Slice, ...]:
    """Return all slices, kind by kind; channels and industries with most notes first."""
    found = []
    for by, (value_of, expected) in KINDS.items():
        values = np.array([value_of(note) for note in notes])
        names, counts = np.unique(values, return_counts=True)
        order = expected or tuple(names[np.argsort(-counts, kind="stable")])
        found += [_slice(by, str(name), values == name, tables) for name in order]
    return tuple(found)


def _slice(by: str, value: str, rows: Bools, tables: Tables) -> Slice:
    n = int(rows.sum())
    if n < FEWEST:
        return Slice(by, value, n, None)
    figures = {
        name: macro(predicted[rows], truth[rows]) if (predicted | truth)[rows].any() else None
        for name, (predicted, truth) in tables.items()
    }
    return Slice(by, value, n, figures)
