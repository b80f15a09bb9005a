"""What of a note is watched for drift, and the bins that it is counted in.

The model's folder holds the counts of its own corpus (`nlp.reference`), the figures those of each
week (`signals.drift`): both by these bins.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.frames import CHANNELS, P_REASONS

LANGUAGES = ("Hebrew", "Russian", "Arabic", "other")


@dataclass(frozen=True)
class Measure:
    """One measure of a note: a value of `values`, or a number counted between rising `edges`.

    The bin of a number x is the first whose edge is at least x, or the last one; `bins` names them.
    """

    name: str
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def bins(self) -> tuple[str, ...]:
        """The names of the bins, in order: the values, or `<=8`, `<=16` …, `>128`."""
        return self.values or (*(f"<={edge:g}" for edge in self.edges), f">{self.edges[-1]:g}")

    @property
    def is_number(self) -> bool:
        """Whether the measure has a mean."""
        return not self.values

    def count(self, of: Iterable[object]) -> NDArray[np.int64]:
        """Return how many of the notes' values fall in each bin; a value of none is not counted."""
        if self.values:
            place = {value: number for number, value in enumerate(self.values)}
            places = np.array([place[one] for one in map(str, of) if one in place], dtype=np.int64)
        else:
            numbers: ArrayLike = np.asarray(list(of), dtype=np.float64)
            known = np.asarray(numbers)[~np.isnan(numbers)]
            places = np.searchsorted(self.edges, known)
        return np.bincount(places, minlength=len(self.bins)).astype(np.int64)


# Of the text as it comes: compared with the notes that the model learned from.
INPUTS = (
    Measure("length", edges=(8, 16, 24, 32, 48, 64, 96, 128)),  # in tokens
    Measure("language", values=LANGUAGES),  # by script
    Measure("channel", values=CHANNELS),
)
# Of what the model makes of it: compared with notes that it never learned from, of which it is
# less sure and knows fewer words than of its own.
OUTPUTS = (
    Measure("unseen", edges=(0, 0.05, 0.1, 0.2, 0.35)),  # share of the stems that it does not know
    *(Measure(name, edges=(0.05, 0.2, 0.5, 0.8)) for name in P_REASONS),
    Measure("unclear", values=("False", "True")),
    Measure("at_risk", values=("False", "True")),
)
MEASURES = (*INPUTS, *OUTPUTS)
