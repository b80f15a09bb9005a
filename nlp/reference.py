"""How a model's own corpus is distributed: what the weeks are compared with (`signals.drift`).

`reference.json` of the model folder, a few kilobytes of counts; `nlp.reference_making` writes it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keshev.errors import ModelFolderError
from labels.measures import MEASURES
from nlp.modelfolder import ModelFolder

AGAIN = "write it with `keshev evaluate --write-card`"


@dataclass(frozen=True)
class Reference:
    """The distributions: of each measure its counts, one a bin of `labels.measures`, and the means.

    Measures that are no numbers have no mean.
    """

    counts: Mapping[str, list[int]]
    means: Mapping[str, float]


def read_reference(folder: Path) -> Reference | None:
    """Return the distributions in a model folder; None without any, or with another model's.

    Raises:
        ModelFolderError: when the file is damaged.
    """
    files = ModelFolder(folder)
    try:
        values = json.loads(files.reference.read_text(encoding="utf-8"))
        found = Reference(dict(values["counts"]), dict(values["means"]))
        bins = {name: len(count) for name, count in found.counts.items()}
        same = values["model_id"] == files.fingerprint()
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise ModelFolderError(f"{files.reference}: damaged; {AGAIN}") from error
    return found if same and bins == {one.name: len(one.bins) for one in MEASURES} else None
