"""Training in rounds: a fit, then more of one epoch each, and the mean of what they ended with."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nlp.recipe import Recipe
from nlp.training import Fitted, weights_of

FitOnce = Callable[[str, Recipe, Fitted | None], Fitted]


def fit_in_rounds(
    fit_once: FitOnce, recipe: Recipe, rounds: int, start: Fitted | None = None
) -> Fitted:
    """Return a network with the mean of the weights that a fit and its rounds ended with.

    Such a mean is known to generalise better than its parts (Izmailov et al., 2018,
    arXiv:1803.05407). Each round goes on from the one before, with chances of its own.

    Args:
        fit_once: fits from a start and returns the end; it is given a name for the stage,
            `teacher` or `round` and its number.
        recipe: of the first fit; a round has one epoch of it and another seed.
        rounds: how many follow the first fit.
        start: a network to begin from instead of the recipe's base; it is changed.
    """
    fitted = fit_once("teacher", recipe, start)
    ends = [weights_of(fitted)]
    for number in range(1, rounds + 1):
        round_recipe = replace(recipe, epochs=1, seed=recipe.seed * 100 + number)
        fitted = fit_once(f"round{number}", round_recipe, fitted)
        ends.append(weights_of(fitted))
    fitted.network.load_state_dict(mean_of(ends))
    return fitted


def mean_of(ends: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of networks' weights, those of one run's ends; whole numbers as they are."""
    return {
        name: torch.stack([end[name] for end in ends]).mean(0)
        if first.is_floating_point()
        else first
        for name, first in ends[0].items()
    }
