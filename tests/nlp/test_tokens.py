"""Tokens point at the text as it was given, whatever normalisation did to it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from nlp.modelfolder import ModelFolder
from nlp.tokens import NoteTokenizer, pad


def note_tokenizer(folder: ModelFolder) -> NoteTokenizer:
    return NoteTokenizer(Tokenizer.from_file(str(folder.tokenizer)), max_tokens=48)


def test_spans_are_pieces_of_the_given_text(folder: ModelFolder) -> None:
    """Points and odd spaces are gone for the model, but places still fit the original."""
    text = "הַלָּקוֹחַ  מתלונן\u00a0על חיוב 49.90"
    (encoded,) = note_tokenizer(folder).encode([text])
    spans = encoded.spans[encoded.text_mask == 1]
    assert spans[0][0] == 0
    assert text[spans[-1][0] : spans[-1][1]].endswith("0")
    assert (spans[1:, 0] >= spans[:-1, 0]).all()


@settings(max_examples=50)
@given(text=st.text(st.characters(), max_size=200))
def test_any_text_is_encoded(folder: ModelFolder, text: str) -> None:
    """No text breaks it: lengths agree, places lie in the text, and something is attended to."""
    (encoded,) = note_tokenizer(folder).encode([text])
    assert len(encoded.ids) == len(encoded.text_mask) == len(encoded.spans) <= 48
    assert encoded.text_mask.any()
    assert (encoded.spans >= 0).all()
    assert (encoded.spans <= len(text)).all()


def test_a_huge_text_is_cut_not_choked_on(folder: ModelFolder) -> None:
    """A million characters cost no more than the tokens that are read."""
    (encoded,) = note_tokenizer(folder).encode(["חיוב " * 200_000])
    assert len(encoded) == 48


def test_padding_marks_what_is_no_token(folder: ModelFolder) -> None:
    """Shorter notes are padded on the right with zero masks."""
    short, long = note_tokenizer(folder).encode(["חיוב", "חיוב כפול בחודש מאי"])
    batch = pad([short, long])
    assert batch.input_ids.shape == batch.attention_mask.shape == (2, len(long))
    assert batch.attention_mask[0].sum() == len(short)
    assert not batch.text_mask[0, len(short) :].any()
