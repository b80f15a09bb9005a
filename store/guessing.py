"""A first profile of an export, guessed from its headers and values, with what was unsure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from keshev.errors import ProfileError
from store.columnfacts import Facts, facts_of, fit
from store.dates import order_evidence
from store.headers import shown_headers
from store.headerwords import VALUE_WORDS, header_score, is_identity_header, meaning_of
from store.profiles import CONTACT_FIELDS, ROSTER_FIELDS, Profile, profile_of
from store.rawrows import RawRow, RawTable
from store.readers import read_rows
from store.yamltext import render

_ROWS = 3000
_NAMED_ENOUGH = 0.5
_TEXT_LENGTH = 12
_NO_CUSTOMER = {
    "contacts": (
        "no customer column: no_customer: true was set; repeat contacts, first-contact resolution"
        " and at-risk customers cannot be computed. If there is one, put its header under columns:"
        " customer_id: and remove no_customer"
    ),
    "roster": "no customer column: put its header under columns: customer_id:",
}
_IDENTITY = (
    "customer_id: {header!r} {sign}; customers' identity numbers would be stored as they are; set"
    " KESHEV_PSEUDONYM_KEY before the first run so that they are stored as a keyed hash"
)
_AGENT = (
    "agent_id: {header!r} holds names or addresses; each is stored as a short pseudonym"
    " (agent- and 8 hex digits), which hides the name and does not protect against guessing"
)
_UNKNOWN_GOES = {
    "crm_resolved": "their status stays unknown",
    "survey_resolved": "they are taken as no answer",
}
_OF_ROSTERS = {"customer_since", "contract_end", "churned_at", "monthly_value"}
_WORD = re.compile(r"[^\W\d_]+(?:['\"׳״’][^\W\d_]+)*")
_LATIN = str.maketrans(
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "abgdhvzhtykklmmnnseppzzkrst",
)
_NO_DATE = (
    "no date column: set dates.fixed to the day that the comments are from (YYYY-MM-DD), or put"
    " the date's header under columns: contacted_at:"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A profile as commented YAML; `profile` is None while something that is needed is missing.

    `unsure` says in English what was guessed, and how to supply what is missing.
    """

    profile_yaml: str
    profile: Profile | None
    unsure: list[str]


def guess_profile(path: Path) -> Guess:
    """Return a first profile of an export file.

    Raises:
        ExportError: when the file is no export that can be read.
    """
    table = read_rows(path)
    rows = [row for row in islice(table.rows, _ROWS) if row.filled() and not row.problem]
    return _Guesser(path, table, rows).guess()


class _Guesser:
    """Collects the profile, the comments beside its lines, and the doubts, as it goes."""

    def __init__(self, path: Path, table: RawTable, rows: Sequence[RawRow]) -> None:
        self._path = path
        self._table = table
        self._rows = rows
        self._facts = {
            header: facts_of([row.cells.get(header) for row in rows]) for header in table.headers
        }
        self._unsure: list[str] = []
        self._comments: dict[str, str] = {}

    def guess(self) -> Guess:
        kind, columns = self._columns()
        values: dict[str, Any] = {"name": _slug(self._path), "kind": kind}
        pattern = _pattern(self._path)
        values["files"] = [pattern]
        values |= {"encoding": "auto", "columns": self._with_customer(kind, columns)}
        if kind == "contacts":
            values |= self._of_contacts(columns)
        self._note_people(columns)
        self._note_unused(columns)
        self._comment_head(pattern)
        profile = None
        try:
            profile = profile_of(values, str(self._path))
        except ProfileError:
            self._unsure.append("the profile cannot be used yet: supply what is missing above")
        return Guess(render(values, self._comments), profile, self._unsure)

    def _columns(self) -> tuple[str, dict[str, str]]:
        roster = self._assign(ROSTER_FIELDS)
        contacts = self._assign(tuple(field for field in CONTACT_FIELDS if field != "date"))
        if "text" not in contacts and _OF_ROSTERS & set(roster):
            return "roster", roster
        if "text" not in contacts:
            self._find_text(contacts)
        if "contacted_at" not in contacts:
            self._find_date(contacts)
        if "time" in contacts and "contacted_at" in contacts:
            contacts["date"] = contacts.pop("contacted_at")
        ordered = [field for field in CONTACT_FIELDS if field in contacts]
        return "contacts", {field: contacts[field] for field in ordered}

    def _assign(self, fields: Sequence[str]) -> dict[str, str]:
        """Return field -> header, the best pairs of name and values first."""
        pairs = []
        for field in fields:
            for place, header in enumerate(self._table.headers):
                score = header_score(header, field)
                suits = fit(field, self._facts[header])
                if score and suits:
                    pairs.append((score + 0.3 * suits, -place, field, header))
        chosen: dict[str, str] = {}
        for score, _, field, header in sorted(pairs, reverse=True):
            if field not in chosen and header not in chosen.values() and score >= _NAMED_ENOUGH:
                chosen[field] = header
        return chosen

    def _find_text(self, columns: dict[str, str]) -> None:
        free = [header for header in self._table.headers if header not in columns.values()]
        best = max(free, key=lambda header: fit("text", self._facts[header]), default=None)
        if best and self._facts[best].length >= _TEXT_LENGTH and fit("text", self._facts[best]):
            columns["text"] = best
            self._unsure.append(
                f"text: {best!r} was taken because its values are the longest words"
            )
        else:
            self._unsure.append("no column of notes: put its header under columns: text:")

    def _find_date(self, columns: dict[str, str]) -> None:
        free = [header for header in self._table.headers if header not in columns.values()]
        dated = [header for header in free if self._facts[header].dates > 0.9]
        if dated:
            columns["contacted_at"] = dated[0]
            self._unsure.append(f"date: {dated[0]!r} was taken because its values are dates")

    def _with_customer(self, kind: str, columns: dict[str, str]) -> dict[str, str]:
        if "customer_id" not in columns:
            self._unsure.append(_NO_CUSTOMER[kind])
        return columns

    def _of_contacts(self, columns: dict[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {"dates": self._dates(columns)}
        mapped = {field: self._mapped(field, columns) for field in VALUE_WORDS if field in columns}
        if any(mapped.values()):
            values["values"] = {field: words for field, words in mapped.items() if words}
        values["defaults"] = {"channel": self._channel(columns), "direction": "in"}
        if "customer_id" not in columns:
            values["no_customer"] = True
            self._comments["no_customer"] = "The export has no customers. See the list at the top."
        return values

    def _dates(self, columns: dict[str, str]) -> dict[str, Any]:
        header = columns.get("contacted_at") or columns.get("date")
        dates: dict[str, Any] = {"order": "auto", "timezone": "Asia/Jerusalem"}
        self._comments["dates.timezone"] = "Of dates that are written without an offset."
        if header is None:
            self._unsure.append(_NO_DATE)
            self._comments["dates.fixed"] = "The day that all rows are from, as YYYY-MM-DD."
            return dates | {"fixed": None}
        day_first, month_first = order_evidence(row.cells.get(header) for row in self._rows)
        slashed = any(re.match(r"\s*\d{1,2}[./-]", word) for word in self._facts[header].words)
        if slashed:
            dates["order"] = "mdy" if month_first > day_first else "dmy"
            self._comments["dates.order"] = "dmy, mdy, ymd, or auto."
            if min(day_first, month_first) >= 0.1 * max(day_first, month_first):
                self._unsure.append(
                    f"dates.order: {header!r} does not show whether day or month comes first;"
                    f" {dates['order']} was set"
                )
        return dates

    def _mapped(self, field: str, columns: dict[str, str]) -> dict[str, object]:
        facts = self._facts[columns[field]]
        meanings = {word: meaning_of(field, word) for word in facts.words}
        unknown = [word for word, meaning in meanings.items() if meaning is None]
        if unknown:
            goes = _UNKNOWN_GOES.get(field, "their rows go to the quarantine")
            self._unsure.append(
                f"values.{field}: no meaning was found for {', '.join(unknown[:10])}; add each as"
                f" `VALUE: {' | '.join(VALUE_WORDS[field])}`, or {goes}"
            )
        truth = {"true": True, "false": False}
        return {
            word: truth.get(meaning, meaning) if field in _UNKNOWN_GOES else meaning
            for word, meaning in meanings.items()
            if meaning is not None
        }

    def _channel(self, columns: dict[str, str]) -> str:
        channel = _likely_channel(self._path, columns)
        if "channel" not in columns:
            self._unsure.append(
                f"no channel column: defaults.channel is {channel} for all rows; change it if not"
            )
        self._comments["defaults"] = "Where the column is missing or the cell is empty."
        return channel

    def _note_people(self, columns: dict[str, str]) -> None:
        customer, agent = columns.get("customer_id"), columns.get("agent_id")
        if customer and is_identity_header(customer):
            sign = "means identity numbers"
            self._unsure.append(_IDENTITY.format(header=customer, sign=sign))
        elif customer and self._facts[customer].identities > 0.5:
            sign = "holds numbers that pass the check digit of Israeli identity numbers"
            self._unsure.append(_IDENTITY.format(header=customer, sign=sign))
        if agent and self._facts[agent].names:
            self._unsure.append(_AGENT.format(header=agent))

    def _note_unused(self, columns: dict[str, str]) -> None:
        unused = [header for header in self._table.headers if header not in columns.values()]
        for header in unused:
            kind = _kind(self._facts[header])
            self._unsure.append(f"column {shown_headers([header])!r} ({kind}) is not used")

    def _comment_head(self, pattern: str) -> None:
        head = [f"Guessed from {self._path.name}; read it through before the first run."]
        head += ["", "Unsure:", *(f"- {line}" for line in self._unsure)] if self._unsure else []
        self._comments[""] = "\n".join(head)
        self._comments["files"] = (
            f"Exports whose name fits are read by this profile: {_in_words(pattern)}\n"
            "Narrow it if other files are named so; * stands for any characters."
        )
        self._comments["columns"] = "Our field: the header in the export."


def _likely_channel(path: Path, columns: dict[str, str]) -> str:
    named = [
        name
        for word in re.split(r"[^a-zA-Zא-ת]+", path.stem)
        if word and (name := meaning_of("channel", word.removesuffix("s")))
    ]
    if named:
        return named[0]
    header = columns.get("text", "").lower()
    if {"nps", "csat"} & set(columns) or re.search("comment|feedback|review|תגוב|משוב", header):
        return "survey"
    return "chat" if re.search("message|body|הודעה", header) else "phone"


def _kind(facts: Facts) -> str:
    if not facts.filled:
        return "empty"
    if facts.dates > 0.9:
        return "dates"
    if facts.numbers > 0.9:
        return f"numbers from {min(facts.values):g} to {max(facts.values):g}"
    return "words" if facts.length > 2 * _TEXT_LENGTH else "short values"


def _slug(path: Path) -> str:
    latin = path.name.split(".")[0].lower().translate(_LATIN)
    stem = re.sub(r"[^a-z0-9]+", "_", latin).strip("_")
    return re.sub(r"_?\d{2,}", "", stem).strip("_")[:40] or "export"


def _pattern(path: Path) -> str:
    """Return the leading word of a file's name, `*` and its ending, so that next week's file fits.

    `calls.csv` and `calls_week2.csv` give `calls*.csv`, `notes_2026-09.csv` gives `notes_*.csv`,
    `2026-09_calls.csv` gives `*calls*.csv`, and a name without a word `*.csv`.
    """
    name = unicodedata.normalize("NFC", path.name)
    parts = re.fullmatch(r"(.*?)((?:\.[a-z]+)?\.gz|\.[^.]*|)", name, re.IGNORECASE | re.DOTALL)
    stem, ending = parts.groups() if parts else (name, "")
    ending = re.sub(r"([*?\[])", r"[\1]", ending)
    word = _WORD.search(stem)
    if word is None:
        return f"*{ending}"
    separator = re.match(r"[-_ .](?=\d)", stem[word.end() :])
    return f"{'*' if word.start() else ''}{word[0]}{separator[0] if separator else ''}*{ending}"


def _in_words(pattern: str) -> str:
    start, _, ending = pattern.rpartition("*")
    ends = f"ends in {ending}" if ending else "has any ending"
    if not start:
        return f"any name that {ends}."
    begins = f"holds {start[1:]}" if start.startswith("*") else f"begins with {start}"
    return f"a name that {begins} and {ends}."
