"""The peers that Keshev's model is measured beside.

They learn the very notes that it learned, and dev chooses for them what it chose for it:
temperatures and thresholds by `nlp.calibration.calibrate`. For the logistic regressions dev also
chooses the strength of the penalty and whether rare labels weigh more, for each kind of label.
"""

import itertools
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import transformers
from scipy import sparse
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from labels.annotation import LabelledNote
from labels.corpus import Split as LabelledSplit
from labels.corpus import read_split
from labels.journeys import read_journeys
from nlp.base import BUNDLED, load_base
from nlp.calibration import calibrate
from nlp.evaluation import Truth, macro_f1, truth_of
from nlp.heads import Bools, Decisions, Floats, Logits, decide
from nlp.normalize import normalize

Features = Any  # a row a note: an array, or scipy's sparse matrix, which has no types
Split = tuple[Features, Features, Features]  # of train, dev and test
KINDS = ("reasons", "churn", "resolution", "repeat")  # the fields of Truth and of Logits
STRENGTHS = (0.003, 0.03, 0.3, 3.0, 30.0)  # scikit-learn's C
SURE = 20.0  # the logit, above or below 0, of what train always or never shows
MAX_TOKENS = 256
OWN_NOTES = 300


@dataclass(frozen=True)
class Corpus:
    """The notes to learn from, to choose by and to measure on: test's, or a further split's."""

    train: list[LabelledNote]
    dev: list[LabelledNote]
    test: list[LabelledNote]


def read_corpus(at_most: int = 0, seed: int = 7, measured: LabelledSplit = "test") -> Corpus:
    """Return the labelled corpus, to measure on the split `measured`.

    `at_most` notes of each split are drawn by the seed, 0 for all. Train holds the journeys'
    contacts too, as Keshev's model learns them, and is shuffled by the seed: its first n notes are
    in its first m > n.
    """
    contacts = [contact for journey in read_journeys("train") for contact in journey.contacts]
    rng = random.Random(seed)
    train, dev, test = (
        rng.sample(notes, min(at_most or len(notes), len(notes)))
        for notes in ([*read_split("train"), *contacts], read_split("dev"), read_split(measured))
    )
    return Corpus(train, dev, test)


def majority(corpus: Corpus) -> Decisions:
    """Return what is most frequent in train, for every note of test. Nothing is tuned."""
    tables = _tables(truth_of(corpus.train))
    logits = {
        kind: np.tile(table.mean(axis=0, dtype=np.float32) - 0.5, (len(corpus.test), 1))
        for kind, table in tables.items()
    }
    return decide(_logits(logits))


def tfidf(corpus: Corpus) -> Decisions:
    """Return the decisions on test of logistic regressions on character TF-IDF, 2 to 5 letters."""
    vectors = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, dtype=np.float32
    )
    train, dev, test = _texts(corpus, prefix="")
    split = vectors.fit_transform(train), vectors.transform(dev), vectors.transform(test)
    return _decided(dict.fromkeys(KINDS, split), corpus)


def own(corpus: Corpus, parts: int = 5) -> Decisions:
    """Return the decisions on test of `tfidf` that learned 300 of test's own notes.

    Each fifth of test is decided by what learned from the other four. What so little of a split's
    own kind gets says how hard the split is, whatever Keshev makes of it.
    """
    places = [range(part, len(corpus.test), parts) for part in range(parts)]
    made = []
    for held in places:
        others = [note for at, note in enumerate(corpus.test) if at not in held]
        rows = [corpus.test[at] for at in held]
        made.append(tfidf(Corpus(others[:OWN_NOTES], corpus.dev, rows)))
    back = np.argsort(np.concatenate(places))
    return Decisions(
        **{
            name: np.concatenate([getattr(one, name) for one in made])[back]
            for name in vars(made[0])
        }
    )


def frozen(corpus: Corpus, base: str = BUNDLED) -> Decisions:
    """Return the decisions on test of logistic regressions on the mean of the base's states."""
    with encoder_folder(base) as folder:
        split = _embedded(sentence_encoder(folder), corpus)
    return _decided(dict.fromkeys(KINDS, split), corpus)


def setfit(corpus: Corpus, base: str = BUNDLED, steps: int = 200, seed: int = 7) -> Decisions:
    """Return the decisions on test of SetFit (Tunstall et al., 2022, arXiv:2209.11055).

    Each kind of label tunes an encoder of its own by the library's contrastive pairs and defaults,
    for `steps` steps of 16 pairs. The regressions on its embeddings are those of `frozen`.

    Raises:
        ModuleNotFoundError: when the library `setfit` is not installed.
    """
    splits: dict[str, Split] = {}
    with encoder_folder(base) as folder:
        for kind in KINDS:
            body = sentence_encoder(folder)
            tune(body, corpus.train, kind, steps, seed)
            splits[kind] = _embedded(body, corpus)
    return _decided(splits, corpus)


def tune(
    body: SentenceTransformer, notes: Sequence[LabelledNote], kind: str, steps: int, seed: int
) -> None:
    """Train an encoder by SetFit's first phase: texts with a label in common come together."""
    from setfit import SetFitModel, Trainer, TrainingArguments, logging

    logging.set_verbosity_error()
    strategy = "one-vs-rest" if kind == "reasons" else None
    with tempfile.TemporaryDirectory() as scratch:
        chosen = TrainingArguments(
            output_dir=scratch,
            max_steps=steps,
            seed=seed,
            report_to="none",
            logging_strategy="no",
            save_strategy="no",
            show_progress_bar=False,
        )
        model = SetFitModel(model_body=body, multi_target_strategy=strategy)
        labels = getattr(truth_of(notes), kind).astype(int).tolist()
        trainer = Trainer(model, chosen)
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.st_trainer.args.dataloader_pin_memory = body.device.type == "cuda"
        trainer.train_embeddings(read_as_the_network(notes), labels, args=chosen)


@contextmanager
def encoder_folder(base: str) -> Iterator[str]:
    """Yield a base encoder as transformers loads it; the bundled one is written for the while."""
    transformers.logging.set_verbosity_error()  # no report on the pooler, which E5 does not have
    transformers.logging.disable_progress_bar()
    if base != BUNDLED:
        yield base
        return
    encoder, tokenizer = load_base()
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    with tempfile.TemporaryDirectory() as scratch:
        encoder.save_pretrained(scratch)
        transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(
            scratch
        )
        yield scratch


def sentence_encoder(folder: str) -> SentenceTransformer:
    """Return the encoder with mean pooling over all tokens, the prefix's too."""
    words = Transformer(folder, max_seq_length=MAX_TOKENS)
    return SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension(), "mean")])


def read_as_the_network(notes: Sequence[LabelledNote], prefix: str = "query: ") -> list[str]:
    """Return the texts as `nlp.tokens` gives them to the network."""
    return [prefix + normalize(note.text).text for note in notes]


def _texts(corpus: Corpus, prefix: str = "query: ") -> tuple[list[str], list[str], list[str]]:
    return (
        read_as_the_network(corpus.train, prefix),
        read_as_the_network(corpus.dev, prefix),
        read_as_the_network(corpus.test, prefix),
    )


def _embedded(body: SentenceTransformer, corpus: Corpus) -> Split:
    """Return the embeddings of the splits, each dimension with train's mean 0 and deviation 1.

    In double precision: in single, a weak penalty drowns in so many notes and nothing converges.
    """
    train, dev, test = (
        body.encode(texts, show_progress_bar=False).astype(np.float64) for texts in _texts(corpus)
    )
    scale = StandardScaler().fit(train)
    return scale.transform(train), scale.transform(dev), scale.transform(test)


def _tables(truth: Truth) -> dict[str, Bools]:
    """Return each kind's labels as a column a label."""
    classes = np.arange(3)
    return {
        "reasons": truth.reasons,
        "churn": truth.churn[:, None] == classes,
        "resolution": truth.resolution[:, None] == classes,
        "repeat": truth.repeat[:, None],
    }


def _logits(columns: dict[str, Floats]) -> Logits:
    return Logits(**{**columns, "repeat": columns["repeat"][:, 0]})


def _decided(splits: dict[str, Split], corpus: Corpus) -> Decisions:
    """Return the decisions on test of regressions on each kind's own features."""
    found = {kind: _best_on_dev(kind, split, corpus) for kind, split in splits.items()}
    on_dev, on_test = (_logits({kind: pair[i] for kind, pair in found.items()}) for i in (0, 1))
    return decide(on_test, calibrate(on_dev, corpus.dev))


def _best_on_dev(kind: str, split: Split, corpus: Corpus) -> tuple[Floats, Floats]:
    """Return one kind's logits on dev and test, by the regressions that are best on dev."""
    train, *others = split
    labels = _tables(truth_of(corpus.train))[kind]
    solver = "liblinear" if sparse.issparse(train) else "newton-cholesky"  # the quickest of each
    tried = []
    for strength, weight in itertools.product(STRENGTHS, (None, "balanced")):
        model = LogisticRegression(C=strength, class_weight=weight, solver=solver, max_iter=500)
        on_dev, on_test = _regressed(model, train, labels, others)
        tried.append((_score(kind, on_dev, corpus.dev), on_dev, on_test))
    _, on_dev, on_test = max(tried, key=lambda one: one[0])
    return on_dev, on_test


def _regressed(
    model: LogisticRegression, train: Features, labels: Bools, others: Sequence[Features]
) -> list[Floats]:
    """Return the logits of each label's own regression, (N, labels), for each of `others`."""
    logits = [np.empty((rows.shape[0], labels.shape[1]), np.float32) for rows in others]
    for column, label in enumerate(labels.T):
        varies = label.any() and not label.all()
        if varies:
            model.fit(train, label)
        for rows, made in zip(others, logits, strict=True):
            constant = SURE if label.all() else -SURE
            made[:, column] = model.decision_function(rows) if varies else constant
    return logits


def _score(kind: str, logits: Floats, notes: Sequence[LabelledNote]) -> float:
    """Return macro-F1 of one kind on the notes that calibrate it; the other kinds stay blank."""
    tables = _tables(truth_of(notes))
    blank = {name: np.zeros(table.shape, np.float32) for name, table in tables.items()}
    alone = _logits({**blank, kind: logits})
    scores = macro_f1(notes, decide(alone, calibrate(alone, notes)))
    return dict(zip(KINDS, scores.values(), strict=True))[kind]
