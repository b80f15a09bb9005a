"""A released folder is a SentenceTransformer too."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from keshev.errors import ModelFolderError
from labels.corpus import read_split
from nlp.classifier import NoteClassifier
from nlp.modelfolder import ModelFolder
from nlp.sentence import IssueVectors

TEXTS = [note.text for note in read_split("test")[:24]] + ["", "123", "חיוב כפול " * 200]


@pytest.fixture(scope="module")
def loaded(folder: ModelFolder) -> SentenceTransformer:
    return SentenceTransformer(str(folder.path), trust_remote_code=True, device="cpu")


def test_vectors_are_the_engines_to_the_last_bit(
    loaded: SentenceTransformer, folder: ModelFolder
) -> None:
    """In whatever batches, with or without others, and by the class alone."""
    model = NoteClassifier(folder.path)
    issue = model.engine.run(model.tokens.encode(TEXTS)).issue
    for size in (1, 5, 32):
        assert np.array_equal(loaded.encode(TEXTS, batch_size=size), issue)
    assert np.array_equal(loaded.encode(TEXTS[3]), issue[3])
    given = SentenceTransformer(modules=[IssueVectors(folder.path)], device="cpu")
    assert np.array_equal(given.encode(TEXTS), issue)
    assert np.array_equal(model.predict(TEXTS).issue, issue)


def test_similarity_is_the_cosine(loaded: SentenceTransformer) -> None:
    """1 of a note with itself; the model knows its vectors' and notes' lengths."""
    vectors = loaded.encode(TEXTS)
    similar = loaded.similarity(vectors, vectors).numpy()
    assert similar == pytest.approx(vectors @ vectors.T, abs=1e-5)
    assert np.diag(similar) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert loaded.get_embedding_dimension() == vectors.shape[1] == 64
    assert loaded.max_seq_length == 96


def test_a_prompt_stands_before_the_note(loaded: SentenceTransformer) -> None:
    with_prompt = loaded.encode(TEXTS[:3], prompt="לקוח: ")
    assert np.array_equal(with_prompt, loaded.encode([f"לקוח: {text}" for text in TEXTS[:3]]))


def test_what_was_saved_loads_as_both(
    loaded: SentenceTransformer, folder: ModelFolder, tmp_path: Path
) -> None:
    """Saved by sentence-transformers it is the same model to Keshev, with nothing that runs."""
    loaded.save(str(tmp_path), create_model_card=False)
    assert ModelFolder(tmp_path).fingerprint() == folder.fingerprint()
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".npz", ".onnx"}
    again = SentenceTransformer(str(tmp_path), trust_remote_code=True, device="cpu")
    assert np.array_equal(again.encode(TEXTS[:4]), loaded.encode(TEXTS[:4]))
    again.save(str(tmp_path), create_model_card=False)
    assert ModelFolder(tmp_path).fingerprint() == folder.fingerprint()


def test_a_released_folder_names_the_class_and_keeps_its_id(folder: ModelFolder) -> None:
    """`modules.json` is no part of the model's id, and names what there is in Keshev."""
    listed = folder.path / "modules.json"
    (module,) = json.loads(listed.read_text(encoding="utf-8"))
    place, _, name = module["type"].rpartition(".")
    assert getattr(importlib.import_module(place), name) is IssueVectors
    assert {file.suffix for file in folder.path.iterdir()} <= {".json", ".npz", ".onnx", ".md"}
    text, before = listed.read_text(encoding="utf-8"), folder.fingerprint()
    listed.unlink()
    assert folder.fingerprint() == before
    listed.write_text(text, encoding="utf-8")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError):
        IssueVectors.load(str(tmp_path))
    with pytest.raises(ModelFolderError):
        IssueVectors.load(str(tmp_path), "nothing")
