"""The workbook's native charts: they live on the sheet's own cells and follow its edits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.chart import Chart

from desk.i18n import language
from desk.spreadsheet import Sheet

Look = Callable[[str], dict[str, Any]]

HEADS = {"name_font": {"size": 13}}


@dataclass(frozen=True, slots=True)
class Series:
    """A column of the sheet as a series of a chart."""

    name: str
    column: int
    color: str


def bars(
    sheet: Sheet, title: str, rows: tuple[int, int], series: Sequence[Series], anchor: str
) -> None:
    """Put horizontal bars on the sheet; `rows` is the first row and how many."""
    chart = _chart(sheet, {"type": "bar"}, title, rows, series, _bar)
    chart.set_y_axis({"reverse": True, "num_font": {"size": 10}})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": True, "line": _GRID}})
    chart.set_size({"width": 560, "height": 460})
    sheet.sheet.insert_chart(anchor, chart)


def lines(
    sheet: Sheet, title: str, rows: tuple[int, int], series: Sequence[Series], anchor: str
) -> None:
    """Put lines over the weeks on the sheet; `rows` is the first row and how many."""
    chart = _chart(sheet, {"type": "line"}, title, rows, series, _line)
    days = "d.m" if language() == "he" else "d mmm"
    chart.set_x_axis({"num_format": days, "text_axis": True, "num_font": {"size": 10}})
    chart.set_y_axis(
        {"num_format": "0%", "min": 0, "major_gridlines": {"visible": True, "line": _GRID}}
    )
    chart.show_blanks_as("gap")
    chart.set_size({"width": 680, "height": 340})
    sheet.sheet.insert_chart(anchor, chart)


_GRID = {"color": "#DFE4E8", "width": 0.75}


def _chart(
    sheet: Sheet,
    kind: dict[str, str],
    title: str,
    rows: tuple[int, int],
    series: Sequence[Series],
    look: Look,
) -> Chart:
    first, count = rows
    last = first + max(count, 1) - 1
    chart = sheet.book.workbook.add_chart(kind)
    for one in series:
        chart.add_series(
            {
                "name": one.name,
                "categories": [sheet.name, first, 0, last, 0],
                "values": [sheet.name, first, one.column, last, one.column],
                **look(one.color),
            }
        )
    chart.set_title({"name": title, **HEADS})
    chart.set_legend({"position": "bottom"})
    return chart


def _bar(color: str) -> dict[str, Any]:
    return {"fill": {"color": color}, "gap": 60}


def _line(color: str) -> dict[str, Any]:
    marker = {"type": "circle", "size": 5, "fill": {"color": color}, "border": {"color": color}}
    return {"line": {"color": color, "width": 2.25}, "marker": marker}
