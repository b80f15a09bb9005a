"""How a model's own corpus is distributed: what the weeks are compared with (`signals.drift`).

`reference.json` of the model folder, a few kilobytes of counts. It is written with the card.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from keshev.errors import ModelFolderError
from labels.corpus import CORPUS, read_split
from labels.frames import P_REASONS
from labels.measures import INPUTS, MEASURES
from nlp.classifier import NoteClassifier
from nlp.modelfolder import ModelFolder
from nlp.traits import Traits

AGAIN = "write it with `keshev evaluate --write-card`"


@dataclass(frozen=True)
class Reference:
    """The distributions: of each measure its counts, one a bin of `labels.measures`, and the means.

    Measures that are no numbers have no mean.
    """

    counts: Mapping[str, list[int]]
    means: Mapping[str, float]


def reference_of(folder: Path, corpus: Path = CORPUS) -> Reference:
    """Return the distributions of a corpus: inputs of its train split, the others of dev and test.

    The model knows its train notes: their probabilities are surer, and their words better known,
    than those of any note that comes later. So outputs are of notes that it never learned from.
    """
    read = Traits(ModelFolder(folder))
    train = read_split("train", corpus)
    learned = read.of([note.text for note in train])
    learned["channel"] = [note.channel for note in train]
    held_out = [*read_split("dev", corpus), *read_split("test", corpus)]
    texts = [note.text for note in held_out]
    made = NoteClassifier(folder).predict_frame([note.id for note in held_out], texts)
    known = pd.concat([read.of(texts), made[[*P_REASONS, "unclear", "at_risk"]]], axis=1)
    of = {one: (learned if one in INPUTS else known)[one.name] for one in MEASURES}
    return Reference(
        {one.name: one.count(values).tolist() for one, values in of.items()},
        {one.name: round(float(v.mean()), 6) for one, v in of.items() if one.is_number},
    )


def write_reference(folder: Path, corpus: Path = CORPUS) -> Path:
    """Write the distributions into a model folder and return the file."""
    files = ModelFolder(folder)
    values = {"model_id": files.fingerprint(), **asdict(reference_of(folder, corpus))}
    files.reference.write_text(json.dumps(values, sort_keys=True) + "\n", encoding="utf-8")
    return files.reference


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
