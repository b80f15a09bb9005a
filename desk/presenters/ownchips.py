"""People's own reasons beside the twelve: whose they are, and how far they can be believed."""

from collections.abc import Iterable
from dataclasses import dataclass

from desk.i18n import _
from desk.presenters.measured import measured
from desk.presenters.notes import printable
from labels.ownreasons import OwnFigures


@dataclass(frozen=True, slots=True)
class OwnChip:
    """One reason. `says` tells its precision as people measured it until the last run."""

    name: str
    says: str


def own_chips(given: Iterable[OwnFigures]) -> tuple[OwnChip, ...]:
    """Return the reasons as they are shown, in their order."""
    return tuple(OwnChip(printable(one.name), _says(one)) for one in given)


def _says(figures: OwnFigures) -> str:
    precision = measured(figures.confirmed, figures.checked)
    if not precision.n:
        return _("סיבה שהוספתם; הדיוק בבדיקה ידנית עוד לא נמדד")
    return _("סיבה שהוספתם; דיוק בבדיקה ידנית: {share} (טווח 95%: {interval}, n={n})").format(
        share=precision.share, interval=precision.interval, n=precision.n
    )
