"""The command line, called as `main` calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from keshev.cli import app, guarded


@dataclass(frozen=True)
class Ran:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return a function that runs `keshev ARGS` with a store of its own."""
    monkeypatch.setenv("KESHEV_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")

    def call(*args: object) -> Ran:
        capsys.readouterr()
        try:
            code = guarded(lambda: app([str(arg) for arg in args]))
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call
