"""How the model did on the contacts that people labelled: its accuracy on one's own notes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.codebook import CHURN_INTENTS, RESOLUTIONS
from nlp.evaluation_bootstrap import Interval, bootstrap_intervals
from nlp.evaluation_scores import COLUMNS, Tables, by_label, macro
from nlp.heads import Bools


@dataclass(frozen=True)
class LabelAgreement:
    """One label of the counted contacts: `said` by people, `found` by the model, `both`.

    Precision is None where nothing was found, recall where nothing was said.
    """

    label: str
    said: int
    found: int
    both: int
    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True)
class Agreement:
    """How the model did on the counted contacts of one kind; `macro` and `intervals` are of F1."""

    kind: str
    n: int
    labels: tuple[LabelAgreement, ...]
    macro: dict[str, float]
    intervals: dict[str, Interval]


def _one_of(column: "pd.Series[str]", values: list[str]) -> Bools:
    return np.stack([(column == value).to_numpy(bool) for value in values], axis=1)


_Table = Callable[[pd.DataFrame], Bools]
_TABLES: dict[str, _Table] = {
    "reasons": lambda frame: frame[list(COLUMNS["reasons"])].to_numpy(bool),
    "churn_intent": lambda frame: _one_of(frame["churn_intent"], list(map(str, CHURN_INTENTS))),
    "resolution": lambda frame: _one_of(frame["resolution"], list(map(str, RESOLUTIONS))),
    "repeat": lambda frame: frame[["repeat"]].to_numpy(bool),
}


def agreement_of(kind: str, made: pd.DataFrame, said: pd.DataFrame) -> Agreement:
    """Return how predictions agree with people's labels of the same contacts, at least one.

    Args:
        kind: `contact` or `survey`.
        made: Predictions, in the order of `said`.
        said: what people said, with `labels.frames.audit_columns()`.
    """
    tables: Tables = {name: (table_of(made), table_of(said)) for name, table_of in _TABLES.items()}
    labels = []
    for name, (found, truth) in tables.items():
        figures = by_label(found, truth, COLUMNS[name])
        counts = (found.sum(axis=0), truth.sum(axis=0), (found & truth).sum(axis=0))
        for (label, figure), f, t, both in zip(figures.items(), *counts, strict=True):
            full = label if name in ("reasons", "repeat") else f"{name} {label}"
            precision = figure.precision if f else None
            recall = figure.recall if t else None
            counted = int(t), int(f), int(both)
            labels.append(LabelAgreement(full, *counted, precision, recall, figure.f1))
    means = {name: macro(*table) for name, table in tables.items()}
    return Agreement(kind, len(said), tuple(labels), means, bootstrap_intervals(tables))
