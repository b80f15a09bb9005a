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
        self._getting: Future[None] | None = None
        self._snapshot: Snapshot | None = None
        self._classifier: NoteClassifier | None = None

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
        getting = self._get()
        if known is None:
            try:
                getting.result(patience)
            except TimeoutError:
                return None
        return self._snapshot

    def vector_of(self, text: str, snapshot: Snapshot) -> Vector | None:
        """Return the issue vector of a text, None where the snapshot's model is not at hand."""
        classifier = self._classifier
        if classifier is None or classifier.model_id != snapshot.model_id:
            return None
        return levels(classifier.issue([text])[0])

    def close(self) -> None:
        """Let the thread end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _get(self) -> "Future[None]":
        with self._lock:
            if self._getting is None or self._getting.done():
                self._getting = self._pool.submit(self._renew)
            return self._getting

    def _renew(self) -> None:
        snapshot = load(self._engine, self._snapshot)
        if self._classifier is None or self._classifier.model_id != snapshot.model_id:
            self._classifier = self._model()
        self._snapshot = snapshot

    def _model(self) -> "NoteClassifier | None":
        from nlp.classifier import NoteClassifier  # loads ONNX Runtime

        try:
            return NoteClassifier(self._settings.model_dir, threads=1)
        except KeshevError as error:
            log.warning("no search by meaning: %s", error)
            return None
