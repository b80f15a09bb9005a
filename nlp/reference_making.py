"""Makes the reference of a model's folder (`nlp.reference`) from the corpus, with the card."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from labels.corpus import CORPUS, read_split
from labels.frames import P_REASONS
from labels.measures import INPUTS, MEASURES
from nlp.classifier import NoteClassifier
from nlp.modelfolder import ModelFolder
from nlp.reference import Reference
from nlp.traits import Traits


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
