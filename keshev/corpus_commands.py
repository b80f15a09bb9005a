"""The commands around the labelled corpus: `keshev corpus` and `keshev audit-labels`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from string import digits
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keshev.errors import KeshevError
from keshev.options import JsonOption, err, out, print_json
from labels.annotation import LabelledNote
from labels.audit import read_audit, read_given_again
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.corpus import CORPUS, read_split, splits_of
from labels.journeys import journey_splits, read_journeys

if TYPE_CHECKING:
    from labels.agreement import Agreement

QUANTILES = {"5 %": 0.05, "median": 0.5, "95 %": 0.95}
OPEN = ("languages", "channels", "industries", "voices")  # sections shown by frequency
UNCOUNTED = ("size", "characters", "words")  # sections whose figures are no counts of notes
JOURNEYS = "journeys/"  # before the name of a part that holds journeys
SHOWN = 12  # values of a section that the table shows

# One part of the corpus: section -> {value: how many notes}.
Card = dict[str, dict[str, float]]
FolderOption = Annotated[
    Path, typer.Option("--corpus", help="A folder laid out as labels/corpus.", show_default=False)
]


def _quantiles(lengths: Iterable[int]) -> dict[str, float]:
    import numpy as np

    values = np.quantile(list(lengths), list(QUANTILES.values()))
    return dict(zip(QUANTILES, map(float, values), strict=True))


def _counts(values: Iterable[str], order: Sequence[str] = ()) -> dict[str, float]:
    """Return how often each value stands, in the given order, else the most frequent first."""
    counts = Counter(values)
    return {str(value): counts[value] for value in order or [v for v, _ in counts.most_common()]}


def describe(notes: Sequence[LabelledNote], size: dict[str, float]) -> Card:
    """Return one part's card: its size, how many notes carry each value, quantiles of length."""
    from nlp.evaluation_slices import language_of

    amounts = [("none", "one", "several")[min(len(note.reasons), 2)] for note in notes]
    return {
        "size": {
            **size,
            "writers": len({note.id.rstrip(f"{digits}-") for note in notes}),
            "voices": len({note.voice for note in notes}),
        },
        "reasons": _counts((reason for note in notes for reason in note.reasons), REASONS),
        "reasons of a note": _counts(amounts, ("none", "one", "several")),
        "churn intent": _counts((note.churn_intent for note in notes), CHURN_INTENTS),
        "resolution": _counts((note.resolution for note in notes), RESOLUTIONS),
        "repeat": _counts(("yes" if note.repeat else "no" for note in notes), ("yes", "no")),
        "languages": _counts(language_of(note.text) for note in notes),
        "channels": _counts(note.channel for note in notes),
        "industries": _counts(note.industry for note in notes),
        "voices": _counts(note.voice for note in notes),
        "characters": _quantiles(len(note.text) for note in notes),
        "words": _quantiles(len(note.text.split()) for note in notes),
    }


def describe_parts(root: Path) -> dict[str, Card]:
    """Return the cards of each split's notes and of each split's journeys, by part."""
    cards: dict[str, Card] = {}
    for split in splits_of(root):
        notes = read_split(split, root)
        cards[split] = describe(notes, {"notes": len(notes)})
    for split in journey_splits(root):
        journeys = read_journeys(split, root)
        contacts = [contact for journey in journeys for contact in journey.contacts]
        size: dict[str, float] = {"journeys": len(journeys), "contacts": len(contacts)}
        cards[f"{JOURNEYS}{split}"] = describe(contacts, size)
    return cards


def _cell(card: Card, section: str, value: str) -> str:
    count = card[section].get(value)
    if count is None:
        return ""
    share = count / sum(card["repeat"].values())
    return f"{count:.0f}" if section in UNCOUNTED else f"{count:.0f} ({share:.0%})"


def card_table(cards: Mapping[str, Card], title: str) -> Table:
    """Return a table with a column for each part; shares are of the part's notes."""
    names = [name.removeprefix(JOURNEYS) for name in cards]
    table = Table("", *names, title=f"The labelled corpus: {title}")
    for section in next(iter(cards.values())):
        totals: dict[str, float] = {}
        for card in cards.values():
            for value, count in card[section].items():
                totals[value] = totals.get(value, 0) + count
        values = sorted(totals, key=lambda v: -totals[v]) if section in OPEN else list(totals)
        table.add_section()
        table.add_row(section, style="bold")
        for value in values[:SHOWN]:
            table.add_row(value, *(_cell(card, section, value) for card in cards.values()))
        if len(values) > SHOWN:
            table.add_row(f"and {len(values) - SHOWN} more")
    return table


def show_agreement(split: str, agreement: "Agreement") -> None:
    """Print kappa and its fellows a label, and the three comparisons."""
    both = agreement.first_second
    table = Table(
        *("label", "kappa", "95 %", "agreement", "F1", "first", "second"),
        title=f"{split}: first and second labels of {both.n} notes",
    )
    for name, figure in both.labels.items():
        low, high = figure.interval
        table.add_row(
            name,
            f"{figure.kappa:.3f}",
            f"{low:.3f} to {high:.3f}",
            f"{figure.agreement:.1%}",
            f"{figure.f1:.3f}",
            *map(str, figure.positives),
        )
    out.print(table)
    table = Table("", "first, second", "first, settled", "second, settled")
    compared = (both, agreement.first_settled, agreement.second_settled)
    for name in both.f1:
        table.add_row(f"F1 {name}", *(f"{one.f1[name]:.3f}" for one in compared))
    table.add_row("alpha (MASI) of reasons", *(f"{one.alpha:.3f}" for one in compared))
    table.add_row("evidence overlaps", *(f"{one.evidence_overlap:.1%}" for one in compared))
    table.add_row("notes with all labels the same", *(f"{one.same:.1%}" for one in compared))
    out.print(table)
    out.print(f"Settling changed {agreement.changed:.1%} of the first labels' notes.")


def near_duplicates_of(root: Path) -> list[dict[str, Any]]:
    """Return the notes that nearly stand twice, within splits or across them."""
    try:
        from labels.duplicates import near_duplicates
    except ModuleNotFoundError as error:
        raise KeshevError(f"--duplicates needs {error.name}: pip install '.[train]'") from error
    return [
        asdict(pair) for pair in near_duplicates({s: read_split(s, root) for s in splits_of(root)})
    ]


def corpus(
    folder: FolderOption = CORPUS,
    duplicates: Annotated[
        bool, typer.Option("--duplicates", help="Search for notes that nearly stand twice, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the labelled corpus' data card: counts, and how far two labellers agree.

    Example: `keshev corpus`
    """
    from labels.agreement import agreement_of, has_second_labels
    from labels.sameissue import pair_agreement

    cards = describe_parts(folder)
    agreements = {
        s: agreement_of(s, folder) for s in splits_of(folder) if has_second_labels(s, folder)
    }
    issues = {s: one for s in journey_splits(folder) if (one := pair_agreement(s, folder))}
    audit, again = read_audit(folder), read_given_again(folder)
    pairs = near_duplicates_of(folder) if duplicates else None
    if as_json:
        found = {split: asdict(agreement) for split, agreement in agreements.items()}
        told = {"audit": audit, "resolution_again": again, "duplicates": pairs}
        same = {split: asdict(one) for split, one in issues.items()}
        print_json({"parts": cards, "agreement": found, "same_issue": same, **told})
        return
    for title, of_journeys in (("notes", False), ("contacts of journeys", True)):
        chosen = {n: one for n, one in cards.items() if n.startswith(JOURNEYS) == of_journeys}
        out.print(card_table(chosen, title))
    for split, agreement in agreements.items():
        show_agreement(split, agreement)
    if not agreements and not issues:
        out.print("No split was labelled a second time.")
    for split, one in issues.items():
        out.print(
            f"{split}: of {one.pairs} pairs of contacts in {one.journeys} journeys the first "
            f"labels call {one.first} the same issue, the second {one.second}, F1 {one.f1:.3f}; "
            f"{one.disputed:.1%} of the journeys were disputed."
        )
    if audit:
        out.print(
            f"Audit: {audit.labels} labels of {audit.notes} notes of train looked wrong and were "
            f"given again blind; {audit.upheld} were upheld, {audit.changed} changed."
        )
    if again:
        out.print(
            f"The resolution of {again.notes} notes and contacts of train was given again "
            f"blind; {again.changed} changed."
        )
    for pair in pairs or []:
        out.print(f"nearly the same: {pair['first']} {pair['second']} {pair['similarity']:.2f}")
    if pairs == []:
        out.print("No note nearly stands twice.")


def audit_labels(
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="The suspicious labels.")],
    probabilities: Annotated[
        Path | None,
        typer.Option(
            help="Out-of-sample probabilities made elsewhere: an .npz file of ids, p_reasons, "
            "p_churn, p_resolution and p_repeat. Without it: TF-IDF and logistic regression."
        ),
    ] = None,
    folder: FolderOption = CORPUS,
    as_json: JsonOption = False,
) -> None:
    """List the labels of train that look wrong, without the notes' text. Needs the extra `train`.

    Example: `keshev audit-labels suspects.csv`
    """
    try:
        from nlp.audit import out_of_sample, read_probabilities, suspects
    except ModuleNotFoundError as error:
        raise KeshevError(f"the audit needs {error.name}: pip install '.[train]'") from error
    from keshev.terminal import progress_bar
    from store.tables_out import write_table

    notes = read_split("train", folder)
    with progress_bar(err, hidden=as_json) as reporter:
        found = (
            read_probabilities(probabilities, notes)
            if probabilities
            else out_of_sample(notes, progress=reporter)
        )
    table = suspects(notes, found)
    write_table(table, target)
    if as_json:
        print_json({"notes": len(notes), "labels": _counts(table["label"]), "out": str(target)})
    else:
        out.print(f"{len(table)} suspicious labels of {len(notes)} notes: {target}", soft_wrap=True)
