"""Figures of a released model folder, by the way that everybody uses it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from keshev.errors import CorpusError
from labels.annotation import LabelledNote
from labels.corpus import CORPUS, Split, read_notes, read_split
from labels.journeys import read_journeys
from nlp.card import figures_of, model_card
from nlp.classifier import NoteClassifier
from nlp.evaluation import Report, evaluate
from nlp.matters import PairFigures, Pairs, best_threshold, pair_figures, pairs_of
from nlp.modelfolder import ModelFolder


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
    """Return the figures of a model on a labelled file, the test split by default.

    Raises:
        CorpusError: when the file is no labelled file, or holds no note.
    """
    return evaluate_notes(folder, _notes_of(file) if file else read_split("test"))


def _notes_of(file: Path) -> list[LabelledNote]:
    try:
        notes = list(read_notes(file))
    except UnicodeDecodeError as error:
        raise CorpusError(file, 0, "not UTF-8; save it as UTF-8 JSON Lines") from error
    if not notes:
        raise CorpusError(file, 0, "no notes; expected one JSON object a line")
    return notes


def measure_pairs(folder: Path, corpus: Path = CORPUS) -> PairFigures:
    """Return how well issue vectors tell the same matter on test's journeys; dev's set the cut."""
    model = NoteClassifier(folder)

    def pairs(split: Split) -> Pairs:
        journeys = read_journeys(split, corpus)
        texts = [contact.text for journey in journeys for contact in journey.contacts]
        return pairs_of(journeys, model.predict(texts).issue)

    return pair_figures(pairs("test"), best_threshold(pairs("dev")))


def write_card(folder: Path, dev: Report, test: Report, pairs: PairFigures) -> Path:
    """Write the figures into a model folder, config and README, and return the README.

    The model's id stays: measured figures are no part of it.
    """
    files = ModelFolder(folder)
    same_issue = {f"same_issue_{name}": value for name, value in asdict(pairs).items()}
    card = replace(files.read_card(), figures={**figures_of(test), **same_issue})
    files.write_card(card)
    readme = folder / "README.md"
    readme.write_text(model_card(card, dev, test, pairs, files), encoding="utf-8")
    return readme


def measure_and_write_card(folder: Path, corpus: Path = CORPUS) -> Measured:
    """Measure a model folder on the corpus's dev and test, and write its card again."""
    dev, test = (evaluate_notes(folder, read_split(name, corpus)) for name in ("dev", "test"))
    return Measured(dev, test, write_card(folder, dev, test, measure_pairs(folder, corpus)))
