"""What the README promises is there."""

import json
import re
from pathlib import Path

import pytest

from keshev.cli import app
from keshev.notify_settings import NotifySettings
from keshev.settings import ROOT, Settings
from labels.corpus import read_own_notes

DOCUMENTS = (
    "README.md",
    "docs/desk.md",
    "docs/benchmarks.md",
    "data/README.md",
    "labels/corpus/README.md",
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    """Pictures, cards and files that a document points at are in the repository."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / Path(name).parent / target).exists(), target


def test_every_command_and_setting_of_the_readme_exists() -> None:
    """No command or variable is invented, and none of the commands is left out."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS[:2])
    commands = {c.name or c.callback.__name__.replace("_", "-") for c in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    named = set(re.findall(r"`keshev\s+([a-z-]+)", text))
    assert named <= commands
    assert commands - named <= {"classify", "aggregate", "report"}
    settings = {**Settings.model_fields, **NotifySettings.model_fields}
    fields = {f"KESHEV_{field.upper()}" for field in settings}
    assert set(re.findall(r"KESHEV_[A-Z_]+", text)) <= fields


def test_the_readmes_own_notes_can_be_measured(tmp_path: Path) -> None:
    """The two lines that show how to label for `keshev evaluate` are such a file."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.jsonl"
    file.write_text(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
    assert [note.id for note in read_own_notes(file)] == ["1", "2"]


def test_the_released_model_carries_its_figures() -> None:
    """The card names the licence and the figures that `keshev evaluate` prints."""
    folder = ROOT / "nlp" / "weights"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "MIT" in config["licence"]
    for name in ("reasons", "churn_intent", "resolution", "repeat"):
        assert f"{config['figures'][name]:.3f}" in card
    assert str(config["trained_on"]) in card
