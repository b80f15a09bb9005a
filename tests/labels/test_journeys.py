"""Journeys keep their order and their issue keys, and a wrong one is named."""

from pathlib import Path

import pytest

from keshev.errors import CorpusError
from labels.corpus import Split
from labels.journeys import journey_splits, read_journeys, write_journeys


@pytest.mark.parametrize("split", journey_splits())
def test_released_journeys_hold_both_kinds_of_return(split: Split) -> None:
    """Contacts that continue an issue and contacts that open a new one stand in every split."""
    journeys = read_journeys(split)
    continued = opened = 0
    for journey in journeys:
        seen = {journey.contacts[0].issue}
        for contact in journey.contacts[1:]:
            continued += contact.issue in seen
            opened += contact.issue not in seen
            seen.add(contact.issue)
    assert continued >= 40
    assert opened >= 40


def test_no_journey_stands_in_two_splits() -> None:
    """A customer of test is nobody's customer in train."""
    splits = [{journey.id for journey in read_journeys(split)} for split in journey_splits()]
    assert sum(map(len, splits)) == len(set().union(*splits))


def test_written_journeys_are_read_back_and_disorder_is_named(tmp_path: Path) -> None:
    """Nothing is lost on the way; contacts out of time name file and line."""
    journeys = read_journeys("dev")
    path = tmp_path / "journeys" / "dev.jsonl"
    write_journeys(path, journeys)
    assert read_journeys("dev", tmp_path) == journeys
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[1], lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"dev\.jsonl:1"):
        read_journeys("dev", tmp_path)
