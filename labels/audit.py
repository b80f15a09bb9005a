"""What the audit of train's labels came to: `corpus/audit.csv`, one suspicious label a line.

`first` is the writer's label, `model` what the audit suggested, `second` what somebody said who saw
the text alone, `settled` what stands now.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from labels.corpus import CORPUS


@dataclass(frozen=True)
class Audited:
    """How many `labels` of how many `notes` looked wrong; `changed` by it, `upheld` unlike it."""

    notes: int
    labels: int
    upheld: int
    changed: int


def read_audit(root: Path = CORPUS) -> Audited | None:
    """Return the counts of a corpus' audit, None when it has none."""
    path = root / "audit.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Audited(
        notes=len({row["id"] for row in rows}),
        labels=len(rows),
        upheld=sum(row["second"] == row["first"] for row in rows),
        changed=sum(row["settled"] != row["first"] for row in rows),
    )
