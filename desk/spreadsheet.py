"""One sheet at a time, in the way of reading: typed cells, so that no text is ever a formula."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from desk.hebrew import without_marks
from desk.i18n import direction, language
from desk.presenters.notes import printable

Cell = str | int | float | date | None
Styled = tuple[Cell, str]  # a cell that does not look like the rest of its column
CELL_LIMIT = 32_000  # Excel refuses texts above 32,767 characters
FONT = {"font_name": "Arial", "font_size": 11, "valign": "top"}
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "count": {"num_format": "#,##0"},
    "mean": {"num_format": "#,##0.00"},
    "p": {"num_format": "0.000"},
    "share": {"num_format": "0.0%"},
    "points": {"num_format": "+0.0;-0.0;0.0"},
    "score": {"num_format": "+0;-0;0"},
    "money": {"num_format": "#,##0 [$₪-40D]"},
    "date": {"align": "right"},
    "head": {"bold": True, "bg_color": "#DCE8F1", "bottom": 1, "text_wrap": True},
    "title": {"bold": True, "font_size": 15},
    "plain": {},
    "strong": {"bold": True},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, how its cells look, and its width in characters."""

    name: str
    kind: str = "text"
    width: int = 14


class Book:
    """A workbook in memory whose bytes depend on its content alone."""

    def __init__(self, title: str, created: date) -> None:
        self._bytes = BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.workbook = Workbook(self._bytes, options)
        # The clock must not show in the file: two runs on the same data write the same bytes.
        moment = datetime(created.year, created.month, created.day)
        self.workbook.set_properties({"title": title, "author": "Keshev", "created": moment})
        # In an English book a cell goes by its own letters, for notes in it are Hebrew.
        look = {**FONT, "reading_order": 2 if direction() == "rtl" else 0}
        self.formats = {
            name: self.workbook.add_format({**look, **extra}) for name, extra in FORMATS.items()
        }
        self.formats["date"].set_num_format("d.m.yyyy" if language() == "he" else "d mmm yyyy")

    def sheet(self, name: str) -> "Sheet":
        """Return a new sheet."""
        return Sheet(self, name)

    def close(self) -> bytes:
        """Return the finished file."""
        self.workbook.close()
        return self._bytes.getvalue()


class Sheet:
    """A sheet that is written from the top down; `row` is the next free row."""

    def __init__(self, book: Book, name: str) -> None:
        self.book = book
        self.name = name
        self.row = 0
        self.sheet = book.workbook.add_worksheet(name)
        if direction() == "rtl":
            self.sheet.right_to_left()
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)

    def line(self, text: str, kind: str = "plain") -> None:
        """Write one line of text across the sheet."""
        self.put(self.row, 0, text, kind)
        self.row += 1

    def gap(self) -> None:
        """Leave a row empty."""
        self.row += 1

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell | Styled]],
        *,
        freeze: bool = False,
    ) -> int:
        """Write a table and return the row of its first line of values.

        With `freeze` its heading stays in sight and has filters; a sheet has one such table.
        """
        for place, column in enumerate(columns):
            self.put(self.row, place, column.name, "head")
            if freeze:
                longest = max(map(len, column.name.split()), default=0)
                self.sheet.set_column(place, place, max(column.width, longest + 2))
        if freeze:
            self.sheet.freeze_panes(self.row + 1, 1)
            self.sheet.autofilter(self.row, 0, self.row + max(len(rows), 1), len(columns) - 1)
            self.sheet.repeat_rows(self.row)
        first = self.row + 1
        for offset, values in enumerate(rows):
            for place, (column, value) in enumerate(zip(columns, values, strict=True)):
                plain, kind = value if isinstance(value, tuple) else (value, column.kind)
                self.put(first + offset, place, plain, kind)
        self.row = first + len(rows)
        return first

    def put(self, row: int, column: int, value: Cell, kind: str) -> None:
        """Write one cell by its value's type; what is missing stays an empty cell."""
        look = self.book.formats[kind]
        if value is None or (isinstance(value, float) and math.isnan(value)):
            self.sheet.write_blank(row, column, None, look)
        elif isinstance(value, str):
            text = without_marks(printable(value))[:CELL_LIMIT]
            self.sheet.write_string(row, column, text, look)
        elif isinstance(value, date):
            self.sheet.write_datetime(
                row, column, datetime(value.year, value.month, value.day), look
            )
        else:
            self.sheet.write_number(row, column, value, look)
