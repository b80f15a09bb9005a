"""The errors that a user's file or state can cause.

`ValueError` is for a caller's bug. These are for people: each message names the file, the line
and the next step. Bad rows are never raised; they are returned and kept in the quarantine.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self


class KeshevError(Exception):
    """The root of all errors that the command line shows without a traceback (exit code 2)."""


class SettingsError(KeshevError):
    """Raised when an environment variable of Keshev's holds a value that cannot be used."""

    @classmethod
    def of_source(cls, told: str) -> Self:
        """Return what to do about a list that is no JSON; pydantic's words name only the field."""
        field = told.partition('"')[2].partition('"')[0]
        variable = f"KESHEV_{field.upper()}"
        return cls(f"""{variable}: not a JSON list; write {variable}='["one", "two"]'""")


class ExportError(KeshevError):
    """Raised when a whole export file cannot be read; `path` is the file."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class ProfileError(KeshevError):
    """Raised when a profile is wrong or does not fit the export that it is used for."""


class CodebookError(KeshevError):
    """Raised when the codebook's YAML breaks its own rules."""


class PlaybookError(KeshevError):
    """Raised when the playbook's YAML cannot be read or lacks something; names file and key."""


class CorpusError(KeshevError):
    """Raised for a labelled file; names the file and the line."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path = path
        self.line = line


class ModelFolderError(KeshevError):
    """Raised when a model folder is incomplete, damaged or of an unknown layout."""


class CodebookMismatchError(ModelFolderError):
    """Raised when a model was trained with another version of the codebook."""


class AuditError(KeshevError):
    """Raised for a file of audit labels; names the file, and the row and column of each mistake."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        shown = [f"  {problem}" for problem in problems[:20]]
        if len(problems) > len(shown):
            shown.append(f"  and {len(problems) - len(shown)} more")
        super().__init__("\n".join([f"{path}: nothing was taken; mend this first:", *shown]))
        self.path = path


class StoreError(KeshevError):
    """Raised when the store cannot be opened, is newer than this program, or is in use."""


class NotifyError(KeshevError):
    """Raised when something could not be sent; what was not sent is tried again the next time."""
