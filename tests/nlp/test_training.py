"""Training learns, repeats itself, and goes on where it was stopped."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labels.corpus import read_split
from nlp.batching import pair_batches, training_batches
from nlp.examples import Example, softened, targets_of
from nlp.network import NoteNetwork, forward
from nlp.recipe import Recipe, keep_layers, new_network
from nlp.training import Fitted, fit, judge_on, logits_of


class Interrupted(Exception):
    """What stops a run in the middle."""


def weights_of(fitted: Fitted) -> dict[str, torch.Tensor]:
    return fitted.network.state_dict()


def test_training_lowers_the_loss(fitted: Fitted) -> None:
    assert fitted.history[-1]["loss"] < fitted.history[0]["loss"]


def test_a_stopped_run_ends_as_one_that_was_never_stopped(
    fitted: Fitted, recipe: Recipe, examples: list[Example], tmp_path: Path
) -> None:
    """The same seed gives the same weights, also when the second epoch was cut off."""
    judge = judge_on(read_split("dev")[:40])
    steps: list[int] = []

    def stop_in_the_second_epoch(done: int, total: int, message: str) -> None:
        steps[:] = [total // recipe.epochs]
        if done > steps[0] + 1:
            raise Interrupted

    file = tmp_path / "model.checkpoint"
    with pytest.raises(Interrupted):
        fit(examples, judge, recipe, stop_in_the_second_epoch, file)
    seen: list[int] = []
    resumed = fit(examples, judge, recipe, lambda done, *_: seen.append(done), file)
    assert min(seen) > steps[0], "the first epoch is not run again"
    for name, value in weights_of(fitted).items():
        assert torch.equal(value, weights_of(resumed)[name]), name


def test_a_checkpoint_of_another_run_is_not_taken(
    recipe: Recipe, examples: list[Example], tmp_path: Path
) -> None:
    """Other notes, another recipe or another beginning start at the first epoch."""
    judge, file = judge_on(read_split("dev")[:10]), tmp_path / "model.checkpoint"
    short, notes = replace(recipe, epochs=1), examples[:16]

    def steps(used: Recipe, learned: list[Example], start: Fitted | None = None) -> list[int]:
        seen: list[int] = []
        fit(learned, judge, used, lambda done, *_: seen.append(done), file, start)
        return seen

    end = fit(notes, judge, short, checkpoint=file)
    assert not steps(short, notes)
    assert 1 in steps(short, examples[:15])
    assert 1 in steps(replace(short, seed=8), notes)
    assert 1 in steps(short, notes, end)


def test_a_run_that_gets_no_better_stops(recipe: Recipe, examples: list[Example]) -> None:
    """After `patience` epochs without a better one, and with the weights of the best."""
    scores = iter([0.2, 0.5, 0.4, 0.5, 0.9])
    told: list[float] = []
    fitted = fit(
        examples[:16],
        lambda *_: {"figure": next(scores)},
        replace(recipe, epochs=5, patience=2),
        closed=lambda epoch: told.append(epoch["figure"]),
    )
    assert told == [0.2, 0.5, 0.4, 0.5]
    two = fit(examples[:16], lambda *_: {"figure": 0.1}, replace(recipe, epochs=5, patience=2))
    assert len(two.history) == 3
    assert [past["figure"] for past in fitted.history] == told


def test_attention_is_taught_by_evidence(fitted: Fitted, examples: list[Example]) -> None:
    """Targets mark exactly the tokens of a note's evidence, and attention is a distribution."""
    chosen = [example for example in examples if example.spans][:8]
    encoded = fitted.tokenizer.encode([example.text for example in chosen])
    with torch.no_grad():
        outputs = forward(fitted.network, encoded)
    assert torch.allclose(outputs.attention.sum(-1), torch.ones(len(chosen), 12), atol=1e-4)
    targets = targets_of(chosen, encoded, outputs.attention.shape[-1])
    for row, example in enumerate(chosen):
        for reason, (start, end) in example.spans.items():
            marked = np.flatnonzero(targets.evidence[row, reason].numpy())
            spans = encoded[row].spans[marked]
            assert spans[:, 1].min() > start
            assert spans[:, 0].max() < end
            assert spans[:, 0].min() <= start


def test_template_tokens_are_never_attended_to(fitted: Fitted) -> None:
    """Padding and the prefix get no attention, and change no issue vector."""
    encoded = fitted.tokenizer.encode(["חיוב כפול", "חיוב כפול על שירות שלא הוזמן בכלל מעולם"])
    network: NoteNetwork = fitted.network
    with torch.no_grad():
        together, alone = forward(network, encoded), forward(network, encoded[:1])
    assert float(together.attention[0, :, len(encoded[0]) :].sum()) == pytest.approx(0, abs=1e-5)
    assert float(together.attention[0, :, 0].sum()) == pytest.approx(0, abs=1e-5)
    assert torch.allclose(together.issue[0], alone.issue[0], atol=1e-5)
    assert torch.allclose(together.issue.norm(dim=-1), torch.ones(2), atol=1e-5)


def test_a_teacher_moves_the_targets_its_share(fitted: Fitted, examples: list[Example]) -> None:
    """At share 0 nothing moves; at 1 the targets are the teacher's probabilities."""
    chosen = examples[:6]
    teacher = logits_of(fitted.network, fitted.tokenizer.encode([e.text for e in chosen]))
    for before, after in zip(chosen, softened(chosen, teacher, 0.0), strict=True):
        assert np.array_equal(before.reasons, after.reasons)
    for row, after in enumerate(softened(chosen, teacher, 1.0)):
        odds = np.exp(teacher.churn[row] - teacher.churn[row].max())
        assert after.churn == pytest.approx(odds / odds.sum(), abs=1e-5)
        assert after.reasons == pytest.approx(1 / (1 + np.exp(-teacher.reasons[row])), abs=1e-5)
        assert after.spans == chosen[row].spans


def test_layers_are_kept_from_the_first_to_the_last(tiny_base: Path) -> None:
    """One layer of two is the first; a network without it still answers."""
    network, tokenizer = new_network(Recipe(base=str(tiny_base)))
    layers = list(network.encoder.encoder.layer)
    keep_layers(network.encoder, 1)
    assert list(network.encoder.encoder.layer) == layers[:1]
    assert logits_of(network, tokenizer.encode(["שלום"])).reasons.shape == (1, 12)


def example(journey: str) -> Example:
    zeros = np.zeros(3, np.float32)
    return Example("א", np.zeros(12, np.float32), zeros, zeros, 0.0, {}, journey, journey)


@given(
    journeys=st.lists(st.sampled_from(["", "", "", "a", "b", "c", "d"]), min_size=1, max_size=60),
    size=st.integers(2, 9),
    seed=st.integers(0, 99),
)
def test_batches_hold_every_note_once_and_journeys_whole(
    journeys: Sequence[str], size: int, seed: int
) -> None:
    """A batch exceeds its size only for one journey that is longer by itself."""
    examples = [example(journey) for journey in journeys]
    rng = random.Random(seed)
    lengths = [rng.randrange(1, 90) for _ in examples]
    batches = training_batches(examples, lengths, size, rng)
    assert sorted(place for batch in batches for place in batch) == list(range(len(examples)))
    for batch in batches:
        inside = {journeys[place] for place in batch}
        assert len(batch) <= size or len(inside) == 1
        for journey in inside - {""}:
            assert sum(journeys[place] == journey for place in batch) == journeys.count(journey)


@given(st.lists(st.integers(1, 90), min_size=2, max_size=30), st.integers(1, 8), st.integers(0, 9))
def test_every_pair_is_in_one_batch(lengths: list[int], size: int, seed: int) -> None:
    """Full batches but for one, and another order by another seed."""
    pairs = [(i, j) for j in range(len(lengths)) for i in range(j)]
    batches = pair_batches(pairs, lengths, size, random.Random(seed))
    assert sorted(pair for batch in batches for pair in batch) == sorted(pairs)
    assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)
