"""Whether a file's header row is the one that a profile expects."""

from collections.abc import Iterable
from pathlib import Path

from keshev.errors import ExportError, ProfileError
from store.profiles import Profile
from store.rawrows import RawTable

# Records leave out keys that are empty: in a quiet week no record may have an optional one.
_ALWAYS = frozenset({"text", "contacted_at", "date", "customer_id", "contact_id"})
_SHOWN_HEADERS, _SHOWN_CHARS = 40, 40


def check_headers(profile: Profile, path: Path, table: RawTable) -> None:
    """Refuse a file that lacks a mapped column, or has two columns for one field.

    Headers are shown only where one of them is known: a first row of data is people's words.

    Raises:
        ProfileError: lists the file's headers and the profile's line to mend.
        ExportError: when two header cells of a mapped column are alike.
    """
    for field, header in profile.columns.items():
        if header in table.repeated:
            raise ExportError(
                path,
                f"two columns for one field: {header!r} ({field}) stands twice in the header;"
                " rename or delete one of them",
            )
        optional = table.from_records and field not in _ALWAYS
        if table.headers and header not in table.headers and not optional:
            if not table.from_records and not set(profile.columns.values()) & set(table.headers):
                raise ProfileError(
                    f"{path}: its first row has none of the headers of the profile"
                    f" {profile.name!r}; where it is data, add a header row, else write a profile"
                    f" for it: keshev profile {path.name}"
                )
            raise ProfileError(
                f"{path}: has no column {header!r}; mend `columns: {field}:` of the profile"
                f" {profile.name!r}. The file's headers: {shown_headers(table.headers)}"
            )


def shown_headers(headers: Iterable[str]) -> str:
    """Return headers for a message.

    In a file without a header row they are people's words: what is long or a number is not shown.
    """
    names = [
        name
        if len(name) <= _SHOWN_CHARS and sum(map(str.isdigit, name)) < 5 and "@" not in name
        else "(no name)"
        for name in headers
    ]
    more = ["…"] if len(names) > _SHOWN_HEADERS else []
    return ", ".join(names[:_SHOWN_HEADERS] + more)
