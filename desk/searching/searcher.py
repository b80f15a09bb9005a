"""What a running desk searches with: the newest snapshot it has, and the model for meanings.

Both are had by a thread of their own, at the first search and whenever the index changed. Until the
next snapshot is there, people search the one before.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from desk.searching.meaning import levels
from desk.searching.search import Vector
from desk.searching.snapshot import Snapshot, load
from keshev.errors import KeshevError
from keshev.settings import Settings
from store import notewords
from store.session import transaction

if TYPE_CHECKING:
    from nlp.classifier import NoteClassifier

PATIENCE = 2.0  # seconds that a request waits for the first snapshot
log = logging.getLogger("keshev.desk")


class Searcher:
    """Keeps the snapshot of a store's index, and the model that made its vectors."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings, self._engine = settings, engine
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="keshev-search")
        self._lock = Lock()
        self._snapshot: Snapshot | None = None
        self._loading: Future[Snapshot] | None = None
        self._reading: Future[NoteClassifier | None] | None = None

    def snapshot(self, patience: float = PATIENCE) -> Snapshot | None:
        """Return the newest snapshot that is there; None when the first takes longer than this.

        Raises:
            StoreError: when the store cannot be read.
        """
        with transaction(self._engine) as connection:
            state = notewords.state(connection)
        known = self._snapshot
        if known is not None and known.state == state:
            return known
        with self._lock:
            if self._loading is None or self._loading.done():
                self._loading = self._pool.submit(self._load)
                self._reading = self._pool.submit(self._model, self._reading)
            loading = self._loading
        if known is not None:
            return known
        try:
            return loading.result(patience)
        except TimeoutError:
            return None

    def vector_of(self, text: str, snapshot: Snapshot, patience: float = PATIENCE) -> Vector | None:
        """Return the issue vector of a text, None where the snapshot's model is not at hand."""
        try:
            classifier = None if self._reading is None else self._reading.result(patience)
        except TimeoutError:
            return None
        if classifier is None or classifier.model_id != snapshot.model_id:
            return None
        return levels(classifier.issue([text])[0])

    def close(self) -> None:
        """Let the thread end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _load(self) -> Snapshot:
        self._snapshot = load(self._engine, self._snapshot)
        return self._snapshot

    def _model(self, before: "Future[NoteClassifier | None] | None") -> "NoteClassifier | None":
        known = None if before is None else before.result()
        if known is not None and self._snapshot and known.model_id == self._snapshot.model_id:
            return known
        from nlp.classifier import NoteClassifier  # loads ONNX Runtime

        try:
            return NoteClassifier(self._settings.model_dir, threads=1)
        except KeshevError as error:
            log.warning("no search by meaning: %s", error)
            return None
