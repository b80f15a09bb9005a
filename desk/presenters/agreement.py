"""What the agreement page shows: people beside people, the model beside people, disputes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from desk import hebrew
from desk.i18n import _
from desk.presenters.measured import NOTHING, Measured, measured
from desk.presenters.reasons import called, reason_name
from desk.presenters.review import LabelForm, ReviewNote, label_form, review_note
from labels.agreement import NAMES
from labels.codebook import CODEBOOK, REASONS, ChurnIntent, Resolution
from labels.review import Against, PeopleAgreement, values_of
from store.reviewing import NoteToReview


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """One label by two people: kappa with its interval, the share agreed on, how often given."""

    name: str
    kappa: str
    interval: str
    agreed: str
    given: str


@dataclass(frozen=True, slots=True)
class People:
    """How two people agree on the same notes, label by label."""

    n: int
    people: int
    alpha: str
    same: str
    rows: tuple[PeopleRow, ...]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One label of the model against people's."""

    name: str
    precision: Measured
    recall: Measured


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said of a disputed note: names of labels, those others gave not marked."""

    who: str
    labels: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A note on which people disagree, what each said, and the form to settle it."""

    note: ReviewNote
    opinions: tuple[Opinion, ...]
    form: LabelForm


def label_name(name: str) -> str:
    """Return a label's name in the language of this context; `resolved` is one of its values."""
    if name in map(str, REASONS):
        return reason_name(name)
    if name in (Resolution.RESOLVED, Resolution.OPEN):
        return called(CODEBOOK.resolution[Resolution(name)])
    return {
        "churn_intent": _("כוונת עזיבה"),
        "resolution": _("סיום הטיפול"),
        "repeat": called(CODEBOOK.repeat),
    }[name]


def people_view(found: PeopleAgreement | None) -> People | None:
    """Return the agreement of people as it is shown."""
    if found is None:
        return None
    rows = tuple(
        PeopleRow(
            label_name(name),
            _two(label.kappa),
            _between(*label.interval),
            hebrew.percent(label.agreement),
            f"{label.positives[0]} / {label.positives[1]}",
        )
        for name, label in found.labels.items()
    )
    return People(found.n, found.people, _two(found.alpha), hebrew.percent(found.same), rows)


def model_view(found: Sequence[Against]) -> tuple[ModelRow, ...]:
    """Return the model's precision and recall as they are shown."""
    return tuple(
        ModelRow(label_name(one.label), measured(one.both, one.found), measured(one.both, one.said))
        for one in found
    )


def dispute_view(note: NoteToReview, said: pd.DataFrame) -> Dispute:
    """Return a disputed note; its form has what more than half said, and nothing else of reasons.

    Args:
        note: as it is in the store.
        said: the reviews of this text, at least one.
    """
    rows = said.to_dict("records")
    common = set.intersection(*(set(_given(row)) for row in rows))
    opinions = tuple(
        Opinion(
            str(row["user_name"]),
            tuple((_value_name(*one), one not in common) for one in _given(row)),
        )
        for row in rows
    )
    values = values_of(said)
    agreed = dict(zip(NAMES, 2 * (values == values[0]).sum(axis=0) > len(said), strict=True))
    usual = {"churn_intent": ChurnIntent.NONE, "resolution": Resolution.UNSTATED}
    labels = {name: rows[0][name] if agreed[name] else usual.get(name, False) for name in NAMES}
    return Dispute(review_note(note, suggests=False), opinions, label_form(labels))


def _given(row: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Return what a review gives beyond nothing, as pairs of a label and its value."""
    blanks = ("False", ChurnIntent.NONE, Resolution.UNSTATED)
    return [(name, str(row[name])) for name in NAMES if str(row[name]) not in blanks]


def _value_name(name: str, value: str) -> str:
    if name == "churn_intent":
        return f"{label_name(name)}: {called(CODEBOOK.churn_intent[ChurnIntent(value)])}"
    if name == "resolution":
        return f"{label_name(name)}: {called(CODEBOOK.resolution[Resolution(value)])}"
    return label_name(name)


def _two(value: float) -> str:
    return NOTHING if math.isnan(value) else hebrew.number(value, 2)


def _between(low: float, high: float) -> str:
    if math.isnan(low):
        return ""
    return hebrew.interval(hebrew.number(low, 2), hebrew.number(high, 2))
