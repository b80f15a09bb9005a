"""The flow `notify`: the week's report by mail, customers at risk by mail and webhook."""

from datetime import date

from prefect import flow

from flows.parameters import AsOf, Week, settings_with
from flows.tasks import mail_report, tell_at_risk
from keshev.notify_settings import read_notify_settings
from keshev.settings import Settings


@flow(log_prints=False)
def notify(week: Week = None, as_of: AsOf = None) -> None:
    """Send what was not sent yet."""
    send_notices(settings_with(as_of=as_of), week)


def send_notices(settings: Settings, week: date | None) -> None:
    """Send the report and the customers at risk, each where the settings name a receiver.

    A report that is refused keeps no customer from being told of: both are tried, then it fails.
    """
    notices = read_notify_settings()
    states = []
    if notices.mails:
        states.append(mail_report(settings, week, return_state=True))
    if notices.mails or notices.webhook_url:
        states.append(tell_at_risk(settings, return_state=True))
    for state in states:
        state.result()
