"""Who may do what: four roles, and the rights of each."""

from enum import StrEnum

from desk.i18n import _


class Right(StrEnum):
    """What a route asks for."""

    QUEUE = "queue"  # the retention queue, cases, customers' journeys
    WEEK = "week"  # the figures of weeks
    NOTES = "notes"  # the notes behind figures
    SEARCH = "search"
    REVIEW = "review"  # labelling notes, own reasons
    QUALITY = "quality"  # runs, quarantine, the model, drift
    PEOPLE = "people"  # users and the audit log


class Role(StrEnum):
    """What a person is."""

    DESK = "desk"
    MANAGER = "manager"
    ANALYST = "analyst"
    ADMIN = "admin"

    @property
    def rights(self) -> frozenset[Right]:
        """What a person of this role may do."""
        return _RIGHTS[self]

    @property
    def called(self) -> str:
        """The role in the language of this context."""
        return {
            Role.DESK: _("שימור"),
            Role.MANAGER: _("ניהול שירות"),
            Role.ANALYST: _("ניתוח נתונים"),
            Role.ADMIN: _("ניהול מערכת"),
        }[self]


_RIGHTS = {
    Role.DESK: frozenset({Right.QUEUE, Right.SEARCH}),
    Role.MANAGER: frozenset({Right.QUEUE, Right.WEEK, Right.NOTES, Right.SEARCH}),
    Role.ANALYST: frozenset({Right.WEEK, Right.NOTES, Right.SEARCH, Right.REVIEW, Right.QUALITY}),
    Role.ADMIN: frozenset(Right),
}
