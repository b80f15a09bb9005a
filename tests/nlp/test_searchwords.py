"""Words as search knows them: forms and shorthand meet, other words do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.searchwords import WordForms, places, search_words, shorthand


@pytest.fixture(scope="module")
def forms() -> WordForms:
    return WordForms({"סמטריפטן": 3, "לסמטריפטן": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("כרטיס", "ולכרטיסים"),
        ("חבילה", "בחבילות"),
        ("שירות", "השירותים"),
        ("עמלה", "העמלות"),
        ("ביטל", "ביטלתי"),
        ("ביטלה", "ביטלו"),
        ("כסף", "כספ"),
        ("סמטריפטן", "לסמטריפטן"),
        ("לק'", "הלקוחה"),
        ('עו"ד', 'לעו"ד'),
        ('הו"ק', 'שההו"ק'),
        ('הו"ק', "הוק"),
        ("עו''ד", 'עו"ד'),
        ("צאט", "בצ'אט"),
        ('ב"ח', 'לביה"ח'),
        ("שקלים", 'ש"ח'),
        ("whatsapp", "בוואטסאפ"),
        ("אינטרנט", "אינט'"),
    ],
)
def test_forms_and_shorthand_meet(forms: WordForms, one: str, other: str) -> None:
    """Either way: prefixes, endings, final letters, gershayim and the table of shorthand."""
    (first,), (second,) = search_words(one), search_words(other)
    assert forms.keys(first) & forms.keys(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("בקשה", "קשה"),
        ("חשבון", "חשבונית"),
        ('עו"ד', "עוד"),
        ("לקוח", "לקח"),
        ("מכתב", "כתב"),
        ("240", "24"),
        ("router", "rout"),
    ],
)
def test_other_words_stay_apart(forms: WordForms, one: str, other: str) -> None:
    assert not forms.keys(one) & forms.keys(other)


def test_shorthand_of_several_words(forms: WordForms) -> None:
    """Both ways, with letters written onto the expression."""
    assert ("הוראת", "קבע") in forms.expressions('בהו"ק')
    assert 'הו"ק' in forms.shortened(["להוראת", "הקבע"])
    assert 'ביה"ח' in forms.shortened(["בבית", "החולים"])
    assert forms.shortened(["בית", "קפה"]) == []
    assert forms.expressions("כרטיס") == []


def test_a_word_knows_its_place_in_the_text_as_given() -> None:
    """Points, isolates and surplus spaces are in the text and not in the words; masks are none."""
    text = "לק\u05f3  ביקש\u2069 זִכּוּי 240 ש״ח ב-eSIM [טלפון]."
    found = places(text)
    assert [place.word for place in found] == ["לק'", "ביקש", "זכוי", "240", 'ש"ח', "ב", "esim"]
    assert [text[place.start : place.end] for place in found][2:] == [
        "זִכּוּ" + "י",
        "240",
        "ש״ח",
        "ב",
        "eSIM",
    ]


@given(st.text(max_size=60))
def test_any_text_has_words_in_order(text: str) -> None:
    """Places rise, lie in the text, and no word holds a space: the index joins them by spaces."""
    at = 0
    for place in places(text):
        assert at <= place.start < place.end <= len(text)
        assert place.word
        assert place.word.split() == [place.word]
        at = place.end


def test_the_table_of_shorthand_is_one_of_words() -> None:
    """Each expression is what `search_words` makes of it, so that it can be found."""
    for line in shorthand():
        assert line.short
        for word in line.short:
            assert search_words(word) == [word]
        for words in line.long:
            assert search_words(" ".join(words)) == list(words)
