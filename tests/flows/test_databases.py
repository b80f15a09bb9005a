"""The whole path on both databases gives the same bytes."""

from pathlib import Path

from keshev.settings import Settings
from tests.flows.conftest import exports_of, run_steps


def test_every_export_is_the_same_on_both(
    store_url: str, few_exports: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    """Contacts, predictions, threads, signals, at-risk and quarantine, in all three formats."""
    run = run_steps(Settings(home=tmp_path, database_url=store_url), few_exports)
    run.engine.dispose()
    assert exports_of(run.settings, tmp_path / "out") == undisturbed
