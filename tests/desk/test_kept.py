"""Old things are shown until the new ones are made; nothing is made twice at once."""

import threading
from collections.abc import Iterator

import pytest

from desk.i18n import language, speaking
from desk.kept import Kept


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept(most=2)
    yield made
    made.close()


def settled(kept: Kept) -> None:
    """Wait for all that the worker was asked for so far."""
    kept._worker.submit(lambda: None).result()


def test_a_thing_is_made_once_a_state(kept: Kept) -> None:
    calls: list[str] = []

    def make() -> str:
        calls.append("made")
        return f"thing {len(calls)}"

    assert kept.get("a", "1", make) == ("thing 1", True)
    assert kept.get("a", "1", make) == ("thing 1", True)
    settled(kept)
    assert kept.get("a", "1", make) == ("thing 1", True)


def test_the_old_one_is_shown_until_the_new_one_is_made(kept: Kept) -> None:
    """Whoever asks meanwhile is told that it is an older one, and does not wait."""
    go = threading.Event()

    def slow() -> str:
        assert go.wait(20)
        return "new"

    kept.get("a", "1", lambda: "old")
    settled(kept)
    assert kept.get("a", "2", slow) == ("old", False)
    assert kept.get("a", "2", slow) == ("old", False)
    go.set()
    settled(kept)
    assert kept.get("a", "2", slow) == ("new", True)


def test_a_thing_is_shown_before_it_is_finished(kept: Kept) -> None:
    """The finishing part speaks the language of who asked."""
    with speaking("en"):
        got = kept.get("a", "1", lambda: "bare", lambda bare: f"{bare}, then {language()}")
    assert got == ("bare", True)
    settled(kept)
    assert kept.get("a", "1", lambda: "never") == ("bare, then en", True)


def test_what_could_not_be_finished_is_shown_bare_and_tried_again(kept: Kept) -> None:
    def failing(_bare: str) -> str:
        raise ValueError("no")

    assert kept.get("a", "1", lambda: "bare", failing) == ("bare", True)
    settled(kept)
    assert kept.get("a", "1", lambda: "never", str.upper) == ("bare", True)
    settled(kept)
    assert kept.get("a", "1", lambda: "never", failing) == ("BARE", True)


def test_what_fails_is_tried_again(kept: Kept) -> None:
    """At the first time the error is the caller's; later the old thing stays."""

    def failing() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("a", "1", failing)
    kept.get("a", "1", lambda: "old")
    settled(kept)
    assert kept.get("a", "2", failing) == ("old", False)
    settled(kept)
    assert kept.get("a", "2", lambda: "new") == ("old", False)
    settled(kept)
    assert kept.get("a", "2", failing) == ("new", True)


def test_only_what_was_asked_for_last_is_kept(kept: Kept) -> None:
    for key in ("a", "b", "a", "c"):
        kept.get(key, "1", lambda key=key: [key])
        settled(kept)
    assert kept.get("a", "1", lambda: ["again"]) == (["a"], True)
    assert kept.get("b", "1", lambda: ["again"]) == (["again"], True)


def test_many_who_ask_at_once_get_the_same_one(kept: Kept) -> None:
    ready, made = threading.Barrier(8), []

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask() -> None:
        ready.wait(20)
        found.append(kept.get("a", "1", make)[0])

    found: list[object] = []
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert set(map(id, found)) == {id(made[0])}
