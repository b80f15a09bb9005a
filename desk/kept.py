"""What is costly to make is kept: old things are shown until the new ones are made.

Nobody waits for a thing that is there, be it of an older store: a single worker makes the new one
meanwhile, and what is returned says whether it is of the newest.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 24
log = logging.getLogger("keshev.desk")


@dataclass(slots=True)
class _Entry:
    """A thing, the state of the store that it was made of, and whether it is finished."""

    token: str
    value: Any
    finished: bool


class Kept:
    """At most `most` things by key, those that were asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._waiting: set[Hashable] = set()
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="keshev-kept")

    def get(
        self,
        key: Hashable,
        token: str,
        make: Callable[[], T],
        finish: Callable[[T], T] = lambda value: value,
    ) -> tuple[T, bool]:
        """Return the thing of a key, and whether it is of the state `token`.

        Where there is none it is made here, and finished by the worker; where there is an older
        one that is returned, and the worker makes and finishes the new one. Both run in a copy of
        the caller's context, so that they speak its language.

        Raises:
            Exception: whatever `make` raises, where it is called here.
        """
        with self._lock:
            entry = self._entries.get(key)
            making = self._making.setdefault(key, Lock())
        if entry is None:
            with making:  # several may ask at once: one makes it, the others wait for that
                entry = self._entries.get(key)
                if entry is None:
                    entry = self._put(key, token, make(), finished=False)
        if entry.token != token:
            self._later(key, token, lambda: finish(make()))
        elif not entry.finished:
            self._later(key, token, lambda: finish(entry.value))
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
        return entry.value, entry.token == token

    def soon(self, work: Callable[[], object]) -> None:
        """Let the worker do something for which nobody waits."""
        self._worker.submit(work)

    def close(self) -> None:
        """Stop the worker; what waits for it is not made."""
        self._worker.shutdown(cancel_futures=True)

    def _put(self, key: Hashable, token: str, value: T, *, finished: bool) -> _Entry:
        entry = _Entry(token, value, finished)
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                oldest, _ = self._entries.popitem(last=False)
                self._making.pop(oldest, None)
        return entry

    def _later(self, key: Hashable, token: str, work: Callable[[], T]) -> None:
        """Let the worker make a thing, unless that was asked of it already."""
        with self._lock:
            if key in self._waiting:
                return
            self._waiting.add(key)
        try:
            self._worker.submit(copy_context().run, self._work, key, token, work)
        except RuntimeError:  # the desk is closing
            self._waiting.discard(key)

    def _work(self, key: Hashable, token: str, work: Callable[[], T]) -> None:
        try:
            self._put(key, token, work(), finished=True)
        except Exception as error:  # shown again as it was; the next request tries anew
            log.error("%s could not be made: %s", key, type(error).__name__)
        finally:
            with self._lock:
                self._waiting.discard(key)
