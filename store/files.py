"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keshev.errors import StoreError


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Yield a scratch file beside `target`, which takes its place when all went well.

    Raises:
        StoreError: when the folder cannot be written or the disk is full; `target` is as it was.
    """
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem[:40]}-", suffix=target.suffix
        )
        os.close(handle)
        scratch = Path(name)
        scratch.chmod(0o644)
        yield scratch
        scratch.replace(target)
    except OSError as error:
        raise StoreError(
            f"{target}: cannot be written ({error.strerror or error}); nothing was changed. "
            "Free some space or choose another place, and run the same command again."
        ) from error
    finally:
        if scratch is not None:
            scratch.unlink(missing_ok=True)
