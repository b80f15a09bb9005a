"""Seconds, bytes and milliseconds of search by the number of contacts; recall on the sample.

    python benchmarks/search.py [--contacts 10000 100000] [--home FOLDER] [--json OUT]

Notes are the sample's (`--home`, the folder of a finished `keshev run`), each repeated as often as
it takes with another number written behind it and a word of its own in every tenth, so that words
are as common as they are there and the list of words grows. Measured, each size in a process of its
own: the index step that `keshev run` takes (normalising included), the store's growth, the desk's
first snapshot and one after 1,000 new notes, memory, and 300 queries of each way to search, by the
desk's own functions without HTTP. The peer is `LIKE '%word%'` of the same database for the same
words.
"""
# ruff: noqa: E402 (the imports stand below the path that they need)

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

# The cases of recall stand with the tests, which are not installed.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, insert, select, text

from desk.searching.filters import Filters
from desk.searching.meaning import levels
from desk.searching.search import Mode, Query, search
from desk.searching.snapshot import Snapshot, load
from flows.indexing import index_notes
from keshev.settings import ROOT, Settings
from labels.codebook import Reason
from labels.frames import Calendar
from nlp.card import machine
from nlp.classifier import NoteClassifier
from store import tables
from store.rows import chunks
from store.session import open_store, touch, transaction
from tests.desk.searching.quality import MODES, recall

SIZES = (10_000, 100_000)
QUERIES = 300
NEW = 1000


def sample_rows(home: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the contacts and predictions of a finished run, in the same order."""
    engine = open_store(Settings(home=home, database_url="").database_url)
    with transaction(engine) as connection:
        contacts = [
            dict(row)
            for row in connection.execute(select(tables.contacts)).mappings()
            if not row["duplicate"]
        ]
        made = {
            row["contact_id"]: dict(row)
            for row in connection.execute(select(tables.predictions)).mappings()
        }
    engine.dispose()
    return contacts, [made[row["contact_id"]] for row in contacts]


def fill(engine: Engine, home: Path, first: int, count: int) -> None:
    """Add contacts of the sample, numbered from `first` on, each with its prediction."""
    contacts, made = sample_rows(home)
    rng = random.Random(first)
    numbers = range(first, first + count)
    for part in chunks(list(numbers), 5000):
        rows, labels = [], []
        for number in part:
            at = rng.randrange(len(contacts))
            own = f" מילה{number:x}" if number % 10 == 0 else ""
            name, digest = f"c{number:08}", f"{number:x}"
            rows.append(
                {
                    **contacts[at],
                    "contact_id": name,
                    "text": f"{contacts[at]['text']} {number % 9973}{own}",
                    "text_digest": digest,
                    "row_digest": digest,
                    "copy_key": None,
                }
            )
            labels.append({**made[at], "contact_id": name, "text_digest": digest})
        with transaction(engine) as connection:
            connection.execute(insert(tables.contacts), rows)
            connection.execute(insert(tables.predictions), labels)
            touch(connection)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of a call, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def measured(count: int, home: Path, queue: "Queue[Any]") -> None:
    """Put the figures of one size into a queue."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "keshev.db"
        engine = open_store(f"sqlite:///{store}")
        classifier = NoteClassifier(ROOT / "nlp" / "weights", threads=1)
        fill(engine, home, 0, count)
        before = _bytes(engine)
        index_seconds, _ = timed(lambda: index_notes(engine, classifier.model_id))
        size = _bytes(engine) - before
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        load_seconds, snapshot = timed(lambda: load(engine))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own
        fill(engine, home, count, NEW)
        index_new, _ = timed(lambda: index_notes(engine, classifier.model_id))
        load_new, snapshot = timed(lambda: load(engine, snapshot))
        queue.put(
            {
                "contacts": count,
                "index seconds": index_seconds,
                "index MB": size / 1e6,
                "first snapshot seconds": load_seconds,
                "snapshot MB": memory / 1e3,
                "1,000 new: index seconds": index_new,
                "1,000 new: snapshot seconds": load_new,
                **_queries(engine, snapshot, classifier, home),
            }
        )
        engine.dispose()


def _bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())


def _queries(
    engine: Engine, snapshot: Snapshot, classifier: NoteClassifier, home: Path
) -> dict[str, float]:
    """Return median and 99th percentile milliseconds of each kind of search."""
    rng, calendar = random.Random(7), Calendar()
    notes = [row["text"].split() for row in sample_rows(home)[0] if len(row["text"].split()) > 4]
    texts = []
    for _ in range(QUERIES):
        words = rng.choice(notes)
        at = rng.randrange(len(words) - 2)
        texts.append(" ".join(words[at : at + rng.randint(1, 3)]))
    figures: dict[str, float] = {}

    def note(name: str, ask: Callable[[str], Any]) -> None:
        spent = [1000 * timed(lambda one=one: ask(one))[0] for one in texts]
        figures[f"{name}: median ms"] = float(np.median(spent))
        figures[f"{name}: p99 ms"] = float(np.percentile(spent, 99))

    def asked(mode: Mode, filters: Filters) -> Callable[[str], Any]:
        def ask(one: str) -> object:
            vector = levels(classifier.issue([one])[0]) if mode != "words" else None
            return search(snapshot, Query(one, mode, filters=filters), calendar, vector)

        return ask

    for mode in MODES:
        note(mode, asked(mode, Filters()))
    note("both, filtered", asked("both", Filters(channel="chat", reason=Reason.SERVICE)))
    note(
        "filters alone",
        lambda _: search(snapshot, Query(filters=Filters(channel="chat")), calendar),
    )
    texts = texts[:20]
    note("peer: LIKE", lambda one: _like(engine, one))
    return figures


def _like(engine: Engine, words: str) -> int:
    with engine.connect() as connection:
        query = select(tables.contacts.c.contact_id)
        for word in words.split():
            query = query.where(tables.contacts.c.text.contains(word, autoescape=True))
        newest = query.order_by(tables.contacts.c.contacted_at.desc()).limit(20)
        return len(connection.execute(newest).all())


def recall_table(home: Path) -> dict[str, dict[str, float]]:
    """Return recall at 5 of the cases by hand, by kind of case and way to search."""
    engine = open_store(Settings(home=home, database_url="").database_url)
    found = recall(engine, load(engine), NoteClassifier(ROOT / "nlp" / "weights", threads=1))
    engine.dispose()
    return {
        f"{kind} ({count})": {mode: found.means[kind, mode] for mode in MODES}
        for kind, count in found.counts.items()
    }


def shown(title: str, rows: dict[str, dict[str, float]]) -> Table:
    """Return a table of named rows."""
    table = Table("", *next(iter(rows.values())), title=title)
    for name, row in rows.items():
        table.add_row(name, *(f"{value:,.2f}" for value in row.values()))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--home", type=Path, default=Path("keshev-data"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    sizes: dict[str, dict[str, float]] = {}
    for count in given.contacts:
        queue = context.Queue()
        process = context.Process(target=measured, args=(count, given.home, queue))
        process.start()
        figures = queue.get()
        process.join()
        sizes[f"{figures.pop('contacts'):,}"] = figures
    names = next(iter(sizes.values()))
    turned = {name: {size: figures[name] for size, figures in sizes.items()} for name in names}
    found = recall_table(given.home)
    console = Console()
    console.print(shown(f"search, {machine()}", turned))
    console.print(shown("recall among the first five, cases by hand", found))
    if given.json:
        given.json.write_text(json.dumps({"sizes": sizes, "recall": found}, indent=2))


if __name__ == "__main__":
    main()
