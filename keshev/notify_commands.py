"""The commands `keshev notify weekly` and `keshev notify at-risk`."""

from datetime import UTC, datetime

import typer

from keshev.notify_settings import read_notify_settings
from keshev.options import JsonOption, WeekOption, day_of, out, print_json
from keshev.settings import read_settings

notify = typer.Typer(
    help="Send the weekly report, or customers at risk, to those whom the settings name.",
    no_args_is_help=True,
)


@notify.command()
def weekly(week: WeekOption = None, as_json: JsonOption = False) -> None:
    """Mail the report of a week to KESHEV_MAIL_TO; once, whatever happens.

    Example: `keshev notify weekly --week 2026-11-08`
    """
    from flows.notifying import notify_weekly
    from store.session import open_store

    settings, notices = read_settings(), read_notify_settings()
    engine = open_store(settings.database_url)
    result = notify_weekly(settings, notices, engine, day_of(week), datetime.now(UTC))
    if as_json:
        print_json(result)
    elif result.messages:
        out.print(f"Weekly report: {result.messages} messages sent.")
    else:
        out.print("Nothing to send: everybody has this week's report.")


@notify.command(name="at-risk")
def at_risk(as_json: JsonOption = False) -> None:
    """Send the customers at risk from KESHEV_NOTIFY_SCORE up who were not sent before.

    Example: `keshev notify at-risk`
    """
    from flows.notifying import notify_at_risk
    from store.session import open_store

    settings, notices = read_settings(), read_notify_settings()
    engine = open_store(settings.database_url)
    result = notify_at_risk(settings, notices, engine, datetime.now(UTC))
    if as_json:
        print_json(result)
    elif result.messages:
        out.print(f"Customers at risk: {result.matters}; {result.messages} messages sent.")
    else:
        out.print("Nothing to send: nobody new is at risk from this score up.")
