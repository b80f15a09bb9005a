"""`keshev reason`: reasons of one's own from a file of examples."""

import json
from pathlib import Path

from tests.keshev.conftest import Cli

EXAMPLES = [f"הטכנאי לא הגיע, פעם {n}" for n in range(20)]


def test_a_reason_is_added_listed_and_removed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"
    file.write_text("\n".join([*EXAMPLES, "", "טלפון 054-1234567 שלו"]), encoding="utf-8")
    added = cli("reason", "add", "טכנאי", "--examples", file, "--description", "לא הגיע")
    assert added.code == 0
    reason_id = added.out.split(":")[0]
    (row,) = json.loads(cli("reason", "list", "--json").out)
    assert (row["id"], row["name"], row["examples"]) == (reason_id, "טכנאי", 21)
    assert row["notes"] is None  # no run has used it yet
    assert "טכנאי" in cli("reason", "list").out
    assert cli("reason", "remove", reason_id).code == 0
    assert json.loads(cli("reason", "list", "--json").out) == []
    gone = cli("reason", "remove", reason_id)
    assert (gone.code, "no such reason" in gone.err) == (2, True)


def test_too_few_examples_say_so(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"
    file.write_text("\n".join(EXAMPLES[:7]), encoding="utf-8")
    refused = cli("reason", "add", "טכנאי", "--examples", file)
    assert refused.code == 2
    assert "7 different examples" in refused.err


def test_a_file_of_another_encoding_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"
    file.write_bytes("\n".join(EXAMPLES).encode("cp1255"))
    refused = cli("reason", "add", "טכנאי", "--examples", file)
    assert refused.code == 2
    assert "not UTF-8" in refused.err


def test_a_training_with_too_few_corrections_ends_at_once(cli: Cli) -> None:
    refused = cli("train", "--with-corrections")
    assert refused.code == 2
    assert "too few" in refused.err
