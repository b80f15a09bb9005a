"""What is shown of people's own reasons: their use, and how far they can be believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from desk import hebrew
from desk.i18n import _
from desk.presenters.measured import Measured, measured
from labels.ownreasons import OwnFigures, OwnReason


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One reason. `used` says that a run has learnt it; without that all figures are empty.

    `given` tells how many notes have it. `found` and `others` tell the cross-validation;
    `precision` is people's, without a share until they looked at notes.
    """

    reason_id: str
    name: str
    description: str
    examples: int
    used: bool
    given: str
    found: str
    others: str
    precision: Measured


def own_rows(
    reasons: Iterable[OwnReason],
    figures: Mapping[str, OwnFigures],
    counts: Mapping[str, tuple[int, int]],
    checks: Mapping[str, tuple[int, int]],
) -> tuple[OwnRow, ...]:
    """Return the reasons as they are shown, in their order.

    Args:
        reasons: as people wrote them.
        figures: of those that a run has learnt, by id.
        counts: of these, how many notes were asked, and how many have the reason.
        checks: of these, how many notes people looked at, and how many they confirmed.
    """
    return tuple(
        _row(one, figures.get(one.reason_id), counts, checks.get(one.reason_id, (0, 0)))
        for one in reasons
    )


def _row(
    reason: OwnReason,
    known: OwnFigures | None,
    counts: Mapping[str, tuple[int, int]],
    checks: tuple[int, int],
) -> OwnRow:
    about = reason.reason_id, reason.name, reason.description, len(reason.examples)
    if known is None:
        return OwnRow(*about, False, "", "", "", measured(0, 0))
    asked, given = counts[reason.reason_id]
    return OwnRow(
        *about,
        True,
        _("{given} מתוך {asked}").format(given=hebrew.number(given), asked=hebrew.number(asked)),
        _("{part} מתוך {whole}").format(part=known.examples_found, whole=known.examples),
        _("{part} מתוך {whole}").format(part=known.others_found, whole=known.others),
        measured(checks[1], checks[0]),
    )


def examples_in(pasted: str) -> list[str]:
    """Return the notes of a pasted text: parted by empty lines, or, without any, a note a line."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n").strip()
    lines = [line.strip() for line in text.split("\n")]
    if "" not in lines:
        return [line for line in lines if line]
    notes, note = [], list[str]()
    for line in [*lines, ""]:
        if line:
            note.append(line)
        elif note:
            notes.append("\n".join(note))
            note = []
    return notes
