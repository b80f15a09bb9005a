"""Figures of a released model folder, by the way that everybody uses it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from keshev.errors import CorpusError
from labels.annotation import LabelledNote, OwnNote
from labels.corpus import CORPUS, NEEDED, Split, read_own_notes, read_split, splits_of
from labels.journeys import journey_splits, read_journeys
from nlp.card import figures_of, model_card
from nlp.classifier import NoteClassifier
from nlp.evaluation import Report, evaluate, truth_of
from nlp.heads import Floats
from nlp.matters import (
    FEATURES,
    Facts,
    JourneyPairs,
    PairFigures,
    SameMatter,
    best_threshold,
    fit_same_matter,
    in_one_thread,
    pair_figures,
    pairs_of,
)
from nlp.modelfolder import ModelFolder
from nlp.reference_making import write_reference


@dataclass(frozen=True)
class Measured:
    """A model's figures on dev and test, and the card that was written of them."""

    dev: Report
    test: Report
    card: Path


def evaluate_notes(folder: Path, notes: Sequence[LabelledNote]) -> Report:
    """Return the figures of the model in `folder` on labelled notes."""
    model = NoteClassifier(folder)
    made = model.predict([note.text for note in notes])
    return evaluate(notes, made.decisions, made.evidence, model.card.calibration)


def evaluate_folder(folder: Path, file: Path | None = None) -> Report:
    """Return the figures of a model on a user's own file, on the test split by default.

    Raises:
        CorpusError: when the file is no labelled file, or holds no note.
    """
    return evaluate_notes(folder, _notes_of(file) if file else read_split("test"))


def _notes_of(file: Path) -> list[OwnNote]:
    try:
        notes = list(read_own_notes(file))
    except UnicodeDecodeError as error:
        raise CorpusError(file, 0, "not UTF-8; save it as UTF-8 JSON Lines") from error
    if not notes:
        raise CorpusError(file, 0, "no notes; expected one JSON object a line")
    return notes


def journey_features(
    model: NoteClassifier, split: Split, corpus: Path = CORPUS
) -> tuple[JourneyPairs, Floats]:
    """Return the pairs of a split's journeys, and their features (`nlp.matters`)."""
    journeys = read_journeys(split, corpus)
    texts = [contact.text for journey in journeys for contact in journey.contacts]
    made, found = model.predict(texts), pairs_of(journeys)
    decisions = made.decisions
    facts = Facts(made.issue, decisions.p_reasons, decisions.p_repeat, found.queue, found.days)
    return found, model.pair_features(texts, found.pairs, facts)


def learn_same_matter(folder: Path, corpus: Path = CORPUS) -> SameMatter:
    """Return the decision that dev's journeys give, of a model whose notes are calibrated."""
    found, features = journey_features(NoteClassifier(folder), "dev", corpus)
    return fit_same_matter(features, found)


def measure_pairs(
    folder: Path, splits: Sequence[Split], corpus: Path = CORPUS
) -> dict[Split, dict[str, PairFigures]]:
    """Return how well each definition of a thread tells the same matter on each split's journeys.

    Keys: `any` (every pair), `queue` (of the same one), `cosine` (of the issue vectors alone, from
    the value that is best on dev), `pair` (the trained decision over each pair by itself) and
    `text` (the threads that it makes in a window that ends nowhere).
    """
    model = NoteClassifier(folder)
    on_dev, dev_features = journey_features(model, "dev", corpus)
    column = FEATURES.index("cosine")
    cut = best_threshold(lambda cosine: dev_features[:, column] >= cosine, on_dev.same)
    decision = model.card.same_matter
    figures: dict[Split, dict[str, PairFigures]] = {}
    for split in splits:
        found, features = journey_features(model, split, corpus)
        p = decision.probability(features)
        chosen = {
            "any": np.ones_like(found.same),
            "queue": features[:, FEATURES.index("queue")] > 0,
            "cosine": features[:, column] >= cut,
            "pair": p >= decision.threshold,
            "text": in_one_thread(found.pairs, p, decision.threshold),
        }
        figures[split] = {n: pair_figures(called, found.same) for n, called in chosen.items()}
    return figures


def held_out_counts(folder: Path, notes: Sequence[LabelledNote]) -> dict[str, dict[str, list[int]]]:
    """Return how the model in `folder` labels notes that it never saw, by kind of note.

    For `contact` and `survey`, one count a reason in the codebook's order: `positives` carry it,
    `found` of these got it; `negatives` do not, `rejected` of these did not get it.
    """
    labels = NoteClassifier(folder).predict([note.text for note in notes]).decisions.reasons
    truth = truth_of(notes).reasons
    survey = np.array([note.channel == "survey" for note in notes])
    return {
        kind: {
            "positives": truth[rows].sum(axis=0).tolist(),
            "found": (truth & labels)[rows].sum(axis=0).tolist(),
            "negatives": (~truth)[rows].sum(axis=0).tolist(),
            "rejected": (~truth & ~labels)[rows].sum(axis=0).tolist(),
        }
        for kind, rows in (("contact", ~survey), ("survey", survey))
    }


def write_card(folder: Path, dev: Report, test: Report, corpus: Path = CORPUS) -> Path:
    """Write the figures into a model folder, config and README, and return the README.

    Measures pairs, the further splits that the corpus has, how the model errs on test, and how
    its corpus is distributed. The model's id stays: measured figures are no part of it.
    """
    further = [split for split in splits_of(corpus) if split not in NEEDED]
    measured = {split: evaluate_notes(folder, read_split(split, corpus)) for split in further}
    with_journeys = [split for split in journey_splits(corpus) if split not in NEEDED]
    pairs = measure_pairs(folder, ["test", *with_journeys], corpus)
    files = ModelFolder(folder)
    of_test = asdict(pairs["test"]["text"])
    same_issue = {f"same_issue_{name}": value for name, value in of_test.items()}
    card = replace(
        files.read_card(),
        figures={**figures_of(test), **same_issue},
        held_out=held_out_counts(folder, read_split("test", corpus)),
    )
    files.write_card(card)
    write_reference(folder, corpus)
    readme = folder / "README.md"
    readme.write_text(model_card(card, dev, test, measured, pairs, files), encoding="utf-8")
    return readme


def measure_and_write_card(folder: Path, corpus: Path = CORPUS) -> Measured:
    """Measure a model folder on the corpus's dev and test, and write its card again."""
    dev, test = (evaluate_notes(folder, read_split(name, corpus)) for name in ("dev", "test"))
    return Measured(dev, test, write_card(folder, dev, test, corpus))
