"""Figures of agreement against scikit-learn and slow twins, and the files they are read from."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from keshev.corpus_commands import corpus
from keshev.errors import CorpusError
from labels.agreement import Labelling, agreement_of, compare
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS, Reason
from labels.coefficients import (
    cohen_kappa,
    f1_of,
    kappa_interval,
    krippendorff_alpha,
    masi_distance,
)
from labels.corpus import CORPUS

TEXT = " ".join(f"קטע{i:02}." for i in range(12))


def labelling(reasons: set[int], churn: int, resolution: int, repeat: bool) -> Labelling:
    return Labelling(
        id="n",
        reasons=tuple(REASONS[i] for i in sorted(reasons)),
        evidence={REASONS[i]: f"קטע{i:02}." for i in reasons},
        churn_intent=CHURN_INTENTS[churn],
        resolution=RESOLUTIONS[resolution],
        repeat=repeat,
    )


LABELLINGS = st.builds(
    labelling,
    st.sets(st.integers(0, 11), max_size=3),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
)
VALUES: dict[str, Callable[[Labelling], int]] = {
    **{str(reason): partial(lambda r, x: int(r in x.reasons), reason) for reason in REASONS},
    "churn_intent": lambda x: CHURN_INTENTS.index(x.churn_intent),
    "resolution": lambda x: RESOLUTIONS.index(x.resolution),
    "repeat": lambda x: int(x.repeat),
}
PAIRS = st.lists(st.tuples(LABELLINGS, LABELLINGS), min_size=2, max_size=25)
SETS = st.frozensets(st.sampled_from(REASONS[:4]), max_size=3)


@settings(max_examples=40)
@given(PAIRS)
def test_kappa_and_f1_are_scikit_learns(pairs: list[tuple[Labelling, Labelling]]) -> None:
    """Each label's kappa, agreement, F1 and positives equal those of its plain columns."""
    a, b = ([pair[side] for pair in pairs] for side in (0, 1))
    figures = compare(a, b, [TEXT] * len(a)).labels
    columns = {name: ([of(x) for x in a], [of(x) for x in b]) for name, of in VALUES.items()}
    for name, (x, y) in columns.items():
        found = figures[name]
        assert found.agreement == np.mean(np.equal(x, y))
        blank = {"resolution": 2}.get(name, 0)
        assert found.positives == (sum(v != blank for v in x), sum(v != blank for v in y))
        if len({*x, *y}) == 1:
            assert np.isnan(found.kappa)
        else:
            assert np.isclose(found.kappa, cohen_kappa_score(x, y))
            assert found.interval[0] <= found.interval[1]
        values, average = (
            ([0, 1, 2], "macro") if blank or name == "churn_intent" else ([1], "macro")
        )
        if set(values) & {*x, *y}:
            expected = f1_score(x, y, labels=values, average=average, zero_division=np.nan)
            assert np.isclose(found.f1, expected)
        else:
            assert np.isnan(found.f1)


def test_a_label_that_nobody_gave_has_no_f1_and_no_kappa() -> None:
    """It is told apart from a label that nobody agreed on."""
    nobody, apart = np.array([[9, 0], [0, 0]]), np.array([[0, 5], [5, 0]])
    assert np.isnan(f1_of(nobody))
    assert np.isnan(cohen_kappa(nobody))
    assert f1_of(apart) == 0
    assert cohen_kappa(apart) == -1


def test_interval_is_that_of_notes_drawn_with_replacement() -> None:
    """Drawing tables gives what drawing notes gives, one kappa at a time."""
    table = np.array([[150, 12], [9, 49]])
    a, b = (
        np.repeat(values, table.ravel())
        for values in (np.array([0, 0, 1, 1]), np.array([0, 1] * 2))
    )
    rng = np.random.default_rng(2)
    slow = []
    for _ in range(400):
        rows = rng.integers(0, len(a), len(a))
        slow.append(cohen_kappa_score(a[rows], b[rows]))
    found = kappa_interval(table)
    assert np.allclose(found, np.quantile(slow, [0.025, 0.975]), atol=0.03)
    assert found[0] < cohen_kappa(table) < found[1]
    assert found == kappa_interval(table)


@pytest.mark.parametrize(
    ("a", "b", "similarity"),
    [
        ("", "", 1),
        ("bt", "bt", 1),
        ("b", "bt", 1 / 2 * 2 / 3),
        ("bt", "bn", 1 / 3 * 1 / 3),
        ("b", "t", 0),
        ("", "b", 0),
    ],
)
def test_masi_distance_is_its_definition(a: str, b: str, similarity: float) -> None:
    """Equal, contained, overlapping and disjoint sets, and empty ones."""
    names = {"b": Reason.BUDGET, "t": Reason.TRUST, "n": Reason.NEEDS}
    x, y = (frozenset(names[letter] for letter in word) for word in (a, b))
    assert masi_distance(x, y) == masi_distance(y, x) == pytest.approx(1 - similarity)


@settings(max_examples=60)
@given(st.lists(st.tuples(SETS, SETS), min_size=1, max_size=15))
def test_alpha_is_its_definition(
    pairs: list[tuple[frozenset[Reason], frozenset[Reason]]],
) -> None:
    """Observed over expected distance, every ordered pair of two different places gone through."""
    sets = [one for pair in pairs for one in pair]
    expected = np.mean([masi_distance(x, y) for x, y in permutations(sets, 2)])
    observed = np.mean([masi_distance(x, y) for x, y in pairs])
    found = krippendorff_alpha(pairs)
    assert np.isnan(found) if expected == 0 else np.isclose(found, 1 - observed / expected)


def lines_of(split: str, count: int) -> list[dict[str, object]]:
    """Return the first notes of the released split as plain values."""
    path = sorted((CORPUS / split).glob("*.jsonl"))[0]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:count]]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def labels_only(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in Labelling.model_fields}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A corpus of 20 notes a split; dev was labelled twice, and one note in ten settled anew."""
    for split in ("train", "dev", "test"):
        write(tmp_path / split / "x.jsonl", lines_of(split, 20))
    shutil.copytree(CORPUS / "journeys", tmp_path / "journeys")
    rows = [labels_only(row) for row in lines_of("dev", 20)]
    first = [{**row, "repeat": not row["repeat"]} if i < 2 else row for i, row in enumerate(rows)]
    second = [{**row, "churn_intent": "signal", "reasons": [], "evidence": {}} for row in rows]
    write(tmp_path / "first" / "dev.jsonl", first)
    write(tmp_path / "second" / "dev.jsonl", second[::-1])
    return tmp_path


def test_settling_is_measured_against_both(root: Path) -> None:
    """Two of twenty notes were changed; the second labeller gave no reasons at all."""
    found = agreement_of("dev", root)
    assert found.changed == pytest.approx(0.1)
    assert found.first_settled.labels["repeat"].agreement == 0.9
    assert found.first_settled.alpha == 1
    assert found.first_settled.evidence_overlap == 1
    assert found.second_settled.f1["repeat"] in (1, pytest.approx(float("nan"), nan_ok=True))
    assert found.second_settled.f1["reasons"] == 0
    assert found.first_second.evidence_pairs == 0
    assert np.isnan(found.first_second.evidence_overlap)


def test_evidence_overlaps_where_pieces_touch_the_same_words() -> None:
    """One shared character is enough, neighbours are not."""
    one = labelling({0}, 0, 0, False)
    for piece, overlap in (("קטע00. קטע01.", 1), ("קטע01.", 0)):
        other = one.model_copy(update={"evidence": {REASONS[0]: piece}})
        assert compare([one], [other], [TEXT]).evidence_overlap == overlap


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        ({"id": "zz9"}, 3, "no note of this split"),
        ({"id": "FIRST"}, 3, "stands twice"),
        ({"reasons": ["value"], "evidence": {"value": "אין קטע כזה"}}, 3, "exact piece"),
        ({"text": "מילים של לקוח"}, 3, "text"),
        (None, 0, "1 notes have no line"),
    ],
)
def test_a_wrong_second_labelling_is_named_without_its_words(
    root: Path, change: dict[str, object] | None, line: int, says: str
) -> None:
    """File and line are named, and nothing of the note."""
    path = root / "second" / "dev.jsonl"
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    if change is None:
        del rows[2]
    else:
        rows[2] |= {k: rows[0]["id"] if v == "FIRST" else v for k, v in change.items()}
    write(path, rows)
    with pytest.raises(CorpusError, match=says) as caught:
        agreement_of("dev", root)
    assert f"dev.jsonl:{line}:" in str(caught.value)
    assert "קטע" not in str(caught.value)
    assert "לקוח" not in str(caught.value)


def test_the_data_card_counts_what_is_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts and for people: notes, journeys, labels, and the agreement of dev only."""
    corpus(root, duplicates=True, as_json=True)
    said = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert said["parts"]["train"]["size"]["notes"] == 20
    assert sum(said["parts"]["dev"]["reasons of a note"].values()) == 20
    assert said["parts"]["journeys/dev"]["size"]["journeys"] > 0
    assert list(said["agreement"]) == ["dev"]
    assert said["agreement"]["dev"]["first_second"]["evidence_overlap"] is None
    assert said["duplicates"] == []
    corpus(root)
    shown = capsys.readouterr().out
    assert "Settling changed 10.0%" in shown
    assert "No split was labelled" not in shown
