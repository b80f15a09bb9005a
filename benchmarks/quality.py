"""Quality of the released model beside its peers: same notes, same split, one run.

    python benchmarks/quality.py [--only NAME...] [--split NAME] [--float FOLDER]
                                 [--learning-curve] [--json OUT]

The peers learn labels/corpus/train with the journeys' contacts, the released model learned what its
card tells; each is tuned on dev and measured on test, or on the further split that `--split` names.
`own` learns 300 notes of that very split, by fifths: how hard a split is beside another. `--float`
names a folder that `nlp.release.release` wrote of a network that does not round. `--learning-curve`
trains Keshev's network on the first 500, 1,000, 2,000, 5,000 and all notes of one shuffled order,
with the same number of steps each: whether more notes would still pay. `--only` without a name
leaves the table out. All rows and the curve take hours on two cores, of which SetFit takes most.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from baselines import Corpus, frozen, majority, own, read_corpus, setfit, tfidf
from rich.console import Console
from rich.table import Table

from keshev.settings import read_settings
from labels.corpus import FURTHER
from nlp.base import BUNDLED
from nlp.calibration import calibrate
from nlp.card import machine
from nlp.classifier import NoteClassifier
from nlp.evaluation import macro_f1, truth_of
from nlp.evaluation_bootstrap import Interval, bootstrap_intervals
from nlp.evaluation_scores import tables_of
from nlp.examples import example_of
from nlp.heads import Decisions, decide
from nlp.modelfolder import ModelFolder
from nlp.ngrams_fit import fit_ngrams
from nlp.recipe import Recipe
from nlp.training import fit, logits_of

TITLES = {
    "majority": "majority",
    "own": "character TF-IDF + LR, 300 own notes",
    "tfidf": "character TF-IDF + LR",
    "frozen": "frozen encoder + LR",
    "setfit": "SetFit, same encoder",
    "float": "Keshev, float",
    "released": "Keshev, released",
}
OURS = ("float", "released")
HEADINGS = ("reasons", "churn intent", "resolution", "repeat")
SIZES = (500, 1000, 2000, 5000)
out = Console()
err = Console(stderr=True)


@dataclass(frozen=True)
class Row:
    """Macro-F1 of reasons, churn intent and resolution, and F1 of repeat, on the measured split.

    `intervals` holds their 95 % bootstrap intervals.
    """

    f1: dict[str, float]
    intervals: dict[str, Interval]


@dataclass(frozen=True)
class Point:
    """The four figures on dev and the measured split after `steps` steps on `notes` notes."""

    notes: int
    steps: int
    dev: dict[str, float]
    test: dict[str, float]


def released(folder: Path, corpus: Corpus) -> Decisions:
    """Return what a model folder decides on test, by the way that everybody uses it."""
    return NoteClassifier(folder).predict([note.text for note in corpus.test]).decisions


def measured(corpus: Corpus, chosen: argparse.Namespace) -> dict[str, Row]:
    """Return the rows that were asked for, and that can be had here."""
    makers: dict[str, Callable[[], Decisions]] = {
        "majority": lambda: majority(corpus),
        "own": lambda: own(corpus),
        "tfidf": lambda: tfidf(corpus),
        "frozen": lambda: frozen(corpus, chosen.base),
        "setfit": lambda: setfit(corpus, chosen.base, chosen.setfit_steps),
        "float": lambda: released(chosen.float, corpus),
        "released": lambda: released(read_settings().model_dir, corpus),
    }
    rows = {}
    for name in TITLES:
        if name not in chosen.only:
            continue
        if name == "float" and not chosen.float:
            err.print(f"{TITLES[name]}: left out; give its folder by --float")
            continue
        err.print(f"{TITLES[name]} …")
        try:
            decisions = makers[name]()
        except ModuleNotFoundError as error:
            err.print(f"{TITLES[name]}: left out; pip install -c constraints.txt {error.name}")
            continue
        tables = tables_of(decisions, truth_of(corpus.test))
        rows[name] = Row(macro_f1(corpus.test, decisions), bootstrap_intervals(tables))
    return rows


def learning_curve(corpus: Corpus, sizes: Sequence[int], recipe: Recipe, steps: int) -> list[Point]:
    """Return a point for each size below train's, and one for all notes.

    Every size gets the same number of steps, at least what it takes to read all notes once: the
    notes are read again and again in one long epoch, whose rate falls to nothing. Contacts count
    as single notes; the issue vector, which none of the figures looks at, is not learned.
    """
    steps = max(steps, -(-len(corpus.train) // recipe.batch_size))
    points = []
    for size in [*(size for size in sizes if size < len(corpus.train)), len(corpus.train)]:
        err.print(f"{size} notes, {steps} steps …")
        alone = [replace(example_of(n), journey="", issue="") for n in corpus.train[:size]]
        read = list(itertools.islice(itertools.cycle(alone), steps * recipe.batch_size))
        # One epoch: dev has nothing to choose.
        fitted = fit(read, lambda *_: {"epochs": 1.0}, replace(recipe, epochs=1, joined=0.0))
        ngrams = fit_ngrams(alone, fitted.tokenizer.encode([one.text for one in alone]))
        tokens = [
            fitted.tokenizer.encode([note.text for note in notes])
            for notes in (corpus.dev, corpus.test)
        ]
        logits = [(logits_of(fitted.network, one), ngrams.logits(one)) for one in tokens]
        found = calibrate(logits[0][0], corpus.dev, logits[0][1])
        figures = (
            macro_f1(notes, decide(network, found, beside))
            for notes, (network, beside) in zip((corpus.dev, corpus.test), logits, strict=True)
        )
        points.append(Point(size, steps, *figures))
        err.print(f"{size} notes: " + ", ".join(_dev_and_measured(points[-1])))
    return points


def show_rows(rows: dict[str, Row], title: str) -> None:
    """Print the rows, and how far ours are from the frozen encoder."""
    table = Table(
        title=title,
        caption="Macro-F1, F1 of repeat. LR: logistic regression.",
    )
    table.add_column("", no_wrap=True)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for name, row in rows.items():
        table.add_row(TITLES[name], *(f"{value:.3f}" for value in row.f1.values()))
    for name in OURS:
        if name in rows and "frozen" in rows:
            pairs = zip(rows[name].f1.values(), rows["frozen"].f1.values(), strict=True)
            table.add_row(f"{TITLES[name]} - frozen", *(f"{a - b:+.3f}" for a, b in pairs))
    out.print(table)


def show_curve(points: Sequence[Point], title: str) -> None:
    """Print the learning curve."""
    table = Table(title=title, caption="By training notes, on dev / on the measured split.")
    table.add_column("notes", justify="right")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for point in points:
        table.add_row(f"{point.notes:,}", *_dev_and_measured(point))
    out.print(table)


def _dev_and_measured(point: Point) -> list[str]:
    """Return the four figures as `dev / measured`."""
    pairs = zip(point.dev.values(), point.test.values(), strict=True)
    return [f"{dev:.3f} / {measured:.3f}" for dev, measured in pairs]


def options(words: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only",
        nargs="*",
        choices=TITLES,
        default=list(TITLES),
        metavar="NAME",
        help="rows to print: " + ", ".join(TITLES),
    )
    parser.add_argument("--float", type=Path, help="model folder of the float teacher")
    parser.add_argument(
        "--split", choices=("test", *FURTHER), default="test", help="notes to measure on"
    )
    parser.add_argument("--base", default=BUNDLED, help="base encoder, as in keshev train")
    parser.add_argument("--setfit-steps", type=int, default=200, help="for each kind of label")
    parser.add_argument("--learning-curve", action="store_true")
    parser.add_argument("--curve-steps", type=int, default=400, help="at each number of notes")
    parser.add_argument("--curve-layers", type=int, default=6, help="of the base; 0 keeps all")
    parser.add_argument("--notes", type=int, default=0, help="of each split, to try things out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Print the table, and the curve when it is asked for."""
    chosen = options(words)
    corpus = read_corpus(chosen.notes, chosen.seed, chosen.split)
    facts = {
        "date": str(date.today()),
        "machine": machine(),
        "model_id": ModelFolder(read_settings().model_dir).fingerprint(),
        "split": chosen.split,
        "notes": {split: len(notes) for split, notes in vars(corpus).items()},
    }
    title = f"On {chosen.split}; {facts['date']}, {facts['machine']}; model {facts['model_id']}"
    rows = measured(corpus, chosen)
    if rows:
        show_rows(rows, title)
    points: list[Point] = []
    if chosen.learning_curve:
        recipe = Recipe(base=chosen.base, layers=chosen.curve_layers, seed=chosen.seed)
        points = learning_curve(corpus, SIZES, recipe, chosen.curve_steps)
        show_curve(
            points, f"{title}; {points[0].steps} steps, {chosen.curve_layers or 'all'} layers"
        )
    if chosen.json:
        found = {
            **facts,
            "rows": {name: asdict(row) for name, row in rows.items()},
            "learning_curve": [asdict(point) for point in points],
        }
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
