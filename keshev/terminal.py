"""What the command line shows: progress bars and tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from desk.i18n import _, direction

if TYPE_CHECKING:
    from store.contacts import FileCounts

Reporter = Callable[[int, int, str], None]


@contextmanager
def progress_bar(console: Console, hidden: bool = False) -> Iterator[Reporter]:
    """Yield a function that shows how far a step is; nothing is shown where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None)

        def report(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield report


def show_files(console: Console, files: "Sequence[FileCounts]") -> None:
    """Print what became of each file's rows."""
    if not files:
        return
    table = Table(title=_("קבצים"))
    table.add_column(_("קובץ"))
    for name in (_("נקראו"), _("נשמרו"), _("כבר היו"), _("כפולות"), _("בהסגר")):
        table.add_column(name, justify="right")
    for item in files:
        counts = (item.read, item.stored, item.known, item.duplicates, item.quarantined)
        table.add_row(item.name, *map(str, counts))
    console.print(table)


def show_summary(console: Console, week: date, rows: Sequence[tuple[str, str, str]]) -> None:
    """Print the week's figures beside the mean of the four weeks before."""
    # The report's words bring pandas and the store: only where they are said.
    from desk import hebrew
    from desk.presenters import summary_heads

    table = Table(title=_("השבוע של {day}").format(day=hebrew.day(week)))
    name, *figures = summary_heads()
    table.add_column(name, justify="right" if direction() == "rtl" else "left")
    for figure in figures:
        table.add_column(figure, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
