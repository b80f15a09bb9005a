"""A tiny trained network and its released folder, made once a session."""

from pathlib import Path

import pytest

from labels.corpus import read_split
from nlp.calibration import calibrate
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.release import release
from nlp.training import Fitted, Recipe, fit, logits_of
from tests.nlp.tiny import write_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def fitted(tiny_base: Path) -> Fitted:
    recipe = Recipe(base=str(tiny_base), epochs=2, learning_rate=1e-3, max_tokens=96)
    return fit(read_split("train")[:96], read_split("dev")[:40], recipe)


@pytest.fixture(scope="session")
def folder(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    dev = read_split("dev")[:40]
    encoded = fitted.tokenizer.encode([note.text for note in dev])
    card = ModelCard(
        base="tiny",
        licence="MIT",
        trained_on=96,
        max_tokens=96,
        prefix="query:",
        pad_id=1,
        calibration=calibrate(logits_of(fitted.network, encoded), dev),
    )
    return release(fitted.network, fitted.tokenizer, card, tmp_path_factory.mktemp("model"))
