"""How well searches find what they should: recall among the first five of the cases by hand."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sqlalchemy import Engine

from desk.searching.meaning import levels
from desk.searching.search import Mode, Query, search
from desk.searching.snapshot import Snapshot
from desk.searching.terms import meant
from labels.frames import Calendar
from nlp.classifier import NoteClassifier
from store import notewords
from store.session import transaction

CASES = Path(__file__).with_name("search_cases.yaml")
FIRST = 5
MODES: tuple[Mode, ...] = ("words", "meaning", "both")


@dataclass(frozen=True)
class Recall:
    """Mean recall by the kind of case and the way to search, and what should not have come."""

    means: dict[tuple[str, Mode], float]
    counts: dict[str, int]
    wrong: list[tuple[str, Mode]]


def read_cases() -> list[dict[str, Any]]:
    """Return the cases."""
    cases: list[dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return cases


def recall(engine: Engine, snapshot: Snapshot, classifier: NoteClassifier) -> Recall:
    """Return how much of what each case wants is among the first five."""
    found: dict[tuple[str, Mode], list[float]] = defaultdict(list)
    wrong: list[tuple[str, Mode]] = []
    for case in read_cases():
        vector = levels(classifier.issue([meant(case["query"])])[0])
        for mode in MODES:
            query = Query(case["query"], mode)
            places = search(snapshot, query, Calendar(), vector).places[:FIRST]
            numbers = snapshot.notes.numbers[places].tolist()
            with transaction(engine) as connection:
                rows = notewords.shown_notes(connection, numbers).values()
            first = {row.contact_id for row in rows}
            share = len(first & set(case["want"])) / min(FIRST, len(case["want"]))
            for kind in (case["kind"], "all"):
                found[kind, mode].append(share)
            if first & set(case.get("not", ())):
                wrong.append((case["query"], mode))
    means = {key: float(np.mean(shares)) for key, shares in found.items()}
    return Recall(means, {kind: len(found[kind, "both"]) for kind, _ in found}, wrong)
