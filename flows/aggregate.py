"""The flow `aggregate`: all figures from contacts and predictions."""

from prefect import flow

from flows.aggregating import Aggregated
from flows.parameters import AsOf, WindowDays, settings_with
from flows.tasks import aggregate_figures


@flow(log_prints=False)
def aggregate(window_days: WindowDays = None, as_of: AsOf = None) -> Aggregated:
    """Compute threads, shares, resolution, repeats and the at-risk list."""
    return aggregate_figures(settings_with(window_days, as_of=as_of))
