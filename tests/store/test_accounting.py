"""Every row of an export is a contact, a duplicate, or kept in the quarantine: nothing is lost."""

import json
import re
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from labels.frames import Contacts
from tests.store.exportfiles import (
    Row,
    as_csv,
    as_jsonl,
    as_xlsx,
    mask,
    pseudonym,
    read,
    read_bytes,
    row,
)

words = st.lists(
    st.sampled_from(["המחיר", "יקר, מדי", '"מבצע"', "לא\nעבד", "=1+1", "050-1234567", 'ש"ח; 5']),
    max_size=4,
).map(" ".join)
defects = st.sampled_from(
    [{}] * 6
    + [
        {"customer_id": ""},
        {"contacted_at": "31/02/2026"},
        {"contacted_at": "01/01/2031"},
        {"contacted_at": "08/09/2026 10:33"},
        {"channel": "פקס"},
        {"nps": "11"},
        {"nps": "7"},
        {"contact_id": "77"},
        {"contact_id": "78"},
        {"extra": "תא נוסף"},
        {"customer_id": "5002"},
    ]
)
FORMATS = {
    **{f"{code}.csv": code for code in ("utf-8", "utf-8-sig", "utf-16", "cp1255", "iso8859_8")},
    "a.jsonl": "jsonl",
    "a.xlsx": "xlsx",
}


@settings(max_examples=50)
@given(
    table=st.lists(st.tuples(st.integers(0, 5), words, defects), min_size=1, max_size=8),
    name=st.sampled_from(sorted(FORMATS)),
    pseudonymous=st.booleans(),
)
def test_every_row_is_accounted_for(
    table: list[tuple[int, str, Row]], name: str, pseudonymous: bool
) -> None:
    """Whatever is wrong, in whatever format: counts add up and each text is somewhere."""
    rows = [row(text=f"פנייה {'אבגדהו'[n]}{n} {note}", **defect) for n, note, defect in table]
    encode = {"jsonl": as_jsonl, "xlsx": as_xlsx}.get(FORMATS[name])
    data = encode(rows) if encode else as_csv(rows, FORMATS[name])
    export = read_bytes(name, data, pseudonym=pseudonym if pseudonymous else None)
    assert export.read == len(rows)
    assert export.read == len(export.contacts) + export.duplicates + len(export.rejected)
    kept = [*export.contacts["text"], *(text_in(one) for one in export.rejected["row"])]
    for one in rows:
        (wanted,) = mask([one["text"].strip()])
        assert wanted in [text.strip() for text in kept]
    assert not any(re.search(r"05\d-?\d{7}", text) for text in [*kept, *export.rejected["row"]])
    assert set(export.contact_lines) == set(export.contacts["contact_id"])
    assert list(export.contacts.columns) == list(Contacts.to_schema().columns)


def text_in(record: str) -> str:
    return str(json.loads(record)["הערות"])


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(["5001", "5002"]), st.integers(0, 9), st.sampled_from("אב")),
        max_size=12,
    )
)
def test_repeats_equal_their_slow_twin(table: list[tuple[str, int, str]]) -> None:
    """Only a row that nothing tells from another is left out; copies are hidden by the store."""
    start = datetime(2026, 9, 8, 10, 0)
    rows = [
        row(customer_id=who, text=f"ביקש זיכוי {what}", contacted_at=f"{start + timedelta(0, s)}")
        for who, s, what in table
    ]
    kept = sorted(second for _, second, _ in set(table))
    export = read(rows)
    assert export.duplicates == len(table) - len(kept)
    moments = [start - timedelta(hours=3) + timedelta(0, second) for second in kept]
    assert list(export.contacts["contacted_at"].dt.tz_localize(None)) == moments


def test_rows_with_ids_of_their_own_are_all_kept() -> None:
    """Two tickets may say the same at once; a row without an id repeats none of them."""
    export = read([row(contact_id="7"), row(contact_id="8"), row(), row()])
    assert (len(export.contacts), export.duplicates) == (3, 1)
    assert len(export.generated_ids) == 1
