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
from nlp.matters import SameMatter

LAYOUT = 3
# Raised when code that decides changes (normalising, thresholds' use, evidence), so that stored
# predictions are made again as a fresh store would have them.
DECISIONS = 4


@dataclass(frozen=True)
class ModelCard:
    """What a model is and what was measured of it; `config.json` of the folder.

    `figures` holds the test split's figures by name, `held_out` how often each reason was found and
    rejected there (`nlp.scoring.held_out_counts`); `trained_on` the number of notes.
    """

    base: str
    licence: str
    trained_on: int
    max_tokens: int
    prefix: str
    pad_id: int
    calibration: Calibration
    same_matter: SameMatter = field(default_factory=SameMatter)
    recipe: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    held_out: dict[str, dict[str, list[int]]] = field(default_factory=dict)
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
    def reference(self) -> Path:
        """How the model's own corpus is distributed (`nlp.reference`); a folder may lack it."""
        return self.path / "reference.json"

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
        learned = (card.calibration.to_json(), card.same_matter.to_json())
        decides = [DECISIONS, card.max_tokens, card.prefix, card.pad_id, *learned]
        digest.update(json.dumps(decides, sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def read_card(self) -> ModelCard:
        """Return the model card.

        Raises:
            ModelFolderError: when the folder is incomplete, damaged or of another layout.
            CodebookMismatchError: when the model was trained with another codebook.
        """
        values = self._values()
        if values.get("layout") != LAYOUT:
            raise ModelFolderError(
                f"{self.path}: layout {values.get('layout')}, this Keshev reads {LAYOUT}; take a "
                "model folder of this version, or train one with `keshev train`"
            )
        if not self.is_valid():
            raise self._missing()
        try:
            calibration = Calibration.from_json(values.pop("calibration"))
            matter = SameMatter.from_json(values.pop("same_matter"))
            card = ModelCard(calibration=calibration, same_matter=matter, **values)
        except (ValueError, TypeError, KeyError) as error:
            raise self._damaged() from error
        if card.codebook_version != VERSION:
            raise CodebookMismatchError(
                f"{self.path}: trained with codebook {card.codebook_version}, this is {VERSION}; "
                "train a new model with `keshev train`"
            )
        return card

    def _values(self) -> dict[str, Any]:
        try:
            values: dict[str, Any] = dict(json.loads(self.config.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise self._missing() from None
        except (ValueError, TypeError) as error:
            raise self._damaged() from error
        return values

    def _missing(self) -> ModelFolderError:
        return ModelFolderError(
            f"{self.path}: no model here (model.onnx, tokenizer.json, ngrams.npz and "
            "config.json are needed); set KESHEV_MODEL_DIR to a model folder"
        )

    def _damaged(self) -> ModelFolderError:
        return ModelFolderError(f"{self.config}: damaged; take the folder from a release again")

    def write_card(self, card: ModelCard) -> None:
        """Write the model card."""
        values = {
            **vars(card),
            "calibration": card.calibration.to_json(),
            "same_matter": card.same_matter.to_json(),
        }
        text = json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True)
        self.config.write_text(text + "\n", encoding="utf-8")
