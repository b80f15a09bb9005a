"""What `keshev evaluate` shows: a model's figures as tables."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlp.corrections import Gains
from nlp.evaluation import Report
from nlp.evaluation_risk import risk_in_words
from nlp.evaluation_scores import LabelFigures

HEADLINES = ("reasons", "churn_intent", "resolution", "repeat")


def show_evaluation(console: Console, report: Report) -> None:
    """Print a model's figures on a labelled set."""
    console.print(_labels(report))
    console.print(_headlines(report))
    console.print(_coverage(report))
    notes = report.unclear_notes
    console.print(
        f"unclear: {notes.n} notes; of them {_three(notes.exact)} truly have no reason, "
        f"{_three(notes.likeliest_right)} have the likeliest one; of all others "
        f"{_three(notes.exact_of_others)} have exactly the right reasons",
        highlight=False,
    )
    console.print(risk_in_words(report.at_risk), highlight=False)
    console.print(_slices(report))


def show_gains(console: Console, gains: Gains) -> None:
    """Print what corrections gained: the model in use, the new one, and the difference."""
    console.print(f"{gains.trained_on} corrected notes were trained on.", highlight=False)
    parts = (("corrections held out", gains.held_out), ("the corpus' test split", gains.test))
    for title, one in parts:
        names = ("macro-F1", "in use", "new", "gained", "95 % interval")
        table = _table(f"On {title}: {one.n} notes", names)
        for name, (value, (low, high)) in one.difference.items():
            shown = (f"{one.old[name]:.3f}", f"{one.new[name]:.3f}", f"{value:+.3f}")
            table.add_row(name, *shown, f"{low:+.3f} to {high:+.3f}")
        console.print(table)


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(title: str, names: Sequence[str], words: int = 1) -> Table:
    """Return an empty table whose first `words` columns are words, the others numbers."""
    table = Table(title=title)
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place < words else "right")
    return table


def _labels(report: Report) -> Table:
    names = ("label", "precision", "recall", "F1", "calibration error", "n")
    table = _table(f"Figures on {report.n} labelled notes", names)
    groups: tuple[tuple[str, dict[str, LabelFigures]], ...] = (
        ("", report.reasons),
        ("churn_intent ", report.churn_intent),
        ("resolution ", report.resolution),
        ("", {"repeat": report.repeat}),
    )
    for prefix, group in groups:
        for name, figure in group.items():
            error = None if prefix else report.calibration[name]
            shown = map(_three, (figure.precision, figure.recall, figure.f1))
            table.add_row(prefix + name, *shown, _three(error), str(figure.n))
        table.add_section()
    return table


def _headlines(report: Report) -> Table:
    table = _table("Means", ("figure", "value", "95 % interval", "calibration error"))
    errors = {**report.calibration, "reasons": report.calibration_error}
    for name in HEADLINES:
        low, high = report.intervals[name]
        kind = "F1" if name == "repeat" else "macro-F1"
        interval = f"{low:.3f} to {high:.3f}"
        table.add_row(f"{name}, {kind}", _three(report.macro[name]), interval, _three(errors[name]))
    table.add_row("reasons, micro-F1", _three(report.micro_f1), "", "")
    table.add_row("evidence overlap", _three(report.evidence_overlap), "", "")
    return table


def _coverage(report: Report) -> Table:
    names = ("kept", "n", "least confidence", "reasons exactly right", "reasons, macro-F1")
    table = _table("The notes that the model is surest of", names)
    for row in report.coverage:
        shown = map(_three, (row.confidence, row.exact, row.macro_f1))
        table.add_row(f"{row.share:.0%}", str(row.n), *shown)
    return table


def _slices(report: Report) -> Table:
    table = _table("F1 by slice", ("by", "value", "n", *HEADLINES), words=2)
    shown_before = ""
    for each in report.slices:
        if shown_before not in ("", each.by):
            table.add_section()
        shown_before = each.by
        figures = each.f1 or {}
        shown = [_three(figures.get(name)) for name in HEADLINES]
        # Channels and industries are whatever the file says, and no markup.
        table.add_row(each.by, escape(each.value), str(each.n), *shown)
    return table
