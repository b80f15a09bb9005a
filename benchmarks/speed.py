"""Speed of the released model beside its peers: same texts, same cores, one run.

    python benchmarks/speed.py [--notes 1000] [--json OUT]

Each contender runs in a process of its own, one after the other: `transformers.pipeline` (batches
of 1 and of 32; the better one counts), sentence-transformers, ONNX Runtime on the plain float32
export sorted by length, and Keshev. The peers run the bundled base encoder with all its layers,
which is what the model was trained from; their weights do not change their speed. Keshev reads
text and writes labels, probabilities, evidence and issue vectors; no text stands twice.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

START = time.perf_counter()
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as `nlp.engine` does, for the peer that loads it alone
NAMES = ("pipeline", "sentence-transformers", "onnxruntime", "keshev")
Run = Callable[[Sequence[str]], object]


def texts(count: int) -> list[str]:
    """Return different notes of the training corpus, drawn with a fixed seed."""
    from labels.corpus import read_split

    notes = sorted({note.text for note in read_split("train")})
    return random.Random(7).sample(notes, min(count, len(notes)))


def write_base(folder: Path) -> None:
    """Write the bundled encoder, a classification head and its tokenizer, as transformers does."""
    from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

    from nlp.base import load_base

    encoder, tokenizer = load_base()
    encoder.config.num_labels = 12
    model = BertForSequenceClassification(encoder.config)
    model.bert.load_state_dict(encoder.state_dict(), strict=False)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=256,
    ).save_pretrained(folder)


def write_plain_onnx(folder: Path) -> None:
    """Export the encoder by torch's own exporter, as it is."""
    import warnings

    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    example = tuple(torch.ones(2, 9, dtype=torch.int64) for _ in range(2))
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            example,
            str(folder / "plain.onnx"),
            input_names=["input_ids", "attention_mask"],
            dynamic_shapes=(axes, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def pipeline(folder: Path, batch: int) -> Run:
    """Return `transformers.pipeline`."""
    from transformers import pipeline as make

    made = make("text-classification", model=str(folder), device=-1, batch_size=batch)
    return lambda notes: made(list(notes), truncation=True, max_length=256)


def sentence_transformers(folder: Path) -> Run:
    """Return sentence-transformers' encoder with mean pooling."""
    from sentence_transformers import SentenceTransformer

    made = SentenceTransformer(str(folder), device="cpu")
    return lambda notes: made.encode(list(notes), show_progress_bar=False)


def onnxruntime(folder: Path) -> Run:
    """Return ONNX Runtime on the plain export, notes sorted by length, 32 at a time."""
    import onnxruntime as ort
    from tokenizers import Tokenizer

    from nlp.tokens import NoteTokenizer, pad

    session = ort.InferenceSession(str(folder / "plain.onnx"), providers=["CPUExecutionProvider"])
    tokens = NoteTokenizer(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def run(notes: Sequence[str]) -> None:
        encoded = sorted(tokens.encode(notes), key=len)
        for at in range(0, len(encoded), 32):
            batch = pad(encoded[at : at + 32], tokens.pad_id)
            inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
            session.run(None, inputs)

    return run


def keshev() -> Run:
    """Return the released model as the flows use it."""
    from keshev.settings import read_settings
    from nlp.classifier import NoteClassifier

    made = NoteClassifier(read_settings().model_dir)
    return made.predict


def peak_memory() -> float:
    """Return the most memory that this process held, MB; getrusage would count its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(name: str, folder: Path, batch: int, count: int) -> dict[str, float]:
    """Return one contender's figures, measured in this process."""
    makers: dict[str, Callable[[], Run]] = {
        "pipeline": lambda: pipeline(folder, batch),
        "sentence-transformers": lambda: sentence_transformers(folder),
        "onnxruntime": lambda: onnxruntime(folder),
        "keshev": keshev,
    }
    run = makers[name]()
    run(["לקוח מבקש לבטל, שילם יותר מדי"])
    first = time.perf_counter() - START
    notes = texts(count)
    begin, rounds = time.perf_counter(), 0
    while not rounds or time.perf_counter() - begin < 5:
        run(notes)
        rounds += 1
    rate = rounds * len(notes) / (time.perf_counter() - begin)
    return {"notes_per_second": rate, "peak_mb": peak_memory(), "first_prediction_s": first}


def matrix_peak() -> float:
    """Return the machine's float32 matrix product, operations a second, as numpy reaches it."""
    import numpy as np

    a = np.random.default_rng(1).random((1536, 1536), dtype=np.float32)
    best = 0.0
    for _ in range(8):
        begin = time.perf_counter()
        a @ a
        best = max(best, 2 * 1536**3 / (time.perf_counter() - begin))
    return best


def operations_a_note(notes: Sequence[str]) -> float:
    """Return the multiplications and additions of the released graph's products, a note."""
    import onnx

    from keshev.settings import read_settings
    from nlp.classifier import NoteClassifier
    from nlp.modelfolder import ModelFolder

    folder = read_settings().model_dir
    graph = onnx.load(ModelFolder(folder).network).graph
    sizes = {tensor.name: tensor.dims for tensor in graph.initializer}
    kinds = {"QAttention": 1, "Attention": 1, "MatMulIntegerToFloat": 1, "MatMul": 1}
    weights = sum(
        sizes[node.input[1]][0] * sizes[node.input[1]][1]
        for node in graph.node
        if node.op_type in kinds and len(sizes.get(node.input[1], ())) == 2
    )
    encoded = NoteClassifier(folder).tokens.encode(notes)
    return 2 * weights * sum(len(note) for note in encoded) / len(encoded)


def in_a_process(name: str, folder: Path, batch: int, count: int) -> dict[str, float]:
    """Return the figures of a contender from a fresh process."""
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder)]
    command += ["--batch", str(batch), "--notes", str(count)]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return figures


def compare(count: int) -> dict[str, dict[str, float]]:
    """Return every contender's figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_base(folder)
        write_plain_onnx(folder)
        found = {name: in_a_process(name, folder, 32, count) for name in NAMES}
        single = in_a_process("pipeline", folder, 1, count)
    if single["notes_per_second"] > found["pipeline"]["notes_per_second"]:
        found["pipeline"] = single
    return found


def show(found: dict[str, dict[str, float]], peak: float, needed: float, count: int) -> None:
    """Print the table."""
    from nlp.card import machine

    out = Console(width=100)
    table = Table(title=f"{count} notes; {date.today()}, {machine()}")
    for heading in ("", "notes/s", "times pipeline", "peak MB", "first prediction, s"):
        table.add_column(heading, justify="right" if heading else "left")
    pace = found["pipeline"]["notes_per_second"]
    for name, one in found.items():
        rate = one["notes_per_second"]
        table.add_row(
            name,
            f"{rate:.1f}",
            f"{rate / pace:.1f}",
            f"{one['peak_mb']:.0f}",
            f"{one['first_prediction_s']:.2f}",
        )
    out.print(table)
    share = needed * found["keshev"]["notes_per_second"] / peak
    out.print(
        f"float32 matrix product of this machine: {peak / 1e9:.0f} GFLOP/s; Keshev runs its "
        f"8-bit products at {share:.0%} of that."
    )


def main() -> None:
    """Print the table, or as a contender's own process its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=32, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one, chosen.folder, chosen.batch, chosen.notes)))
        return
    found = compare(chosen.notes)
    peak, needed = matrix_peak(), operations_a_note(texts(chosen.notes))
    show(found, peak, needed, chosen.notes)
    if chosen.json:
        from nlp.card import machine

        facts = {"date": str(date.today()), "machine": machine(), "matrix_peak": peak}
        chosen.json.write_text(json.dumps({**facts, **found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
