"""Drift from the store: a sample of each week's notes, as the model sees them."""

import pandas as pd

from labels.frames import Calendar, Signals
from labels.measures import MEASURES
from nlp.modelfolder import ModelFolder
from nlp.reference import read_reference
from nlp.traits import Traits
from signals.drift import drift
from signals.sampling import random_order
from signals.slices import inbound, surveys

SAMPLED = 1000  # notes of a week: a share of a half is then known to 3 points
READ_AT_ONCE = 5000


def drift_of(
    files: ModelFolder,
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    calendar: Calendar,
    until: pd.Timestamp | None,
) -> pd.DataFrame:
    """Return the Signals of drift; none where the model's folder has no reference of this model.

    Of each week at most `SAMPLED` classified notes are read, the first of its random order, so a
    second look finds the same ones.
    """
    reference = read_reference(files.path)
    if reference is None:
        return Signals.empty()
    seen = contacts if until is None else contacts[contacts["contacted_at"] <= until]
    counted = pd.concat([inbound(seen), surveys(seen)])
    counted = counted[["contact_id", "contacted_at", "channel", "text"]]
    counted = counted[counted["contact_id"].isin(predictions["contact_id"])]
    notes = _sampled(counted.assign(week=calendar.week_of(counted["contacted_at"])))
    if notes.empty:
        return Signals.empty()
    read = Traits(files)
    texts = notes["text"].tolist()
    parts = [texts[at : at + READ_AT_ONCE] for at in range(0, len(texts), READ_AT_ONCE)]
    traits = pd.concat([read.of(part) for part in parts], ignore_index=True)
    joined = notes.merge(predictions, on="contact_id", how="left", validate="one_to_one")
    wanted = [one.name for one in MEASURES if one.name not in traits]
    return drift(pd.concat([joined[["week", *wanted]], traits], axis=1), reference.counts)


def _sampled(notes: pd.DataFrame) -> pd.DataFrame:
    """Return each week's first notes of its random order."""
    chosen: list[str] = []
    for week, own in notes.groupby("week", sort=True):
        chosen += random_order(week, own["contact_id"])[:SAMPLED]  # type: ignore[arg-type]  # a date
    return notes.set_index("contact_id").loc[chosen].reset_index()
