"""The form on which people label an audit's notes: a workbook with drop-down lists.

It shows no prediction and no other field of the contact: whoever labels must not be led.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.i18n import N_, _, language
from desk.presenters.reasons import reason_says
from desk.spreadsheet import Book, Cell, Column, Sheet
from labels import auditform
from labels.auditform import Form

_RULES = (
    N_("כל שורה היא טקסט אחד. מסמנים V בכל סיבה שהטקסט אומר במפורש; ייתכנו כמה סיבות, או אף אחת."),
    N_("בכל שורה שתויגה ממלאים גם את שלוש העמודות שאחרי הסיבות, אחרת היא לא תיקלט."),
    N_("מתייגים את מה שכתוב, ולא את מה שמשערים. תשובת המודל אינה מוצגת, כדי שלא תשפיע על התיוג."),
    N_(
        "מתייגים לפי הסדר ובלי לדלג: הסדר אקראי, ורק מה שלפני השורה הריקה הראשונה נספר. "
        "דילוג על טקסטים קשים מטה את התוצאה."
    ),
    N_("אין לשנות את הטקסט ואת העמודה ״מפתח״. אפשר לעצור באמצע ולהחזיר קובץ חלקי."),
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

    It is in the language that is spoken. The same notes and labels give the same bytes.
    """
    form = auditform.FORMS[language()]
    book = Book(_("קשב: תיוג מדגם, שבוע {week}").format(week=week.isoformat()), week)
    sheet = book.sheet(_("תיוג"))
    rows = [_row(form, week, number, note) for number, note in enumerate(notes, start=1)]
    sheet.table([Column(name, *_look(form, name)) for name in form.columns], rows, freeze=True)
    for place, name in enumerate(form.columns):
        _choices(sheet, form, place, name, len(rows))
    _instructions(book.sheet(_("הוראות")), form)
    return book.close()


def _look(form: Form, name: str) -> tuple[str, int]:
    wide = {form.number: ("count", 6), form.text: ("text", 80), form.key: ("text", 8)}
    return wide.get(name, ("text", 11))


def _row(form: Form, week: date, number: int, note: FormNote) -> tuple[Cell, ...]:
    given = note.labels or {}
    ticks = [auditform.TICK if given.get(reason) else None for reason in form.reasons.values()]
    last: list[Cell] = [None, None, None]
    if note.labels:
        churn = {value: word for word, value in form.churn_words.items()}
        resolution = {value: word for word, value in form.resolution_words.items()}
        repeat = form.yes if given["repeat"] else form.no
        last = [churn[given["churn_intent"]], resolution[given["resolution"]], repeat]
    key = f"{week.isoformat()}/{note.text_digest}/{note.contact_id}"
    return (number, note.text, *ticks, *last, key)


def _choices(sheet: Sheet, form: Form, place: int, name: str, rows: int) -> None:
    """Give a column of labels its drop-down list, and what its label means beside the cell."""
    lists = {
        **{reason: [auditform.TICK] for reason in form.reasons},
        form.churn: list(form.churn_words),
        form.resolution: list(form.resolution_words),
        form.repeat: [form.yes, form.no],
    }
    if name not in lists or not rows:
        return
    reason = form.reasons.get(name)
    rule = {
        "validate": "list",
        "source": lists[name],
        "input_title": name,
        "input_message": reason_says(reason) if reason else _says(form)[name],
        "error_title": _("ערך לא מוכר"),
        "error_message": _("אפשר לבחור: {choices}").format(choices=" / ".join(lists[name])),
    }
    sheet.sheet.data_validation(1, place, rows, place, rule)


def _says(form: Form) -> dict[str, str]:
    """Return what the last columns ask, by column."""
    return {
        form.churn: _(
            "״אין״: לא כתוב דבר על עזיבה; ״סימן״: רמז לעזיבה; ״מפורש״: מבקש לעזוב או אומר שכבר עזב"
        ),
        form.resolution: _("לפי הכתוב: הפנייה נפתרה, נשארה פתוחה, או שלא צוין"),
        form.repeat: _("האם כתוב שהלקוח כבר פנה באותו עניין"),
    }


def _instructions(sheet: Sheet, form: Form) -> None:
    sheet.line(_("איך מתייגים"), "title")
    for rule in _RULES:
        sheet.line(_(rule))
    sheet.gap()
    rows = [(name, reason_says(reason)) for name, reason in form.reasons.items()]
    sheet.table((Column(_("סיבה"), "strong", 24), Column(_("מה כתוב בטקסט"), "text", 90)), rows)
    sheet.gap()
    for name, says in _says(form).items():
        sheet.line(f"{name}: {says}")
    sheet.sheet.set_column(0, 0, 24)
    sheet.sheet.set_column(1, 1, 90)
