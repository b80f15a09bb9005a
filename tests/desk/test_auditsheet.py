"""The form of an audit, in both languages: what is written on it is read back."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from desk.auditsheet import FormNote, audit_form
from desk.i18n import Language, speaking
from labels.auditform import FORMS
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from store.auditfile import read_form
from tests.desk.fixtures import WEEK

DIGEST = "0123456789abcdef01234567"


def labelled() -> list[dict[str, object]]:
    """Return labels in which every value of every label occurs."""
    return [
        {
            **{str(reason): place % 3 == number for place, reason in enumerate(REASONS)},
            "churn_intent": str(CHURN_INTENTS[number]),
            "resolution": str(RESOLUTIONS[number]),
            "repeat": number == 1,
        }
        for number in range(3)
    ]


def written(language: Language, path: Path) -> Path:
    notes = [FormNote(f"c{n}", DIGEST, "no dial tone", row) for n, row in enumerate(labelled())]
    with speaking(language):
        path.write_bytes(audit_form(WEEK, [*notes, FormNote("c9", DIGEST, "hi", None)]))
    return path


@pytest.mark.parametrize("language", FORMS)
def test_labels_come_back_as_they_were(language: Language, tmp_path: Path) -> None:
    """Reason, churn intent, resolution and repeat, in the words of either language."""
    read = read_form(written(language, tmp_path / "form.xlsx"), WEEK)
    assert [row.labels for row in read] == [*labelled(), None]
    assert {row.text_digest for row in read} == {DIGEST}


def test_an_english_form_has_no_hebrew(tmp_path: Path) -> None:
    """Neither in its cells nor in its drop-down lists, and it stands left to right."""
    path = written("en", tmp_path / "form.xlsx")
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert not re.search("[\u0590-\u05ff]", archive.read(name).decode()), name
    assert not any(sheet.sheet_view.rightToLeft for sheet in openpyxl.load_workbook(path))


def test_words_are_read_in_any_case(tmp_path: Path) -> None:
    """Whoever types instead of choosing need not mind capitals."""
    path = written("en", tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    last = next(book["Labelling"].iter_rows(min_row=5, max_row=5))
    for cell, word in zip(last[-4:-1], ("EXPLICIT", "open", "yes"), strict=True):
        cell.value = word
    book.save(path)
    labels = read_form(path, WEEK)[-1].labels
    assert labels is not None
    given = (labels["churn_intent"], labels["resolution"], labels["repeat"])
    assert given == ("explicit", "open", True)
