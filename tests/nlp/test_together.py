"""Two notes as one: what is kept of each, and which contacts are read together."""

import numpy as np

from labels.journeys import read_journeys
from nlp.examples import Example, examples_of
from nlp.network import forward
from nlp.together import TOKENS_EACH, joined, pairs_within_journeys
from nlp.tokens import Encoded
from nlp.training import Fitted


def test_both_notes_are_whole_and_apart(fitted: Fitted) -> None:
    """The template of one note, its tokens, the mark that ends a note, the other's tokens."""
    one, other = fitted.tokenizer.encode(["חויב פעמיים החודש", "שוב אותו חיוב, ביקש זיכוי"])
    both = joined(one, other)
    own = both.ids[both.text_mask == 1].tolist()
    assert own == [*one.ids[one.text_mask == 1], *other.ids[other.text_mask == 1]]
    assert both.ids[0] == one.ids[0]
    assert both.ids[-1] == one.ids[-1] == both.ids[len(one) - 1]
    assert len(both) == len(one) + len(other) - 1


def test_long_notes_are_cut_and_empty_ones_read(fitted: Fitted) -> None:
    """Each note keeps its share, however long the other is; two empty ones give a number."""
    some, short, empty = fitted.tokenizer.encode(["חיוב כפול", "זיכוי", ""])
    own = np.tile(some.ids[1:-1], 100)
    ids = np.concatenate([some.ids[:1], own, some.ids[-1:]])
    mask = np.concatenate([[0], np.ones(len(own), np.int64), [0]])
    long = Encoded(ids, mask, np.zeros((len(ids), 2), np.int64), some.words)
    assert len(joined(long, long)) == 2 * TOKENS_EACH + 1
    assert joined(long, short).ids[-2] == short.ids[-2]
    assert joined(empty, long).text_mask[0] == 1  # attention needs something to look at
    outputs = forward(fitted.network, [joined(empty, empty), joined(long, empty)])
    assert np.isfinite(outputs.same.detach().numpy()).all()


def test_contacts_of_a_journey_are_read_with_each_other_alone() -> None:
    """All pairs of a journey, the earlier first; notes that stand alone make none."""
    journeys = read_journeys("dev")[:3]
    examples: list[Example] = examples_of(journeys[0].contacts[:0], journeys)
    pairs = pairs_within_journeys(examples)
    sizes = [len(journey.contacts) for journey in journeys]
    assert len(pairs) == len(set(pairs)) == sum(n * (n - 1) // 2 for n in sizes)
    assert all(i < j and examples[i].journey == examples[j].journey for i, j in pairs)
    assert pairs_within_journeys(examples_of(journeys[0].contacts[:1])) == []
