"""The codebook's enums and names, built from `codebook.yaml`; `VERSION` is that file's digest."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from keshev.errors import CodebookError

E = TypeVar("E", bound=StrEnum)
PATH = Path(__file__).with_name("codebook.yaml")


class Reason(StrEnum):
    """Why a customer is dissatisfied, is leaving, or has cause to. A note has zero or more."""

    BUDGET = "budget"
    VALUE = "value"
    TRUST = "trust"
    POLITICS = "politics"
    INDIFFERENCE = "indifference"
    STAFF = "staff"
    FAILURE = "failure"
    NEGLECT = "neglect"
    NEEDS = "needs"
    COMPETITION = "competition"
    SERVICE = "service"
    ONBOARDING = "onboarding"


class ChurnIntent(StrEnum):
    """What the note says about leaving."""

    NONE = "none"
    SIGNAL = "signal"
    EXPLICIT = "explicit"


class Resolution(StrEnum):
    """How the contact ended, by the note."""

    RESOLVED = "resolved"
    OPEN = "open"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Name:
    """A label's names and what a note says when it carries the label."""

    he: str
    en: str
    says: str
    says_he: str = ""


@dataclass(frozen=True)
class Codebook:
    """The names of every label."""

    reasons: dict[Reason, Name]
    churn_intent: dict[ChurnIntent, Name]
    resolution: dict[Resolution, Name]
    repeat: Name


def _names(kind: type[E], section: dict[str, Any], title: str) -> dict[E, Name]:
    known = {member.value for member in kind}
    if set(section) != known:
        wrong = sorted(set(section) ^ known)
        raise CodebookError(f"{PATH}: section {title}: missing or unknown labels: {wrong}")
    return {member: Name(**section[member.value]) for member in kind}


def read_codebook(path: Path = PATH) -> Codebook:
    """Return the codebook of a YAML file.

    Raises:
        CodebookError: when a section lacks a label, has an unknown one, or a name is missing.
    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return Codebook(
            reasons=_names(Reason, raw["reasons"], "reasons"),
            churn_intent=_names(ChurnIntent, raw["churn_intent"], "churn_intent"),
            resolution=_names(Resolution, raw["resolution"], "resolution"),
            repeat=Name(**raw["repeat"]),
        )
    except (KeyError, TypeError) as error:
        raise CodebookError(f"{path}: {error}; compare it with the released codebook") from error


CODEBOOK = read_codebook()
VERSION = hashlib.sha256(PATH.read_bytes()).hexdigest()[:12]
REASONS: tuple[Reason, ...] = tuple(Reason)
CHURN_INTENTS: tuple[ChurnIntent, ...] = tuple(ChurnIntent)
RESOLUTIONS: tuple[Resolution, ...] = tuple(Resolution)
