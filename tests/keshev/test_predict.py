"""`keshev predict`: the interface that stays."""

import json
from pathlib import Path

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from tests.keshev.conftest import Cli

LABELS = {"reasons", "p", "evidence", "churn_intent", "resolution", "repeat", "unclear"}
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
    """In order, with its own keys, twelve probabilities, and evidence that is in the text."""
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
        assert isinstance(made["repeat"], bool)
        assert isinstance(made["unclear"], bool)
    same = [{key: made[key] for key in LABELS} for made in (labelled[0], labelled[3])]
    assert same[0] == same[1]
    assert labelled[2]["reasons"] == []


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
