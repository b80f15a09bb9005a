"""Notes as people read them: marked, shortened, safe to show."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.presenters import present
from desk.presenters.notes import evidence_spans, mark, printable, shortened
from tests.desk.fixtures import WEEK, report_data

TEXTS = st.text(alphabet="אבגדה abc123 .,\n", max_size=600)
SPANS = st.lists(
    st.tuples(
        st.integers(-3, 620), st.integers(-3, 620), st.sampled_from(["אמון", "ערך", "כישלון"])
    ),
    max_size=5,
)


@settings(max_examples=50)
@given(TEXTS, SPANS)
def test_marked_pieces_are_the_text_again(text: str, spans: list[tuple[int, int, str]]) -> None:
    """Nothing of a note is lost or doubled, and each character is marked as the places say."""
    pieces = mark(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    marked = [bool(piece.reasons) for piece in pieces for _ in piece.text]
    slow = [any(start <= i < end for start, end, _ in spans) for i in range(len(text))]
    assert marked == slow


@settings(max_examples=50)
@given(TEXTS, st.integers(0, 599), st.integers(1, 60))
def test_a_shortened_note_keeps_its_first_evidence(text: str, start: int, length: int) -> None:
    """Shortening is around the evidence, whose place moves with the text."""
    if start >= len(text):
        return
    end = min(start + length, len(text))
    short, moved = shortened(text, [(start, end, "אמון")])
    assert len(short) <= 422
    assert short[moved[0][0] : moved[0][1]] == text[start:end]


def test_unprintable_characters_keep_every_place() -> None:
    """NUL, lone surrogates and carriage returns are replaced one for one."""
    text = "א\x00ב\ud800ג\r\nד"
    assert printable(text) == "א\ufffdב\ufffdג \nד"
    assert len(printable(text)) == len(text)


def test_evidence_of_a_prediction_without_any_is_none() -> None:
    """A missing or empty evidence column is no error."""
    assert evidence_spans(None) == evidence_spans("") == evidence_spans("{}") == []
    assert evidence_spans(json.dumps({"trust": [1, 4]})) == [(1, 4, "אמון")]


def test_typical_notes_are_of_the_week_and_of_different_customers() -> None:
    """At most three a reason, the surest first, each with its own evidence marked."""
    data = report_data()
    groups = present(data).notes
    assert groups[0].name == "כישלון"
    ids = data.contacts.set_index("contact_id")["contacted_at"]
    begin, end = data.calendar.bounds(WEEK)
    for group in groups:
        who = [note.customer_id for note, _ in group.notes]
        assert 1 <= len(who) == len(set(who)) <= 3
        for note, _ in group.notes:
            assert begin <= ids[note.contact_id] < end
            assert {piece.reasons for piece in note.pieces} - {""} == {group.name}
            assert note.evidence in note.text


def test_english_notes_run_left_to_right_and_mixed_ones_right_to_left() -> None:
    """The direction follows the letters, so that neither kind is scrambled."""
    notes = [note for group in present(report_data()).notes for note, _ in group.notes]
    english = [note for note in notes if note.text.startswith("Cust reports")]
    assert [note.direction for note in english] == ["ltr"]
    assert all(note.direction == "rtl" for note in notes if note not in english)


def test_a_contact_without_a_prediction_is_no_typical_note() -> None:
    """What was not classified has no reason to be typical of."""
    data = report_data()
    none = data.predictions.iloc[:0]
    assert present(replace(data, predictions=none)).notes == ()
