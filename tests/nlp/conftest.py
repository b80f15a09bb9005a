"""A tiny trained network and its released folder, made once a session."""

import copy
from pathlib import Path

import pytest

from labels.corpus import read_split
from labels.journeys import read_journeys
from nlp.calibration import calibrate
from nlp.examples import Example, examples_of
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.ngrams import NgramModel
from nlp.ngrams_fit import fit_ngrams
from nlp.quantization import insert_rounding
from nlp.recipe import Recipe
from nlp.release import release
from nlp.training import Fitted, fit, judge_on, logits_of
from tests.nlp.tiny import write_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def recipe(tiny_base: Path) -> Recipe:
    return Recipe(
        base=str(tiny_base),
        epochs=2,
        batch_size=16,
        learning_rate=1e-3,
        averaging=0.5,
        max_tokens=96,
    )


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return examples_of(read_split("train")[:96], read_journeys("train")[:8])


@pytest.fixture(scope="session")
def fitted(recipe: Recipe, examples: list[Example]) -> Fitted:
    return fit(examples, judge_on(read_split("dev")[:40]), recipe)


@pytest.fixture(scope="session")
def ngrams(fitted: Fitted, examples: list[Example]) -> NgramModel:
    return fit_ngrams(examples, fitted.tokenizer.encode([one.text for one in examples]))


@pytest.fixture(scope="session")
def folder(
    fitted: Fitted, ngrams: NgramModel, tmp_path_factory: pytest.TempPathFactory
) -> ModelFolder:
    dev = read_split("dev")[:40]
    encoded = fitted.tokenizer.encode([note.text for note in dev])
    card = ModelCard(
        base="tiny",
        licence="MIT",
        trained_on=96,
        max_tokens=96,
        prefix=fitted.tokenizer.prefix,
        pad_id=1,
        calibration=calibrate(logits_of(fitted.network, encoded), dev, ngrams.logits(encoded)),
    )
    rounded = copy.deepcopy(fitted.network)
    insert_rounding(rounded, encoded)
    return release(rounded, fitted.tokenizer, ngrams, card, tmp_path_factory.mktemp("model"))
