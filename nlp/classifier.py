"""Notes in, predictions out: what everybody calls."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from tokenizers import Tokenizer

from keshev.errors import ModelFolderError, SettingsError
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.engine import Engine, OnnxEngine
from nlp.evidence import piece_of
from nlp.heads import Decisions, Floats, Logits, decide
from nlp.matters import Facts, Ints, features_of
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.ngrams import NgramModel
from nlp.together import joined
from nlp.tokens import Encoded, NoteTokenizer

if TYPE_CHECKING:
    import pandas as pd

Item = TypeVar("Item")
Pieces = dict[str, tuple[int, int]]
# Texts in memory as tokens and attention at a time: fewer than flows ask for in one call, so that
# the next ones' tokens are made meanwhile.
CHUNK = 128


@dataclass(frozen=True)
class Predictions:
    """The decisions on N notes; for each, the place in its text of each reason; issue vectors.

    `issue` (N, 64): notes about the same matter have a high cosine.
    """

    decisions: Decisions
    evidence: list[Pieces]
    issue: Floats


class NoteClassifier:
    """The released model. Equal texts get equal predictions, whatever stands beside them.

    Args:
        folder: of the model.
        threads: of the CPU; 0 is one a core.
        device: "cpu" computes by ONNX Runtime; any other is torch's name of a device, as "cuda".
            There equality holds within one `predict`, and between two of them nearly
            (`nlp.torchengine`).

    Raises:
        ModelFolderError: when the folder is incomplete, damaged or of another layout.
        SettingsError: when the device, or torch for it, is not there.
    """

    def __init__(self, folder: Path, threads: int = 0, device: str = "cpu") -> None:
        files = ModelFolder(folder)
        self.card: ModelCard = files.read_card()
        self.model_id = files.fingerprint()
        try:
            tokenizer = Tokenizer.from_file(str(files.tokenizer))
        except Exception as error:  # the library raises a bare Exception
            raise ModelFolderError(
                f"{files.tokenizer}: damaged; take the folder from a release again"
            ) from error
        self.tokens = NoteTokenizer(tokenizer, self.card.prefix, self.card.max_tokens)
        self.engine = _engine(files, threads, device)
        self.ngrams = NgramModel.load(files.ngrams)

    def logits(self, texts: Sequence[str]) -> tuple[Logits, Logits]:
        """Return the network's and the n-grams' logits for the texts, in their order."""
        encoded = self.tokens.encode(texts)
        return self.engine.run(encoded).logits, self.ngrams.logits(encoded)

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return the predictions of the texts, in their order. Equal ones of a call count once."""
        unique = list(dict.fromkeys(texts))
        parts = [
            self._decide(chunk, encoded)
            for chunk, encoded in _ahead(self.tokens.encode, _chunks(unique))
        ]
        place = {text: row for row, text in enumerate(unique)}
        rows = np.array([place[text] for text in texts], dtype=np.int64)
        decisions = _joined([part.decisions for part in parts])
        evidence = [pieces for part in parts for pieces in part.evidence]
        chosen = Decisions(**{name: values[rows] for name, values in vars(decisions).items()})
        issue = np.concatenate([part.issue for part in parts])[rows]
        return Predictions(chosen, [evidence[row] for row in rows], issue)

    def _decide(self, texts: Sequence[str], encoded: Sequence[Encoded]) -> Predictions:
        """Return the predictions of different texts, already in tokens."""
        scored = self.engine.run(encoded)
        decided = decide(scored.logits, self.card.calibration, self.ngrams.logits(encoded))
        decisions = _silenced(decided, texts)
        evidence = [
            {
                str(REASONS[column]): piece_of(text, encoded[row], scored.attention[row][column])
                for column in np.flatnonzero(decisions.reasons[row])
            }
            for row, text in enumerate(texts)
        ]
        return Predictions(decisions, evidence, scored.issue)

    def issue(self, texts: Sequence[str]) -> Floats:
        """Return the issue vectors of N texts, (N, 64), each of length one."""
        return self.engine.run(self.tokens.encode(texts)).issue

    def pair_features(self, texts: Sequence[str], pairs: Ints, facts: Facts) -> Floats:
        """Return the features of M pairs, (M, 6), as `nlp.matters.features_of` has them.

        Args:
            texts: of N contacts.
            pairs: (M, 2) places of the earlier and the later contact.
            facts: of the N contacts.
        """
        encoded = self.tokens.encode(texts)
        logits = [
            self.engine.run([joined(encoded[i], encoded[j]) for i, j in chunk]).same
            for chunk in _chunks(pairs.tolist())
        ]
        return features_of(facts, pairs, np.concatenate(logits))

    def predict_frame(self, contact_ids: Sequence[str], texts: Sequence[str]) -> "pd.DataFrame":
        """Return the predictions as a frame of `labels.frames.prediction_columns()`."""
        # Slow to import: only where somebody wants a frame.
        import pandas as pd

        from labels.frames import (
            P_CHURN,
            P_REASONS,
            P_RESOLUTION,
            issue_text,
            prediction_columns,
        )

        made = self.predict(texts)
        labels = made.decisions
        columns: dict[str, object] = {"contact_id": list(contact_ids), "model_id": self.model_id}
        for i, name in enumerate(P_REASONS):
            columns[name] = _four_places(labels.p_reasons[:, i])
        for i, reason in enumerate(REASONS):
            columns[str(reason)] = labels.reasons[:, i]
        columns["churn_intent"] = [str(CHURN_INTENTS[i]) for i in labels.churn]
        for i, name in enumerate(P_CHURN):
            columns[name] = _four_places(labels.p_churn[:, i])
        columns["resolution"] = [str(RESOLUTIONS[i]) for i in labels.resolution]
        for i, name in enumerate(P_RESOLUTION):
            columns[name] = _four_places(labels.p_resolution[:, i])
        columns["repeat"] = labels.repeat
        columns["p_repeat"] = _four_places(labels.p_repeat)
        columns["unclear"] = labels.unclear
        columns["at_risk"] = labels.at_risk
        columns["evidence"] = [json.dumps(pieces) for pieces in made.evidence]
        columns["issue"] = issue_text(made.issue)
        return pd.DataFrame(columns)[list(prediction_columns())]


def _engine(files: ModelFolder, threads: int, device: str) -> Engine:
    if device == "cpu":
        return OnnxEngine(files.network, threads)
    try:  # torch is slow to import, and not there where notes are only classified
        from nlp.torchengine import TorchEngine
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"KESHEV_DEVICE={device} needs {error.name}: pip install '.[train]', with the build of "
            "torch that is made for the device; or set KESHEV_DEVICE=cpu, which needs none"
        ) from error
    return TorchEngine(files.path, device)


def _chunks(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Return the items in parts of `CHUNK`; one empty part when there is none."""
    return [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)] or [items]


def _ahead(
    encode: Callable[[Sequence[str]], list[Encoded]], chunks: list[Sequence[str]]
) -> Iterator[tuple[Sequence[str], list[Encoded]]]:
    """Yield each chunk with its tokens, while the next one's are being made."""
    with ThreadPoolExecutor(1) as worker:
        waiting = worker.submit(encode, chunks[0])
        for place, chunk in enumerate(chunks):
            encoded = waiting.result()
            if place + 1 < len(chunks):
                waiting = worker.submit(encode, chunks[place + 1])
            yield chunk, encoded


def _joined(parts: Sequence[Decisions]) -> Decisions:
    names = vars(parts[0])
    return Decisions(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def _silenced(decisions: Decisions, texts: Sequence[str]) -> Decisions:
    """Return the decisions with no reason and no risk for texts without a letter."""
    mute = np.array([not any(char.isalpha() for char in text) for text in texts], dtype=bool)
    return replace(
        decisions,
        p_reasons=np.where(mute[:, None], np.float32(0), decisions.p_reasons),
        reasons=decisions.reasons & ~mute[:, None],
        unclear=decisions.unclear & ~mute,
        at_risk=decisions.at_risk & ~mute,
    )


def _four_places(values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> object:
    """Return the values as float64 with exactly four decimal places."""
    return np.round(values.astype(np.float64), 4)
