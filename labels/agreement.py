"""How far two labellings of the same notes agree, and what settling them changed.

All splits but train are labelled twice, the second time without seeing the first. Below the corpus
stand `first/dev.jsonl` (as labelled first), `second/dev.jsonl` (labelled apart) and `dev/*.jsonl`
(as settled after comparing the two), and so for the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from keshev.errors import CorpusError
from labels.annotation import Annotation, LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS, ChurnIntent, Resolution
from labels.coefficients import Ints, cohen_kappa, f1_of, kappa_interval, krippendorff_alpha
from labels.corpus import CORPUS, Split, problems_of, read_split

NAMES = (*map(str, REASONS), "churn_intent", "resolution", "repeat")
SIZES = (*(2 for _ in REASONS), len(CHURN_INTENTS), len(RESOLUTIONS), 2)
# The value of each label that says nothing; any other counts as positive.
BLANKS = (
    *(0 for _ in REASONS),
    CHURN_INTENTS.index(ChurnIntent.NONE),
    RESOLUTIONS.index(Resolution.UNSTATED),
    0,
)


class Labelling(Annotation):
    """One note's labels by one labeller, without the text."""

    id: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class LabelAgreement:
    """One label by two labellers; shares from 0 to 1.

    `kappa` is Cohen's, NaN when both gave every note one same value; `interval` its 95 % bootstrap
    interval; `agreement` the share of notes with the same value; `f1` that of the positive value,
    or the mean over three values, NaN when neither gave it; `positives` how many notes each gave a
    positive value.
    """

    kappa: float
    interval: tuple[float, float]
    agreement: float
    f1: float
    positives: tuple[int, int]


@dataclass(frozen=True)
class Comparison:
    """Two labellings of `n` notes compared; shares from 0 to 1.

    `f1` is macro-F1 of reasons, churn intent and resolution, and F1 of repeat; `alpha` is
    Krippendorff's over whole sets of reasons; `evidence_overlap` the share of the `evidence_pairs`
    (both gave the reason) whose pieces overlap, NaN without any; `same` the share of notes with
    all labels the same, whatever their evidence.
    """

    n: int
    labels: dict[str, LabelAgreement]
    f1: dict[str, float]
    alpha: float
    evidence_overlap: float
    evidence_pairs: int
    same: float


@dataclass(frozen=True)
class Agreement:
    """The two labellings of a split against each other, and each against the settled labels.

    `changed` is the share of notes whose labels settling changed from the first ones.
    """

    first_second: Comparison
    first_settled: Comparison
    second_settled: Comparison
    changed: float


def evidence_hits(text: str, a: Annotation, b: Annotation) -> list[bool]:
    """Return, for each reason that both give, whether their pieces of the text overlap.

    A piece that stands several times is taken at its first place.
    """
    hits = []
    for reason in set(a.reasons) & set(b.reasons):
        start, other = text.index(a.evidence[reason]), text.index(b.evidence[reason])
        end, other_end = start + len(a.evidence[reason]), other + len(b.evidence[reason])
        hits.append(start < other_end and other < end)
    return hits


def _values(given: Sequence[Annotation]) -> Ints:
    """Return the notes' labels as places in the codebook: (N, 15), columns as `NAMES`."""
    return np.array(
        [
            [
                *(reason in one.reasons for reason in REASONS),
                CHURN_INTENTS.index(one.churn_intent),
                RESOLUTIONS.index(one.resolution),
                one.repeat,
            ]
            for one in given
        ],
        dtype=np.int64,
    )


def label_agreement(a: Ints, b: Ints, size: int, blank: int) -> LabelAgreement:
    """Return how two labellings, as places among `size` values, agree on one label."""
    table = np.bincount(a * size + b, minlength=size * size).reshape(size, size)
    return LabelAgreement(
        kappa=float(cohen_kappa(table)),
        interval=kappa_interval(table),
        agreement=float((a == b).mean()),
        f1=f1_of(table),
        positives=(int((a != blank).sum()), int((b != blank).sum())),
    )


def compare(a: Sequence[Annotation], b: Sequence[Annotation], texts: Sequence[str]) -> Comparison:
    """Return how two labellings of the same notes agree: at least one note, all in one order."""
    in_a, in_b = _values(a), _values(b)
    labels = {
        name: label_agreement(in_a[:, place], in_b[:, place], SIZES[place], BLANKS[place])
        for place, name in enumerate(NAMES)
    }
    of_reasons = [labels[reason].f1 for reason in REASONS if not np.isnan(labels[reason].f1)]
    hits = [evidence_hits(text, x, y) for text, x, y in zip(texts, a, b, strict=True)]
    flat = [hit for of_note in hits for hit in of_note]
    sets = [(frozenset(x.reasons), frozenset(y.reasons)) for x, y in zip(a, b, strict=True)]
    return Comparison(
        n=len(a),
        labels=labels,
        f1={
            "reasons": float(np.mean(of_reasons)) if of_reasons else float("nan"),
            **{name: labels[name].f1 for name in NAMES[len(REASONS) :]},
        },
        alpha=krippendorff_alpha(sets),
        evidence_overlap=float(np.mean(flat)) if flat else float("nan"),
        evidence_pairs=len(flat),
        same=float((in_a == in_b).all(axis=1).mean()),
    )


def read_labelling(path: Path, notes: Sequence[LabelledNote]) -> list[Labelling]:
    """Return one labeller's labels of exactly these notes, in the notes' order.

    Raises:
        CorpusError: when a line is wrong, its evidence is no piece of the note, an id is unknown
            or stands twice, or a note has no line.
    """
    texts = {note.id: note.text for note in notes}
    found: dict[str, Labelling] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                given = Labelling.model_validate_json(line)
            except ValidationError as error:
                raise CorpusError(path, number, problems_of(error)) from None
            problem = _problem_of(given, texts, found)
            if problem:
                raise CorpusError(path, number, problem)
            found[given.id] = given
    missing = [note.id for note in notes if note.id not in found]
    if missing:
        raise CorpusError(path, 0, f"{len(missing)} notes have no line; the first is {missing[0]}")
    return [found[note.id] for note in notes]


def _problem_of(given: Labelling, texts: dict[str, str], found: dict[str, Labelling]) -> str:
    if given.id in found:
        return f"the id {given.id} stands twice"
    if given.id not in texts:
        return f"the id {given.id} is no note of this split"
    for reason, piece in given.evidence.items():
        if not piece or piece not in texts[given.id]:
            return f"the evidence of {reason} is not an exact piece of the text"
    return ""


def has_second_labels(split: Split, root: Path = CORPUS) -> bool:
    """Return whether the split was labelled a second time."""
    return (root / "second" / f"{split}.jsonl").is_file()


def agreement_of(split: Split, root: Path = CORPUS) -> Agreement:
    """Return how first, second and settled labels of a split agree.

    Raises:
        CorpusError: when a file breaks the rules of `read_labelling` or `read_split`.
    """
    settled = read_split(split, root)
    first = read_labelling(root / "first" / f"{split}.jsonl", settled)
    second = read_labelling(root / "second" / f"{split}.jsonl", settled)
    texts = [note.text for note in settled]
    first_settled = compare(first, settled, texts)
    return Agreement(
        first_second=compare(first, second, texts),
        first_settled=first_settled,
        second_settled=compare(second, settled, texts),
        changed=1 - first_settled.same,
    )
