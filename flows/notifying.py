"""The use cases of notices: the week's report by mail, customers at risk by mail and webhook.

Each is told to each receiver once. What a server refused stays to be sent, and is told as an error
with the next step; what one receiver was refused makes no other get it twice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from desk.letters import Letter, at_risk_letter, weekly_letter
from desk.presenters.figures import Scope
from desk.presenters.risk import RiskRow, risk
from desk.report_data import ReportData, without_texts
from flows.mailing import RefusedError, mail_server, message_of, send
from flows.reporting import gather, write_report
from flows.webhook import post
from keshev.errors import NotifyError, StoreError
from keshev.notify_settings import NotifySettings
from keshev.settings import Settings
from store.desk_session import desk_reading, desk_store_of, desk_writing
from store.notices import Kind, Way, claim, close_others, settle, unsent
from store.rows import chunks

AT_ONCE = 100  # customers of a letter or a call
OLDER_WEEKS = 4  # weeks whose letter was refused and that are tried again
Episodes = dict[str, int]


@dataclass(frozen=True)
class Sent:
    """How many letters and calls went out, of how many `matters` (a week, or customers)."""

    messages: int
    matters: int


@dataclass(frozen=True)
class _Job:
    """What one receiver is to be sent, claimed."""

    way: Way
    receiver: str
    claimed: Episodes


class _Notifier:
    """Sends claimed matters of one kind and settles each, whatever becomes of it."""

    def __init__(self, desk: Engine, notify: NotifySettings, kind: Kind, now: datetime) -> None:
        self.desk, self.notify, self.kind, self.now = desk, notify, kind, now
        self.problems: list[str] = []
        self.messages = 0
        self.told: set[str] = set()

    def mail(
        self,
        subjects: Sequence[str],
        letter: Callable[[Episodes], Letter],
        receivers: Collection[str] | None = None,
    ) -> None:
        """Send mail receivers, by default all, what was not sent to them yet.

        `letter` tells of some matters.
        """
        to_whom = [to for to in self.notify.mail_to if receivers is None or to in receivers]
        jobs = [job for to in to_whom for job in self._claimed("mail", to, subjects)]
        if not jobs:
            return
        left = list(jobs)
        try:
            with mail_server(self.notify) as server:
                for job in jobs:
                    about = letter(job.claimed)
                    sender = str(self.notify.mail_from)
                    message = message_of(about, sender, job.receiver, self.now)
                    self._out(job, partial(send, server, self.notify, message))
                    left.remove(job)
        except RefusedError as error:  # of the server itself: nobody else is reached either
            for job in left:
                self._settle(job, error)

    def call(self, subjects: Sequence[str], payload: Callable[[Episodes], dict[str, Any]]) -> None:
        """Call the webhook with what it was not sent yet."""
        for job in self._claimed("webhook", self.notify.webhook_host, subjects):
            self._out(job, partial(self._post, job, payload(job.claimed)))

    def _post(self, job: _Job, payload: dict[str, Any]) -> None:
        about = "\n".join(f"{subject} {n}" for subject, n in sorted(job.claimed.items()))
        post(self.notify, payload, f"{self.kind}\n{about}")

    def _claimed(self, way: Way, receiver: str, subjects: Sequence[str]) -> Iterator[_Job]:
        for part in chunks(subjects, AT_ONCE):
            with desk_writing(self.desk) as connection:
                claimed = claim(connection, self.kind, way, receiver, part, self.now)
            if claimed:
                yield _Job(way, receiver, claimed)

    def _out(self, job: _Job, out: Callable[[], None]) -> None:
        try:
            out()
        except RefusedError as error:
            self._settle(job, error)
        else:
            self._settle(job, None)

    def _settle(self, job: _Job, error: RefusedError | None) -> None:
        problem = error.code if error else None
        with desk_writing(self.desk) as connection:
            settle(connection, self.kind, job.way, job.receiver, job.claimed, self.now, problem)
        if error:
            self.problems.append(str(error))
        else:
            self.messages += 1
            self.told |= set(job.claimed)

    def finished(self) -> Sent:
        """Return what went out; raise NotifyError when something did not."""
        if self.problems:
            told = "; ".join(dict.fromkeys(self.problems))
            raise NotifyError(
                f"{told}. {self.messages} messages were sent; what was not is kept, and sent when "
                "you run the same command again"
            )
        return Sent(self.messages, len(self.told))


def notify_weekly(
    settings: Settings,
    notify: NotifySettings,
    engine: Engine,
    week: date | None,
    now: datetime,
) -> Sent:
    """Mail the report of a week, the newest by default, and those that were refused before.

    Raises:
        StoreError: as `flows.reporting.gather` does.
        NotifyError: without a mail server, or when it refused something.
    """
    notify.require_mail()
    desk = desk_store_of(engine)
    notifier = _Notifier(desk, notify, "weekly", now)
    try:
        data = gather(settings, engine, week)
        with desk_reading(desk) as connection:
            refused = unsent(connection, "weekly", notify.mail_to)
        refused.pop(data.week.isoformat(), None)
        older = _older(settings, engine, list(refused)[-OLDER_WEEKS:] if week is None else ())
        for one in chain(older, [data]):
            day = one.week.isoformat()
            notifier.mail([day], partial(_letter_of, settings, notify, one), refused.get(day))
    finally:
        desk.dispose()
    return notifier.finished()


def _older(settings: Settings, engine: Engine, weeks: Sequence[str]) -> Iterator[ReportData]:
    """Yield the weeks that the store still has contacts of."""
    for week in weeks:
        try:
            yield gather(settings, engine, date.fromisoformat(week))
        except StoreError:
            continue


def _letter_of(
    settings: Settings, notify: NotifySettings, data: ReportData, _told: Episodes
) -> Letter:
    sent = data if notify.notify_text else without_texts(data)
    reported = write_report(sent, settings.report_dir / "mail")
    return weekly_letter(data, (reported.html, reported.xlsx), settings.desk_url)


def notify_at_risk(
    settings: Settings, notify: NotifySettings, engine: Engine, now: datetime
) -> Sent:
    """Tell of the customers at risk whose score reached the setting and who were not told of yet.

    A customer who fell below it and reached it again is told of again.

    Raises:
        StoreError: as `flows.reporting.gather` does.
        NotifyError: where there is nowhere to send to, or something was refused.
    """
    if not notify.mails and not notify.webhook_url:
        raise NotifyError(
            "nowhere to send to; set KESHEV_SMTP_HOST, KESHEV_MAIL_FROM and KESHEV_MAIL_TO, or "
            "KESHEV_WEBHOOK_URL and KESHEV_WEBHOOK_SECRET"
        )
    desk = desk_store_of(engine)
    notifier = _Notifier(desk, notify, "at_risk", now)
    try:
        data = gather(settings, engine)
        cases = _cases(data, notify)
        with desk_writing(desk) as connection:
            close_others(connection, "at_risk", cases)
        if notify.mails:
            notifier.mail(list(cases), lambda told: _letter_at_risk(settings, notify, cases, told))
        if notify.webhook_url:
            notifier.call(list(cases), lambda told: _payload(settings, notify, cases, told, now))
    finally:
        desk.dispose()
    return notifier.finished()


@dataclass(frozen=True)
class _Case:
    """A customer at risk: as the list has it, and in words."""

    row: "pd.Series[Any]"
    shown: RiskRow


def _cases(data: ReportData, notify: NotifySettings) -> Mapping[str, _Case]:
    """Return the customers from the score up, by id, most at risk first."""
    rows = risk(Scope(data)).rows
    return {
        str(row["customer_id"]): _Case(row, shown)
        for (_, row), shown in zip(data.at_risk.iterrows(), rows, strict=True)
        if row["score"] >= notify.notify_score
    }


def _letter_at_risk(
    settings: Settings, notify: NotifySettings, cases: Mapping[str, _Case], told: Episodes
) -> Letter:
    rows = {f"{name} {n}": cases[name].shown for name, n in told.items()}
    return at_risk_letter(
        rows, notify.notify_score, settings.desk_url, with_text=notify.notify_text
    )


def _payload(
    settings: Settings,
    notify: NotifySettings,
    cases: Mapping[str, _Case],
    told: Episodes,
    now: datetime,
) -> dict[str, Any]:
    """Return the body of a call."""
    return {
        "kind": "at_risk",
        "version": 1,
        "sent_at": now.isoformat(timespec="seconds"),
        "desk": settings.desk_url,
        "score_from": notify.notify_score,
        "cases": [
            _case_of(cases[name], episode, with_text=notify.notify_text)
            for name, episode in told.items()
        ],
    }


def _case_of(case: _Case, episode: int, *, with_text: bool) -> dict[str, Any]:
    row, shown = case.row, case.shown
    value = float(row["monthly_value"])
    told: dict[str, Any] = {
        "customer_id": str(row["customer_id"]),
        "episode": episode,
        "score": round(float(row["score"]), 1),
        "reasons": [one for one in str(row["reasons"] or "").split(",") if one],
        "churn_intent": str(row["churn_intent"]),
        "last_contacted_at": row["last_contacted_at"].isoformat(),
        "contacts": shown.contacts,
        "contract_end": shown.contract_end.isoformat() if shown.contract_end else None,
        "monthly_value": None if pd.isna(value) else value,
    }
    if with_text and shown.note:
        told["note"] = shown.note.text
    return told
