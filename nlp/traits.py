"""What is watched of texts before they are classified: length, language, unknown words."""

from collections.abc import Sequence

import pandas as pd
from tokenizers import Tokenizer

from keshev.errors import ModelFolderError
from nlp.evaluation_slices import language_of
from nlp.modelfolder import ModelFolder
from nlp.ngrams import NgramModel, unknown_share
from nlp.tokens import NoteTokenizer


class Traits:
    """Reads the traits of texts as the model of a folder sees them; the network is not loaded."""

    def __init__(self, files: ModelFolder) -> None:
        card = files.read_card()
        try:
            tokenizer = Tokenizer.from_file(str(files.tokenizer))
        except Exception as error:  # the library raises a bare Exception
            raise ModelFolderError(
                f"{files.tokenizer}: damaged; take the folder from a release again"
            ) from error
        self._tokens = NoteTokenizer(tokenizer, card.prefix, card.max_tokens)
        self._known = NgramModel.load(files.ngrams).known

    def of(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return a row a text: `length` in tokens, `language`, `unseen` (NaN without any word)."""
        encoded = self._tokens.encode(texts)
        return pd.DataFrame(
            {
                "length": [int(note.text_mask.sum()) for note in encoded],
                "language": [language_of(text) for text in texts],
                "unseen": unknown_share(encoded, self._known),
            }
        )
