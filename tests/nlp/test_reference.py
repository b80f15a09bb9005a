"""What weeks are compared with: counted on the right notes, kept with the model, checked."""

import math
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from keshev.errors import ModelFolderError
from labels.corpus import read_split, write_notes
from labels.measures import LANGUAGES, MEASURES
from nlp.evaluation_slices import SCRIPTS
from nlp.modelfolder import ModelFolder
from nlp.ngrams import NgramModel, keys_of, unknown_share
from nlp.reference import read_reference
from nlp.reference_making import reference_of, write_reference
from nlp.tokens import Encoded
from nlp.traits import Traits


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_notes(folder / "train" / "a.jsonl", read_split("train")[:50])
    write_notes(folder / "dev" / "a.jsonl", read_split("dev")[:20])
    write_notes(folder / "test" / "a.jsonl", read_split("test")[:15])
    return folder


@pytest.fixture
def model(folder: ModelFolder, tmp_path: Path) -> Path:
    return copytree(folder.path, tmp_path / "model")


def test_inputs_are_of_train_and_outputs_of_the_rest(model: Path, corpus: Path) -> None:
    """And they come back as they were written."""
    made = reference_of(model, corpus)
    for one in MEASURES:
        counts = made.counts[one.name]
        assert len(counts) == len(one.bins)
        assert sum(counts) == (50 if one.name in ("length", "language", "channel") else 35)
        assert (one.name in made.means) is one.is_number
    assert write_reference(model, corpus) == ModelFolder(model).reference
    assert read_reference(model) == made


def test_of_no_or_another_model_there_is_no_reference(model: Path, corpus: Path) -> None:
    """Nor of one that counted other bins."""
    assert read_reference(model) is None
    path = write_reference(model, corpus)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(ModelFolder(model).fingerprint(), "0123"), encoding="utf-8")
    assert read_reference(model) is None
    path.write_text(text.replace('"unclear"', '"hazy"'), encoding="utf-8")
    assert read_reference(model) is None


@pytest.mark.parametrize("content", ["{", "[]", '{"counts": 3}', '{"model_id": "a"}'])
def test_a_damaged_reference_says_what_to_do(model: Path, content: str) -> None:
    ModelFolder(model).reference.write_text(content, encoding="utf-8")
    with pytest.raises(ModelFolderError, match="keshev evaluate --write-card"):
        read_reference(model)


def test_the_reference_is_no_part_of_the_models_id(model: Path, corpus: Path) -> None:
    before = ModelFolder(model).fingerprint()
    write_reference(model, corpus)
    assert ModelFolder(model).fingerprint() == before


def test_languages_are_those_that_slices_are_made_of() -> None:
    assert (*SCRIPTS, "other") == LANGUAGES


def encoded(words: list[int]) -> Encoded:
    ids = np.array([5], dtype=np.int64)
    return Encoded(ids, np.ones_like(ids), np.zeros((1, 2), np.int64), np.array(words, np.int64))


def test_unknown_words_are_those_that_the_table_has_not(folder: ModelFolder) -> None:
    """Pairs of stems make no word known; a note without words has no share."""
    notes = [encoded([1, 2]), encoded([3]), encoded([])]
    keys = np.unique(keys_of([notes[0]])[1])
    found = unknown_share([*notes, encoded([1, 3, 3, 2])], keys)
    assert found[:2].tolist() == [0, 1]
    assert math.isnan(found[2])
    assert found[3] == 0.5
    known = NgramModel.load(folder.ngrams).known
    assert np.isnan(unknown_share([], known)).tolist() == []


def test_traits_of_texts(folder: ModelFolder) -> None:
    traits = Traits(folder).of(["חויב פעמיים", "Верните деньги", "חויב פעמיים ולא זוכה", ""])
    assert traits["language"].tolist() == ["Hebrew", "Russian", "Hebrew", "other"]
    assert traits["length"][2] > traits["length"][0] > 0
