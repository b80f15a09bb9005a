"""Accuracy on the public Hebrew sentiment benchmark, by the code that trains Keshev's model.

    python benchmarks/hebrew_sentiment.py PATH [--seeds 7 8 9] [--base] [--json OUT]

PATH holds `train.tsv`, `dev.tsv` and `test.tsv` with the columns `comment` and `label` (0 positive,
1 negative, 2 neutral): the token split of Amram, Ben-David and Tsarfaty (2018) as cleaned by
OnlpLab, Hebrew-Sentiment-Data, commit 3ae4413. Training begins from the released network, which
has read Hebrew customers and agents (`--base`: from the bundled encoder). The head of churn intent
has three classes, so its last layer begins anew and learns the three sentiments; every other term
of the loss is left out. As in `keshev train`, the mean of a fit and of the rounds after it is kept.
dev chooses the fit's epoch and how much the n-grams count, test is measured once a seed. Nothing of
it goes into the released model.
"""

import argparse
import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from keshev.settings import read_settings
from labels.codebook import REASONS
from nlp.calibration import shares_and_temperatures
from nlp.card import machine
from nlp.evaluation import Truth, f1_scores
from nlp.examples import Example
from nlp.heads import Logits, mixed
from nlp.losses import Weights
from nlp.modelfolder import ModelFolder
from nlp.network import NoteNetwork
from nlp.ngrams_fit import fit_ngrams
from nlp.recipe import Recipe
from nlp.restore import restore
from nlp.rounds import fit_in_rounds
from nlp.tokens import NoteTokenizer
from nlp.training import Fitted, fit, logits_of

# Accuracy as published, by Chriqui and Yahav (2022), Seker et al. (2022), Guetta et al. (2022).
PUBLISHED = {
    "mBERT (178 M)": 0.842,
    "HeBERT (110 M)": 0.871,
    "AlephBERT (126 M)": 0.890,
    "AlephBERTGimmel (184 M)": 0.895,
}
CLASSES = 3
ROUNDS = 2
FROM_RELEASED = Recipe(epochs=2, batch_size=16, learning_rate=6e-5, noise=0.2, joined=0.0)
FROM_BASE = Recipe(epochs=4, max_tokens=128, learning_rate=1e-4, noise=0.2, joined=0.0)
ONLY_CLASSES = Weights(
    reasons=0.0, churn=1.0, resolution=0.0, repeat=0.0, evidence=0.0, issue=0.0, same=0.0
)


def read(path: Path) -> pd.DataFrame:
    """Return the comments and labels of one split."""
    return pd.read_csv(path, sep="\t", quoting=3, dtype={"comment": str}).dropna()


def examples_of(frame: pd.DataFrame) -> list[Example]:
    """Return the comments as examples whose churn head carries the sentiment."""
    blank, even = np.zeros(len(REASONS), np.float32), np.full(CLASSES, 1 / 3, np.float32)
    return [
        Example(comment, blank, np.eye(CLASSES, dtype=np.float32)[label], even, 0.0)
        for comment, label in zip(frame["comment"], frame["label"], strict=True)
    ]


def logits_on(network: NoteNetwork, tokens: NoteTokenizer, frame: pd.DataFrame) -> Logits:
    """Return a network's logits on a split."""
    return logits_of(network, tokens.encode(frame["comment"].tolist()))


def figures(logits: Logits, frame: pd.DataFrame) -> dict[str, float]:
    """Return accuracy and macro-F1 of logits on a split."""
    chosen = logits.churn.argmax(axis=1)
    truth = frame["label"].to_numpy()
    columns = np.arange(CLASSES)
    f1 = f1_scores(chosen[:, None] == columns, truth[:, None] == columns)
    return {"accuracy": float((chosen == truth).mean()), "macro_f1": float(f1.mean())}


def released_name() -> str:
    """Return how the released model is called in the table."""
    return f"model {ModelFolder(read_settings().model_dir).fingerprint()}"


def released(seed: int) -> Fitted:
    """Return the released network, the last layer of churn intent as if untrained."""
    network, tokens = restore(read_settings().model_dir)
    torch.manual_seed(seed)
    network.churn_head.reset_parameters()
    return Fitted(network, tokens)


def run(path: Path, recipe: Recipe, progress: Progress, base: bool) -> dict[str, float]:
    """Return the test figures of one seed."""
    train, dev, test = (read(path / f"{name}.tsv") for name in ("train", "dev", "test"))
    examples = examples_of(train)

    def judge(network: NoteNetwork, tokens: NoteTokenizer) -> dict[str, float]:
        return {"accuracy": figures(logits_on(network, tokens, dev), dev)["accuracy"]}

    def fit_once(name: str, stage: Recipe, start: Fitted | None) -> Fitted:
        task = progress.add_task(f"seed {recipe.seed}, {name}", total=1)

        def show(done: int, total: int, _: str) -> None:
            progress.update(task, completed=done, total=total)

        return fit(examples, judge, stage, show, start=start, weights=ONLY_CLASSES)

    start = None if base else released(recipe.seed)
    fitted = fit_in_rounds(fit_once, recipe, ROUNDS, start)
    tokens = fitted.tokenizer
    ngrams = fit_ngrams(examples, tokens.encode(train["comment"].tolist()))
    on_dev, on_test = (
        (
            logits_on(fitted.network, tokens, one),
            ngrams.logits(tokens.encode(one["comment"].tolist())),
        )
        for one in (dev, test)
    )
    share = shares_and_temperatures(*on_dev, truth_on(dev)).ngrams or {}
    return figures(mixed(*on_test, share), test)


def truth_on(frame: pd.DataFrame) -> Truth:
    """Return a split's labels as those of churn intent; all else is no."""
    none = np.zeros(len(frame), dtype=np.int64)
    reasons = np.zeros((len(frame), len(REASONS)), dtype=bool)
    return Truth(reasons, frame["label"].to_numpy(dtype=np.int64), none, none > 0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, help="folder with train.tsv, dev.tsv and test.tsv")
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--base", action="store_true", help="begin from the bundled encoder")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    recipe, begin = (FROM_BASE, "the base") if chosen.base else (FROM_RELEASED, released_name())
    with Progress(console=Console(stderr=True)) as progress:
        found = {
            seed: run(chosen.path, replace(recipe, seed=seed), progress, chosen.base)
            for seed in chosen.seeds
        }
    table = Table(title=f"Hebrew sentiment, test split, from {begin}; {date.today()}, {machine()}")
    for heading in ("model", "accuracy", "macro-F1"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, accuracy in PUBLISHED.items():
        table.add_row(f"{name}, published", f"{accuracy:.3f}", "")
    for seed, one in found.items():
        table.add_row(f"Keshev's code, seed {seed}", *(f"{value:.3f}" for value in one.values()))
    means = {name: np.mean([one[name] for one in found.values()]) for name in one}
    table.add_row("Keshev's code, mean", *(f"{value:.3f}" for value in means.values()))
    Console().print(table)
    if chosen.json:
        facts = {"date": str(date.today()), "machine": machine(), "start": begin}
        text = json.dumps(
            {**facts, "recipe": asdict(recipe), "rounds": ROUNDS, "seeds": found}, indent=2
        )
        chosen.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
