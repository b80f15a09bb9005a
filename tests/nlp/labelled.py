"""Labelled notes and logits made by hand, for tests of figures."""

import numpy as np
from hypothesis import strategies as st

from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.heads import Logits


def note(
    reasons: list[int],
    churn: int = 0,
    resolution: int = 0,
    repeat: bool = False,
    name: str = "n",
    channel: str = "phone",
) -> LabelledNote:
    text = " ".join(f"חלק{i}" for i in range(12))
    return LabelledNote(
        id=name,
        text=text,
        channel=channel,
        industry="bank",
        voice="plain",
        reasons=tuple(REASONS[i] for i in reasons),
        evidence={REASONS[i]: f"חלק{i}" for i in reasons},
        churn_intent=CHURN_INTENTS[churn],
        resolution=RESOLUTIONS[resolution],
        repeat=repeat,
    )


def note_lists(most: int = 12) -> st.SearchStrategy[list[LabelledNote]]:
    one = st.builds(
        note,
        st.lists(st.integers(0, 11), unique=True, max_size=3),
        st.integers(0, 2),
        st.integers(0, 2),
        st.booleans(),
        st.just("n"),
        st.sampled_from(["phone", "chat"]),
    )
    return st.lists(one, min_size=2, max_size=most)


def random_logits(n: int, seed: int) -> Logits:
    rng = np.random.default_rng(seed)
    shapes = ((n, 12), (n, 3), (n, 3), (n,))
    return Logits(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
