"""Why a row of an export goes to the quarantine: codes, with their texts in Hebrew and English."""

from enum import StrEnum
from typing import NamedTuple

MAX_TEXT_CHARS = 20_000


class Rejection(StrEnum):
    """The reason codes. They are stored, so a code keeps its meaning for good."""

    EMPTY_TEXT = "empty_text"
    TEXT_TOO_LONG = "text_too_long"
    BROKEN_ENCODING = "broken_encoding"
    MISSING_CUSTOMER = "missing_customer"
    BAD_DATE = "bad_date"
    DATE_IN_FUTURE = "date_in_future"
    DATE_TOO_OLD = "date_too_old"
    BAD_NUMBER = "bad_number"
    UNKNOWN_VALUE = "unknown_value"
    WRONG_CELL_COUNT = "wrong_cell_count"
    BROKEN_JSON = "broken_json"
    CONFLICTING_ID = "conflicting_id"

    @property
    def he(self) -> str:
        """What the service manager reads."""
        return _TEXTS[self].he

    @property
    def en(self) -> str:
        """The same in English."""
        return _TEXTS[self].en


class _Text(NamedTuple):
    he: str
    en: str


_TEXTS: dict[Rejection, _Text] = {
    Rejection.EMPTY_TEXT: _Text("אין טקסט בפנייה", "the note has no text"),
    Rejection.TEXT_TOO_LONG: _Text(
        f"הטקסט ארוך מ־{MAX_TEXT_CHARS:,} תווים", f"the text is over {MAX_TEXT_CHARS:,} characters"
    ),
    Rejection.BROKEN_ENCODING: _Text(
        "הקידוד של השורה פגום ואי אפשר לשחזר את האותיות",
        "the row's encoding is broken and its letters cannot be restored",
    ),
    Rejection.MISSING_CUSTOMER: _Text("חסר מזהה לקוח", "the customer id is missing"),
    Rejection.BAD_DATE: _Text(
        "התאריך חסר או בלתי אפשרי", "the date is missing or is no possible date"
    ),
    Rejection.DATE_IN_FUTURE: _Text("התאריך עתידי", "the date is in the future"),
    Rejection.DATE_TOO_OLD: _Text("התאריך מוקדם משנת 2000", "the date is before the year 2000"),
    Rejection.BAD_NUMBER: _Text(
        "ערך מספרי שגוי או מחוץ לטווח (ציון המלצה 0 עד 10, שביעות רצון 1 עד 5, משך בשניות, סכום)",
        "a number is wrong or out of range (NPS 0-10, CSAT 1-5, seconds, amount)",
    ),
    Rejection.UNKNOWN_VALUE: _Text(
        "ערך שאינו מוגדר בפרופיל (ערוץ או כיוון)",
        "a value that the profile does not map (channel or direction)",
    ),
    Rejection.WRONG_CELL_COUNT: _Text(
        "מספר התאים בשורה שונה ממספר העמודות", "the row has more or fewer cells than the header"
    ),
    Rejection.BROKEN_JSON: _Text(
        "השורה אינה רשומת JSON תקינה", "the line is not a valid JSON record"
    ),
    Rejection.CONFLICTING_ID: _Text(
        "אותו מזהה הופיע קודם בקובץ עם תוכן אחר",
        "the same id stands earlier in the file with other content",
    ),
}
