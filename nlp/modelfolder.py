"""The folder that a released model is: what is in it, its fingerprint, saving and loading.

ONNX, JSON and plain arrays only: nothing in it can run code when it is read.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keshev.errors import CodebookMismatchError, ModelFolderError
from labels.codebook import VERSION
from nlp.heads import Calibration

LAYOUT = 2
# Raised when code that decides changes (normalising, thresholds' use, evidence), so that stored
# predictions are made again as a fresh store would have them.
DECISIONS = 3


@dataclass(frozen=True)
class ModelCard:
    """What a model is and what was measured of it; `config.json` of the folder.

    `figures` holds the test split's figures by name; `trained_on` the number of notes.
    """

    base: str
    licence: str
    trained_on: int
    max_tokens: int
    prefix: str
    pad_id: int
    calibration: Calibration
    recipe: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    codebook_version: str = VERSION
    layout: int = LAYOUT


@dataclass(frozen=True)
class ModelFolder:
    """The files of a released model under `path`."""

    path: Path

    @property
    def network(self) -> Path:
        """The network as ONNX, weights inside."""
        return self.path / "model.onnx"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer, as the tokenizers library writes it."""
        return self.path / "tokenizer.json"

    @property
    def ngrams(self) -> Path:
        """The table of token n-grams (`nlp.ngrams`)."""
        return self.path / "ngrams.npz"

    @property
    def config(self) -> Path:
        """The model card as JSON."""
        return self.path / "config.json"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that a prediction needs."""
        return (self.network, self.tokenizer, self.ngrams, self.config)

    def is_valid(self) -> bool:
        """Return whether all files are there."""
        return all(file.is_file() for file in self.files)

    def fingerprint(self) -> str:
        """Return the model's id: a digest of everything that decides its predictions.

        The measured figures are no part of it.
        """
        card = self.read_card()
        digest = hashlib.sha256()
        for file in (self.network, self.tokenizer, self.ngrams):
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        decides = [DECISIONS, card.max_tokens, card.prefix, card.pad_id, card.calibration.to_json()]
        digest.update(json.dumps(decides, sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def read_card(self) -> ModelCard:
        """Return the model card.

        Raises:
            ModelFolderError: when the folder is incomplete, damaged or of another layout.
            CodebookMismatchError: when the model was trained with another codebook.
        """
        if not self.is_valid():
            raise ModelFolderError(
                f"{self.path}: no model here (model.onnx, tokenizer.json, ngrams.npz and "
                "config.json are needed); set KESHEV_MODEL_DIR to a model folder"
            )
        try:
            values = json.loads(self.config.read_text(encoding="utf-8"))
            calibration = Calibration.from_json(values.pop("calibration"))
            card = ModelCard(calibration=calibration, **values)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelFolderError(
                f"{self.config}: damaged; take the folder from a release again"
            ) from error
        if card.layout != LAYOUT:
            raise ModelFolderError(
                f"{self.path}: layout {card.layout}, this Keshev reads {LAYOUT}; update Keshev"
            )
        if card.codebook_version != VERSION:
            raise CodebookMismatchError(
                f"{self.path}: trained with codebook {card.codebook_version}, this is {VERSION}; "
                "train a new model with `keshev train`"
            )
        return card

    def write_card(self, card: ModelCard) -> None:
        """Write the model card."""
        values = {**vars(card), "calibration": card.calibration.to_json()}
        text = json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True)
        self.config.write_text(text + "\n", encoding="utf-8")
