"""Files and quarantine as the quality pages read them."""

from sqlalchemy import Engine, insert

from store import tables
from store.contacts import FileCounts, read_files, read_quarantine
from store.ledger import (
    COUNTS,
    Rejected,
    RejectedCount,
    count_rejected,
    file_totals,
    read_file_page,
    read_rejected,
)
from store.session import transaction

SECRET = "דנה כהן, 050-1234567"


def file(file_id: str, name: str, **counts: int) -> dict[str, object]:
    whole = {**dict.fromkeys(COUNTS, 0), **counts}
    facts = {"profile": "p", "encoding": "utf-8", "latest": True}
    return {"file_id": file_id, "name": name, "content_id": "c", "rules_id": "r", **facts, **whole}


def row(number: int, name: str, line: int, code: str) -> dict[str, object]:
    reasons = {"reason_he": f"סיבה {code}", "reason_en": f"reason {code}", "row": SECRET}
    return {"file_id": name, "number": number, "file": name, "line": line, "code": code, **reasons}


def fill(engine: Engine) -> None:
    with transaction(engine) as connection:
        files = [
            file("2", "b.csv", read=10, stored=6, known=1, duplicates=1, quarantined=2),
            file("1", "a.csv", read=5, stored=4, quarantined=1),
        ]
        connection.execute(insert(tables.files), files)
        rows = [row(0, "b.csv", 9, "bad_date"), row(1, "b.csv", 3, "empty_text")]
        connection.execute(insert(tables.quarantine), [*rows, row(0, "a.csv", 4, "bad_date")])


def test_files_are_read_by_pages_and_summed(engine: Engine) -> None:
    """As the whole ledger has them."""
    fill(engine)
    with transaction(engine) as connection:
        whole = [FileCounts(*one) for one in read_files(connection).itertuples(index=False)]
        assert read_file_page(connection, limit=9) == whole
        assert read_file_page(connection, limit=1, offset=1) == whole[1:]
        expected = {name: sum(getattr(one, name) for one in whole) for name in COUNTS}
        assert file_totals(connection) == (2, expected)


def test_an_empty_store_sums_to_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        assert file_totals(connection) == (0, dict.fromkeys(COUNTS, 0))
        assert count_rejected(connection) == read_rejected(connection) == []


def test_quarantined_rows_are_counted_and_listed_without_their_words(engine: Engine) -> None:
    fill(engine)
    with transaction(engine) as connection:
        assert count_rejected(connection) == [
            RejectedCount("bad_date", "סיבה bad_date", "reason bad_date", 2, 2),
            RejectedCount("empty_text", "סיבה empty_text", "reason empty_text", 1, 1),
        ]
        listed = read_rejected(connection)
        whole = read_quarantine(connection).drop(columns="row")
        assert listed == [Rejected(*one) for one in whole.itertuples(index=False)]
        assert read_rejected(connection, limit=1, offset=2) == listed[2:]
        assert read_rejected(connection, code="empty_text") == [listed[1]]
        assert SECRET not in str(listed)
