"""Rows of Excel workbooks, old and new, through calamine."""

import re
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

import python_calamine

from keshev.errors import ExportError
from store.rawrows import Cell, RawRow, RawTable, ReadOptions, distinct, is_filled, make_row

MAX_CELLS = 60_000_000
_HEADER_WITHIN = 20
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_CHUNK = 1 << 20
_DAMAGED = "the spreadsheet is damaged; open it in Excel, save it again and give that file"


def read_spreadsheet(path: Path, options: ReadOptions) -> RawTable:
    """Return the rows of the wanted sheet, or of the first visible one that is not empty.

    The header is the first of the first twenty rows that is at least half as filled as the
    fullest of them: reports often begin with a title.

    Raises:
        ExportError: when the workbook is damaged, protected, far too wide, or has no such sheet.
    """
    _refuse_sparse(path)
    try:
        with python_calamine.load_workbook(path) as workbook:
            lines = _filled_sheet(path, workbook, options.sheet)
    except python_calamine.PasswordError as error:
        raise ExportError(
            path, "the spreadsheet is protected by a password; save it without one"
        ) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ExportError(path, _DAMAGED) from error
    first = list(islice(lines, _HEADER_WITHIN))
    place = _header_place(first)
    headers, repeated = distinct(_without_empty_end(first[place][1]))
    rest = chain(first[place + 1 :], lines)
    return RawTable(headers, repeated, _rows(headers, rest), "xlsx")


Line = tuple[int, list[Cell]]


def _filled_sheet(
    path: Path, workbook: python_calamine.CalamineWorkbook, wanted: str | None
) -> Iterator[Line]:
    if wanted is not None and wanted not in workbook.sheet_names:
        names = ", ".join(workbook.sheet_names)
        raise ExportError(path, f"there is no sheet {wanted!r}; set the profile's sheet: {names}")
    visible = python_calamine.SheetVisibleEnum.Visible
    shown = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == visible]
    for name in [wanted] if wanted is not None else shown:
        sheet = workbook.get_sheet_by_name(name)
        lines = ((line, _cells(row)) for line, row in enumerate(sheet.iter_rows(), start=1))
        filled = ((line, cells) for line, cells in lines if any(map(is_filled, cells)))
        first = next(filled, None)
        if first is not None:
            return chain([first], filled)
    raise ExportError(path, "the spreadsheet is empty; export it again or set the profile's sheet")


def _cells(row: list[Any]) -> list[Cell]:
    return [_cell(cell) for cell in row]


def _cell(cell: object) -> Cell:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return None if cell == "" else cast(Cell, cell)


def _header_place(first: list[Line]) -> int:
    filled = [sum(map(is_filled, cells)) for _, cells in first]
    enough = max(1, max(filled) / 2)
    return next(place for place, count in enumerate(filled) if count >= enough)


def _without_empty_end(cells: list[Cell]) -> list[Cell]:
    end = max(place for place, cell in enumerate(cells, start=1) if is_filled(cell))
    return cells[:end]


def _rows(headers: tuple[str, ...], lines: Iterator[Line]) -> Iterator[RawRow]:
    for line, cells in lines:
        width = len(headers)
        padded = [*cells, *[None] * (width - len(cells))]
        yield make_row(line, headers, padded)


def _refuse_sparse(path: Path) -> None:
    """Refuse a sheet whose stray cell at the far end makes calamine lay out billions of cells."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name, re.I):
                    _refuse_sparse_sheet(path, archive, name)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise ExportError(path, _DAMAGED) from error


def _refuse_sparse_sheet(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    columns = rows = 1
    tail = b""
    with archive.open(name) as sheet:
        while chunk := sheet.read(_CHUNK):
            for letters, digits in _REFERENCE.findall(tail + chunk):
                rows = max(rows, int(digits))
                columns = max(columns, _column_number(letters))
            tail = chunk[-32:]
    if rows * columns > MAX_CELLS:
        raise ExportError(
            path,
            f"a sheet spans {rows:,} rows and {columns:,} columns; delete the stray cells at its"
            " far end, or export it as CSV",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
