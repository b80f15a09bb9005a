"""The flow `report`: one week as HTML and XLSX."""

from prefect import flow

from flows.parameters import AsOf, Definition, Week, settings_with
from flows.reporting import Reported
from flows.tasks import write_weekly_report


@flow(log_prints=False)
def report(week: Week = None, thread_definition: Definition = None, as_of: AsOf = None) -> Reported:
    """Write the report of a week."""
    return write_weekly_report(
        settings_with(thread_definition=thread_definition, as_of=as_of), week
    )
