"""How the steps that read a note grow with its length: time for twice the text, as a ratio.

    python benchmarks/growth.py

A broken export can hold a note of a million characters without an end. A step whose work grows
with the length takes twice the time for twice the text, a quadratic one four times. Each figure is
the largest ratio over pieces that are repeated, the best of three times each, of the same run.
"""

import time
from collections.abc import Callable
from datetime import date

from rich.console import Console
from rich.table import Table

from nlp.card import machine
from nlp.clauses import clauses
from nlp.normalize import normalize
from nlp.privacy import Masker

PIECES = (
    "7",
    "א",
    "050-",
    "שם: ",
    "אא-",
    "[שם]",
    "\n",
    "a@",
    "רח' ",
    "akuo ",
    "\u05b0א",
    "שלום, ",
    "'",
)
LENGTH = 100_000


def seconds(step: Callable[[str], object], text: str) -> float:
    """Return the processor time of a step, the best of three."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        step(text)
        times.append(time.process_time() - begin)
    return min(times)


def growth(step: Callable[[str], object], piece: str) -> float:
    """Return the time for `2 * LENGTH` characters over that for `LENGTH`."""
    text = piece * (2 * LENGTH // len(piece))
    return seconds(step, text) / max(seconds(step, text[:LENGTH]), 1e-6)


def main() -> None:
    """Print the table."""
    masker = Masker()
    steps: dict[str, Callable[[str], object]] = {
        "normalize": normalize,
        "clauses": clauses,
        "mask": lambda text: next(masker.mask([text])),
    }
    table = Table(title=f"Twice {LENGTH:,} characters; {date.today()}, {machine()}")
    for heading in ("step", "times the time", "piece"):
        table.add_column(heading, justify="right" if heading == "times the time" else "left")
    for name, step in steps.items():
        ratio, piece = max((growth(step, piece), piece) for piece in PIECES)
        table.add_row(name, f"{ratio:.1f}", repr(piece))
    Console().print(table)


if __name__ == "__main__":
    main()
