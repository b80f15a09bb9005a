"""`keshev evaluate` with the released model."""

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from keshev.settings import ROOT
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.corpus import read_split, write_notes
from labels.journeys import read_journeys, write_journeys
from nlp import scoring
from nlp.modelfolder import ModelFolder
from nlp.reference import read_reference
from tests.keshev.conftest import Cli

WEIGHTS = ROOT / "nlp" / "weights"
HEADLINES = ["reasons", "churn_intent", "resolution", "repeat"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of 24 notes of dev and of test; some come from a channel that nobody planned."""
    for split in ("dev", "test"):
        notes = read_split(split)[::9][:24]
        odd = [note.model_copy(update={"channel": "[red]fax"}) for note in notes[:2]]
        write_notes(tmp_path / "corpus" / split / "a.jsonl", odd + notes[2:])
        (tmp_path / "corpus" / "journeys").mkdir(exist_ok=True)
        journeys = read_journeys(split)[:6]
        write_journeys(tmp_path / "corpus" / "journeys" / f"{split}.jsonl", journeys)
    write_notes(tmp_path / "corpus" / "train" / "a.jsonl", read_split("train")[:30])
    return tmp_path / "corpus"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The released model in a folder of its own, configured."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("model.onnx", "tokenizer.json", "ngrams.npz"):
        (folder / name).symlink_to(WEIGHTS / name)
    shutil.copy(WEIGHTS / "config.json", folder)
    monkeypatch.setenv("KESHEV_MODEL_DIR", str(folder))
    return folder


def test_any_labelled_file_gets_all_figures_as_json(cli: Cli, corpus: Path) -> None:
    """Each label, the means with their intervals, calibration, coverage and slices."""
    ran = cli("evaluate", corpus / "test" / "a.jsonl", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["n"] == 24
    assert list(found["macro"]) == list(found["intervals"]) == HEADLINES
    assert list(found["reasons"]) == list(REASONS)
    assert list(found["churn_intent"]) == list(CHURN_INTENTS)
    assert list(found["resolution"]) == list(RESOLUTIONS)
    assert set(found["repeat"]) == {"precision", "recall", "f1", "n"}
    assert list(found["calibration"]) == [*REASONS, *HEADLINES[1:]]
    assert [row["share"] for row in found["coverage"]] == [1, 0.9, 0.8, 0.7, 0.5]
    assert {each["by"] for each in found["slices"]} == {"channel", "length", "industry", "language"}
    assert all(0 <= low <= high <= 1 for low, high in found["intervals"].values())


def test_a_reader_sees_tables(cli: Cli, corpus: Path) -> None:
    """What JSON holds is printed, and a channel's name as it was written."""
    ran = cli("evaluate", corpus / "test" / "a.jsonl")
    assert ran.code == 0
    assert "Figures on 24 labelled notes" in ran.out
    for words in (
        "churn_intent explicit",
        "macro-F1",
        "evidence overlap",
        "90%",
        "[red]fax",
        "Hebrew",
    ):
        assert words in ran.out
    assert "unclear:" in ran.out


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no notes"), ("א".encode("cp1255"), "UTF-8"), (b'{"id": "1"}\n', "a.jsonl:1")],
)
def test_what_is_no_labelled_file_is_told(
    cli: Cli, tmp_path: Path, content: bytes, says: str
) -> None:
    """Empty, another encoding, another shape: one line, exit code 2."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(content)
    ran = cli("evaluate", file)
    assert (ran.code, says in ran.err, "Traceback" in ran.err) == (2, True, False)


def test_ones_own_notes_need_no_more_than_text_and_labels(cli: Cli, tmp_path: Path) -> None:
    """A file as a user writes it is measured; what it does not tell shows as not told."""
    file = tmp_path / "mine.jsonl"
    lines = [
        {"id": 1, "text": "מבקש לבטל, יקר לו", "reasons": ["budget"], "churn_intent": "explicit"},
        {"id": 2, "text": "שאל על שעות הפתיחה, נענה", "reasons": [], "resolution": "resolved"},
    ]
    written = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    file.write_text(written, encoding="utf-8-sig")
    found = json.loads(cli("evaluate", file, "--json").out)
    assert (found["n"], found["evidence_overlap"]) == (2, None)
    assert found["reasons"]["budget"]["n"] == found["churn_intent"]["explicit"]["n"] == 1
    told = {each["value"]: each["n"] for each in found["slices"] if each["by"] == "channel"}
    assert told == {"not told": 2}
    shown = cli("evaluate", file).out
    assert re.search(r"evidence overlap +│ +– ", shown)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reasons": None}, "mine.jsonl:3: reasons"),
        ({"reasons": ["weather"]}, "mine.jsonl:3: reasons"),
        ({"evidence": {"trust": "יקר"}}, "mine.jsonl:3"),
        ({"evidence": {"budget": "זול"}}, "mine.jsonl:3"),
        ({"churn": "explicit"}, "mine.jsonl:3: churn"),
    ],
)
def test_a_wrong_line_of_ones_own_is_named_by_its_place(
    cli: Cli, tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    """Blank lines count as lines, and a note that nobody labelled does not pass for one."""
    file = tmp_path / "mine.jsonl"
    good = {"id": 1, "text": "יקר לו", "reasons": ["budget"]}
    wrong = {key: value for key, value in {**good, **changes}.items() if value is not None}
    written = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in (good, wrong))
    file.write_text(written, encoding="utf-8-sig")
    ran = cli("evaluate", file)
    assert (ran.code, says in ran.err, "Traceback" in ran.err) == (2, True, False)


def test_the_card_can_be_written_again(
    cli: Cli, corpus: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With date, machine, and the figures that config keeps; the model stays the same one."""
    before = ModelFolder(model).fingerprint()
    measure = partial(scoring.measure_and_write_card, corpus=corpus)
    monkeypatch.setattr(scoring, "measure_and_write_card", measure)
    ran = cli("evaluate", "--write-card", "--json")
    assert ran.code == 0
    assert "README.md" in ran.err
    card = (model / "README.md").read_text(encoding="utf-8")
    assert f"The released model {before}" in card
    assert f"{date.today()}" in card
    assert f"{os.cpu_count()} cores" in card
    assert "{" not in card
    figures = json.loads((model / "config.json").read_text(encoding="utf-8"))["figures"]
    found = json.loads(ran.out)
    for name, value in found["macro"].items():
        low, high = found["intervals"][name]
        assert f"{value:.3f} | {low:.3f} to {high:.3f} |" in card
        assert f"{figures[name]:.3f}" in card
    for reason, error in zip(REASONS, found["calibration"].values(), strict=False):
        assert re.search(rf"^\| {reason} .* {error:.3f} \| \d+ \|$", card, re.MULTILINE)
    for start in (
        "50%",
        "language | Hebrew",
        "channel | [red]fax",
        "length | 41-120",
        "industry |",
    ):
        assert f"\n| {start}" in card
    tables = re.findall(r"(?:^\|.*\|\n)+", card, re.MULTILINE)
    assert len(tables) == 5
    reference = read_reference(model)
    assert reference is not None
    assert sum(reference.counts["length"]) == 30
    assert all(len({line.count("|") for line in table.splitlines()}) == 1 for table in tables)
    assert ModelFolder(model).fingerprint() == before


def test_a_flag_that_is_never_set_has_no_figures(corpus: Path, model: Path) -> None:
    """Where dev gave no threshold, the card shows a dash and not a precision of 0."""
    row = r"^\| at-risk flag, precision \| (\S+) \| (\S+) \|"
    for threshold, shown in ((0.27, r"[01]\.\d{3}"), (None, "–")):
        files = ModelFolder(model)
        card = files.read_card()
        found = replace(card.calibration, risk_threshold=threshold)
        files.write_card(replace(card, calibration=found))
        scoring.measure_and_write_card(model, corpus)
        written = re.search(row, (model / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
        assert written
        assert all(re.fullmatch(shown, cell) for cell in written.groups())


def test_a_card_of_a_file_is_refused(cli: Cli, corpus: Path, model: Path) -> None:
    """The card is of dev and test: with a file nothing is measured or written."""
    ran = cli("evaluate", corpus / "test" / "a.jsonl", "--write-card")
    assert (ran.code, "--write-card" in ran.err) == (2, True)
    assert not (model / "README.md").exists()


def test_further_splits_have_columns_where_a_corpus_has_them(
    cli: Cli, corpus: Path, model: Path
) -> None:
    """In the model's card and in the corpus's; one's own corpus needs none."""
    write_journeys(corpus / "journeys" / "train.jsonl", read_journeys("train")[:2])
    scoring.measure_and_write_card(model, corpus)
    alone = (model / "README.md").read_text(encoding="utf-8").lower()
    parts = json.loads(cli("corpus", "--corpus", corpus, "--json").out)["parts"]
    for split in ("hard", "outside"):
        assert split not in alone
        assert split not in parts
    hard, outside = read_split("hard")[:40], read_split("outside")[:30]
    write_notes(corpus / "hard" / "a.jsonl", hard)
    journeys = read_journeys("outside")[:3]
    write_journeys(corpus / "journeys" / "outside.jsonl", journeys)
    scoring.measure_and_write_card(model, corpus)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert ("Hard: 40 notes" in card, "Outside: " in card) == (True, False)
    assert len(re.findall(r"^\| outside \| (any|queue|cosine|pair|text) ", card, re.MULTILINE)) == 5
    write_notes(corpus / "outside" / "a.jsonl", outside)
    scoring.measure_and_write_card(model, corpus)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert ("Hard: 40 notes" in card, "Outside: 30 notes" in card) == (True, True)
    assert "| hard | hard, 95 % interval | outside | outside, 95 % interval |\n" in card
    reports = [scoring.evaluate_notes(model, notes) for notes in (hard, outside)]
    for key in HEADLINES:
        cells = [f"{one.macro[key]:.3f} | {one.intervals[key][0]:.3f} to" for one in reports]
        assert re.search(
            rf"^\| {key.replace('_', ' ')}, .* {cells[0]} .* {cells[1]} .*$", card, re.MULTILINE
        )
    parts = json.loads(cli("corpus", "--corpus", corpus, "--json").out)["parts"]
    assert parts["hard"]["size"]["notes"] == 40
    assert parts["journeys/outside"]["size"]["journeys"] == 3
    assert "journeys/hard" not in parts


def test_the_released_corpus_tells_how_its_labellers_agree(cli: Cli) -> None:
    """Of every split that is measured on."""
    found = json.loads(cli("corpus", "--json").out)
    agreement, issues = found["agreement"], found["same_issue"]
    assert list(agreement) == ["dev", "test", "hard", "outside"]
    assert all(one["first_second"]["f1"]["reasons"] > 0.9 for one in agreement.values())
    assert list(issues) == ["dev", "test", "outside"]
    assert all(one["f1"] > 0.9 for one in issues.values())
    said = " ".join(cli("corpus").out.split())
    assert f"dev: of {issues['dev']['pairs']} pairs of contacts in" in said
