"""Figures of a released model folder, by the way that everybody uses it."""

from collections.abc import Sequence
from pathlib import Path

from labels.annotation import LabelledNote
from labels.corpus import read_notes, read_split
from nlp.classifier import NoteClassifier
from nlp.evaluation import Report, evaluate


def evaluate_notes(folder: Path, notes: Sequence[LabelledNote]) -> Report:
    """Return the figures of the model in `folder` on labelled notes."""
    made = NoteClassifier(folder).predict([note.text for note in notes])
    return evaluate(notes, made.decisions, made.evidence)


def evaluate_folder(folder: Path, file: Path | None = None) -> Report:
    """Return the figures of a model on a labelled file, the test split by default."""
    return evaluate_notes(folder, list(read_notes(file)) if file else read_split("test"))
