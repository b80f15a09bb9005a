"""Which notes share a training step."""

import random
from collections.abc import Sequence

from nlp.examples import Example


def training_batches(
    examples: Sequence[Example], lengths: Sequence[int], size: int, rng: random.Random
) -> list[list[int]]:
    """Return the places of all examples in shuffled batches, each place once.

    Notes are batched with notes of about their length, so that little is padding. The contacts of
    a journey stay together, as the issue term needs them, with whole other journeys.
    """
    journeys: dict[str, list[int]] = {}
    alone: list[list[int]] = []
    for place, example in enumerate(examples):
        if example.journey:
            journeys.setdefault(example.journey, []).append(place)
        else:
            alone.append([place])
    batches = [
        *_packed(alone, lengths, size, rng),
        *_packed(list(journeys.values()), lengths, size, rng),
    ]
    rng.shuffle(batches)
    return batches


def pair_batches(
    pairs: Sequence[tuple[int, int]], lengths: Sequence[int], size: int, rng: random.Random
) -> list[list[tuple[int, int]]]:
    """Return all pairs in shuffled batches, each next to pairs of about its length together."""
    ordered = sorted(
        pairs, key=lambda pair: (lengths[pair[0]] + lengths[pair[1]]) * rng.uniform(0.85, 1.15)
    )
    batches = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    rng.shuffle(batches)
    return batches


def _packed(
    groups: list[list[int]], lengths: Sequence[int], size: int, rng: random.Random
) -> list[list[int]]:
    """Return batches of at most `size` places, groups whole and next to those of their length."""
    ordered = sorted(groups, key=lambda g: max(lengths[i] for i in g) * rng.uniform(0.85, 1.15))
    batches: list[list[int]] = [[]]
    for group in ordered:
        if batches[-1] and len(batches[-1]) + len(group) > size:
            batches.append([])
        batches[-1].extend(group)
    return [batch for batch in batches if batch]
