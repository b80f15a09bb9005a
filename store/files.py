"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keshev.errors import StoreError


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Yield a scratch file beside `target`, which takes its place when all went well.

    Raises:
        StoreError: when the folder cannot be written or the disk is full; `target` is as it was.
    """
    scratch = target.with_name(f".{target.stem[:40]}-{secrets.token_hex(4)}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield scratch
        _settle(scratch)
        scratch.replace(target)
    except OSError as error:
        if error.filename not in (None, str(scratch)):
            raise  # it is about a file that the body read
        raise _unwritable(target, error) from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Wait until the bytes are on the disk: only then does a full one show for certain."""
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _unwritable(target: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{target}: cannot be written ({error.strerror or error}); nothing was changed. "
        "Free some space or choose another place, and run the same command again."
    )
