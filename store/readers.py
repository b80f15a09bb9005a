"""Read the rows of any export file: delimited text, JSON, spreadsheet or Parquet."""

from pathlib import Path

from store.delimited import read_delimited
from store.filetypes import FileKind, file_kind
from store.rawrows import RawTable, ReadOptions
from store.records import read_json, read_parquet
from store.spreadsheets import read_spreadsheet


def read_rows(path: Path, options: ReadOptions | None = None) -> RawTable:
    """Return an export's headers and rows; a row that cannot be taken apart carries its problem.

    The content decides what is read, so a CSV that is named `.xls` is read as CSV.

    Raises:
        ExportError: when the file as a whole is no export, is empty, damaged or protected.
    """
    options = options or ReadOptions()
    kind = file_kind(path)
    if kind is FileKind.SPREADSHEET:
        return read_spreadsheet(path, options)
    if kind is FileKind.PARQUET:
        return read_parquet(path)
    if kind is FileKind.JSON:
        return read_json(path, options)
    return read_delimited(path, options)
