"""What the reviews come to, counted once for each state of the two stores."""

from dataclasses import dataclass

import pandas as pd

from desk.deps import Desk
from desk.model import model_id
from labels.review import (
    NOTE,
    Against,
    PeopleAgreement,
    against_model,
    disputed,
    people_agreement,
    settled,
)
from store.desk_session import desk_reading
from store.reviewing import model_labels
from store.reviews import read_reviews, read_settlements, state_of
from store.session import get_meta, transaction


@dataclass(frozen=True)
class Agreements:
    """People beside people, blind and with the model's suggestion; the model beside people.

    `model` is of `n` notes of the random sample; `disputed` are the reviews to be settled.
    """

    blind: PeopleAgreement | None
    aided: PeopleAgreement | None
    model: list[Against]
    n: int
    disputed: pd.DataFrame


_last: dict[tuple[object, ...], Agreements] = {}


def agreements_of(desk: Desk) -> Agreements:
    """Return what the reviews come to now."""
    model = model_id(desk.settings.model_dir)
    with desk_reading(desk.people) as connection:
        said = state_of(connection)
    with transaction(desk.data) as connection:
        state = (str(desk.people.url), said, get_meta(connection, "revision"), model)
    found = _last.get(state)
    if found is None:
        found = _counted(desk, model)
        _last.clear()
        _last[state] = found
    return found


def _counted(desk: Desk, model: str) -> Agreements:
    with desk_reading(desk.people) as connection:
        reviews, decided = read_reviews(connection), read_settlements(connection)
    blind = reviews[reviews["blind"]]
    standing = settled(blind, decided.merge(blind[NOTE].drop_duplicates(), on=NOTE))
    with transaction(desk.data) as connection:
        made = model_labels(connection, standing, model)
    said = made[NOTE].merge(standing, on=NOTE)
    return Agreements(
        people_agreement(blind),
        people_agreement(reviews[~reviews["blind"]]),
        against_model(said, made),
        len(said),
        disputed(reviews, decided),
    )
