"""The flow `classify`: labels for every contact that has none of this model."""

from prefect import flow

from flows.steps import Classified
from flows.tasks import classify_contacts
from keshev.settings import read_settings


@flow(log_prints=False)
def classify() -> Classified:
    """Classify every contact that has no prediction of the present model."""
    return classify_contacts(read_settings())
