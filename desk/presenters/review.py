"""What the review page shows: the labels with their keys, and a note with what is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.hebrew import percent
from desk.i18n import _
from desk.presenters.notes import Piece, Span, evidence_spans, mark, printable
from desk.presenters.reasons import called, reason_name, reason_says
from labels.codebook import CODEBOOK, REASONS, ChurnIntent, Name, Resolution
from store.reviewing import NoteToReview

REASON_KEYS = "1234567890QW"
CHURN_KEYS = "ZXC"
RESOLUTION_KEYS = "BNM"
REPEAT_KEY = "P"


@dataclass(frozen=True, slots=True)
class Choice:
    """One label: its value in the form, the key that sets it, its name and what it means."""

    value: str
    key: str
    name: str
    says: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LabelForm:
    """All labels as the form shows them."""

    reasons: tuple[Choice, ...]
    churn_intent: tuple[Choice, ...]
    resolution: tuple[Choice, ...]
    repeat: Choice


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """A note as it is reviewed; `suggests` where it is shown what the model said.

    `likeliest` is the reason that the model came nearest to, with its probability.
    """

    contact_id: str
    text_digest: str
    pieces: tuple[Piece, ...]
    queue: str
    suggests: bool
    likeliest: str = ""


def label_form(labels: Mapping[str, Any] | None) -> LabelForm:
    """Return the form with these labels chosen; without any, with those that say nothing."""
    given = labels or {"churn_intent": ChurnIntent.NONE, "resolution": Resolution.UNSTATED}
    means = _meanings()["repeat"]
    return LabelForm(
        tuple(
            Choice(reason, key, reason_name(reason), reason_says(reason), bool(given.get(reason)))
            for reason, key in zip(map(str, REASONS), REASON_KEYS, strict=True)
        ),
        _one_of(CODEBOOK.churn_intent, CHURN_KEYS, given["churn_intent"]),
        _one_of(CODEBOOK.resolution, RESOLUTION_KEYS, given["resolution"]),
        Choice("true", REPEAT_KEY, called(CODEBOOK.repeat), means, bool(given.get("repeat"))),
    )


def _one_of(
    names: Mapping[ChurnIntent, Name] | Mapping[Resolution, Name], keys: str, chosen: str
) -> tuple[Choice, ...]:
    """Return the values of a label that has one of several, of which one is chosen."""
    means = _meanings()
    return tuple(
        Choice(str(value), key, called(name), means[value], value == chosen)
        for (value, name), key in zip(names.items(), keys, strict=True)
    )


def _meanings() -> dict[str, str]:
    """Return what the labels say of which the codebook has no Hebrew definition."""
    return {
        ChurnIntent.NONE: _("אין בטקסט סימן לעזיבה"),
        ChurnIntent.SIGNAL: _("רמז לעזיבה"),
        ChurnIntent.EXPLICIT: _("בקשה לעזוב, או עזיבה שכבר קרתה"),
        Resolution.RESOLVED: _("מה שביקשו נעשה או נענה"),
        Resolution.OPEN: _("הטיפול לא הסתיים"),
        Resolution.UNSTATED: _("הטקסט לא אומר"),
        "repeat": _("כתוב שכבר פנו באותו עניין"),
    }


def review_note(note: NoteToReview, *, suggests: bool) -> ReviewNote:
    """Return a note as it is reviewed, with the model's evidence marked where it suggests."""
    text = printable(note.text)
    said = note.suggested if suggests else None
    spans: list[Span] = evidence_spans(said["evidence"]) if said else []
    return ReviewNote(
        note.contact_id,
        note.text_digest,
        mark(text, spans),
        printable(note.queue),
        said is not None,
        _likeliest(said) if said else "",
    )


def _likeliest(said: Mapping[str, Any]) -> str:
    reason = max(REASONS, key=lambda reason: float(said[f"p_{reason}"]))
    p = percent(float(said[f"p_{reason}"]))
    return f"{reason_name(reason)} ({p})"
