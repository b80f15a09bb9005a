"""The model's id on pages follows the folder, without reading it at each request."""

import shutil
from pathlib import Path

from desk.model import model_id
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder


def test_another_model_in_the_same_folder_has_another_id(tmp_path: Path) -> None:
    folder = shutil.copytree(Settings().model_dir, tmp_path / "model")
    first = model_id(folder)
    assert first == ModelFolder(folder).fingerprint() == model_id(folder)
    with ModelFolder(folder).ngrams.open("ab") as file:
        file.write(b"x")
    assert model_id(folder) == ModelFolder(folder).fingerprint() != first
