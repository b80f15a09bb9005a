"""`keshev predict`: JSON Lines with `id` and `text` in, the same with labels out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.progress import Progress, silent
from keshev.errors import ExportError
from keshev.settings import Settings
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.classifier import NoteClassifier
from store.files import replaced

Record = dict[str, Any]


def read_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON Lines file; blank lines are passed over.

    Raises:
        ExportError: with the line's number, when one is no JSON object with `id` and `text`.
    """
    if not path.is_file():
        raise ExportError(path, "no such file; give a JSON Lines file with id and text")
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(path, number, line)
    except UnicodeDecodeError as error:
        raise ExportError(path, "not UTF-8; write JSON Lines in UTF-8") from error
    except PermissionError as error:
        raise ExportError(path, "cannot be read; change the file's permissions") from error


def _record(path: Path, number: int, line: str) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ExportError(path, f"line {number} is no JSON; each line must be one object") from None
    if not isinstance(record, dict) or "id" not in record:
        raise ExportError(path, f"line {number} must be an object with the keys id and text")
    if not isinstance(record.get("text"), str):
        raise ExportError(path, f"line {number}: text must be a string")
    return record


def label_records(classifier: NoteClassifier, records: list[Record]) -> Iterator[Record]:
    """Yield each record with its labels; `evidence` holds exact pieces of its text."""
    made = classifier.predict([record["text"] for record in records])
    labels = made.decisions
    for row, record in enumerate(records):
        text = record["text"]
        yield {
            **record,
            "reasons": [str(r) for i, r in enumerate(REASONS) if labels.reasons[row, i]],
            "p": {str(r): _round(labels.p_reasons[row, i]) for i, r in enumerate(REASONS)},
            "evidence": {r: text[start:end] for r, (start, end) in made.evidence[row].items()},
            "churn_intent": str(CHURN_INTENTS[labels.churn[row]]),
            "resolution": str(RESOLUTIONS[labels.resolution[row]]),
            "repeat": bool(labels.repeat[row]),
            "unclear": bool(labels.unclear[row]),
        }


def _round(value: float) -> float:
    return round(float(value), 4)


def _line(record: Record) -> str:
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8; its JSON escape has
        text = json.dumps(record)
    return text + "\n"


def predict_file(
    settings: Settings, source: Path, target: Path, progress: Progress = silent
) -> int:
    """Label every record of `source` into `target`, which is written whole or not at all.

    Returns the number of records. Memory is bounded by the longest run of `chunk_size` records.
    """
    total = sum(1 for _ in read_records(source))
    classifier = NoteClassifier(settings.model_dir, settings.threads)
    done = 0
    with replaced(target) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as out:
        for part in _runs(read_records(source), settings.chunk_size):
            out.writelines(_line(labelled) for labelled in label_records(classifier, part))
            done += len(part)
            progress(done, total, "notes")
    return done


def _runs(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    run: list[Record] = []
    for record in records:
        run.append(record)
        if len(run) == size:
            yield run
            run = []
    if run:
        yield run
