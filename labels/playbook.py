"""The playbook: what to do in a call with a customer who may leave, and what the advice rests on.

`playbook.yaml` is for people to edit; `plan` puts together what it says of a customer's reasons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from keshev.errors import PlaybookError
from labels.codebook import REASONS, Reason

PATH = Path(__file__).with_name("playbook.yaml")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Part):
    """A text in both languages."""

    he: Text
    en: Text


class Line(Said):
    """Something to do; an `offer` waits until what the company owes has been mended."""

    offer: bool = False


class Article(_Part):
    """An article that advice rests on; `number` is its place among the seed articles."""

    number: Text
    title: Said
    author: Said


class Source(_Part):
    """Where in an article an advice stands, and its words."""

    article: Text
    place: Said
    quote: Said


class General(_Part):
    """Advice for every call."""

    do: tuple[Line, ...]
    avoid: tuple[Said, ...]
    sources: tuple[Source, ...]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name in ("do", "avoid", "sources"):
            if not getattr(self, name):
                raise ValueError(f"`{name}` needs at least one entry")
        return self


class Advice(General):
    """Advice for one reason. `mend`: the company owes something; `understand`: it owes nothing."""

    phase: Literal["mend", "understand"]


class Playbook(_Part):
    """Advice by reason, in the order in which a call takes the reasons up."""

    articles: dict[str, Article]
    always: General
    mend_first: Said
    reasons: dict[Reason, Advice]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [str(reason) for reason in REASONS if reason not in self.reasons]
        if missing:
            raise ValueError(f"reasons: no advice for {', '.join(missing)}")
        for name, part in (("always", self.always), *self.reasons.items()):
            for source in part.sources:
                if source.article not in self.articles:
                    raise ValueError(f"{name}: sources: {source.article} is none of `articles`")
        return self


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a plan, and the reason that it is for; None for every call's."""

    reason: Reason | None
    text: Said


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in one call. `then` holds what is offered, after `first`; no line stands twice.

    `rule` says why offers wait, None where nothing is owed or nothing is offered.
    """

    first: tuple[Step, ...]
    then: tuple[Step, ...]
    rule: Said | None
    avoid: tuple[Step, ...]
    sources: tuple[tuple[Reason | None, Source], ...]


def plan(playbook: Playbook, reasons: Iterable[str]) -> Plan:
    """Return the advice for a customer's reasons together, in the playbook's order.

    First what every call begins with, then what the company owes, then what there is to
    understand; offers come last, whatever reason they are for: so nothing is offered to somebody
    who was badly served before that has been mended.
    """
    wanted = set(reasons)
    chosen = [(reason, advice) for reason, advice in playbook.reasons.items() if reason in wanted]
    chosen.sort(key=lambda pair: pair[1].phase != "mend")
    parts: list[tuple[Reason | None, General]] = [(None, playbook.always), *chosen]
    lines = [(Step(reason, line), line.offer) for reason, part in parts for line in part.do]
    then = _once(step for step, offer in lines if offer)
    owes = any(advice.phase == "mend" for _, advice in chosen)
    return Plan(
        first=_once(step for step, offer in lines if not offer),
        then=then,
        rule=playbook.mend_first if owes and then else None,
        avoid=_once(Step(reason, text) for reason, part in parts for text in part.avoid),
        sources=tuple((reason, source) for reason, part in parts for source in part.sources),
    )


def _once(steps: Iterable[Step]) -> tuple[Step, ...]:
    found: dict[tuple[str, str], Step] = {}
    for step in steps:
        found.setdefault((step.text.he, step.text.en), step)
    return tuple(found.values())


@lru_cache(maxsize=4)
def read_playbook(path: Path = PATH) -> Playbook:
    """Return the playbook of a YAML file. A file is read once: the desk starts anew to see edits.

    Raises:
        PlaybookError: naming the file and the key, when it cannot be read or says something else.
    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlaybookError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise PlaybookError(f"{path}: is not UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{mark.line + 1}: " if mark else " "
        raise PlaybookError(f"{path}:{line}this is no YAML") from error
    try:
        return Playbook.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise PlaybookError(
            f"{path}: {key}: {first['msg']}; compare it with {PATH.name} of this version"
        ) from error
