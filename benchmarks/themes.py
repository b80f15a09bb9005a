"""Themes beside BERTopic's topics: on the same notes, with the same vectors and the same words.

    pip install -e ".[train,peers]"     # BERTopic 0.17.4; without it only ours is measured
    python benchmarks/themes.py [--notes 3000] [--seed 7] [--json OUT]

The notes are those without a reason, by the released model, of the sample exports and of the
training corpus. BERTopic is run as it comes (UMAP to five dimensions, HDBSCAN with the same least
size of a topic) and with HDBSCAN's leaves, which give finer topics.

- notes with a theme: the share that any theme or topic takes; largest: the share of the largest.
- stability: all notes are 10 % more than the old ones. Adjusted Rand index (Hubert and Arabie
  1985), over the old notes, between what they had before and after; no theme counts as one. `refit`
  begins anew. `kept` goes on from what was known, as a second week does; BERTopic's `transform`
  keeps old notes as they are too, and finds nothing new.
- coherence: the mean NPMI (Bouma 2009) of a theme's terms, two by two, over all notes; -1 for two
  that never stand in one note. `own`: by each one's own ten best terms. `same`: by the terms that
  Keshev would give the group.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import combinations
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from flows import steps
from flows.theming import ThemeWords
from keshev.settings import ROOT, Settings
from labels.corpus import read_split
from labels.frames import issue_vectors
from nlp.card import machine
from nlp.classifier import NoteClassifier
from nlp.words import Lexicon, hebrew_words
from signals.slices import Ints
from signals.themes import Known, Themes, find_themes, unexplained
from store.contacts import read_contacts
from store.predictions import read_predictions
from store.profiles import read_profiles
from store.session import open_store, transaction

WEEK = date(2026, 11, 8)
LEAST_SIZE, LEAST_PART = 5, 0.01
NONE = -1


@dataclass(frozen=True)
class Measured:
    """One method on one set of notes; shares and coefficients, seconds of the first fit."""

    notes: str
    method: str
    themes: int
    with_theme: float
    largest: float
    refit: float
    kept: float
    coherence_own: float
    coherence_same: float
    seconds: float


class Notes:
    """Notes with their vectors and bare words; old ones, and all that are there with new ones."""

    def __init__(self, name: str, frame: pd.DataFrame, seed: int) -> None:
        self.name = f"{name}, {len(frame):,}"
        self.frame = frame.sort_values("contact_id", ignore_index=True)
        self.texts = self.frame["text"].tolist()
        lexicon = Lexicon(hebrew_words(text) for text in self.texts)
        self.words = [lexicon.keyed(hebrew_words(text)) for text in self.texts]
        self.sets = [frozenset(key for key, _ in words) for words in self.words]
        self.keys = {word: key for words in self.words for key, word in words}
        order = np.random.default_rng(seed).permutation(len(frame))
        self.old = np.sort(order[: round(len(frame) / 1.1)])

    def terms_of(self, groups: Ints) -> list[list[str]]:
        """Return the keys of the terms that Keshev gives each group of all notes."""
        namer, every = ThemeWords(self.texts), np.arange(len(self.texts))
        found = [namer(np.flatnonzero(groups == g), every) for g in range(groups.max() + 1)]
        return [[self.keys[term] for term in terms] for terms in found]

    def coherence(self, terms: Sequence[Sequence[str]]) -> float:
        """Return the mean NPMI of the themes that have two terms or more."""
        found = [
            np.mean([self._npmi(*pair) for pair in combinations(t, 2)]) for t in terms if t[1:]
        ]
        return float(np.mean(found)) if found else float("nan")

    def _npmi(self, one: str, other: str) -> float:
        many = len(self.sets)
        both = sum(one in words and other in words for words in self.sets)
        if both in (0, many):
            return -1.0 if both == 0 else 1.0
        each = [sum(term in words for words in self.sets) for term in (one, other)]
        return log(both * many / (each[0] * each[1])) / -log(both / many)


def sample_notes(seed: int) -> Notes:
    """Return the sample exports' notes without a reason, classified in a store of their own."""
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home), database_url="")
        engine = open_store(settings.database_url)
        exports = ROOT / "data" / "exports"
        steps.ingest(settings, engine, [exports], read_profiles(None, [exports]))
        model_id = steps.classify(settings, engine).model_id
        with transaction(engine) as connection:
            contacts, labels = read_contacts(connection), read_predictions(connection, model_id)
        engine.dispose()
    return Notes("sample exports", unexplained(contacts, labels), seed)


def corpus_notes(most: int, seed: int) -> Notes:
    """Return training notes without a reason, by the model and not by their labels."""
    notes = read_split("train")
    order = np.random.default_rng(seed).permutation(len(notes))[: 3 * most]
    chosen = [notes[at] for at in order]
    classifier = NoteClassifier(Settings().model_dir)
    labels = classifier.predict_frame([n.id for n in chosen], [n.text for n in chosen])
    contacts = pd.DataFrame(
        {"contact_id": [n.id for n in chosen], "text": [n.text for n in chosen]}
    )
    contacts = contacts.assign(direction="in", channel="phone")
    return Notes("corpus", unexplained(contacts, labels).head(most), seed)


def ours(notes: Notes) -> Measured:
    """Measure Keshev's themes: one search in all notes, and two, the second in the new ones."""
    every = notes.frame.assign(week=WEEK)
    began = time.perf_counter()
    whole = _found(every)
    seconds = time.perf_counter() - began
    first = _found(every.iloc[notes.old])
    later = every.assign(week=WEEK + timedelta(weeks=1))
    later.loc[notes.old, "week"] = WEEK
    kept = _found(later, first.known)
    terms = [[notes.keys[term] for term in theme.terms] for theme in whole.themes]
    before = first.place
    stability = [adjusted_rand_score(before, after.place[notes.old]) for after in (whole, kept)]
    return _measured(notes, "Keshev", whole.place, terms, stability, seconds)


def _found(frame: pd.DataFrame, known: Known | None = None) -> Themes:
    frame = frame.reset_index(drop=True)
    return find_themes(frame, ThemeWords(frame["text"].tolist()), known)


def bertopic(notes: Notes, method: str, seed: int) -> Measured:
    """Measure BERTopic's topics; `method` is HDBSCAN's way to select clusters."""
    vectors = issue_vectors(notes.frame["issue"])
    began = time.perf_counter()
    groups, terms = _topics(notes, np.arange(len(vectors)), vectors, method, seed)
    seconds = time.perf_counter() - began
    before, _ = _topics(notes, notes.old, vectors, method, seed)
    stability = [adjusted_rand_score(before, groups[notes.old]), float("nan")]
    return _measured(notes, f"BERTopic, {method}", groups, terms, stability, seconds)


def _topics(
    notes: Notes, places: Ints, vectors: "np.ndarray", method: str, seed: int
) -> tuple[Ints, list[list[str]]]:
    """Return each note's topic, and the keys of each topic's ten best terms."""
    # Numba looks for the package `coverage`, and would find the benchmark beside this file.
    sys.path[:] = [folder for folder in sys.path if Path(folder) != Path(__file__).parent]
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    model = BERTopic(
        language="multilingual",  # the English default would delete every Hebrew letter
        embedding_model=None,
        umap_model=UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed
        ),
        hdbscan_model=HDBSCAN(
            min_cluster_size=max(LEAST_SIZE, int(LEAST_PART * len(places))),
            cluster_selection_method=method,
        ),
        vectorizer_model=CountVectorizer(analyzer=str.split),
    )
    texts = [" ".join(key for key, _ in notes.words[place]) or "-" for place in places]
    groups, _ = model.fit_transform(texts, embeddings=vectors[places])
    topics = [model.get_topic(number) for number in range(max(groups) + 1)]
    terms = [[word for word, _ in topic if word and word != "-"] for topic in topics]
    return np.array(groups, dtype=np.int64), terms


def _measured(
    notes: Notes,
    method: str,
    groups: Ints,
    terms: Sequence[Sequence[str]],
    stability: Sequence[float],
    seconds: float,
) -> Measured:
    sizes = np.bincount(groups[groups != NONE], minlength=1)
    return Measured(
        notes=notes.name,
        method=method,
        themes=int((sizes > 0).sum()),
        with_theme=float((groups != NONE).mean()),
        largest=float(sizes.max() / len(groups)),
        refit=float(stability[0]),
        kept=float(stability[1]),
        coherence_own=notes.coherence(terms),
        coherence_same=notes.coherence(notes.terms_of(groups)),
        seconds=seconds,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--notes", type=int, default=3000, help="of the corpus, at most")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    out, rows = Console(), []
    for notes in (sample_notes(given.seed), corpus_notes(given.notes, given.seed)):
        rows.append(ours(notes))
        try:
            rows += [bertopic(notes, method, given.seed) for method in ("eom", "leaf")]
        except ImportError as error:
            out.print(f'{error.name} is not installed; pip install -e ".[train,peers]"')
    table = Table(
        *("notes", "method", "themes", "with a theme", "largest", "refit", "kept"),
        *("NPMI own", "NPMI same", "seconds"),
        title=f"Themes; {date.today()}, {machine()}",
    )
    for row in rows:
        table.add_row(
            row.notes,
            row.method,
            str(row.themes),
            *(f"{value:.0%}" for value in (row.with_theme, row.largest)),
            *(f"{value:.2f}" for value in (row.refit, row.kept)),
            *(f"{value:+.2f}" for value in (row.coherence_own, row.coherence_same)),
            f"{row.seconds:.1f}",
        )
    out.print(table)
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
