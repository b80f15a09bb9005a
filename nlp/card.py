"""The model card, written from the figures of a run."""

from nlp.evaluation import Report
from nlp.modelfolder import ModelCard, ModelFolder

TEMPLATE = """# The released model {model_id}

Written by `keshev train`; `keshev evaluate` prints the test figures again.

- Base: {base}, fine-tuned whole, with one attention for each label over the tokens.
- Trained on {trained_on} labelled notes (`labels/corpus/train`), all of them invented; dev
  ({n_dev} notes) chose the epoch, the temperatures and the thresholds; test ({n_test} notes) was
  only measured.
- Codebook version {codebook}; at most {max_tokens} tokens of a note are read.
- Files: `model.onnx` (8-bit weights, {megabytes:.1f} MB), `tokenizer.json`, `config.json`. ONNX
  and JSON only: nothing here can run code when it is read.
- Licence: {licence}

## Figures

| | dev | test |
|---|---:|---:|
{rows}

95 % bootstrap interval of the test macro-F1 of reasons: {low:.3f} to {high:.3f}.

| reason | precision | recall | F1 | notes in test |
|---|---:|---:|---:|---:|
{reasons}

The corpus is invented, small and by few writers: expect lower figures on real notes, and measure
them with `keshev evaluate FILE` on notes that you labelled yourself.
"""

NAMES = {
    "reasons": "reasons, macro-F1",
    "churn_intent": "churn intent, macro-F1",
    "resolution": "resolution, macro-F1",
    "repeat": "repeat, F1",
}


def model_card(card: ModelCard, dev: Report, test: Report, files: ModelFolder) -> str:
    """Return the card as Markdown."""
    rows = [
        f"| {name} | {dev.macro[key]:.3f} | {test.macro[key]:.3f} |" for key, name in NAMES.items()
    ]
    for name, key in (
        ("evidence overlaps the true piece", "evidence_overlap"),
        ("notes marked unclear", "unclear"),
        ("expected calibration error of reasons", "calibration_error"),
    ):
        rows.append(f"| {name} | {getattr(dev, key):.3f} | {getattr(test, key):.3f} |")
    reasons = [
        f"| {name} | {f.precision:.3f} | {f.recall:.3f} | {f.f1:.3f} | {f.n} |"
        for name, f in test.reasons.items()
    ]
    return TEMPLATE.format(
        model_id=files.fingerprint(),
        base=card.base,
        trained_on=card.trained_on,
        n_dev=dev.n,
        n_test=test.n,
        codebook=card.codebook_version,
        max_tokens=card.max_tokens,
        megabytes=files.network.stat().st_size / 1e6,
        licence=card.licence,
        rows="\n".join(rows),
        low=test.interval[0],
        high=test.interval[1],
        reasons="\n".join(reasons),
    )
