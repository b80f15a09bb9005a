"""The settings that the stored figures were counted with otherwise than the desk was started."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desk.i18n import N_, _
from desk.presenters.notes import printable
from desk.presenters.reasons import reason_name
from keshev.settings import CALLED, WORKING_DAYS
from store.figures import Differing

NAMES = {
    "timezone": N_("אזור הזמן"),
    "week_start": N_("היום הראשון בשבוע"),
    "window_days": N_("ימים שבהם פנייה נוספת נחשבת חוזרת"),
    "wide_window_days": N_("ימי החלון השני"),
    "thread_definition": N_("מה נחשב אותו נושא"),
    "min_slice": N_("כמה נושאים נדרשים כדי להציג שיעור של קבוצה"),
    "net_queues": N_("תורים שאינם נספרים ב־FCR נטו"),
    "net_reasons": N_("סיבות שאינן נספרות ב־FCR נטו"),
    "contact_cost": N_("עלות פנייה אחת, בשקלים"),
    "error_cost": N_("עלות מניעה של טעות אחת, בשקלים"),
    "churn_horizon_days": N_("לכמה ימים קדימה נחזית עזיבה"),
    "daily_calls": N_(
        "כמה לקוחות ברשימת השבוע (שיחות ביום × {days} ימי עבודה; {usual} כשלא הוגדר)"
    ),
    "repeat_call_satisfaction_loss": N_("כמה שביעות רצון אובדת בכל פנייה נוספת"),
    "as_of": N_("סוף התצפית"),
    "model_dir": N_("המודל"),
}


@dataclass(frozen=True, slots=True)
class OtherSetting:
    """One setting: its name, the variable that sets it, the run's value and the desk's."""

    name: str
    variable: str
    counted: str
    here: str


def other_settings(found: Iterable[Differing]) -> tuple[OtherSetting, ...]:
    """Return the settings that differ as they are shown, in their order."""
    return tuple(
        OtherSetting(
            _(NAMES[one.name]).format(days=WORKING_DAYS, usual=CALLED),
            f"KESHEV_{one.name.upper()}",
            _value(one.name, one.counted),
            _value(one.name, one.here),
        )
        for one in found
    )


def _value(name: str, value: Any) -> str:  # noqa: ANN401 (a setting may be of any type)
    if value is None:
        return _("לא הוגדר")
    if isinstance(value, list):
        names = [reason_name(one) if name == "net_reasons" else printable(one) for one in value]
        return ", ".join(names) or _("אין")
    return f"{value:g}" if isinstance(value, float) else str(value)
