"""`keshev predict`: JSON Lines with `id` and `text` in, the same with labels out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flows.progress import Progress, silent
from keshev.errors import ExportError
from keshev.settings import Settings
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.classifier import NoteClassifier
from nlp.heads import Floats
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
            "p": _by_value(REASONS, labels.p_reasons[row]),
            "evidence": {r: text[start:end] for r, (start, end) in made.evidence[row].items()},
            "churn_intent": str(CHURN_INTENTS[labels.churn[row]]),
            "p_churn": _by_value(CHURN_INTENTS, labels.p_churn[row]),
            "resolution": str(RESOLUTIONS[labels.resolution[row]]),
            "p_resolution": _by_value(RESOLUTIONS, labels.p_resolution[row]),
            "repeat": bool(labels.repeat[row]),
            "unclear": bool(labels.unclear[row]),
            "at_risk": bool(labels.at_risk[row]),
        }


def _by_value(values: Sequence[str], probabilities: Floats) -> dict[str, float]:
    """Return the probability of each value of a label, to four places."""
    return {str(v): round(float(p), 4) for v, p in zip(values, probabilities, strict=True)}


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

    Raises:
        ExportError: by `read_records`, or when `target` is the source or no regular file.
    """
    total = sum(1 for _ in read_records(source))
    if target.exists() and (not target.is_file() or target.samefile(source)):
        raise ExportError(target, "is the input, or no regular file; give another file to write")
    classifier = NoteClassifier(settings.model_dir, settings.threads, settings.device)
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
