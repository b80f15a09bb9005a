"""From a corpus to a released folder, with a tiny base and a tiny corpus."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from keshev.errors import ModelFolderError
from labels.corpus import read_split, write_notes
from labels.journeys import read_journeys, write_journeys
from nlp.classifier import NoteClassifier
from nlp.modelfolder import ModelFolder
from nlp.recipe import Recipe
from nlp.training_run import Plan, Trained, train_and_release


def silent(done: int, total: int, message: str) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corner of the corpus: enough to train on, too little to learn much."""
    root = tmp_path_factory.mktemp("corpus")
    (root / "journeys").mkdir()
    for split, count in (("train", 80), ("dev", 40), ("test", 40)):
        write_notes(root / split / "a.jsonl", read_split(split)[:count])
        journeys = read_journeys(split)[:6]
        write_journeys(root / "journeys" / f"{split}.jsonl", journeys)
    return root


@pytest.fixture(scope="module")
def plan(tiny_base: Path) -> Plan:
    teacher = Recipe(base=str(tiny_base), epochs=1, batch_size=16, learning_rate=1e-3)
    once = replace(teacher, max_tokens=96, averaging=0.5)
    return Plan(once, replace(once, layers=1), replace(once, learning_rate=1e-4), rounds=1)


@pytest.fixture(scope="module")
def trained(plan: Plan, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    target = tmp_path_factory.mktemp("runs") / "model"
    return train_and_release(plan, target, silent, lambda _: None, corpus)


def test_a_training_leaves_a_whole_folder_and_nothing_beside_it(trained: Trained) -> None:
    """Teacher, round, student and rounding: one folder that predicts, no checkpoint left."""
    assert ModelFolder(trained.folder).is_valid()
    assert [path.name for path in trained.folder.parent.iterdir()] == ["model"]
    made = NoteClassifier(trained.folder).predict(["יקר לי", "תודה רבה"])
    assert made.decisions.p_reasons.shape == (2, 12)
    card = (trained.folder / "README.md").read_text(encoding="utf-8")
    for words in (
        "n-grams",
        f"dev ({trained.dev.n} notes)",
        f"{trained.test.macro['reasons']:.3f}",
    ):
        assert words in card
    recipe = ModelFolder(trained.folder).read_card().recipe
    assert (recipe["rounds"], recipe["student"]["layers"]) == (1, 1)


def test_a_worse_model_replaces_nothing_without_force(
    trained: Trained, plan: Plan, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The better one stays as it was, and the message says how to replace it."""
    before = ModelFolder(trained.folder).fingerprint()
    worse = replace(trained.dev, macro=dict.fromkeys(trained.dev.macro, 0.0))
    better = replace(trained.dev, macro=dict.fromkeys(trained.dev.macro, 1.0))
    measured = iter([worse, worse, better])
    monkeypatch.setattr("nlp.training_run.evaluate_notes", lambda *_: next(measured))
    with pytest.raises(ModelFolderError, match="--force"):
        train_and_release(replace(plan, student=None), trained.folder, silent, print, corpus)
    assert ModelFolder(trained.folder).fingerprint() == before


def test_a_training_goes_on_from_a_released_folder(
    trained: Trained, plan: Plan, corpus: Path, tmp_path: Path
) -> None:
    """The folder's own network is the teacher's beginning."""
    onward = replace(plan, start=trained.folder, student=None, rounds=0)
    lines: list[str] = []
    train_and_release(onward, tmp_path / "next", silent, lines.append, corpus)
    assert [line.split(":")[0] for line in lines] == ["teacher", "rounding"]
    card, before = (ModelFolder(one).read_card() for one in (tmp_path / "next", trained.folder))
    assert (card.base, card.licence) == (before.base, before.licence)
    assert plan.teacher.base in card.licence


def test_a_base_that_cannot_be_released_is_refused_at_once(
    plan: Plan, corpus: Path, tmp_path: Path, tiny_base: Path
) -> None:
    """Before anything is trained; the message says which bases can be."""
    for number, changed in enumerate(({"hidden_act": "relu"}, {"model_type": "xlm-roberta"})):
        folder = tmp_path / str(number)
        shutil.copytree(tiny_base, folder)
        file = folder / "config.json"
        config = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**config, **changed}), encoding="utf-8")
        other = replace(plan, teacher=replace(plan.teacher, base=str(folder)))
        with pytest.raises(ModelFolderError, match="only BERT encoders with gelu"):
            train_and_release(other, tmp_path / "model", silent, print, corpus)
    assert not list(tmp_path.glob("model*"))
