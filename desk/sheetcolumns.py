"""What several sheets of the workbook share: a figure's columns, and its cells under them."""

from desk.i18n import _
from desk.presenters.figures import Figure
from desk.spreadsheet import Cell, Column, Styled


def ends(kind: str = "text", width: int = 14) -> tuple[Column, Column]:
    """Return the columns of a 95 % interval."""
    return Column(_("גבול תחתון (95%)"), kind, width), Column(_("גבול עליון (95%)"), kind, width)


def share_columns(counted: str) -> tuple[Column, ...]:
    """Return the columns of `share_cells`; `counted` is the heading of the count."""
    return (
        Column(counted, "count", 9),
        Column(_("שיעור"), "share", 9),
        *ends("share", 9),
        Column("n", "count", 8),
        Column(_("ממוצע 4 קודמים"), "share", 12),
    )


def share_cells(count: int, share: Figure, before: float) -> tuple[Cell, ...]:
    """Return a count, its share with the interval, and the mean share of the weeks before."""
    return (count, *figure_cells(share), before)


def figure_cells(figure: Figure) -> tuple[Cell, ...]:
    """Return a figure's value, its interval and what it rests on."""
    return (figure.value, figure.low, figure.high, figure.n)


def measure_cells(figure: Figure, before: float, kind: str) -> tuple[Cell | Styled, ...]:
    """Return the cells of `figure_cells` and the mean of the weeks before, each as its kind looks.

    What the figure rests on looks as its column does.
    """
    value, low, high = ((each, kind) for each in (figure.value, figure.low, figure.high))
    return (value, low, high, figure.n, (before, kind))
