"""The figures against scikit-learn's, and calibrating against what it promises."""

import json
from dataclasses import asdict, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from labels.annotation import LabelledNote
from labels.codebook import REASONS
from nlp.calibration import calibrate
from nlp.evaluation import evaluate, evidence_overlap, macro_f1, truth_of
from nlp.heads import Calibration, Logits, decide
from tests.nlp.labelled import note, note_lists, random_logits


@settings(max_examples=30)
@given(note_lists(), st.integers(0, 99))
def test_figures_are_scikit_learns(notes: list[LabelledNote], seed: int) -> None:
    """Macro-F1, micro-F1, precision and recall equal the reference library's."""
    decisions = decide(random_logits(len(notes), seed))
    truth = truth_of(notes)
    report = evaluate(notes, decisions, [{}] * len(notes), Calibration())
    assert report.macro == macro_f1(notes, decisions)
    absent = {"average": "macro", "zero_division": np.nan}
    expected = {
        "reasons": f1_score(truth.reasons, decisions.reasons, **absent),
        "churn_intent": f1_score(truth.churn, decisions.churn, labels=[0, 1, 2], **absent),
        "resolution": f1_score(truth.resolution, decisions.resolution, labels=[0, 1, 2], **absent),
        "repeat": f1_score(truth.repeat, decisions.repeat, zero_division=0),
    }
    for name, value in expected.items():
        assert np.isclose(report.macro[name], np.nan_to_num(value)), name
    micro = f1_score(truth.reasons, decisions.reasons, average="micro", zero_division=0)
    assert np.isclose(report.micro_f1, micro)
    for mine, true, made, labels in (
        (list(report.reasons.values()), truth.reasons, decisions.reasons, None),
        (list(report.churn_intent.values()), truth.churn, decisions.churn, [0, 1, 2]),
        (list(report.resolution.values()), truth.resolution, decisions.resolution, [0, 1, 2]),
        ([report.repeat], truth.repeat, decisions.repeat, [True]),
    ):
        theirs = precision_recall_fscore_support(true, made, labels=labels, zero_division=0)
        ours = [(f.precision, f.recall, f.f1, f.n) for f in mine]
        assert np.allclose(np.transpose(ours), theirs)


def test_a_reason_that_never_occurs_does_not_count() -> None:
    """Perfect labels of a file with two reasons have a macro-F1 of one, not of two twelfths."""
    notes = [note([0]), note([1])]
    sure = (20 * (truth_of(notes).reasons - 0.5)).astype(np.float32)
    decisions = decide(replace(random_logits(2, 1), reasons=sure))
    assert macro_f1(notes, decisions)["reasons"] == 1


def test_a_report_is_plain_json() -> None:
    """No figure is a NaN, an array or a numpy number, also where next to nothing occurs."""
    notes = [note([]), note([])]
    decisions = decide(random_logits(2, 1))
    report = evaluate(notes, decisions, [{}, {}], Calibration())
    again = json.loads(json.dumps(asdict(report), allow_nan=False))
    assert set(again["calibration"]) == {*REASONS, "churn_intent", "resolution", "repeat"}
    assert set(again["intervals"]) == set(again["macro"])


def test_evidence_overlap_counts_only_reasons_that_were_found() -> None:
    """A touching piece is a hit, a piece beside it is not, a missed reason is not counted."""
    one = note([0, 1])
    start = one.text.index("חלק0")
    assert evidence_overlap([one], [{"budget": (start, start + 2)}]) == 1
    assert evidence_overlap([one], [{"budget": (start + 5, start + 9)}]) == 0
    assert evidence_overlap([one], [{}]) == 0


def test_reasons_without_a_true_piece_do_not_count() -> None:
    """The overlap is over the evidence that is given, and no figure where none is."""
    one = note([0, 1])
    without = one.model_copy(update={"evidence": {}})
    start = one.text.index("חלק0")
    pieces = {"budget": (start, start + 2), "value": (0, 1)}
    assert evidence_overlap([without], [pieces]) is None
    part = one.model_copy(update={"evidence": {REASONS[0]: "חלק0"}})
    assert evidence_overlap([without, part], [pieces, pieces]) == 1


def test_any_place_of_the_true_piece_will_do() -> None:
    """A piece that stands twice in a note is found at either place."""
    one = note([0])
    twice = one.model_copy(update={"text": f"{one.text}. {one.text}"})
    assert evidence_overlap([twice], [{"budget": (len(one.text) + 2, len(one.text) + 4)}]) == 1


def test_calibrating_cools_an_overconfident_network() -> None:
    """Logits ten times too large get a temperature far above one, and thresholds stay in range."""
    rng = np.random.default_rng(3)
    notes = [note([i % 12], i % 3, i % 3, bool(i % 2), f"n{i}") for i in range(60)]
    truth = truth_of(notes).reasons
    noisy = np.where(rng.uniform(size=truth.shape) < 0.85, truth, ~truth)
    base = random_logits(60, 1)
    loud = Logits((20 * (noisy - 0.5)).astype(np.float32), base.churn, base.resolution, base.repeat)
    found = calibrate(loud, notes)
    assert found.temperatures["reasons"] > 2
    assert all(0.1 <= cut <= 0.8 for cut in found.thresholds)
    assert 0 < found.uncertain_from <= min(found.thresholds)
