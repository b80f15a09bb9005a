"""The classifier as everybody calls it, and folders that are not its model."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nlp.classifier
from keshev.errors import CodebookMismatchError, ModelFolderError
from keshev.settings import Settings
from labels.corpus import read_split
from labels.frames import prediction_columns
from nlp.classifier import NoteClassifier
from nlp.evidence import piece_of
from nlp.modelfolder import ModelFolder


@pytest.fixture(scope="session")
def classifier(folder: ModelFolder) -> NoteClassifier:
    return NoteClassifier(folder.path)


def test_frame_has_the_promised_columns(classifier: NoteClassifier) -> None:
    """One row a note, places of evidence within its text, for exactly the reasons that hold."""
    texts = [note.text for note in read_split("dev")[:20]]
    frame = classifier.predict_frame([f"c{i}" for i in range(20)], texts)
    assert tuple(frame.columns) == prediction_columns()
    assert (frame["model_id"] == classifier.model_id).all()
    for row, text in zip(frame.to_dict("records"), texts, strict=True):
        pieces = json.loads(row["evidence"])
        assert set(pieces) == {reason for reason in pieces if row[reason]}
        assert all(0 <= start < end <= len(text) for start, end in pieces.values())


def test_batch_mates_change_nothing(classifier: NoteClassifier) -> None:
    """A note gets the same probabilities alone, in a crowd, in another order, and twice."""
    texts = [note.text for note in read_split("dev")[:30]]
    together = classifier.predict(texts).decisions
    backwards = classifier.predict([*texts[::-1], texts[0]]).decisions
    assert np.array_equal(together.p_reasons, backwards.p_reasons[:30][::-1])
    assert np.array_equal(together.p_reasons[0], backwards.p_reasons[30])
    alone = classifier.predict(texts[:1]).decisions
    assert np.array_equal(alone.p_churn[0], together.p_churn[0])


@pytest.mark.parametrize("size", [1, 7, 16])
def test_chunks_change_nothing(
    classifier: NoteClassifier, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Over several chunks every text keeps its place and its predictions, copies of it too."""
    notes = [note.text for note in read_split("dev")[:24]]
    texts = [*notes[:10], *notes[3:6], *notes, notes[0]]
    whole = classifier.predict(texts)
    monkeypatch.setattr(nlp.classifier, "CHUNK", size)
    parts = classifier.predict(texts)
    for name, values in vars(whole.decisions).items():
        assert np.array_equal(getattr(parts.decisions, name), values), name
    assert parts.evidence == whole.evidence
    assert np.array_equal(parts.issue, whole.issue)
    alone = [classifier.predict([text]).decisions.p_reasons[0] for text in texts]
    assert np.array_equal(parts.decisions.p_reasons, alone)


def test_flows_ask_for_several_chunks_at_once() -> None:
    """Else no text's tokens would be made while those before it are computed."""
    assert Settings().chunk_size >= 2 * nlp.classifier.CHUNK


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=120), peak=st.integers(0, 40))
def test_evidence_is_a_piece_of_any_text(classifier: NoteClassifier, text: str, peak: int) -> None:
    """Whatever the text and wherever attention falls, the piece lies in the text."""
    (tokens,) = classifier.tokens.encode([text])
    weights = np.full(len(tokens), 0.01, np.float32)
    weights[peak % len(tokens)] = 1.0
    start, end = piece_of(text, tokens, weights)
    assert 0 <= start <= end <= len(text)
    if text[start:end]:
        assert text[start:end].strip() == text[start:end]


def test_evidence_is_where_attention_falls(classifier: NoteClassifier) -> None:
    """The piece holds the word attended to and stays within its clause."""
    text = "הלקוח ביקש העתק חשבונית, אבל החיוב יקר לו מדי, נמסר שיישלח במייל"
    (tokens,) = classifier.tokens.encode([text])
    place = text.index("יקר")
    inside = (tokens.spans[:, 0] <= place) & (tokens.spans[:, 1] > place)
    weights = np.where(inside & (tokens.text_mask == 1), 1.0, 0.001).astype(np.float32)
    start, end = piece_of(text, tokens, weights)
    assert "יקר" in text[start:end]
    assert "חשבונית" not in text[start:end]
    assert "במייל" not in text[start:end]


def test_a_text_without_words_says_nothing(classifier: NoteClassifier) -> None:
    """Empty texts and bare signs get no reason, and are not called unclear."""
    made = classifier.predict(["", "   ", "\u200f", "!!! ..."]).decisions
    assert not made.reasons.any()
    assert not made.unclear.any()


def test_the_id_follows_what_decides_and_not_the_figures(
    folder: ModelFolder, tmp_path: Path
) -> None:
    """Another threshold is another model; another measured figure is not."""
    copy = ModelFolder(Path(shutil.copytree(folder.path, tmp_path / "copy")))
    values = json.loads(copy.config.read_text(encoding="utf-8"))
    values["figures"] = {"reasons": 0.5}
    copy.config.write_text(json.dumps(values), encoding="utf-8")
    assert copy.fingerprint() == folder.fingerprint()
    values["calibration"]["uncertain_from"] = 0.01
    copy.config.write_text(json.dumps(values), encoding="utf-8")
    assert copy.fingerprint() != folder.fingerprint()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"codebook_version": "other"}, CodebookMismatchError, "keshev train"),
        ({"layout": 99}, ModelFolderError, "this Keshev reads"),
        ({"unknown": 1}, ModelFolderError, "damaged"),
    ],
)
def test_another_codebook_or_layout_is_refused(
    folder: ModelFolder, tmp_path: Path, change: dict[str, object], error: type, says: str
) -> None:
    """The message says what to do about a model that does not fit."""
    copy = ModelFolder(Path(shutil.copytree(folder.path, tmp_path / "copy")))
    values = json.loads(copy.config.read_text(encoding="utf-8")) | change
    copy.config.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(error, match=says):
        NoteClassifier(copy.path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "ngrams.npz", "config.json"])
@pytest.mark.parametrize("content", [None, b"", b"not this"])
def test_an_incomplete_or_damaged_folder_is_named(
    folder: ModelFolder, tmp_path: Path, name: str, content: bytes | None
) -> None:
    """Whichever file is missing, empty or broken, the folder is named."""
    copy = ModelFolder(Path(shutil.copytree(folder.path, tmp_path / "copy")))
    (copy.path / name).unlink()
    if content is not None:
        (copy.path / name).write_bytes(content)
    with pytest.raises(ModelFolderError, match="copy"):
        NoteClassifier(copy.path)


def test_a_released_folder_holds_nothing_that_runs() -> None:
    """ONNX, JSON, arrays and the card only: no pickle anywhere in the released weights."""
    released = Path(__file__).parents[2] / "nlp" / "weights"
    assert {path.suffix for path in released.iterdir()} <= {".onnx", ".json", ".npz", ".md"}
    assert sum(path.stat().st_size for path in released.iterdir()) < 35e6


def test_classifying_needs_no_torch() -> None:
    """What `make run` installs has none; and it would cost seconds and memory at the start."""
    code = "import sys, nlp.classifier, flows.relating; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
