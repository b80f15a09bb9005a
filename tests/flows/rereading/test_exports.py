"""A file read again: corrected exports, the original put back, weeks under one name."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.flows.rereading.shop import NO_ID, OWN, Shop, line, lines


def test_a_contact_of_two_files_stays_while_one_brings_it(shop: Shop) -> None:
    """What another file brings is not taken away by a correction of the first."""
    shop.write(lines(1, 6), "a.csv")
    shop.write(lines(4, 8), "b.csv")
    shop.read()
    shop.write([*lines(1, 3), *lines(5, 6)], "a.csv")
    shop.read()
    assert len(shop.contacts) == 8
    shop.write(lines(5, 8), "b.csv")
    shop.read()
    assert len(shop.contacts) == 7


def test_a_corrected_text_replaces_its_row(shop: Shop) -> None:
    """Without contact ids too: the old text goes, with its prediction."""
    shop.write(lines(1, 6))
    shop.read()
    shop.classify()
    shop.write([line(1, הערות="תיקון: ביקש הנחה"), *lines(2, 6)])
    (counts,) = shop.read().files
    assert (counts.stored, counts.known) == (1, 5)
    assert len(shop.texts) == 6
    assert shop.texts[0] == "תיקון: ביקש הנחה"
    assert shop.predicted() == 5
    assert shop.ledger == [(6, 6, 0, 0, 0)]


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_the_original_put_back_is_read_again(shop: Shop, columns: dict[str, str]) -> None:
    """A, then A mended, then A: the store is what A alone gives."""
    shop.write(lines(1, 6))
    shop.read(columns)
    first = shop.contacts
    shop.write([line(1, הערות="תיקון: ביקש הנחה"), *lines(2, 6)])
    shop.read(columns)
    assert not shop.contacts.equals(first)
    shop.write(lines(1, 6))
    assert len(shop.read(columns).files) == 1
    pd.testing.assert_frame_equal(shop.contacts, first)
    assert shop.ledger == [(6, 6, 0, 0, 0)]


def test_own_ids_missing_in_a_correction_are_kept(shop: Shop) -> None:
    """A shorter export of the same name does not say that its other contacts never were."""
    shop.write(lines(1, 6))
    shop.read(OWN)
    shop.write(lines(1, 4))
    shop.read(OWN)
    assert len(shop.contacts) == 6


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_weekly_file_of_one_name_keeps_all_weeks(shop: Shop, columns: dict[str, str]) -> None:
    """Week after week under one name, with rows set aside: nothing of an older week goes."""
    bad = {"תאריך": "אתמול"}
    shop.write([*lines(1, 6), line(7, **bad)])
    shop.read(columns)
    shop.write([*lines(8, 13), line(14, **bad)])
    shop.read(columns)
    shop.write(lines(15, 20))
    shop.read(columns)
    assert len(shop.contacts) == 18
    assert shop.quarantined == [8, 8]
    assert len(shop.ledger) == 3


def test_a_rolling_window_keeps_the_days_it_left(shop: Shop) -> None:
    """The last ten days, each week: most rows stand in the next file, and none is lost."""
    for first in (1, 4, 7):
        shop.write(lines(first, first + 9))
        shop.read()
    assert len(shop.contacts) == 16


def test_a_rolling_window_with_a_corrected_row(shop: Shop) -> None:
    """Within the days that both have, the newer file's word counts."""
    shop.write(lines(1, 10))
    shop.read()
    shop.write([line(4), line(5, הערות="תיקון: ביקש הנחה"), *lines(6, 13)])
    shop.read()
    assert len(shop.contacts) == 13
    assert shop.texts[4] == "תיקון: ביקש הנחה"


@pytest.mark.parametrize("columns", [OWN, NO_ID])
def test_a_corrected_export_clears_its_quarantine(shop: Shop, columns: dict[str, str]) -> None:
    """Of two bad rows one is mended: it is stored, the other stands in quarantine once."""
    bad = {"תאריך": "אתמול"}
    shop.write([*lines(1, 4), line(5, **bad), line(6, **bad)])
    shop.read(columns)
    assert shop.quarantined == [6, 7]
    shop.write([*lines(1, 5), line(6, **bad)])
    shop.read(columns)
    assert (shop.ledger, shop.quarantined) == ([(6, 5, 0, 0, 1)], [7])


def test_a_row_mended_in_a_later_week_is_settled_by_its_id(shop: Shop) -> None:
    """The next file of the name brings last week's bad row, whole."""
    shop.write([*lines(1, 6), line(7, תאריך="אתמול"), line(8, תאריך="אתמול")])
    shop.read(OWN)
    shop.write([line(7), *lines(9, 12)])
    shop.read(OWN)
    assert shop.quarantined == [9]
    assert shop.ledger == [(5, 5, 0, 0, 0), (8, 6, 1, 0, 1)]


def test_files_of_one_name_in_two_folders_stand_side_by_side(shop: Shop) -> None:
    """Neither follows the other, and a correction of one concerns that one."""
    shop.write(lines(1, 6), "august/notes.csv")
    shop.write(lines(3, 9), "september/notes.csv")
    assert len(shop.read().files) == 2
    assert len(shop.contacts) == 9
    shop.write([*lines(1, 4), line(6)], "august/notes.csv")
    shop.read()
    assert len(shop.contacts) == 9  # day 5 stands in September's file too
    shop.write(lines(2, 4), "august/notes.csv")
    shop.read()
    assert len(shop.contacts) == 8


def test_a_copy_under_another_name_is_known(shop: Shop) -> None:
    """A renamed file adds nothing, not even to the quarantine."""
    shop.write([*lines(1, 3), line(4, תאריך="אתמול")])
    shop.read()
    before = shop.state()
    (shop.folder / "notes.csv").rename(shop.folder / "renamed.csv")
    assert [item.name for item in shop.read().unchanged] == ["renamed.csv"]
    assert shop.state() == before


def test_a_corrected_roster_clears_its_quarantine(shop: Shop) -> None:
    """A list of customers is a whole: the newest one's bad rows are those that count."""
    columns = {"customer_id": "מס לקוח", "contract_end": "תאריך"}
    profile = {"name": "customers", "kind": "roster", "values": {}}
    shop.write([line(1), line(2, תאריך="מחר")])
    shop.read(columns, **profile)
    assert shop.quarantined == [3]
    shop.write(lines(1, 2))
    shop.read(columns, **profile)
    assert shop.quarantined == []
    assert len(shop.ledger) == 1


def test_copies_of_one_file_are_those_of_two(shop: Shop, fresh: Callable[[], Shop]) -> None:
    """A row within two minutes of another is hidden, and comes to light when the first moves."""
    rows = [
        line(1, **{"מס פנייה": name, "תאריך": f"01/09/2026 {moment}"})
        for name, moment in (("c", "10:00:00"), ("a", "10:01:00"), ("b", "10:02:30"))
    ]
    shop.write(rows, "whole.csv")
    (counts,) = shop.read(OWN).files
    assert (counts.stored, counts.known, counts.duplicates) == (2, 0, 1)
    pieces = fresh()
    for row in reversed(rows):
        pieces.write([row], f"{row['מס פנייה']}.csv")
        pieces.read(OWN)
    pd.testing.assert_frame_equal(shop.contacts, pieces.contacts)
    assert list(shop.contacts["contact_id"]) == ["notes:c", "notes:b"]
    shop.write([{**rows[0], "תאריך": "01/09/2026 09:00"}, *rows[1:]], "whole.csv")
    (counts,) = shop.read(OWN).files
    assert (counts.stored, counts.known, counts.duplicates) == (1, 2, 0)
    assert list(shop.contacts["contact_id"]) == ["notes:c", "notes:a"]
    assert shop.ledger == [(3, 2, 0, 1, 0)]
