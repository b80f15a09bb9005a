"""The table of token n-grams: what it counts, by a slow twin, and what it learns."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshev.errors import ModelFolderError
from labels.corpus import read_split
from nlp.examples import Example
from nlp.ngrams import NgramModel, counts_of, keys_of
from nlp.ngrams_fit import fit_ngrams
from nlp.tokens import Encoded
from nlp.training import Fitted

IDS = st.lists(st.integers(2, 40), max_size=12)


def encoded(ids: list[int]) -> Encoded:
    """Return a note of these tokens between two of the template, each token a word."""
    whole = np.array([0, *ids, 1], dtype=np.int64)
    mask = np.array([0, *[1] * len(ids), 0], dtype=np.int64)
    return Encoded(
        whole, mask, np.zeros((len(whole), 2), dtype=np.int64), np.array(ids, dtype=np.int64)
    )


def runs(ids: list[int]) -> list[tuple[str, ...]]:
    """Return the runs of one to three tokens and of one or two words, the slow way."""
    return [
        (kind, *map(str, ids[at : at + n]))
        for kind, longest in (("token", 3), ("word", 2))
        for n in range(1, longest + 1)
        for at in range(len(ids) - n + 1)
    ]


@given(st.lists(IDS, max_size=6))
def test_every_run_of_tokens_and_of_words_is_counted_in_its_note(notes: list[list[int]]) -> None:
    """Equal runs get equal keys, other runs other keys, and none crosses from note to note."""
    note, keys = keys_of([encoded(ids) for ids in notes])
    for row, ids in enumerate(notes):
        ours = sorted(Counter(keys[note == row].tolist()).values())
        assert ours == sorted(Counter(runs(ids)).values())
    together = {gram for ids in notes for gram in runs(ids)}
    assert len(set(keys.tolist())) == len(together)


@given(st.lists(IDS, min_size=1, max_size=6), IDS)
def test_only_known_runs_count(notes: list[list[int]], known: list[int]) -> None:
    """What the table does not hold is as if it were not there."""
    _, keys = keys_of([encoded([*known, 3])])
    rising = np.unique(keys)
    found = counts_of([encoded(ids) for ids in notes], rising)
    whole = set(runs([*known, 3]))
    expected = {
        row: Counter(gram for gram in runs(ids) if gram in whole) for row, ids in enumerate(notes)
    }
    for row, counter in expected.items():
        assert sorted(found.count[found.note == row]) == sorted(counter.values())


def test_a_notes_logits_do_not_depend_on_its_neighbours(ngrams: NgramModel, fitted: Fitted) -> None:
    """To the last bit, and a text without a token gets the bias alone."""
    texts = [note.text for note in read_split("dev")[:40]] + [""]
    tokens = fitted.tokenizer.encode(texts)
    together = ngrams.logits(tokens)
    for row in (0, 7, 39, 40):
        alone = ngrams.logits([tokens[row]])
        assert np.array_equal(alone.reasons[0], together.reasons[row])
        assert alone.repeat[0] == together.repeat[row]
    assert np.array_equal(together.reasons[40], ngrams.bias[:12])
    assert ngrams.logits([]).churn.shape == (0, 3)


def test_it_learns_the_words_of_its_notes(
    ngrams: NgramModel, fitted: Fitted, examples: list[Example]
) -> None:
    """On the notes that it learned, nearly every label stands on its side of zero."""
    logits = ngrams.logits(fitted.tokenizer.encode([one.text for one in examples]))
    truth = np.stack([one.reasons for one in examples]) > 0.5
    assert ((logits.reasons > 0) == truth).mean() > 0.98
    assert (logits.churn.argmax(1) == [one.churn.argmax() for one in examples]).mean() > 0.95


def test_a_smaller_table_keeps_the_heaviest(fitted: Fitted, examples: list[Example]) -> None:
    """At most the wanted number is kept, and it still tells the labels apart."""
    tokens = fitted.tokenizer.encode([one.text for one in examples])
    small = fit_ngrams(examples, tokens, kept=300)
    assert len(small.known) == 300
    truth = np.stack([one.reasons for one in examples]) > 0.5
    assert ((small.logits(tokens).reasons > 0) == truth).mean() > 0.9


def test_the_same_notes_give_the_same_file(
    ngrams: NgramModel, fitted: Fitted, examples: list[Example], tmp_path: Path
) -> None:
    """Fitting and writing draw nothing by chance; reading gives the same logits."""
    tokens = fitted.tokenizer.encode([one.text for one in examples])
    ngrams.save(tmp_path / "one.npz")
    fit_ngrams(examples, tokens).save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = NgramModel.load(tmp_path / "one.npz").logits(tokens[:5])
    assert np.array_equal(again.resolution, ngrams.logits(tokens[:5]).resolution)


def test_a_table_of_another_codebook_is_refused(ngrams: NgramModel, tmp_path: Path) -> None:
    """One column fewer is another codebook's."""
    narrow = NgramModel(
        ngrams.known, ngrams.idf, ngrams.weights[:, 1:], ngrams.scale[1:], ngrams.bias[1:]
    )
    narrow.save(tmp_path / "narrow.npz")
    with pytest.raises(ModelFolderError, match="narrow"):
        NgramModel.load(tmp_path / "narrow.npz")
