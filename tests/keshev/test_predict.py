"""`keshev predict`: the interface that stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from keshev.settings import ROOT
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from tests.keshev.conftest import Cli

LABELS = {
    "reasons", "p", "evidence", "churn_intent", "p_churn", "resolution", "p_resolution", "repeat",
    "unclear", "at_risk",
}  # fmt: skip
RECORDS = [
    {"id": 1, "text": "לק' מבקש להתנתק, יקר לו מדי והוא עובר למתחרים", "channel": "phone"},
    {"id": "2", "text": "תודה רבה על השירות", "mine": {"kept": True}},
    {"id": 3, "text": ""},
    {"id": 4, "text": "לק' מבקש להתנתק, יקר לו מדי והוא עובר למתחרים"},
    {"id": 5, "text": "הַשֵּׁרוּת   נורא\nאף אחד לא חוזר אליי"},
    {"id": 6, "text": "א\x00ב \ud800 \U0001f620 @@@"},
    {"id": 7, "text": "חיוב כפול. " * 90_000},
    {"id": 8, "text": "tbh kt rumv kvnahl"},
]


def write(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_every_record_comes_back_labelled(cli: Cli, tmp_path: Path) -> None:
    """In order, with its own keys, each label's probabilities, and evidence that is in the text."""
    source = write(tmp_path / "in.jsonl", RECORDS)
    target = tmp_path / "out.jsonl"
    ran = cli("predict", source, target, "--json")
    assert json.loads(ran.out)["notes"] == len(RECORDS)
    labelled = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len(labelled) == len(RECORDS)
    for given, made in zip(RECORDS, labelled, strict=True):
        assert {key: made[key] for key in given} == given
        assert set(made) == set(given) | LABELS
        assert list(made["p"]) == list(REASONS)
        assert all(0 <= p <= 1 for p in made["p"].values())
        assert set(made["evidence"]) == set(made["reasons"]) <= set(REASONS)
        assert all(piece and piece in given["text"] for piece in made["evidence"].values())
        assert made["churn_intent"] in list(CHURN_INTENTS)
        assert made["resolution"] in list(RESOLUTIONS)
        for name, values in (("p_churn", CHURN_INTENTS), ("p_resolution", RESOLUTIONS)):
            assert list(made[name]) == list(values)
            assert sum(made[name].values()) == pytest.approx(1, abs=1e-3)
        for name in ("repeat", "unclear", "at_risk"):
            assert isinstance(made[name], bool)
    same = [{key: made[key] for key in LABELS} for made in (labelled[0], labelled[3])]
    assert same[0] == same[1]
    assert labelled[2]["reasons"] == []
    assert [made["at_risk"] for made in labelled[:3]] == [True, False, False]


def test_a_note_is_labelled_alike_in_any_company(cli: Cli, tmp_path: Path) -> None:
    """What shares its batch does not change a note's probabilities."""
    alone = write(tmp_path / "alone.jsonl", RECORDS[:1])
    cli("predict", alone, tmp_path / "alone.out")
    cli("predict", write(tmp_path / "all.jsonl", RECORDS), tmp_path / "all.out")
    first = (tmp_path / "all.out").read_text(encoding="utf-8").splitlines()[0]
    assert (tmp_path / "alone.out").read_text(encoding="utf-8").splitlines() == [first]


def test_a_wrong_line_is_named_and_nothing_is_written(cli: Cli, tmp_path: Path) -> None:
    """The line's number is told, its words are not, and an older result stays as it was."""
    target = tmp_path / "out.jsonl"
    target.write_text("older\n")
    nested = "[" * 100_000
    for wrong in (
        nested,
        "סוד שלא ידלוף",
        '["סוד שלא ידלוף"]',
        '{"id": 1}',
        '{"id": 1, "text": 5}',
    ):
        source = tmp_path / "in.jsonl"
        source.write_text('{"id": 0, "text": "שלום"}\n' + wrong + "\n", encoding="utf-8")
        ran = cli("predict", source, target)
        assert ran.code == 2
        assert "line 2" in ran.err
        assert "סוד" not in ran.err
        assert target.read_text() == "older\n"


def test_what_is_no_file_or_no_utf8_is_named(cli: Cli, tmp_path: Path) -> None:
    """A missing file and one in Windows-1255 each get their own word."""
    assert "no such file" in cli("predict", tmp_path / "none", tmp_path / "out").err
    other = tmp_path / "in.jsonl"
    other.write_bytes('{"id": 1, "text": "שלום"}\n'.encode("cp1255"))
    assert "UTF-8" in cli("predict", other, tmp_path / "out").err


def test_the_input_is_never_written_over(cli: Cli, tmp_path: Path) -> None:
    """Its keys could be labels that people gave; a link to it, or a folder, is no output either."""
    source = write(tmp_path / "in.jsonl", [{**RECORDS[0], "reasons": ["value"]}])
    before = source.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(source)
    for target in (source, tmp_path / "link.jsonl", tmp_path):
        ran = cli("predict", source, target)
        assert ran.code == 2
        assert "give another file" in ran.err
    assert source.read_bytes() == before


def test_nothing_is_told_to_anybody(tmp_path: Path) -> None:
    """ONNX Runtime would write its maker a record of each process, to be sent later."""
    code = (
        "from pathlib import Path; from nlp.engine import OnnxEngine; "
        "OnnxEngine(Path('nlp/weights/model.onnx'))"
    )
    quiet = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    quiet.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], check=True, env=quiet, cwd=ROOT)
    assert not list(tmp_path.rglob("*"))


def test_a_note_is_labelled_without_what_only_the_store_needs() -> None:
    """Frames, the database and catalogues cost more seconds to import than a note to label."""
    slow = "{'pandas', 'pandera', 'sqlalchemy', 'babel', 'prefect'}"
    code = f"import sys, keshev.cli, flows.prediction; print({slow} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_device_that_is_not_there_is_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KESHEV_DEVICE reaches the classifier; the message says what to set."""
    monkeypatch.setenv("KESHEV_DEVICE", "abacus")
    source = write(tmp_path / "in.jsonl", RECORDS[:1])
    ran = cli("predict", source, tmp_path / "out.jsonl")
    assert ran.code == 2
    assert "KESHEV_DEVICE=cpu" in ran.err
    assert not (tmp_path / "out.jsonl").exists()
