"""Profiles: how the columns, values and dates of one kind of export are to be read (YAML)."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from keshev.errors import ExportError, ProfileError
from store.rawrows import ReadOptions, header_name
from store.yamltext import StrictLoader, render

Channel = Literal["phone", "chat", "whatsapp", "email", "survey", "branch", "sms", "web", "other"]
Direction = Literal["in", "out"]
CONTACT_FIELDS = (
    "contact_id",
    "customer_id",
    "contacted_at",
    "date",
    "time",
    "channel",
    "queue",
    "agent_id",
    "direction",
    "text",
    "product",
    "team",
    "segment",
    "handle_seconds",
    "crm_resolved",
    "survey_resolved",
    "nps",
    "csat",
)
ROSTER_FIELDS = (
    "customer_id",
    "customer_since",
    "contract_end",
    "churned_at",
    "monthly_value",
    "segment",
    "company",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dates(_Part):
    """How dates are written. `fixed` stands for all rows of an export without dates."""

    order: Literal["dmy", "mdy", "ymd", "auto"] = "auto"
    timezone: str = "Asia/Jerusalem"
    fixed: date | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone; write for example Asia/Jerusalem") from error
        return value


class Values(_Part):
    """What the export's own words stand for, column by column."""

    channel: dict[str, Channel] = Field(default_factory=dict)
    direction: dict[str, Direction] = Field(default_factory=dict)
    crm_resolved: dict[str, bool] = Field(default_factory=dict)
    survey_resolved: dict[str, bool] = Field(default_factory=dict)
    queue: dict[str, str] = Field(default_factory=dict)


class Defaults(_Part):
    """What holds where the export has no such column or the cell is empty."""

    channel: Channel = "other"
    direction: Direction = "in"
    queue: str | None = None
    product: str | None = None
    team: str | None = None
    segment: str | None = None


class Profile(_Part):
    """One kind of export. `columns` maps our fields to the export's headers."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    kind: Literal["contacts", "roster"] = "contacts"
    files: tuple[str, ...] = Field(min_length=1)
    sheet: str | None = None
    encoding: str = "auto"
    delimiter: str = "auto"
    columns: dict[str, str]
    dates: Dates = Dates()
    values: Values = Values()
    defaults: Defaults = Defaults()
    no_customer: bool = False

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("delimiter")
    @classmethod
    def _one_delimiter(cls, value: str) -> str:
        if value not in {"auto", "tab", "comma", "semicolon", "pipe"} and len(value) != 1:
            raise ValueError("write auto, tab, comma, semicolon, pipe, or one character")
        return value

    @field_validator("columns")
    @classmethod
    def _clean_headers(cls, value: dict[str, str]) -> dict[str, str]:
        return {field: header_name(header) for field, header in value.items()}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for field, header in self.columns.items():
            if field != "text" and header == self.columns.get("text"):
                raise ValueError(f"columns.{field}: is the header of the notes; write its own")
        known = CONTACT_FIELDS if self.kind == "contacts" else ROSTER_FIELDS
        unknown = [field for field in self.columns if field not in known]
        if unknown:
            raise ValueError(
                f"columns.{unknown[0]}: no such field; the fields are {', '.join(known)}"
            )
        if self.kind == "roster":
            self._require("customer_id", "the header of the customer id")
            return self
        self._require("text", "the header of the notes")
        dated = {"contacted_at", "date"} & set(self.columns)
        if len(dated) == 2:
            raise ValueError("columns.date: two columns for one field; keep contacted_at or date")
        if not dated and self.dates.fixed is None:
            raise ValueError(
                "columns.contacted_at: is missing; add the header of the date, or set dates.fixed"
                " to the day (YYYY-MM-DD) that the rows are from"
            )
        if self.no_customer and "customer_id" in self.columns:
            raise ValueError("no_customer: is true, but columns.customer_id is set; remove one")
        if not self.no_customer:
            self._require("customer_id", "the header of the customer id, or set no_customer: true")
        return self

    def _require(self, field: str, what: str) -> None:
        if field not in self.columns:
            raise ValueError(f"columns.{field}: is missing; add {what}")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the export's dates."""
        return ZoneInfo(self.dates.timezone)

    @property
    def read_options(self) -> ReadOptions:
        """How the file is to be opened."""
        return ReadOptions(self.encoding, self.delimiter, self.sheet)


def read_profile(path: Path) -> Profile:
    """Return the profile of a YAML file.

    Raises:
        ProfileError: names the file, the key and what to write instead.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8-sig"), StrictLoader)
    except OSError as error:
        raise ProfileError(
            f"{path}: cannot be opened ({error.strerror}); check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8; save the profile as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "is no YAML"
        raise ProfileError(f"{place}: {problem}; mend this line of the profile") from error
    if not isinstance(raw, dict):
        raise ProfileError(f"{path}: is no profile; write one with: keshev profile EXPORT")
    return profile_of(raw, str(path))


def read_profiles(place: Path | None, exports: Sequence[Path]) -> list[Profile]:
    """Return the profiles of a YAML file or folder, in the order of their file names.

    Without a place they are looked for beside the exports, and in a folder `profiles` there or
    next to it.

    Raises:
        ProfileError: when there are none, one is wrong, or two have the same name.
    """
    for path in exports:
        if not path.exists():
            raise ExportError(path, "there is no such file or folder; check the path")
    folders = [place] if place else _folders_near(exports)
    paths = [path for folder in folders for path in _profile_files(folder)]
    if not paths:
        looked = ", ".join(map(str, folders)) or "nowhere"
        raise ProfileError(
            f"no profiles found (looked in {looked}); write one: keshev profile FILE"
        )
    found: dict[str, Path] = {}
    profiles: list[Profile] = []
    for path in dict.fromkeys(path.resolve() for path in paths):
        profile = read_profile(path)
        if profile.name in found:
            raise ProfileError(
                f"{path}: name: {profile.name!r} is the name of {found[profile.name]} too;"
                " give each profile its own"
            )
        found[profile.name] = path
        profiles.append(profile)
    return profiles


def _folders_near(exports: Sequence[Path]) -> list[Path]:
    homes = dict.fromkeys(path if path.is_dir() else path.parent for path in exports)
    near = [one for home in homes for one in (home, home / "profiles", home.parent / "profiles")]
    return list(dict.fromkeys(near))


def _profile_files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted([*place.glob("*.yaml"), *place.glob("*.yml")])
    return [place] if place.suffix in {".yaml", ".yml"} else []


def profile_of(raw: Mapping[str, Any], place: str) -> Profile:
    """Return the profile of plain values; `place` is what errors name.

    Raises:
        ProfileError: names the place, the key and what to write instead.
    """
    try:
        return Profile.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        hint = {
            "extra_forbidden": "there is no such key; remove it or mend its spelling",
            "missing": "is missing; add it",
        }.get(first["type"], problem)
        raise ProfileError(f"{place}: {key + ': ' if key else ''}{hint}") from error


def write_profile(profile: Profile, path: Path, comments: Mapping[str, str] | None = None) -> None:
    """Write a profile as YAML; `comments` maps keys (`dates.fixed`) to the words above them."""
    path.write_text(render(as_plain(profile), comments or {}), encoding="utf-8")


def as_plain(profile: Profile) -> dict[str, Any]:
    """Return a profile as plain values, without what is only a default."""
    return profile.model_dump(mode="json", exclude_defaults=True)


def match(profiles: Sequence[Profile], path: Path) -> Profile:
    """Return the profile whose file pattern fits the name; of several the most specific one.

    Raises:
        ProfileError: when none fits, or two fit equally well.
    """
    name = unicodedata.normalize("NFC", path.name).casefold()
    fitting = [
        (sum(character not in "*?[]" for character in pattern), place)
        for place, profile in enumerate(profiles)
        for pattern in profile.files
        if fnmatchcase(name, unicodedata.normalize("NFC", pattern).casefold())
    ]
    if not fitting:
        raise ProfileError(
            f"{path}: no profile's files fit this name; write one with: keshev profile {path}"
        )
    best = max(fitting)[0]
    places = sorted({place for length, place in fitting if length == best})
    if len(places) > 1:
        names = ", ".join(profiles[place].name for place in places)
        raise ProfileError(f"{path}: fits several profiles ({names}); narrow their files lines")
    return profiles[places[0]]


def profile_digest(profile: Profile) -> str:
    """Return 16 hex digits that change when anything in the profile does."""
    text = json.dumps(profile.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
