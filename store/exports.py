"""Export files to contacts (or customers), with every row accounted for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

import pandas as pd
from pandera.typing import DataFrame

from keshev.errors import ExportError
from labels.frames import Contacts, Customers, empty_frame
from store.contactrows import Contact, ContactReader
from store.headers import check_headers
from store.identity import contact_ids, split_by_id, without_repeats
from store.profiles import Profile
from store.quarantine import Mask, Pseudonym, rejected_frame
from store.rawrows import RawRow
from store.readers import read_rows
from store.rejections import Rejection
from store.rosters import read_roster

_NO_EXPORTS = frozenset({".yaml", ".yml", ".md", ".ini", ".db"})
_FLOATS = ("handle_seconds", "nps", "csat")
_CATEGORIES = ("queue", "product", "team", "segment")
# A category is the company's word; one that could hold an address, a number or a note is masked.
_PERSONAL_CATEGORY = re.compile(r"@|(?:\d\D?){7}|.{61}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Export:
    """What a file held: read = len(contacts or customers) + duplicates + len(rejected).

    `contact_lines` gives the file's line of each contact, `generated_ids` those contacts whose row
    had no id of its own. `customers` is None unless the profile is a roster's; then `contacts` is
    empty, and `told` are the columns that the roster tells of.
    """

    contacts: DataFrame[Contacts]
    customers: DataFrame[Customers] | None
    told: frozenset[str]
    rejected: pd.DataFrame
    read: int
    duplicates: int
    encoding: str
    contact_lines: dict[str, int]
    generated_ids: frozenset[str]


def read_export(
    path: Path,
    profile: Profile,
    *,
    mask: Mask,
    now: datetime,
    pseudonym: Pseudonym | None = None,
) -> Export:
    """Return the contacts or customers of a file, and its rejected rows with their reasons.

    Rows without any filled cell are skipped and not counted. Texts are cleaned, then masked;
    the contacts are sorted by time and id.

    Args:
        path: the file.
        profile: how to read it.
        mask: replaces personal data in texts, one for one and in order.
        now: contacts later than a day after it are rejected; with a time zone.
        pseudonym: what a customer's id is stored as; None stores it as it is.

    Raises:
        ExportError: when the file as a whole cannot be read.
        ProfileError: when a column that the profile maps is not in the file.
    """
    table = read_rows(path, profile.read_options)
    check_headers(profile, path, table)
    rows = [row for row in table.rows if row.filled()]
    if profile.kind == "roster":
        roster = read_roster(rows, profile, now, pseudonym)
        rejected = rejected_frame(path, roster.rejected, profile, mask, pseudonym)
        contacts = Contacts.validate(empty_frame(Contacts))
        return Export(
            contacts=contacts,
            customers=roster.customers,
            told=roster.told,
            rejected=rejected,
            read=len(rows),
            duplicates=roster.duplicates,
            encoding=table.encoding,
            contact_lines={},
            generated_ids=frozenset(),
        )
    found, refused = _contacts(rows, profile, now)
    masked = _masked(found, mask, pseudonym)
    kept, repeated, conflicts = split_by_id(masked)
    refused += [(rows[one.place], Rejection.CONFLICTING_ID) for one in conflicts]
    unique = without_repeats(kept)
    ids = contact_ids(profile.name, unique)
    return Export(
        contacts=_frame(profile.name, [contact for contact, _ in unique], ids),
        customers=None,
        told=frozenset(),
        rejected=rejected_frame(path, refused, profile, mask, pseudonym),
        read=len(rows),
        duplicates=repeated + len(kept) - len(unique),
        encoding=table.encoding,
        contact_lines={
            key: rows[one.place].line for key, (one, _) in zip(ids, unique, strict=True)
        },
        generated_ids=frozenset(
            key for key, (one, _) in zip(ids, unique, strict=True) if one.given_id is None
        ),
    )


def find_exports(places: Path | Iterable[Path]) -> list[Path]:
    """Return the files of folders (recursively) and the files given, sorted, each once.

    In folders, hidden files, Excel's lock files (`~$…`), profiles and notes (YAML, Markdown) are
    passed over; a file that is named outright is always taken.

    Raises:
        ExportError: when a place does not exist.
    """
    found: dict[Path, Path] = {}
    for place in [places] if isinstance(places, Path) else places:
        if not place.exists():
            raise ExportError(place, "there is no such file or folder; check the path")
        inside = [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]
        for path in inside:
            if path == place or _is_export(path.relative_to(place)):
                found.setdefault(path.resolve(), path)
    return sorted(found.values(), key=lambda path: path.as_posix())


def _is_export(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() not in _NO_EXPORTS


def _contacts(
    rows: Sequence[RawRow], profile: Profile, now: datetime
) -> tuple[list[Contact], list[tuple[RawRow, Rejection]]]:
    reader = ContactReader(profile, rows, now)
    found: list[Contact] = []
    refused: list[tuple[RawRow, Rejection]] = []
    for place, row in enumerate(rows):
        contact = reader.read(place, row)
        if isinstance(contact, Rejection):
            refused.append((row, contact))
        else:
            found.append(contact)
    return found, refused


def _masked(contacts: Sequence[Contact], mask: Mask, pseudonym: Pseudonym | None) -> list[Contact]:
    texts = list(dict.fromkeys(contact.text for contact in contacts))
    safe = dict(zip(texts, mask(texts), strict=True))
    words = {getattr(contact, field) for contact in contacts for field in _CATEGORIES}
    suspects = sorted(word for word in words if word and _PERSONAL_CATEGORY.search(word))
    known = dict(zip(suspects, mask(suspects), strict=True))
    customers = {contact.customer_id for contact in contacts} - {None}
    names = {one: pseudonym(one) if pseudonym else one for one in customers if one}
    return [
        replace(
            contact,
            text=safe[contact.text],
            customer_id=names.get(contact.customer_id or ""),
            **{
                field: known.get(word, word)
                for field in _CATEGORIES
                if (word := getattr(contact, field))
            },
        )
        for contact in contacts
    ]


def _frame(source: str, contacts: Sequence[Contact], ids: Sequence[str]) -> DataFrame[Contacts]:
    columns: dict[str, pd.Series] = {
        field.name: pd.Series(
            [getattr(contact, field.name) for contact in contacts],
            dtype="float64" if field.name in _FLOATS else object,
        )
        for field in fields(Contact)
        if field.name not in ("place", "given_id", "contacted_at")
    }
    columns["contact_id"] = pd.Series(list(ids), dtype=object)
    columns["source"] = pd.Series([source] * len(ids), dtype=object)
    moments = pd.to_datetime([contact.contacted_at for contact in contacts], utc=True)
    columns["contacted_at"] = pd.Series(moments.as_unit("us"))
    frame = pd.DataFrame(columns)[list(empty_frame(Contacts).columns)]
    return Contacts.validate(frame.sort_values(["contacted_at", "contact_id"], ignore_index=True))
