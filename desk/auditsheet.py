"""The form on which people label an audit's notes: a right-to-left workbook with drop-down lists.

It shows no prediction and no other field of the contact: whoever labels must not be led.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.spreadsheet import Book, Cell, Column, Sheet
from labels import auditform
from labels.codebook import CODEBOOK

_CHURN_WORDS = {str(value): name.he for value, name in CODEBOOK.churn_intent.items()}
_RESOLUTION_WORDS = {str(value): name.he for value, name in CODEBOOK.resolution.items()}
_SAYS = {
    auditform.CHURN: (
        "״אין״: לא כתוב דבר על עזיבה; ״סימן״: רמז לעזיבה; ״מפורש״: מבקש לעזוב או אומר שכבר עזב"
    ),
    auditform.RESOLUTION: "לפי הכתוב: הפנייה נפתרה, נשארה פתוחה, או שלא צוין",
    auditform.REPEAT: "האם כתוב שהלקוח כבר פנה באותו עניין",
}
_RULES = (
    "כל שורה היא טקסט אחד. מסמנים V בכל סיבה שהטקסט אומר במפורש; ייתכנו כמה סיבות, או אף אחת.",
    "בכל שורה שתויגה ממלאים גם את שלושת הטורים האחרונים, אחרת היא לא תיקלט.",
    "מתייגים את מה שכתוב, ולא את מה שמשערים. תשובת המערכת אינה מוצגת, כדי שלא תשפיע על התיוג.",
    "מתייגים לפי הסדר ובלי לדלג: הסדר אקראי, ורק מה שלפני השורה הריקה הראשונה נספר. "
    "דילוג על טקסטים קשים מטה את התוצאה.",
    "אין לשנות את הטקסט ואת הטור ״מפתח״. אפשר לעצור באמצע ולהחזיר קובץ חלקי.",
)


@dataclass(frozen=True, slots=True)
class FormNote:
    """One note of the form: its masked text, and the labels that it has already, if any."""

    contact_id: str
    text_digest: str
    text: str
    labels: dict[str, Any] | None


def audit_form(week: date, notes: Sequence[FormNote]) -> bytes:
    """Return the form of a week's drawn notes, in their order, as an XLSX file.

    The same notes and labels give the same bytes.
    """
    book = Book(f"קשב: תיוג מדגם, שבוע {week.isoformat()}", week)
    sheet = book.sheet("תיוג")
    names = auditform.column_names()
    rows = [_row(week, number, note) for number, note in enumerate(notes, start=1)]
    sheet.table([Column(name, *_look(name)) for name in names], rows, freeze=True)
    for place, name in enumerate(names):
        _choices(sheet, place, name, len(rows))
    _instructions(book.sheet("הוראות"))
    return book.close()


def _look(name: str) -> tuple[str, int]:
    wide = {
        auditform.NUMBER: ("count", 6),
        auditform.TEXT: ("text", 80),
        auditform.KEY: ("text", 8),
    }
    return wide.get(name, ("text", 11))


def _row(week: date, number: int, note: FormNote) -> tuple[Cell, ...]:
    given = note.labels or {}
    ticks = [auditform.TICK if given.get(r) else None for r in auditform.REASON_COLUMNS.values()]
    said = {True: auditform.YES, False: auditform.NO}
    last: list[Cell] = [None, None, None]
    if note.labels:
        churn, resolution = given["churn_intent"], given["resolution"]
        last = [_CHURN_WORDS[churn], _RESOLUTION_WORDS[resolution], said[given["repeat"]]]
    key = f"{week.isoformat()}/{note.text_digest}/{note.contact_id}"
    return (number, note.text, *ticks, *last, key)


def _choices(sheet: Sheet, place: int, name: str, rows: int) -> None:
    """Give a column of labels its drop-down list, and what its label means beside the cell."""
    lists = {
        **{reason: [auditform.TICK] for reason in auditform.REASON_COLUMNS},
        auditform.CHURN: list(auditform.CHURN_WORDS),
        auditform.RESOLUTION: list(auditform.RESOLUTION_WORDS),
        auditform.REPEAT: [auditform.YES, auditform.NO],
    }
    if name not in lists or not rows:
        return
    reason = auditform.REASON_COLUMNS.get(name)
    says = {str(key): named.says_he for key, named in CODEBOOK.reasons.items()}.get(reason or "")
    rule = {
        "validate": "list",
        "source": lists[name],
        "input_title": name,
        "input_message": says or _SAYS[name],
        "error_title": "ערך לא מוכר",
        "error_message": f"אפשר לבחור: {' / '.join(lists[name])}",
    }
    sheet.sheet.data_validation(1, place, rows, place, rule)


def _instructions(sheet: Sheet) -> None:
    sheet.line("איך מתייגים", "title")
    for rule in _RULES:
        sheet.line(rule)
    sheet.gap()
    rows = [(named.he, named.says_he) for named in CODEBOOK.reasons.values()]
    sheet.table((Column("סיבה", "strong", 24), Column("מה כתוב בטקסט", "text", 90)), rows)
    sheet.gap()
    for name, says in _SAYS.items():
        sheet.line(f"{name}: {says}")
    sheet.sheet.set_column(0, 0, 24)
    sheet.sheet.set_column(1, 1, 90)
