"""What `keshev audit` shows: how an audit stands, and how the model did on it."""

from rich.console import Console
from rich.table import Table

from flows.agreeing import Agreement
from flows.auditing import Counted, Drawn, TakenBack
from signals.audited import LEAST
from signals.shares import SURVEY


def show_drawn(console: Console, drawn: Drawn) -> None:
    """Print what was drawn, and what to do with the form."""
    state = drawn.state
    console.print(
        f"{state.drawn} of {state.of} {_noun(state)} of the week of {drawn.week}, drawn at random."
    )
    if state.labelled:
        console.print(_standing(state), soft_wrap=True)
    if not drawn.ended:
        console.print(
            "The week is not over: contacts that come later may fall among those drawn. "
            "Draw again when it has ended."
        )
    console.print(f"Form: {drawn.path}", soft_wrap=True)
    console.print(
        "תייגו מלמעלה למטה בלי לדלג: הסדר אקראי, ורק מה שלפני השורה הריקה הראשונה נספר. "
        "אחר כך החזירו את הקובץ בפקודה שלמטה.",
        soft_wrap=True,
    )
    console.print(
        "Label it from the top, without leaving out a row: the order is random, and only what "
        "stands before the first empty row counts. Then run "
        f"`keshev audit {drawn.week} --labels FILE`.",
        soft_wrap=True,
    )


def show_taken(console: Console, taken: TakenBack) -> None:
    """Print what became of a form's rows, how the audit stands, and how the model did."""
    console.print(f"{taken.taken} rows taken, {taken.empty} empty.")
    if taken.corrected:
        lines = ", ".join(map(str, taken.corrected))
        console.print(
            f"Not taken, for the text was corrected since: row {lines}. Run "
            f"`keshev audit {taken.week}` for a form with the present texts.",
            soft_wrap=True,
        )
    for state in taken.states:
        console.print(_standing(state), soft_wrap=True)
    for agreement in taken.agreement:
        _show_agreement(console, agreement)
    console.print(f"שורות מתויגות שנקלטו: {taken.taken}; שורות ריקות: {taken.empty}.")
    if any(state.enough for state in taken.states):
        console.print("שיעורי הסיבות בשבוע הזה יחושבו מעתה לפי התיוג.")
    else:
        console.print(f"עוד אין די תיוגים: דרושים {LEAST}, או כל פניות השבוע.")
    if taken.taken:
        console.print(
            f"Next: `keshev aggregate`, then `keshev report --week {taken.week}`.", soft_wrap=True
        )


def _noun(state: Counted) -> str:
    return "survey comments" if state.kind == SURVEY else "inbound contacts"


def _standing(state: Counted) -> str:
    standing = (
        f"{state.labelled} of {state.drawn} drawn {_noun(state)} are labelled, "
        f"{state.counted} count"
    )
    if state.counted < state.labelled:
        standing += f" (the first gap in the random order is number {state.counted + 1})"
    if state.enough:
        return f"{standing}: the week's shares are audited."
    return f"{standing}: not enough data, {LEAST} are needed or the whole week."


def _show_agreement(console: Console, agreement: Agreement) -> None:
    noun = "survey comments" if agreement.kind == SURVEY else "contacts"
    table = Table(title=f"The model on {agreement.n} {noun} that people labelled")
    table.add_column("label")
    for name in ("people", "model", "both", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for row in agreement.labels:
        shown = (_three(row.precision), _three(row.recall), _three(row.f1 if row.said else None))
        table.add_row(row.label, str(row.said), str(row.found), str(row.both), *shown)
    console.print(table)
    for name, value in agreement.macro.items():
        low, high = agreement.intervals[name]
        kind = "F1" if name == "repeat" else "macro-F1"
        console.print(
            f"{name}, {kind}: {value:.3f} (95 %: {low:.3f} to {high:.3f})", highlight=False
        )


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
