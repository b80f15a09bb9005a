"""How sure the figures are: bootstrap intervals over notes."""

import numpy as np

from nlp.evaluation_scores import Floats, Tables, mean_f1

Interval = tuple[float, float]
CELLS = 4_000_000  # draws times notes that are held at once: 32 MB


def _weights(rng: np.random.Generator, draws: int, notes: int) -> Floats:
    """Return how often each note is in each draw, (draws, notes)."""
    drawn = rng.integers(0, notes, size=(draws, notes))
    places = drawn + notes * np.arange(draws)[:, None]
    counts = np.bincount(places.ravel(), minlength=draws * notes)
    return counts.reshape(draws, notes).astype(np.float64)


def bootstrap_intervals(tables: Tables, draws: int = 1000, seed: int = 7) -> dict[str, Interval]:
    """Return the 95 % percentile bootstrap interval of each table's macro-F1."""
    return {name: _middle(scores) for name, scores in _drawn(tables, draws, seed).items()}


def bootstrap_differences(
    old: Tables, new: Tables, draws: int = 1000, seed: int = 7
) -> dict[str, Interval]:
    """Return the 95 % percentile bootstrap interval of what each table's macro-F1 gained.

    Both are tables of the same notes, and every draw takes the same notes of both. `mean` is that
    of all tables' mean.
    """
    before, after = _drawn(old, draws, seed), _drawn(new, draws, seed)
    gained = {name: after[name] - before[name] for name in before}
    gained["mean"] = np.mean(np.stack(list(gained.values())), axis=0)
    return {name: _middle(scores) for name, scores in gained.items()}


def _drawn(tables: Tables, draws: int, seed: int) -> dict[str, Floats]:
    """Return each table's macro-F1 in every draw.

    Notes are drawn with replacement, the same ones for all tables (Efron and Tibshirani, 1993,
    chapter 13). A draw's counts are its notes' weights times what each note adds.
    """
    notes = len(next(iter(tables.values()))[0])
    counts = {
        name: ((predicted & truth).astype(float), predicted.astype(float) + truth)
        for name, (predicted, truth) in tables.items()
    }
    scores: dict[str, list[Floats]] = {name: [] for name in tables}
    rng = np.random.default_rng(seed)
    block = max(1, CELLS // notes)
    for start in range(0, draws, block):
        weights = _weights(rng, min(block, draws - start), notes)
        for name, (both, either) in counts.items():
            scores[name].append(mean_f1(weights @ both, weights @ either))
    return {name: np.concatenate(parts) for name, parts in scores.items()}


def _middle(scores: Floats) -> Interval:
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)
