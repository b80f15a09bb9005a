"""Which labels of the corpus look wrong to a model that has not read their writer.

Confident learning (Northcutt et al., 2021, arXiv:1911.00068) as cleanlab has it. Each reason and
repeat is audited as a label of its own, yes against no, as cleanlab's multi-label audit does.
Needs the extra `train`.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from string import digits
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from keshev.errors import KeshevError
from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.evaluation_scores import Truth, truth_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COLUMNS = ("id", "label", "given", "suggested", "score")
YES_NO = ("no", "yes")


@dataclass(frozen=True)
class Probabilities:
    """What a model thinks of N notes, each from 0 to 1.

    `p_reasons` (N, 12), `p_churn` (N, 3), `p_resolution` (N, 3) in the codebook's order, and
    `p_repeat` (N,).
    """

    p_reasons: Floats
    p_churn: Floats
    p_resolution: Floats
    p_repeat: Floats


NAMES = tuple(field.name for field in fields(Probabilities))
SHAPES = ((len(REASONS),), (len(CHURN_INTENTS),), (len(RESOLUTIONS),), ())
# Texts to learn from, their labels, and texts to judge; gives what it thinks of the latter.
Predictor = Callable[[Sequence[str], Truth, Sequence[str]], Probabilities]


def _class_probabilities(
    learn: Any,  # noqa: ANN401 (scipy's sparse matrices have no types here)
    given: NDArray[Any],
    judge: Any,  # noqa: ANN401 (as above)
    classes: int,
) -> Floats:
    """Return (N, classes) probabilities; a class that is never given gets 0."""
    present = np.unique(given.astype(np.int64))
    p: Floats = np.zeros((judge.shape[0], classes))
    if len(present) == 1:
        p[:, present[0]] = 1
        return p
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    p[:, present] = model.fit(learn, given).predict_proba(judge)
    return p


def tfidf_predictor(texts: Sequence[str], labels: Truth, judged: Sequence[str]) -> Probabilities:
    """Return logistic regression's probabilities on TF-IDF of character 2- to 5-grams.

    Classes weigh alike. Of reasons that were taken away from notes of train to try it, the audit
    then flagged 47 %, with classes as frequent as they are 12 %; of reasons added, 83 % and 88 %.
    """
    grams = TfidfVectorizer(
        analyzer="char", ngram_range=(2, 5), min_df=3, sublinear_tf=True, dtype=np.float32
    )
    learn, judge = grams.fit_transform(texts), grams.transform(judged)
    reasons = [_class_probabilities(learn, column, judge, 2)[:, 1] for column in labels.reasons.T]
    return Probabilities(
        np.stack(reasons, axis=1),
        _class_probabilities(learn, labels.churn, judge, len(CHURN_INTENTS)),
        _class_probabilities(learn, labels.resolution, judge, len(RESOLUTIONS)),
        _class_probabilities(learn, labels.repeat, judge, 2)[:, 1],
    )


def writer_of(note: LabelledNote) -> str:
    """Return the name of the corpus' file that a note stands in: its id without the number."""
    return note.id.rstrip(digits)


def _silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing."""


def out_of_sample(
    notes: Sequence[LabelledNote],
    predictor: Predictor = tfidf_predictor,
    folds: int = 5,
    progress: Callable[[int, int, str], None] = _silent,
) -> Probabilities:
    """Return each note's probabilities by a model that learned from other writers only.

    A writer is the letters that a note's id begins with.

    Raises:
        KeshevError: when there are fewer writers than `folds`.
    """
    writers = [writer_of(note) for note in notes]
    if len(set(writers)) < folds:
        raise KeshevError(
            f"{len(set(writers))} writers (the letters before an id's number) cannot be held out "
            f"in {folds} folds"
        )
    found = Probabilities(*(np.zeros((len(notes), *shape)) for shape in SHAPES))
    splits = GroupKFold(n_splits=folds).split(notes, groups=writers)
    for done, (learn, judge) in enumerate(splits):
        progress(done, folds, "folds")
        known = [notes[place] for place in learn]
        texts, judged = [note.text for note in known], [notes[place].text for place in judge]
        part = predictor(texts, truth_of(known), judged)
        for name in NAMES:
            getattr(found, name)[judge] = getattr(part, name)
    return found


def save_probabilities(
    path: Path, notes: Sequence[LabelledNote], probabilities: Probabilities
) -> None:
    """Write an .npz file of `ids` and the arrays of `probabilities`, by their names."""
    ids = np.array([note.id for note in notes])
    np.savez_compressed(path, ids=ids, allow_pickle=False, **vars(probabilities))


def read_probabilities(path: Path, notes: Sequence[LabelledNote]) -> Probabilities:
    """Return the notes' probabilities from an .npz file, in the notes' order.

    The file may hold other notes too. That they are out of sample cannot be seen from here.

    Raises:
        KeshevError: when it is no such file, an array is missing or of another shape, an id
            stands twice, a note is missing, or a number is no probability.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("ids", *NAMES)}
    except (ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        raise KeshevError(f"{path}: not an .npz file of ids, {', '.join(NAMES)}") from error
    ids = [str(name) for name in arrays["ids"].ravel()]
    place = {name: row for row, name in enumerate(ids)}
    missing = [note.id for note in notes if note.id not in place]
    if missing or len(place) < len(ids):
        raise KeshevError(
            f"{path}: {len(missing)} notes are missing and {len(ids) - len(place)} ids stand "
            "twice; it must hold each note of train once"
        )
    for name, shape in zip(NAMES, SHAPES, strict=True):
        problem = _problem_of(arrays[name], (len(ids), *shape))
        if problem:
            raise KeshevError(f"{path}: {name}: {problem}")
    rows = [place[note.id] for note in notes]
    return Probabilities(*(arrays[name][rows].astype(np.float64) for name in NAMES))


def _problem_of(p: NDArray[Any], shape: tuple[int, ...]) -> str:
    if p.shape != shape:
        return f"its shape is {p.shape}, not {shape}"
    if p.dtype.kind != "f" or not ((p >= 0) & (p <= 1)).all():
        return "not all are numbers from 0 to 1"
    if shape[1:] == (3,) and not np.allclose(p.sum(axis=1), 1, atol=0.01):
        return "rows do not sum to 1"
    return ""


def _audited(
    truth: Truth, p: Probabilities
) -> Iterator[tuple[str, Sequence[str], NDArray[Any], Floats]]:
    """Yield each label's name, its values, the places of the given ones, and (N, values)."""
    for column, reason in enumerate(REASONS):
        yes = p.p_reasons[:, column]
        yield str(reason), YES_NO, truth.reasons[:, column], np.stack([1 - yes, yes], axis=1)
    yield "churn_intent", CHURN_INTENTS, truth.churn, p.p_churn
    yield "resolution", RESOLUTIONS, truth.resolution, p.p_resolution
    yield "repeat", YES_NO, truth.repeat, np.stack([1 - p.p_repeat, p.p_repeat], axis=1)


def suspects(notes: Sequence[LabelledNote], probabilities: Probabilities) -> pd.DataFrame:
    """Return the labels that look wrong, as `COLUMNS`, each label's likeliest errors first.

    `score` is cleanlab's label quality, the probability of the given value: the lower, the more
    suspicious. A label that has the same value in all notes cannot be audited. No text is in it.
    """
    found: list[tuple[str, str, str, str, float]] = []
    for name, values, given, p in _audited(truth_of(notes), probabilities):
        places = given.astype(np.int64)
        if len(np.unique(places)) < 2:
            continue
        with warnings.catch_warnings():
            # cleanlab passes over a value that one note or none has, and warns of it.
            warnings.filterwarnings("ignore", message="May not flag all label issues")
            wrong = np.flatnonzero(find_label_issues(places, p, n_jobs=1))
        score = get_label_quality_scores(places, p)
        for row in wrong[np.argsort(score[wrong], kind="stable")]:
            suggested = str(values[int(p[row].argmax())])
            found.append(
                (
                    notes[row].id,
                    name,
                    str(values[places[row]]),
                    suggested,
                    round(float(score[row]), 4),
                )
            )
    return pd.DataFrame(found, columns=list(COLUMNS))
