"""Read and write labelled notes, one JSON object a line.

The released corpus stands beside this file: `corpus/train`, `corpus/dev`, `corpus/test` and, only
measured like test, `corpus/hard`, whose notes were written to be hard, and `corpus/outside`, by
writers who knew the codebook and nothing else of the corpus.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from keshev.errors import CorpusError
from labels.annotation import LabelledNote, OwnNote
from labels.codebook import REASONS

CORPUS = Path(__file__).with_name("corpus")
Split = Literal["train", "dev", "test", "hard", "outside"]
Note = TypeVar("Note", bound=LabelledNote)
NEEDED: tuple[Split, ...] = ("train", "dev", "test")
FURTHER: tuple[Split, ...] = ("hard", "outside")  # only measured; one's own corpus needs none


def problems_of(error: ValidationError) -> str:
    """Return what is wrong with a line, by field.

    Neither pydantic's own text nor the keys of a map are shown: they could be the line's words.
    """
    return "; ".join(f"{_place(e['loc']) or 'line'}: {e['msg']}" for e in error.errors())


def _place(loc: Sequence[int | str]) -> str:
    """Return where a problem is: the field, and what of it is a codebook's word or a number."""
    field = [str(one) if str(one).isidentifier() and str(one).isascii() else "?" for one in loc[:1]]
    known = [str(one) for one in loc[1:] if isinstance(one, int) or one in (*REASONS, "[key]")]
    return ".".join([*field, *known])


def read_notes(path: Path) -> Iterator[LabelledNote]:
    """Yield the notes of one JSON Lines file.

    Raises:
        CorpusError: with the line's number, when a line breaks the codebook's rules.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield _note(LabelledNote, path, number, line)


def read_own_notes(path: Path) -> Iterator[OwnNote]:
    """Yield the notes of a user's own file; a byte-order mark and blank lines are passed over.

    Raises:
        CorpusError: with the line's number, when a line breaks the rules of `OwnNote`.
    """
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _note(OwnNote, path, number, line)


def _note(kind: type[Note], path: Path, number: int, line: str) -> Note:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise CorpusError(path, number, problems_of(error)) from None


def splits_of(root: Path = CORPUS) -> list[Split]:
    """Return the splits that every corpus needs, train first, and the further ones it has."""
    return [*NEEDED, *(split for split in FURTHER if any((root / split).glob("*.jsonl")))]


def read_split(split: Split, root: Path = CORPUS) -> list[LabelledNote]:
    """Return all notes of one split, files in name order.

    Raises:
        CorpusError: when a line is wrong, an id stands twice, or the split has no file.
    """
    notes: list[LabelledNote] = []
    seen: set[str] = set()
    for path in sorted((root / split).glob("*.jsonl")):
        for number, note in enumerate(read_notes(path), start=1):
            if note.id in seen:
                raise CorpusError(path, number, f"the id {note.id} stands twice in {split}")
            seen.add(note.id)
            notes.append(note)
    if not notes:
        raise CorpusError(root / split, 0, "no notes; expected *.jsonl files here")
    return notes


def write_notes(path: Path, notes: Iterable[LabelledNote]) -> None:
    """Write notes as JSON Lines, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        out.writelines(note.model_dump_json() + "\n" for note in notes)
