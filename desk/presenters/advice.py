"""What the playbook advises for a customer's reasons, in the language that is spoken."""

from collections.abc import Iterable
from dataclasses import dataclass

from desk.i18n import language
from desk.presenters.reasons import reason_name
from labels.playbook import Playbook, Said, Source, Step, plan


@dataclass(frozen=True, slots=True)
class Tip:
    """One line, and the name of the reason it is for; empty for every call's."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What an article says, and which article it is."""

    reason: str
    text: str
    cited: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do first, what to offer then and why only then, what to avoid, and the sources."""

    first: tuple[Tip, ...]
    then: tuple[Tip, ...]
    rule: str
    avoid: tuple[Tip, ...]
    sources: tuple[Quote, ...]


def advice(playbook: Playbook, reasons: Iterable[str]) -> Advice:
    """Return the advice for a customer's reasons together."""
    found = plan(playbook, reasons)
    return Advice(
        first=tuple(_tip(step) for step in found.first),
        then=tuple(_tip(step) for step in found.then),
        rule=said(found.rule) if found.rule else "",
        avoid=tuple(_tip(step) for step in found.avoid),
        sources=tuple(
            Quote(
                reason_name(reason) if reason else "", said(source.quote), _cited(playbook, source)
            )
            for reason, source in found.sources
        ),
    )


def said(text: Said) -> str:
    """Return a text of the playbook in the language that is spoken."""
    return text.he if language() == "he" else text.en


def _tip(step: Step) -> Tip:
    return Tip(said(step.text), reason_name(step.reason) if step.reason else "")


def _cited(playbook: Playbook, source: Source) -> str:
    article = playbook.articles[source.article]
    return f"{said(article.title)} ({said(article.author)}), {said(source.place)}"
