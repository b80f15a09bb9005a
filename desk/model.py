"""Which model the desk shows the predictions of."""

from functools import lru_cache
from pathlib import Path

from desk.deps import Desk
from nlp.modelfolder import ModelFolder


def model_id(desk: Desk) -> str:
    """Return the id of the model in use; its files are read again only when they change."""
    folder = desk.settings.model_dir
    stamps = tuple(
        (path.name, path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.is_file()
    )
    return _fingerprint(folder, stamps)


@lru_cache(maxsize=4)
def _fingerprint(folder: Path, _stamps: tuple[tuple[str, int, int], ...]) -> str:
    return ModelFolder(folder).fingerprint()
