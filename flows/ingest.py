"""The flow `ingest`: export files into the store."""

from prefect import flow

from flows.parameters import Exports, Profiles
from flows.steps import Ingested
from flows.tasks import ingest_exports
from keshev.settings import read_settings


@flow(log_prints=False)
def ingest(exports: Exports, profiles: Profiles = None) -> Ingested:
    """Read export files into the store: masked, accounted for row by row."""
    return ingest_exports(read_settings(), exports, profiles)
