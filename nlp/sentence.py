"""The released model as a SentenceTransformer, which gives the notes' issue vectors.

    SentenceTransformer("nlp/weights", trust_remote_code=True).encode(notes)

The library asks for `trust_remote_code` since its version 6.0, as this class is none of its own.
The folder has no code for it to run: `modules.json` only names this class, of the Keshev installed
here. Nothing has to be trusted where the class is given by hand:

    SentenceTransformer(modules=[IssueVectors(Path("nlp/weights"))])
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule

from keshev.errors import ModelFolderError
from nlp.classifier import NoteClassifier
from nlp.modelfolder import ModelFolder
from nlp.tokens import Encoded, pad

HUB = ("token", "cache_folder", "revision", "local_files_only")
NO_WORDS = np.empty(0, np.int64)  # vectors come from tokens alone


class IssueVectors(InputModule):  # type: ignore[misc]  # the library is not type-checked here
    """Notes in, vectors of length one out, by the same tokens and engine as `keshev predict`.

    The vectors are the engine's to the last bit, whatever notes are beside. They run on the CPU,
    cannot be trained further, and have no token embeddings.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.files = ModelFolder(folder)
        self.model = NoteClassifier(folder)
        self.tokenizer = self.model.tokens.tokenizer
        self.max_seq_length = self.model.card.max_tokens

    def preprocess(
        self, inputs: Sequence[str], prompt: str | None = None, **_: object
    ) -> dict[str, torch.Tensor]:
        """Return the notes' `input_ids`, `attention_mask` and `text_mask`, (B, T) each."""
        encoded = self.model.tokens.encode([f"{prompt or ''}{text}" for text in inputs])
        batch = pad(encoded, self.model.card.pad_id)
        return {name: torch.from_numpy(values) for name, values in vars(batch).items()}

    def forward(self, features: dict[str, torch.Tensor], **_: object) -> dict[str, torch.Tensor]:
        """Return the features with `sentence_embedding`, (B, 64)."""
        ids, attention, text = (
            features[name].cpu().numpy() for name in ("input_ids", "attention_mask", "text_mask")
        )
        encoded = [
            Encoded(ids[row, :end], text[row, :end], np.zeros((end, 2), np.int64), NO_WORDS)
            for row, end in enumerate(attention.sum(axis=1))
        ]
        vectors = torch.from_numpy(self.model.engine.run(encoded).issue)
        return {**features, "sentence_embedding": vectors.to(features["input_ids"].device)}

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector, 64."""
        return self.model.engine.issue_size

    def save(self, output_path: str, *_: object, **__: object) -> None:
        """Write the model's files into a folder, which Keshev reads too."""
        for file in self.files.files:
            target = Path(output_path) / file.name
            if target.resolve() != file.resolve():
                shutil.copyfile(file, target)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **options: Any) -> Self:  # noqa: ANN401 (as the base class)
        """Return the module of a model folder, here or on the Hub.

        Raises:
            ModelFolderError: when there is no model, or a damaged one.
        """
        hub = {name: options[name] for name in HUB if name in options}
        found = cls.load_dir_path(model_name_or_path, subfolder, **hub)
        if found is None:
            raise ModelFolderError(f"{model_name_or_path}: no such folder")
        return cls(Path(found))
