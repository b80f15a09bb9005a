"""The model card, written from the figures of a run."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from labels.corpus import Split
from nlp.base import ASCII_PIECES, BUNDLED, OTHER_PIECES
from nlp.evaluation import Report
from nlp.evaluation_risk import risk_in_words
from nlp.evaluation_scores import LabelFigures
from nlp.evaluation_slices import FEWEST
from nlp.matters import PairFigures
from nlp.modelfolder import ModelCard, ModelFolder

TEMPLATE = """# The released model {model_id}

Written by `keshev train`; `keshev evaluate --write-card` measures and writes it again, and
`keshev evaluate` prints the test figures. Measured on {day:%Y-%m-%d}, on {machine}.

- Base: {base}, fine-tuned whole, with one attention for each label over the tokens.{pieces}
- Trained on {trained_on} labelled notes (`labels/corpus/train` and the train journeys), all of
  them invented; dev ({n_dev} notes) chose the epoch, the temperatures and the thresholds; test
  ({n_test} notes) was only measured.
- Training: {training}
- Codebook version {codebook}; at most {max_tokens} tokens of a note are read.
- Beside the network stands a linear model of the tokens' n-grams (`nlp/ngrams.py`), fitted on the
  same notes; dev chose its share in each head: {shares}.
- Files: `model.onnx` (8-bit weights, {megabytes:.1f} MB), `ngrams.npz`, `tokenizer.json` and
  `config.json`, {whole:.1f} MB in all. ONNX, JSON and plain arrays only: nothing here can run code
  when it is read.
- Licence: {licence}

## Figures

{headlines}

Intervals are percentile bootstraps over notes. The expected calibration error is of each reason's
probability, and of the chosen class's for churn intent and resolution.
{further}
## The at-risk flag, on test

{at_risk}.

The guarantee is for notes drawn as dev's were, and a little kind, since dev chose the epoch too
(`nlp/guarantee.py`): measure the flag on notes of your own.

## The same matter

Are two contacts of a customer about the same matter?

{counts}

`any` calls every pair the same, `queue` those of one queue, `cosine` those whose issue vectors are
near, `pair` is the trained decision (`nlp/matters.py`): both notes read together, then joined on
dev's journeys with the rest that is known of the pair; and `text` are the threads that it makes:
each contact joins the thread of the likeliest earlier one that reaches the threshold. Here no
window ends a thread; those of the figures end after the window's days.

{pairs}

## Each label, on test

{labels}

## The notes that the model is surest of, on test

{coverage}

Confidence is the least distance, in log-odds, of any reason's probability from its threshold.
{unclear}

## Slices of test

{slices}

Macro-F1 of a slice is over the labels that occur in it. Slices of fewer than {fewest} notes show
none, and those of a few dozen vary widely. Length is in characters; language is told by the script
of most letters.

The corpus is invented, small and by few writers: expect lower figures on real notes, and measure
them with `keshev evaluate FILE` on notes that you labelled yourself.
"""

FURTHER = {
    "hard": "Hard: {n} notes that were written to be hard.",
    "outside": "Outside: {n} notes by writers who saw the codebook and nothing of the corpus.",
}
PROVENANCE = "Nothing was trained or tuned on them; the corpus' `README.md` tells how they came."
PIECES = f"""
- Pieces of words: all of the base's with Hebrew letters, {ASCII_PIECES:,} with English, and
  {OTHER_PIECES:,} each with Cyrillic and with Arabic letters. All of these two would not fit into
  the file: notes in Russian and Arabic fall into more tokens than they would with them."""
PRODUCTS = {"avx512_vnni": "AVX-512 VNNI", "avx_vnni": "AVX VNNI", "avx2": "AVX2"}
COUNTS = "- {0}'s journeys have {1.n} pairs; in {1.same} the matter is the same."

NAMES = {
    "reasons": "reasons, macro-F1",
    "churn_intent": "churn intent, macro-F1",
    "resolution": "resolution, macro-F1",
    "repeat": "repeat, F1",
}


def figures_of(test: Report) -> dict[str, float]:
    """Return the figures that a model folder's config keeps, to six places."""
    figures: dict[str, float | None] = {
        **test.macro,
        "evidence_overlap": test.evidence_overlap,
        "unclear": test.unclear,
        "calibration_error": test.calibration_error,
        **{name: figure.f1 for name, figure in test.reasons.items()},
    }
    return {name: round(value, 6) for name, value in figures.items() if value is not None}


def machine() -> str:
    """Return the processor's name, its widest 8-bit products, and how many cores are seen.

    The products decide how fast the released model is, and turn a rounded value here and there.
    """
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    told = [line.partition(":") for line in lines]
    found = {name.strip(): value.strip() for name, _, value in reversed(told)}
    name = found.get("model name") or platform.processor() or platform.machine()
    flags = found.get("flags", "").split()
    products = next((text for flag, text in PRODUCTS.items() if flag in flags), "")
    return f"{name}{products and f' with {products}'}, {os.cpu_count()} cores"


def model_card(
    card: ModelCard,
    dev: Report,
    test: Report,
    further: Mapping[Split, Report],
    pairs: Mapping[Split, Mapping[str, PairFigures]],
    files: ModelFolder,
) -> str:
    """Return the card as Markdown, dated today.

    Args:
        card: what the model folder tells of the model.
        dev: figures on dev.
        test: figures on test.
        further: figures on the splits that are measured beside them, by split.
        pairs: of each split whose journeys are measured, figures by definition of a thread.
        files: the model folder.
    """
    return TEMPLATE.format(
        model_id=files.fingerprint(),
        day=date.today(),
        machine=machine(),
        pieces=PIECES if card.base == BUNDLED else "",
        base=card.base,
        training=card.recipe.get("note", "`keshev train`, with the plan in `config.json`."),
        trained_on=card.trained_on,
        n_dev=dev.n,
        n_test=test.n,
        codebook=card.codebook_version,
        max_tokens=card.max_tokens,
        shares=_in_words(card.calibration.ngrams or {}),
        whole=sum(file.stat().st_size for file in files.files) / 1e6,
        megabytes=files.network.stat().st_size / 1e6,
        licence=card.licence,
        counts="\n".join(COUNTS.format(s.capitalize(), one["text"]) for s, one in pairs.items()),
        pairs=_table(("split", "definition", "precision", "recall", "F1"), _pairs(pairs), texts=2),
        headlines=_headlines(dev, {"test": test, **further}),
        further=_further(further),
        at_risk=risk_in_words(test.at_risk),
        labels=_table(
            ("label", "precision", "recall", "F1", "calibration error", "notes"), _labels(test)
        ),
        coverage=_table(
            ("kept", "notes", "least confidence", "reasons exactly right", "reasons, macro-F1"),
            _coverage(test),
        ),
        unclear=_unclear(test),
        slices=_table(("by", "value", "notes", *NAMES.values()), _slices(test), texts=2),
        fewest=FEWEST,
    )


def _in_words(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.1f}" for name, share in shares.items()) or "none"


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a Markdown table whose first `texts` columns are words, the others numbers."""
    rule = ["---"] * texts + ["---:"] * (len(names) - texts)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rule, *rows))


def _by_name(report: Report) -> dict[str, float | None]:
    """Return the figures of a report's headline, as the card calls them; None for none."""
    flag = report.at_risk
    errors = {
        f"expected calibration error of {NAMES[key].partition(',')[0]}": report.calibration[key]
        for key in ("churn_intent", "resolution", "repeat")
    }
    return {
        **{name: report.macro[key] for key, name in NAMES.items()},
        "reasons, micro-F1": report.micro_f1,
        "evidence overlaps the true piece": report.evidence_overlap,
        "at-risk flag, precision": flag.precision if flag.threshold is not None else None,
        "at-risk flag, recall": flag.recall if flag.threshold is not None else None,
        "notes marked unclear": report.unclear,
        "expected calibration error of reasons": report.calibration_error,
        **errors,
    }


def _further(measured: Mapping[Split, Report]) -> str:
    """Return a paragraph on the further splits, empty without any."""
    if not measured:
        return ""
    told = [FURTHER[split].format(n=report.n) for split, report in measured.items()]
    return "\n" + "\n".join([*told, PROVENANCE]) + "\n"


def _headlines(dev: Report, measured: Mapping[Split, Report]) -> str:
    """Return a table with a row a figure: of dev, then of each split and its interval."""
    columns = ["", "dev"]
    rows = {name: [_three(value)] for name, value in _by_name(dev).items()}
    for split, report in measured.items():
        columns += [split, f"{split}, 95 % interval"]
        for name, value in _by_name(report).items():
            rows[name] += [_three(value), ""]
        for key, name in NAMES.items():
            rows[name][-1] = " to ".join(map(_three, report.intervals[key]))
    return _table(columns, [(name, *cells) for name, cells in rows.items()])


def _labels(test: Report) -> list[tuple[str, ...]]:
    figures: dict[str, LabelFigures] = {
        **test.reasons,
        **{f"churn intent: {name}": figure for name, figure in test.churn_intent.items()},
        **{f"resolution: {name}": figure for name, figure in test.resolution.items()},
        "repeat": test.repeat,
    }
    return [
        (
            name,
            *map(_three, (f.precision, f.recall, f.f1, test.calibration.get(name))),
            str(f.n),
        )
        for name, f in figures.items()
    ]


def _coverage(test: Report) -> list[tuple[str, ...]]:
    return [
        (f"{row.share:.0%}", str(row.n), *map(_three, (row.confidence, row.exact, row.macro_f1)))
        for row in test.coverage
    ]


def _pairs(pairs: Mapping[Split, Mapping[str, PairFigures]]) -> list[tuple[str, ...]]:
    return [
        (split, name, *map(_three, (f.precision, f.recall, f.f1)))
        for split, figures in pairs.items()
        for name, f in figures.items()
    ]


def _unclear(test: Report) -> str:
    notes = test.unclear_notes
    return (
        f"Notes marked unclear: {notes.n}. Share of them that truly has no reason: "
        f"{_three(notes.exact)}; whose likeliest\nreason is a true one: "
        f"{_three(notes.likeliest_right)}. Share of all other notes whose reasons are exactly "
        f"right: {_three(notes.exact_of_others)}."
    )


def _slices(test: Report) -> list[tuple[str, ...]]:
    return [
        (each.by, each.value, str(each.n), *(_three((each.f1 or {}).get(key)) for key in NAMES))
        for each in test.slices
    ]
