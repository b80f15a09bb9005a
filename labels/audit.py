"""What looking at train's labels again came to.

`corpus/audit.csv` has one suspicious label a line: `first` is the writer's label, `model` what the
audit suggested, `second` what somebody said who saw the text alone, `settled` what stood then.
`corpus/resolution.csv` has the notes and the journeys' contacts whose resolution was given again
later, suspicious or not, by one reading of what a message of the customer alone says: `second`
stands now.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keshev.errors import CorpusError
from labels.corpus import CORPUS


@dataclass(frozen=True)
class Audited:
    """How many `labels` of how many `notes` looked wrong; `changed` by it, `upheld` unlike it."""

    notes: int
    labels: int
    upheld: int
    changed: int


@dataclass(frozen=True)
class GivenAgain:
    """Of how many `notes` and contacts resolution was given again, of how many it `changed`."""

    notes: int
    changed: int


def read_given_again(root: Path = CORPUS) -> GivenAgain | None:
    """Return the counts of resolutions given again, None when there are none."""
    rows = read_rows(root / "resolution.csv", ("id", "first", "second"))
    if rows is None:
        return None
    return GivenAgain(len(rows), sum(row["second"] != row["first"] for row in rows))


def read_audit(root: Path = CORPUS) -> Audited | None:
    """Return the counts of a corpus' audit, None when it has none."""
    rows = read_rows(root / "audit.csv", ("id", "first", "second", "settled"))
    if rows is None:
        return None
    return Audited(
        notes=len({row["id"] for row in rows}),
        labels=len(rows),
        upheld=sum(row["second"] == row["first"] for row in rows),
        changed=sum(row["settled"] != row["first"] for row in rows),
    )


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]] | None:
    """Return a file's rows, None when there is no such file.

    Raises:
        CorpusError: when a row lacks a value of `columns`.
    """
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        lacking = [name for name in columns if not row.get(name)]
        if lacking:
            problem = f"no {lacking[0]}; each row needs {', '.join(columns)}: write it in"
            raise CorpusError(path, number, problem)
    return rows
