"""Training in rounds ends with the mean of what each of them ended with."""

from pathlib import Path

import torch

from nlp.recipe import Recipe, new_network
from nlp.rounds import fit_in_rounds, mean_of
from nlp.training import Fitted


def test_the_mean_of_weights_is_theirs_and_leaves_counts_alone() -> None:
    one = {"w": torch.tensor([1.0, 3.0]), "n": torch.tensor(4)}
    other = {"w": torch.tensor([3.0, 5.0]), "n": torch.tensor(6)}
    mean = mean_of([one, other])
    assert torch.equal(mean["w"], torch.tensor([2.0, 4.0]))
    assert torch.equal(mean["n"], torch.tensor(4))


def test_rounds_go_on_from_each_other_and_their_mean_is_kept(tiny_base: Path) -> None:
    """The ends are 1, 2 and 3, so their mean is 2; each round has one epoch and another seed."""
    called: list[tuple[str, int, int]] = []

    def one_more(name: str, recipe: Recipe, start: Fitted | None) -> Fitted:
        fitted = start or Fitted(*new_network(recipe))
        with torch.no_grad():
            value = float(fitted.network.reason_bias[0]) + 1 if start else 1.0
            fitted.network.reason_bias.fill_(value)
        called.append((name, recipe.epochs, recipe.seed))
        return fitted

    recipe = Recipe(base=str(tiny_base), epochs=2, seed=7)
    fitted = fit_in_rounds(one_more, recipe, 2)
    assert torch.equal(fitted.network.reason_bias, torch.full((12,), 2.0))
    assert called == [("teacher", 2, 7), ("round1", 1, 701), ("round2", 1, 702)]
