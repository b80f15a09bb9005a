"""Labels that people wrote on an audit's form: read as a whole, or refused with every mistake."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from keshev.errors import AuditError
from labels import auditform
from labels.auditform import Form
from store.cells import text_of
from store.rawrows import Cell, RawRow
from store.readers import read_rows

_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})/([0-9a-f]{24})/(.+)", re.DOTALL)
Allowed = dict[str, tuple[str, Mapping[str, object], str]]


@dataclass(frozen=True)
class FormRow:
    """One row of the form: whose text it shows, and its labels, None where nobody labelled it."""

    line: int
    contact_id: str
    text_digest: str
    labels: dict[str, Any] | None


def read_form(path: Path, week: date) -> list[FormRow]:
    """Return the rows of a form, in the file's order.

    A row is labelled when its churn intent, resolution and repeat are filled; a note without any
    reason has none ticked. A message names the row and the column, never what stands there: a
    cell can hold a customer's words.

    Raises:
        AuditError: with every mistake of the file, or when it is a form of another week.
        ExportError: when the file cannot be read at all.
    """
    table = read_rows(path)
    form = auditform.ENGLISH if auditform.ENGLISH.key in table.headers else auditform.HEBREW
    allowed = _allowed(form)
    missing = [name for name in (*allowed, form.key) if name not in table.headers]
    if missing:
        wrote = f"use the file that `keshev audit {week}` wrote"
        raise AuditError(path, [f"column {name} is missing; {wrote}" for name in missing])
    problems: list[str] = []
    rows = (_row(raw, week, form.key, allowed, problems) for raw in table.rows)
    found = [row for row in rows if row]
    lines: dict[str, int] = {}
    for row in found:
        first = lines.setdefault(row.contact_id, row.line)
        if first != row.line:
            problems.append(f"row {row.line}: the note of row {first} again; delete one of them")
    if problems:
        raise AuditError(path, problems)
    return found


def _allowed(form: Form) -> Allowed:
    """Return, by column, the label, what may stand there, and that in words."""
    churn, resolution = form.churn_words, form.resolution_words
    return {
        **{
            name: (reason, auditform.TICKS, f"{auditform.TICK}, or nothing")
            for name, reason in form.reasons.items()
        },
        form.churn: ("churn_intent", _folded(churn), " / ".join(churn)),
        form.resolution: ("resolution", _folded(resolution), " / ".join(resolution)),
        form.repeat: ("repeat", auditform.REPEATS, f"{form.yes} / {form.no}"),
    }


def _folded(words: Mapping[str, str]) -> dict[str, str]:
    return {word.casefold(): value for word, value in words.items()}


def _row(
    raw: RawRow, week: date, key_column: str, allowed: Allowed, problems: list[str]
) -> FormRow | None:
    at = f"row {raw.line}"
    key = _KEY.fullmatch(text_of(raw.cells[key_column]).strip())
    if key is None:
        problems.append(f"{at}, column {key_column}: changed; put it back as it was written")
        return None
    if key[1] != week.isoformat():
        problems.append(
            f"{at}: of the week {key[1]}, not {week}; run `keshev audit {key[1]} --labels FILE`"
        )
        return None
    return FormRow(raw.line, key[3], key[2], _labels(raw, at, allowed, problems))


def _labels(raw: RawRow, at: str, allowed: Allowed, problems: list[str]) -> dict[str, Any] | None:
    """Return a row's labels, None where nothing is filled in; mistakes are added to `problems`."""
    words = {name: _word(raw.cells[name]) for name in allowed}
    if not any(words.values()):
        return None
    labels: dict[str, Any] = {}
    for name, (label, values, choices) in allowed.items():
        word = words[name]
        if word in values:
            labels[label] = values[word]
        else:
            what = "is no label" if word else "is empty, though the row is labelled"
            problems.append(f"{at}, column {name}: {what}; write {choices}")
    return labels


def _word(cell: Cell) -> str:
    return " ".join(text_of(cell).split()).casefold()
