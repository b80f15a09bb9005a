"""The words that tell a theme: shared by its notes, rare among the others."""

from hypothesis import given
from hypothesis import strategies as st

from signals.theme_terms import LEAST_NOTES, TERMS, terms_of
from tests.signals.builders import FEW


def note(text: str) -> list[tuple[str, str]]:
    return [(word[:4], word) for word in text.split()]


OTHERS = [note(text) for text in ("חשבון מחיר", "חשבון תשלום", "חשבון כרטיס", "מחיר")]


def test_the_rarest_of_equally_shared_words_is_first() -> None:
    """What every note says tells nothing."""
    theme = [note("חשבון כרטיס נגנב")] * 3
    assert terms_of(theme, OTHERS) == ["נגנב", "כרטיס", "חשבון"]
    assert terms_of(theme, [note("חשבון"), note("חשבון")]) == ["כרטיס", "נגנב"]


def test_the_shown_word_is_the_one_written_most() -> None:
    """Forms of one key are one term."""
    theme = [note("כרטיסים"), note("כרטיס"), note("כרטיס"), note("כרטיסיה")]
    assert terms_of(theme, []) == []
    assert terms_of(theme, OTHERS) == ["כרטיס"]


def test_a_note_that_repeats_itself_names_nothing() -> None:
    """A word needs three notes."""
    theme = [note("נגנב נגנב נגנב נגנב"), note("נגנב"), note("אבד")]
    assert terms_of(theme, OTHERS) == []


words = st.sampled_from(["אאאא", "בבבב", "גגגג", "דדדד", "הההה"])
notes = st.lists(st.lists(words, max_size=4).map(lambda some: note(" ".join(some))), max_size=8)


@FEW
@given(theme=notes, others=notes)
def test_terms_are_shared_distinguishing_and_in_no_order_of_rows(
    theme: list[list[tuple[str, str]]],
    others: list[list[tuple[str, str]]],
) -> None:
    """Whatever the notes are."""
    found = terms_of(theme, others)
    assert len(found) <= TERMS
    for word in found:
        with_it = [sum((word[:4], word) in one for one in part) for part in (theme, others)]
        assert with_it[0] >= LEAST_NOTES
        assert with_it[0] * len(others) > with_it[1] * len(theme)
    theme, others = theme[::-1], others[::-1]
    assert terms_of(theme, others) == found
