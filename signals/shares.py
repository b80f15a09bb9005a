"""What share of the week's contacts carries each label.

First form: the share of predicted labels, not yet corrected for the classifier's error.
"""

import numpy as np
import pandas as pd

from labels.codebook import REASONS, ChurnIntent, Resolution
from labels.frames import Calendar
from signals.slices import SLICES, Cells, cells, inbound, surveys, tidy, with_weeks

REASON_NAMES = tuple(str(reason) for reason in REASONS)


def shares(contacts: pd.DataFrame, predictions: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return the Signals of labels by week, for slices `all`, `queue=…`, `channel=…`, `survey`.

    `contacts` counts inbound contacts. All else is of the classified ones among them, which are
    `n`: `reason_count` and `reason_share` of each reason, `no_reason_share` (no reason, and not
    unclear), `unclear_share`, `churn_signal`, `churn_explicit`, `declared_resolution`,
    `resolution_open` and `repeat_stated` (the note itself says that it is a repeat), each share
    with its 95 % Wilson interval. Survey answers are no contacts: they are counted in the slice
    `survey` only, where `contacts` is the number of answers.
    """
    dated = with_weeks(contacts, calendar)
    calls, answers = labelled(inbound(dated), predictions), labelled(surveys(dated), predictions)
    parts = [_of_cells(calls, cells(calls, dimension)) for dimension in ("all", *SLICES)]
    return tidy([*parts, _of_cells(answers, cells(answers, "survey"))])


def labelled(contacts: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts with their labels as booleans, False where there is no prediction.

    Added columns: `classified`, the twelve reasons, `unclear`, `repeat`, `signal`, `explicit`,
    `resolved` and `open`.

    Raises:
        ValueError: when a contact has predictions of more than one model.
    """
    ids = pd.Index(predictions["contact_id"])
    if not ids.is_unique:
        raise ValueError("a contact has two predictions; give those of one model")
    flags = {name: predictions[name] for name in (*REASON_NAMES, "unclear", "repeat")}
    for value in (ChurnIntent.SIGNAL, ChurnIntent.EXPLICIT):
        flags[str(value)] = predictions["churn_intent"] == value
    for outcome in (Resolution.RESOLVED, Resolution.OPEN):
        flags[str(outcome)] = predictions["resolution"] == outcome
    place = ids.get_indexer(contacts["contact_id"])  # -1, the False put last, for no prediction
    columns = {
        name: np.append(flag.to_numpy(dtype=bool), False)[place] for name, flag in flags.items()
    }
    return contacts.assign(classified=place >= 0, **columns)


def _of_cells(table: pd.DataFrame, cell: Cells) -> pd.DataFrame:
    """Return every figure of labels for one kind of slice."""
    classified = table["classified"].to_numpy()
    reasons = table[list(REASON_NAMES)].to_numpy()
    unclear = table["unclear"].to_numpy()
    shown = {
        "no_reason_share": ~reasons.any(axis=1) & ~unclear,
        "unclear_share": unclear,
        "churn_signal": table["signal"].to_numpy(),
        "churn_explicit": table["explicit"].to_numpy(),
        "declared_resolution": table["resolved"].to_numpy(),
        "resolution_open": table["open"].to_numpy(),
        "repeat_stated": table["repeat"].to_numpy(),
    }
    everything = cell.count(np.ones_like(classified))
    n = cell.count(classified)
    parts = [cell.figure("contacts", everything, everything)]
    parts += [cell.share(metric, part, classified) for metric, part in shown.items()]
    for reason, part in zip(REASON_NAMES, reasons.T, strict=True):
        parts.append(cell.figure("reason_count", cell.count(part), n, reason=reason))
        parts.append(cell.share("reason_share", part, classified, reason=reason))
    return pd.concat(parts, ignore_index=True)
