"""spaCy for Hebrew notes: a blank pipeline whose tokenizer is linear on any text."""

import re

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

# A word of one script, a number, or any one character; long runs are cut, so that a token is short.
TOKEN = re.compile(r"([א-ת]{1,64}|[A-Za-z]{1,64}|[0-9]{1,32}|.)( ?)", re.DOTALL)
UNBOUNDED = 2**31 - 1
TEXT = "text"


class NoteTokenizer:
    """Splits a text at every change of script; the tokens joined are the text again.

    spaCy's own tokenizer searches each word for web addresses and affixes, which takes quadratic
    time on a long word, and keeps a number with the letters around it in one token.
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return the text as a Doc. Lone surrogates must have been removed."""
        parts = TOKEN.findall(text)
        words = [word for word, _ in parts]
        doc = Doc(self.vocab, words=words, spaces=[bool(space) for _, space in parts])
        doc.user_data[TEXT] = text
        return doc


def text_of(doc: Doc) -> str:
    """Return the document's text; `doc.text` would join all tokens anew at each call."""
    return str(doc.user_data[TEXT]) if TEXT in doc.user_data else doc.text


def blank_hebrew() -> Language:
    """Return a blank Hebrew pipeline with the linear tokenizer and no limit of length."""
    nlp = spacy.blank("he")
    nlp.tokenizer = NoteTokenizer(nlp.vocab)
    nlp.max_length = UNBOUNDED
    return nlp
