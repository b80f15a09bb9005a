"""Two labellers' issue keys: what is counted, and that one of the two stands in the corpus."""

from pathlib import Path

import pytest

from keshev.errors import CorpusError
from labels.codebook import ChurnIntent, Resolution
from labels.corpus import Split
from labels.journeys import (
    Journey,
    JourneyContact,
    journey_splits,
    read_journeys,
    write_journeys,
)
from labels.sameissue import pair_agreement, read_issues, same_pairs

TWICE = [split for split in journey_splits() if split != "train"]


def journey(name: str, keys: str) -> Journey:
    return Journey(
        id=name,
        contacts=tuple(
            JourneyContact(
                id=f"{name}-{day}",
                text=f"שיחה {name} {day}",
                reasons=(),
                evidence={},
                churn_intent=ChurnIntent.NONE,
                resolution=Resolution.OPEN,
                repeat=False,
                channel="phone",
                industry="telecom",
                voice="terse",
                journey=name,
                issue=key,
                day=day,
                time="09:00",
                queue="שירות",
            )
            for day, key in enumerate(keys)
        ),
    )


def corpus_of(root: Path, rows: list[str]) -> Path:
    write_journeys(root / "journeys" / "dev.jsonl", [journey("a", "ABA"), journey("b", "AA")])
    lines = ["id,first,second", *rows]
    (root / "journeys" / "issues.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def test_pairs_are_compared_and_not_keys(tmp_path: Path) -> None:
    """In `a` the second labeller joins all three; in `b` the same pair has another key."""
    rows = ["a-0,A,A", "a-1,B,A", "a-2,A,A", "b-0,A,B", "b-1,A,B"]
    found = pair_agreement("dev", corpus_of(tmp_path, rows))
    assert found is not None
    assert (found.journeys, found.pairs, found.first, found.second) == (2, 4, 2, 4)
    assert found.f1 == pytest.approx(2 * 2 / 6)
    assert found.disputed == 0.5


def test_a_split_labelled_in_part_is_an_error(tmp_path: Path) -> None:
    """It names the file, the first contact that lacks its keys, and what to do."""
    with pytest.raises(CorpusError, match=r"issues\.csv:5: .*dev.* 2, .*b-0; add"):
        pair_agreement("dev", corpus_of(tmp_path, ["a-0,A,A", "a-1,B,A", "a-2,A,A"]))


@pytest.mark.parametrize(
    ("row", "problem"), [("a-1,B", "4: no second"), ("a-1,,A", "4: no first"), ("a-0,B,A", "twice")]
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, problem: str) -> None:
    """A key that is missing would be like any other that is; two rows would hide each other."""
    rows = ["a-0,A,A", "a-2,A,A", row, "b-0,A,B", "b-1,A,B"]
    with pytest.raises(CorpusError, match=problem):
        pair_agreement("dev", corpus_of(tmp_path, rows))


def test_without_second_keys_there_is_nothing_to_compare(tmp_path: Path) -> None:
    """Neither without the file nor when it holds none of the split."""
    assert pair_agreement("dev", corpus_of(tmp_path, ["z-0,A,A"])) is None
    (tmp_path / "journeys" / "issues.csv").unlink()
    assert pair_agreement("dev", tmp_path) is None


@pytest.mark.parametrize("split", TWICE)
def test_the_settled_keys_are_one_labellers(split: Split) -> None:
    """Of every journey's issues one labelling stands; where both agree it is theirs."""
    first, second = read_issues()
    for one in read_journeys(split):
        stands = same_pairs(one, {contact.id: contact.issue for contact in one.contacts})
        assert stands in (same_pairs(one, first), same_pairs(one, second)), one.id
