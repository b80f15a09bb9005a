"""What share of the week's contacts carries each label.

Shares of reasons are corrected for the classifier's error where that is known; see
`signals.quantification`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from labels.codebook import REASONS, ChurnIntent, Resolution
from labels.frames import Calendar
from signals.quantification import HeldOut, corrected
from signals.slices import Cells, cells, inbound, surveys, tidy, with_weeks

BREAKDOWNS = ("queue", "channel", "product", "team", "segment")
AT_RISK = "at_risk"  # the slice of contacts whose note says that the customer may leave
REASON_NAMES = tuple(str(reason) for reason in REASONS)
CONTACT, SURVEY = "contact", "survey"  # the kinds of notes that a classifier errs on differently


def shares(
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    calendar: Calendar,
    held_out: Mapping[str, HeldOut] | None = None,
) -> pd.DataFrame:
    """Return the Signals of labels by week: all contacts, each breakdown, `at_risk`, `survey`.

    `contacts` counts inbound contacts. All else is of the classified ones among them, which are
    `n`: `reason_count` (labels) and `reason_share` of each reason, `no_reason_share` (no reason,
    and not unclear), `unclear_share`, `churn_signal`, `churn_explicit`, `declared_resolution`,
    `resolution_open` and `repeat_stated` (the note itself says that it is a repeat). Survey answers
    are no contacts: they are counted in the slice `survey` only, where `contacts` is the number of
    answers.

    `held_out` tells how the classifier errs on a `contact` and on a `survey`. Where it does,
    `reason_share` is corrected for that, with an interval of both uncertainties, and the share of
    labels stands beside it as `reason_label_share`. Every other share has its 95 % Wilson interval;
    so have all those of `at_risk`: how the classifier errs on flagged contacts alone is not known.
    """
    known = held_out or {}
    dated = with_weeks(contacts, calendar)
    calls, answers = labelled(inbound(dated), predictions), labelled(surveys(dated), predictions)
    parts = [
        _of_cells(calls, cells(calls, dimension), known.get(CONTACT))
        for dimension in ("all", *BREAKDOWNS)
    ]
    flagged = calls[calls["at_risk"]]
    parts.append(_of_cells(flagged, cells(flagged, AT_RISK), None))
    return tidy([*parts, _of_cells(answers, cells(answers, "survey"), known.get(SURVEY))])


def labelled(contacts: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts with their labels as booleans, False where there is no prediction.

    Added columns: `classified`, the twelve reasons, `unclear`, `repeat`, `signal`, `explicit`,
    `resolved`, `open` and `at_risk`.

    Raises:
        ValueError: when a contact has predictions of more than one model.
    """
    ids = pd.Index(predictions["contact_id"])
    if not ids.is_unique:
        raise ValueError("a contact has two predictions; give those of one model")
    flags = {name: predictions[name] for name in (*REASON_NAMES, "unclear", "repeat", AT_RISK)}
    for value in (ChurnIntent.SIGNAL, ChurnIntent.EXPLICIT):
        flags[str(value)] = predictions["churn_intent"] == value
    for outcome in (Resolution.RESOLVED, Resolution.OPEN):
        flags[str(outcome)] = predictions["resolution"] == outcome
    place = ids.get_indexer(contacts["contact_id"])  # -1, the False put last, for no prediction
    columns = {
        name: np.append(flag.to_numpy(dtype=bool), False)[place] for name, flag in flags.items()
    }
    return contacts.assign(classified=place >= 0, **columns)


def _of_cells(table: pd.DataFrame, cell: Cells, held_out: HeldOut | None) -> pd.DataFrame:
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
    counts = np.stack([cell.count(part) for part in reasons.T], axis=1)
    named = "reason_label_share" if held_out else "reason_share"
    for column, reason in enumerate(REASON_NAMES):
        parts.append(cell.figure("reason_count", counts[:, column], n, reason=reason))
        parts.append(cell.share(named, reasons[:, column], classified, reason=reason))
    if held_out:
        share, low, high = corrected(counts, n, held_out)
        for k, reason in enumerate(REASON_NAMES):
            ends = (low[:, k], high[:, k])
            parts.append(cell.figure("reason_share", share[:, k], n, ends, reason=reason))
    return pd.concat(parts, ignore_index=True)
