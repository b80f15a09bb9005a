"""What the review page shows: the labels with their keys, and a note with what is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.hebrew import percent
from desk.i18n import _, language
from desk.presenters.notes import Piece, Span, evidence_spans, mark, printable
from labels.codebook import (
    CHURN_INTENTS,
    CODEBOOK,
    REASONS,
    RESOLUTIONS,
    ChurnIntent,
    Name,
    Resolution,
)
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


def called(name: Name) -> str:
    """Return a label's name in the language of this context."""
    return name.he if language() == "he" else name.en


def label_form(labels: Mapping[str, Any] | None) -> LabelForm:
    """Return the form with these labels chosen; without any, with those that say nothing."""
    given = labels or {"churn_intent": ChurnIntent.NONE, "resolution": Resolution.UNSTATED}
    means = _meanings()
    return LabelForm(
        tuple(
            Choice(
                str(reason),
                key,
                called(CODEBOOK.reasons[reason]),
                _says(CODEBOOK.reasons[reason]),
                bool(given.get(str(reason))),
            )
            for reason, key in zip(REASONS, REASON_KEYS, strict=True)
        ),
        tuple(
            Choice(
                str(value),
                key,
                called(CODEBOOK.churn_intent[value]),
                means[value],
                given["churn_intent"] == value,
            )
            for value, key in zip(CHURN_INTENTS, CHURN_KEYS, strict=True)
        ),
        tuple(
            Choice(
                str(value),
                key,
                called(CODEBOOK.resolution[value]),
                means[value],
                given["resolution"] == value,
            )
            for value, key in zip(RESOLUTIONS, RESOLUTION_KEYS, strict=True)
        ),
        Choice(
            "true", REPEAT_KEY, called(CODEBOOK.repeat), means["repeat"], bool(given.get("repeat"))
        ),
    )


def _says(name: Name) -> str:
    return name.says_he if language() == "he" else name.says


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
    return f"{called(CODEBOOK.reasons[reason])} ({p})"
