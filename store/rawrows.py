"""What every reader of export files hands on: headers, and rows with their lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from store.rejections import Rejection

Cell = str | int | float | bool | datetime | date | time | timedelta | None
MAX_BYTES = 1 << 30
RAW = "raw"  # the key of a row that could not be taken apart


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file; what is `auto` or None is found."""

    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record: the physical line that it begins on (from 1), and its cells by header.

    `problem` is set where the record could not be taken apart; its cells hold what was there.
    """

    line: int
    cells: dict[str, Cell]
    problem: Rejection | None = None

    def filled(self) -> bool:
        """Return whether any cell holds something."""
        return any(is_filled(cell) for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class RawTable:
    """The headers in their order, those that stand twice, the rows (once), and the encoding.

    Records of JSON have no header row: `from_records` says that the headers are the keys found.
    """

    headers: tuple[str, ...]
    repeated: frozenset[str]
    rows: Iterator[RawRow]
    encoding: str
    from_records: bool = False


def is_filled(cell: Cell) -> bool:
    """Return whether a cell holds something other than white space."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


_UNSEEN = dict.fromkeys(
    [
        0,
        0xFEFF,
        0x200B,
        0x200C,
        0x200D,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)


def header_name(cell: object) -> str:
    """Return a header as profiles write it: one line, single spaces, no invisible marks."""
    return " ".join(str("" if cell is None else cell).translate(_UNSEEN).split())


def distinct(cells: Sequence[object]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return headers under names that are all different, and the names that stood twice.

    A repeated header becomes `NAME (2)`, an empty one `column 3`, so that no cell is lost.
    """
    names: list[str] = []
    repeated: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        name = base = header_name(cell) or f"column {place}"
        count = 1
        while name in names:
            repeated.add(base)
            count += 1
            name = f"{base} ({count})"
        names.append(name)
    return tuple(names), frozenset(repeated)


def make_row(line: int, headers: Sequence[str], cells: Sequence[Cell]) -> RawRow:
    """Return the row of a table; extra cells are kept as `+1`, `+2`, … and make it a rejected row.

    Extra cells that are empty (a delimiter at the line's end) are dropped.
    """
    cells = list(cells)
    while len(cells) > len(headers) and not is_filled(cells[-1]):
        cells.pop()
    if len(cells) == len(headers):
        return RawRow(line, dict(zip(headers, cells, strict=True)))
    extra = [f"+{place}" for place in range(1, len(cells) - len(headers) + 1)]
    names, _ = distinct([*headers, *extra])
    return RawRow(line, dict(zip(names, cells, strict=False)), Rejection.WRONG_CELL_COUNT)
