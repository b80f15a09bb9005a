"""The week's pages of a running desk, kept from one request to the next."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from desk import i18n
from desk.deps import Desk
from desk.gathering import gather, observed, shown_week
from desk.model import model_id
from desk.presenters import told
from desk.presenters.compared import Compared, compared
from desk.presenters.figures import Scope
from desk.presenters.weekview import Drawn, WeekView, week_view
from keshev.errors import StoreError
from labels.playbook import read_playbook
from signals.comparison import against
from signals.shares import SURVEY
from store.behind import Counting
from store.figures import calendar_of, differing, held_out_of, is_newest
from store.session import transaction
from store.signals import read_shares, read_weeks


class Weeks:
    """The weeks that have figures, oldest first; `current` says that no newer data waits.

    `differing` are the settings that the figures were counted with otherwise than the desk has.

    Raises:
        StoreError: when there are no figures yet.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.calendar = calendar_of(desk.settings)
        with transaction(desk.data) as connection:
            self.made, self.until = observed(desk.settings, connection)
            self.weeks = read_weeks(connection)
            self.current = is_newest(connection)
            model = model_id(desk.settings.model_dir)
            self.differing = differing(connection, desk.settings, model)
        if not self.weeks:
            raise StoreError("the figures are of no week; run `keshev run EXPORTS`")

    @property
    def newest(self) -> date:
        """The newest week that has ended."""
        now = self.desk.settings.observed_until or datetime.now(UTC)
        return shown_week(self.weeks, self.calendar, None, now)

    def find(self, day: date) -> date | None:
        """Return the first day of a day's week, None where that week has no figures."""
        return next((week for week in self.weeks if 0 <= (day - week).days < 7), None)

    def counting(self, week: date, weeks: int = 1) -> Counting:
        """Return how the figures of so many weeks, of which this is the last, were counted."""
        first = week - timedelta(weeks=weeks - 1)
        return Counting(
            self.calendar.bounds(first)[0].to_pydatetime(),
            self.calendar.bounds(week)[1].to_pydatetime(),
            self.until,
            self.made.model_id,
            self.desk.settings.thread_definition,
        )

    def view(self, week: date) -> tuple[WeekView, bool]:
        """Return a week's page in the spoken language, and whether it is of the stored figures."""
        key = ("week", week, i18n.language())
        return self.desk.kept.get(key, self.made.key, lambda: self._view(week), _with_charts)

    def _view(self, week: date) -> WeekView:
        settings = self.desk.settings
        scope = Scope(gather(settings, self.desk.data, week, brief=True))
        return week_view(scope, told(scope), read_playbook(settings.playbook))

    def compare(self, week: date, other: date) -> tuple[Compared, bool]:
        """Return two weeks side by side, as `view` does."""
        key = ("against", week, other, i18n.language())
        return self.desk.kept.get(key, self.made.key, lambda: self._compare(week, other))

    def _compare(self, week: date, other: date) -> Compared:
        now, then = self.view(week)[0], self.view(other)[0]
        cut = SURVEY if now.report.survey and then.report.survey else "all"
        with transaction(self.desk.data) as connection:
            figures = read_shares(connection, (week, other))
        marked = figures[(figures["metric"] == "audited") & (figures["slice"] == cut)]
        differences = against(figures, week, other, cut, held_out_of(self.desk.settings))
        return compared(now, then, differences, mixed=marked["week"].nunique() == 1)


def _with_charts(view: WeekView) -> WeekView:
    """Return the page with its charts, which take seconds to draw."""
    from desk.report import drawn  # brings Altair: a second by itself

    return replace(view, drawn=Drawn(*drawn(view.report)))


def warm(desk: Desk) -> None:
    """Make the newest week's page before anybody asks for it; without figures, nothing."""
    with suppress(StoreError), i18n.speaking(desk.settings.language):
        weeks = Weeks(desk)
        weeks.view(weeks.newest)
