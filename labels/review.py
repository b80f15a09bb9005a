"""What people's reviews of notes come to: how they agree, what is disputed, what is settled.

A review is a row of a frame with `contact_id`, `user_name`, `text_digest`, `at`, `blind` and the
labels: a boolean each reason, `churn_intent`, `resolution`, `repeat`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.agreement import BLANKS, NAMES, SIZES, LabelAgreement, label_agreement
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS, Reason
from labels.coefficients import Ints, krippendorff_alpha

NOTE = ["contact_id", "text_digest"]
COLUMNS = (*NOTE, *NAMES, "how", "who")
BOOLS = dict.fromkeys((*map(str, REASONS), "repeat"), bool)


@dataclass(frozen=True)
class PeopleAgreement:
    """How two people's labels of the same `n` notes agree; None of a figure without notes.

    `alpha` is Krippendorff's over whole sets of reasons, NaN when all sets are the same; `same` the
    share of notes with all labels the same. `people` took part.
    """

    n: int
    people: int
    labels: dict[str, LabelAgreement]
    alpha: float
    same: float


def people_agreement(reviews: pd.DataFrame) -> PeopleAgreement | None:
    """Return how the first two reviews of each text agree, None when none has two."""
    pairs = first_pairs(reviews)
    if not len(pairs):
        return None
    first, second = (values_of(pairs[pairs.index.get_level_values(1) == side]) for side in (0, 1))
    labels = {
        name: label_agreement(first[:, at], second[:, at], SIZES[at], BLANKS[at])
        for at, name in enumerate(NAMES)
    }
    return PeopleAgreement(
        n=len(first),
        people=int(pairs["user_name"].nunique()),
        labels=labels,
        alpha=krippendorff_alpha(list(zip(_sets(first), _sets(second), strict=True))),
        same=float((first == second).all(axis=1).mean()),
    )


def first_pairs(reviews: pd.DataFrame) -> pd.DataFrame:
    """Return the first two reviews of each text that has two, indexed by number and `place`.

    The two stand by their people's names, so that a person is the same side of every pair with
    another: Cohen's kappa asks for two raters.
    """
    ordered = reviews.sort_values([*NOTE, "at", "user_name"], kind="stable")
    groups = ordered.groupby(NOTE, sort=False)
    two = ordered[(groups.cumcount() < 2) & (groups["user_name"].transform("size") >= 2)]
    two = two.sort_values([*NOTE, "user_name"], kind="stable").reset_index(drop=True)
    places = [np.arange(len(two)) // 2, np.arange(len(two)) % 2]
    return two.set_index(pd.MultiIndex.from_arrays(places, names=["number", "place"]))


def values_of(labels: pd.DataFrame) -> Ints:
    """Return labels as places in the codebook: (N, 15), columns as `NAMES`."""
    columns = [labels[str(reason)].to_numpy(np.int64) for reason in REASONS]
    columns.append(labels["churn_intent"].map(list(map(str, CHURN_INTENTS)).index).to_numpy())
    columns.append(labels["resolution"].map(list(map(str, RESOLUTIONS)).index).to_numpy())
    columns.append(labels["repeat"].to_numpy(np.int64))
    return np.stack(columns, axis=1).astype(np.int64).reshape(-1, len(NAMES))


def _sets(values: Ints) -> list[frozenset[Reason]]:
    return [
        frozenset(reason for reason, given in zip(REASONS, row, strict=False) if given)
        for row in values
    ]


def settled(reviews: pd.DataFrame, settlements: pd.DataFrame) -> pd.DataFrame:
    """Return the labels that stand, one row a text, with `COLUMNS`, ordered by contact.

    A settlement stands above all reviews of its text (`how` is `settled`, `who` settled it). Else
    each label is what more than half of the reviewers gave (`majority`, or `single` where one did);
    a text of which some label has no majority is left out: see `disputed`.
    """
    left = _without(reviews, set(_keys(settlements)))
    several = left.duplicated(NOTE, keep=False)
    single = left.loc[~several, [*NOTE, *NAMES]].assign(how="single", who=left["user_name"])
    majority = _majorities(left[several])
    above = settlements[[*NOTE, *NAMES]].assign(how="settled", who=settlements["user_name"])
    parts = [part[list(COLUMNS)] for part in (single, majority, above) if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS)).astype(BOOLS)
    return pd.concat(parts).sort_values(NOTE, ignore_index=True).astype(BOOLS)


def _keys(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(frame["contact_id"], frame["text_digest"], strict=True)


def _without(frame: pd.DataFrame, keys: set[tuple[str, str]]) -> pd.DataFrame:
    return frame.loc[np.array([key not in keys for key in _keys(frame)], dtype=bool)]


def _majorities(reviews: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each text of whose every label more than half gave one same value."""
    groups = reviews.groupby(NOTE, sort=False)
    group, size = groups.ngroup().to_numpy(), groups.size().to_numpy()
    values, chosen = values_of(reviews), np.zeros((len(size), len(NAMES)), dtype=np.int64)
    agreed = np.ones(len(size), dtype=bool)
    for column, many in enumerate(SIZES):
        votes = np.bincount(group * many + values[:, column], minlength=len(size) * many)
        votes = votes.reshape(len(size), many)
        chosen[:, column] = votes.argmax(axis=1)
        agreed &= 2 * votes.max(axis=1, initial=0) > size
    who = groups["user_name"].agg(lambda names: ",".join(sorted(names)))
    frame = pd.concat([who.reset_index()[NOTE], _labels_of(chosen)], axis=1)
    return frame.assign(how="majority", who=who.to_numpy())[agreed]


def _labels_of(values: Ints) -> pd.DataFrame:
    """Return labels by their places in the codebook: what `values_of` undoes."""
    frame = pd.DataFrame(values, columns=list(NAMES)).astype(dict.fromkeys(BOOLS, bool))
    churn, resolution = list(map(str, CHURN_INTENTS)), list(map(str, RESOLUTIONS))
    return frame.assign(
        churn_intent=frame["churn_intent"].map(churn.__getitem__),
        resolution=frame["resolution"].map(resolution.__getitem__),
    )


def disputed(reviews: pd.DataFrame, settlements: pd.DataFrame) -> pd.DataFrame:
    """Return the reviews of texts of which some label has no majority, and that nobody settled."""
    open_ones = _without(reviews, set(_keys(settled(reviews, settlements))))
    return open_ones.sort_values([*NOTE, "at", "user_name"], ignore_index=True)


@dataclass(frozen=True)
class Against:
    """One label of the model against people's, on `n` notes.

    `said` by people, `found` by the model, `both`. Precision is both / found, recall both / said.
    """

    label: str
    n: int
    said: int
    found: int
    both: int


def against_model(said: pd.DataFrame, made: pd.DataFrame) -> list[Against]:
    """Return how the model's labels stand against people's of the same notes, in the same order.

    The labels are the reasons, churn intent other than none, resolution `resolved` and `open`, and
    repeat.
    """
    pairs = [(str(reason), said[str(reason)], made[str(reason)]) for reason in REASONS]
    pairs.append(("churn_intent", said["churn_intent"] != "none", made["churn_intent"] != "none"))
    for value in ("resolved", "open"):
        pairs.append((value, said["resolution"] == value, made["resolution"] == value))
    pairs.append(("repeat", said["repeat"], made["repeat"]))
    return [
        Against(
            name,
            len(said),
            int(by_people.sum()),
            int(by_model.sum()),
            int((by_people.to_numpy(bool) & by_model.to_numpy(bool)).sum()),
        )
        for name, by_people, by_model in pairs
    ]
