"""The model of the settings, as pages need it: whose predictions they show."""

from functools import lru_cache
from pathlib import Path

from nlp.modelfolder import ModelFolder


def model_id(folder: Path) -> str:
    """Return the model's id. It is worked out again only when the folder's files are others.

    Raises:
        ModelFolderError: when the folder is incomplete or damaged.
    """
    files = ModelFolder(folder).files
    stamps = tuple(file.stat().st_mtime_ns for file in files if file.exists())
    return _fingerprint(folder, stamps)


@lru_cache(maxsize=2)
def _fingerprint(folder: Path, _stamps: tuple[int, ...]) -> str:
    return ModelFolder(folder).fingerprint()
