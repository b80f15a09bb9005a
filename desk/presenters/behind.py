"""The notes behind a figure: their address, what they have in common, and why counts may differ."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from desk import hebrew
from desk.i18n import _
from desk.presenters.notes import Note, evidence_spans, note_in
from desk.presenters.ownchips import OwnChip, own_chips
from desk.presenters.reasons import reason_name, slice_name
from labels.codebook import Reason
from labels.frames import Calendar
from labels.ownreasons import OwnFigures
from store.behind import CUTS, NO_REASON, UNCLEAR, Behind


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that the notes have in common; `without` is the address where it is not asked."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Link:
    """A figure's notes. `count` is how many the figure says they are, None where it is no count."""

    asked: Behind
    count: int | None

    @property
    def url(self) -> str:
        """Return the address of the notes."""
        return notes_url(self.asked)


@dataclass(frozen=True, slots=True)
class BehindNote:
    """A note with its reasons, and how sure it is what was asked for; empty where no label was."""

    note: Note
    reasons: tuple[str, ...]
    own: tuple[OwnChip, ...]
    sure: str


def notes_url(asked: Behind) -> str:
    """Return the address of the notes; what is not asked stands not in it."""
    given = {
        field.name: getattr(asked, field.name)
        for field in fields(asked)
        if getattr(asked, field.name) != field.default
    }
    return f"/notes?{urlencode(given)}"


def of_slice(week: date, cut: str, reason: str | None = None) -> Behind:
    """Return the notes of a slice of the figures, such as `queue=…`, and a reason."""
    kind, _equals, value = cut.partition("=")
    if cut == "survey":
        return Behind(week, kind="survey", reason=reason)
    if cut == "at_risk":
        return Behind(week, churn="at_risk", reason=reason)
    if kind == "theme":
        return Behind(week, kind="noted", theme=value, reason=reason)
    named: dict[str, Any] = {kind: value} if kind in CUTS else {}
    return Behind(week, reason=reason, **named)


def traits(asked: Behind, theme: str = "", own: str = "") -> tuple[Trait, ...]:
    """Return what the notes have in common, apart from their week.

    Args:
        asked: which notes.
        theme: the name of the theme, where one is asked for.
        own: the name of the reason that people added, where one is asked for.
    """
    found = []
    for name, (title, value) in _said(asked, theme, own).items():
        blank: dict[str, Any] = {name: None}
        found.append(Trait(title, value, notes_url(replace(asked, **blank))))
    return tuple(found)


def _said(asked: Behind, theme: str, own: str) -> dict[str, tuple[str, str]]:
    words = {
        "reason": (_("סיבה"), _reason(asked.reason)),
        "theme": (_("תמה"), theme),
        "own": (_("סיבה שהוספתם"), own),
        **{name: (title, _cut(asked, name)) for name, title in _cut_names().items()},
        "churn": (_("עזיבה"), _churn().get(asked.churn or "", "")),
        "resolution": (_("סיום הטיפול"), _ended().get(asked.resolution or "", "")),
        "repeat": (_("פנייה חוזרת"), _repeat().get(asked.repeat or "", "")),
        "opens": (_("נושא"), _opens().get(asked.opens or "", "")),
        "answered": (_("סקר"), _answered().get(asked.answered or "", "")),
    }
    return {name: said for name, said in words.items() if getattr(asked, name) is not None}


def _cut_names() -> dict[str, str]:
    return {
        "queue": _("תור"),
        "channel": _("ערוץ"),
        "product": _("מוצר"),
        "team": _("צוות"),
        "segment": _("סוג לקוח"),
    }


def _cut(asked: Behind, name: str) -> str:
    return slice_name(f"{name}={getattr(asked, name)}")


def _reason(reason: str | None) -> str:
    if reason in (None, NO_REASON):
        return _("לא זוהתה סיבה")
    return _("לא ברור למודל") if reason == UNCLEAR else reason_name(str(reason))


def _churn() -> dict[str, str]:
    return {
        "explicit": _("בקשה מפורשת לעזוב"),
        "signal": _("סימן לעזיבה"),
        "at_risk": _("עם כוונת עזיבה"),
    }


def _ended() -> dict[str, str]:
    return {
        "resolved": _("נפתר לפי הרישום"),
        "open": _("נשאר פתוח לפי הרישום"),
        "returned": _("נרשם כנפתר והלקוח חזר"),
    }


def _repeat() -> dict[str, str]:
    return {
        "stated": _("כך כתוב בה"),
        "followed": _("של לקוח ידוע, ולכן אפשר לדעת אם חזר"),
        "thread": _("לא הראשונה בנושא"),
        "switched": _("בערוץ אחר מהקודמת"),
        "ordeal": _("השלישית או יותר, והאחרונה בנושא"),
    }


def _opens() -> dict[str, str]:
    return {
        "thread": _("נפתח בה נושא"),
        "returned": _("נפתח בה נושא שהלקוח פנה בו שוב"),
        "ordeal": _("נפתח בה נושא של 3 פניות ומעלה"),
    }


def _answered() -> dict[str, str]:
    return {
        "nps": _("ענו על שאלת ההמלצה (NPS)"),
        "csat": _("ענו על שאלת שביעות הרצון (CSAT)"),
        "resolved": _("ענו אם הבעיה נפתרה"),
    }


def what(asked: Behind, count: int) -> str:
    """Return how many notes there are, in words."""
    noun = {"survey": hebrew.COMMENT, "noted": hebrew.NOTE}.get(asked.kind, hebrew.CONTACT)
    return noun.count(count)


def period(asked: Behind) -> str:
    """Return the notes' week, or weeks."""
    if asked.weeks == 1:
        return hebrew.week_dates(asked.week)
    first = asked.week - timedelta(weeks=asked.weeks - 1)
    return hebrew.interval(hebrew.day(first), hebrew.day(asked.week + timedelta(days=6)))


def differs(asked: Behind, *, corrected: bool) -> str:
    """Return why a share that leads here is not simply the count of these notes, empty if it is.

    `corrected` says that shares of reasons are corrected for the classifier's errors.
    """
    if asked.opens in ("thread", "returned"):
        return _(
            "שיעור הפתרון בפנייה הראשונה הוא אומדן: נושא שעוד לא השלים את ימי המעקב נספר בו רק "
            "לימים שבהם היה במעקב. כאן מופיעות הפניות עצמן."
        )
    if asked.resolution == "returned":
        return _(
            "השיעור בדף השבוע הוא אומדן: הוא מביא בחשבון גם פניות שעוד לא השלימו את ימי המעקב. "
            "כאן רק מי שכבר חזרו."
        )
    if asked.reason in [*map(str, Reason)] and asked.churn != "at_risk" and corrected:
        return _(
            "כאן כל מה שהמודל תייג. השיעור שבדף השבוע מתוקן לפי טעויות המודל, ולכן אינו בדיוק "
            "המספר הזה חלקי הסך הכול."
        )
    if asked.answered:
        return _("כאן כל מי שענו על השאלה; הציון מחושב מכל התשובות שלהם.")
    return ""


def shown(
    asked: Behind,
    frame: pd.DataFrame,
    calendar: Calendar,
    own: Mapping[str, tuple[OwnFigures, ...]],
) -> tuple[BehindNote, ...]:
    """Return the notes as they are shown: the evidence of the asked reason, or of all, marked.

    `own` are people's own reasons of the contacts that have any, by their id.
    """
    reasons = (asked.reason,) if asked.reason in [*map(str, Reason)] else ()
    return tuple(
        BehindNote(
            note_in(calendar, row, evidence_spans(row["evidence"], reasons)),
            tuple(reason_name(one) for one in map(str, Reason) if row[one] is True),
            own_chips(own.get(row["contact_id"], ())),
            "" if pd.isna(row["sure"]) else hebrew.percent(float(row["sure"])),
        )
        for _place, row in frame.iterrows()
    )
