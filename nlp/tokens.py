"""Notes as token ids, with each token's place in the text as it was given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.normalize import Normalized, normalize
from nlp.stems import stem_numbers

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """One note of T tokens.

    `ids` (T,); `text_mask` (T,) is 1 for tokens of the note itself; `spans` (T, 2) are the
    half-open places of each token in the note as it was given, (0, 0) for template tokens.
    `words` (W,) numbers the stems of the words that the tokens are made of (`nlp.stems`).
    """

    ids: Ints
    text_mask: Ints
    spans: Ints
    words: Ints

    def __len__(self) -> int:
        return len(self.ids)


class NoteTokenizer:
    """Turns notes into token ids: normalised, prefixed as the base was trained, cut to a length."""

    def __init__(self, tokenizer: Tokenizer, prefix: str = "query:", max_tokens: int = 256) -> None:
        self.tokenizer = tokenizer
        self.prefix = prefix
        self.max_tokens = max_tokens
        padding = (tokenizer.token_to_id(name) for name in ("<pad>", "[PAD]"))
        self.pad_id = next((found for found in padding if found is not None), 0)
        unknown = (tokenizer.token_to_id(name) for name in ("<unk>", "[MASK]", "[UNK]"))
        self.unknown_id = next((found for found in unknown if found is not None), self.pad_id)
        # The template's ids are learned from the tokenizer itself, whichever base it comes from.
        template = tokenizer.encode("").ids
        prefix_ids = tokenizer.encode(prefix, add_special_tokens=False).ids if prefix else []
        self._head = template[:1] + prefix_ids
        self._tail = template[1:]

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return the tokens of each text; a text without any gets the template alone."""
        # A token has at least one character: what lies far beyond the last token is not read.
        normalized = [normalize(text[: self.max_tokens * 40]) for text in texts]
        encodings = self.tokenizer.encode_batch(
            [item.text for item in normalized], add_special_tokens=False
        )
        room = self.max_tokens - len(self._head) - len(self._tail)
        return [
            self._place(encoding.ids[:room], encoding.offsets[:room], item)
            for encoding, item in zip(encodings, normalized, strict=True)
        ]

    def _place(self, ids: list[int], offsets: list[tuple[int, int]], item: Normalized) -> Encoded:
        head, tail = len(self._head), len(self._tail)
        spans = np.zeros((head + len(ids) + tail, 2), dtype=np.int64)
        for at, (start, end) in enumerate(offsets, start=head):
            if end > start:
                spans[at] = item.origin[start], item.origin[end - 1] + 1
        mask = np.zeros(len(spans), dtype=np.int64)
        mask[head : head + len(ids)] = 1
        if not ids:  # attention needs something to look at
            mask[0] = 1
        words = stem_numbers(item.text[: offsets[-1][1] if offsets else 0])
        whole = np.array([*self._head, *ids, *self._tail], dtype=np.int64)
        return Encoded(whole, mask, spans, words)


@dataclass(frozen=True)
class Batch:
    """B notes padded to the longest, T tokens: three (B, T) arrays of int64."""

    input_ids: Ints
    attention_mask: Ints
    text_mask: Ints


def pad(notes: Sequence[Encoded], pad_id: int = 1) -> Batch:
    """Return the notes as one batch, padded on the right."""
    shape = (len(notes), max(len(note) for note in notes))
    batch = Batch(
        np.full(shape, pad_id, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
    )
    for row, note in enumerate(notes):
        batch.input_ids[row, : len(note)] = note.ids
        batch.attention_mask[row, : len(note)] = 1
        batch.text_mask[row, : len(note)] = note.text_mask
    return batch
