"""What reviews come to: agreement of people, majorities, disputes, the model beside them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labels.agreement import NAMES, compare
from labels.annotation import LabelledNote
from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from labels.review import against_model, disputed, first_pairs, people_agreement, settled

AT = datetime(2026, 3, 1, tzinfo=UTC)
NO_SETTLEMENTS = pd.DataFrame(columns=["contact_id", "text_digest", "user_name", *NAMES])


def row(contact: str, user: str, *given: str, minute: int = 0, **more: object) -> dict[str, Any]:
    """Return a review in which these reasons (or `repeat`) are given."""
    labels: dict[str, Any] = {name: name in given for name in NAMES}
    labels |= {"churn_intent": "none", "resolution": "unstated"}
    about = {"contact_id": contact, "user_name": user, "text_digest": "1"}
    return {**about, "at": AT + timedelta(minutes=minute), **labels, **more}


def drawn(count: int, seed: int = 3) -> pd.DataFrame:
    """Return random reviews: one to four people a note, of two texts of each contact."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        people = rng.permutation(["dana", "gil", "noa", "tal"])[: rng.integers(1, 5)]
        for user in people:
            reasons = [str(reason) for reason in REASONS[:3] if rng.random() < 0.25]
            rows.append(
                row(
                    f"c{number}",
                    str(user),
                    *reasons,
                    minute=int(rng.integers(9)),
                    churn_intent=str(CHURN_INTENTS[int(rng.random() < 0.2)]),
                    resolution=str(RESOLUTIONS[int(rng.random() < 0.2)]),
                    text_digest=str(rng.integers(2)) if number % 9 == 0 else "1",
                )
            )
    return pd.DataFrame(rows)


def slow_settled(reviews: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the twin of `settled` without settlements."""
    texts: dict[tuple[str, str], list[dict[Any, Any]]] = {}
    for one in reviews.to_dict("records"):
        texts.setdefault((one["contact_id"], one["text_digest"]), []).append(one)
    standing = {}
    for key, said in texts.items():
        votes = {name: Counter(one[name] for one in said).most_common(1)[0] for name in NAMES}
        if all(2 * count > len(said) for _, count in votes.values()):
            standing[key] = {name: value for name, (value, _) in votes.items()}
    return standing


def test_settled_is_the_majority_of_every_label() -> None:
    reviews = drawn(150)
    found = settled(reviews, NO_SETTLEMENTS)
    expected = slow_settled(reviews)
    assert 60 < len(expected) < reviews.groupby(["contact_id", "text_digest"]).ngroups
    assert {
        (one["contact_id"], one["text_digest"]): {name: one[name] for name in NAMES}
        for one in found.to_dict("records")
    } == expected
    assert len(found) == len(expected)
    assert set(found["how"]) == {"single", "majority"}
    left = set(zip(*(disputed(reviews, NO_SETTLEMENTS)[name] for name in NOTE), strict=True))
    assert left == set(zip(*(reviews[name] for name in NOTE), strict=True)) - set(expected)


NOTE = ("contact_id", "text_digest")


def test_a_settlement_stands_above_the_reviews_of_its_text_alone() -> None:
    reviews = pd.DataFrame(
        [row("a", "dana", "trust"), row("a", "noa"), row("b", "dana", "value", text_digest="2")]
    )
    assert list(settled(reviews, NO_SETTLEMENTS)["contact_id"]) == ["b"]
    assert list(disputed(reviews, NO_SETTLEMENTS)["user_name"]) == ["dana", "noa"]
    decided = pd.DataFrame([row("a", "tal", "budget"), row("b", "tal", "trust")])
    found = settled(reviews, decided)
    assert list(found["how"]) == ["settled", "settled", "single"]
    assert list(found["budget"]) == [True, False, False]
    assert list(found["who"]) == ["tal", "tal", "dana"]
    assert found["value"].tolist() == [False, False, True]
    assert disputed(reviews, decided).empty


def test_nothing_reviewed_is_nothing_settled() -> None:
    none = drawn(1).iloc[:0]
    assert settled(none, NO_SETTLEMENTS).empty
    assert disputed(none, NO_SETTLEMENTS).empty
    assert people_agreement(none) is None
    assert len(settled(none, pd.DataFrame([row("a", "tal")]))) == 1


def annotated(one: dict[Any, Any], text: str) -> LabelledNote:
    reasons = tuple(reason for reason in REASONS if one[str(reason)])
    return LabelledNote(
        id=one["contact_id"],
        text=text,
        channel="phone",
        industry="x",
        voice="x",
        reasons=reasons,
        evidence=dict.fromkeys(reasons, text),
        churn_intent=one["churn_intent"],
        resolution=one["resolution"],
        repeat=one["repeat"],
    )


def test_agreement_is_that_of_the_corpus_on_the_same_pairs() -> None:
    """The first two who labelled a text, as two labellings of the corpus would be compared."""
    reviews = drawn(120)
    found = people_agreement(reviews)
    assert found is not None
    texts: dict[tuple[str, str], list[dict[Any, Any]]] = {}
    for one in sorted(reviews.to_dict("records"), key=lambda one: (one["at"], one["user_name"])):
        texts.setdefault((one["contact_id"], one["text_digest"]), []).append(one)
    pairs = [
        sorted(said[:2], key=lambda one: str(one["user_name"]))
        for _, said in sorted(texts.items())
        if len(said) > 1
    ]
    sides = [[annotated(pair[side], "א") for pair in pairs] for side in (0, 1)]
    expected = compare(sides[0], sides[1], ["א"] * len(pairs))
    assert found.n == expected.n > 60
    assert found.people == 4
    assert str(found.labels) == str(expected.labels)  # NaN equals itself as text
    assert found.alpha == pytest.approx(expected.alpha)
    assert found.same == expected.same
    assert first_pairs(reviews).groupby("number")["user_name"].nunique().eq(2).all()


def test_the_model_is_counted_against_people_label_by_label() -> None:
    said, made = drawn(40, seed=1), drawn(40, seed=2)
    n = min(len(said), len(made))
    said, made = said.iloc[:n], made.iloc[:n]
    found = {one.label: one for one in against_model(said, made)}
    assert list(found) == [*map(str, REASONS), "churn_intent", "resolved", "open", "repeat"]
    for label, column, value in (
        ("budget", "budget", True),
        ("churn_intent", "churn_intent", "signal"),
        ("resolved", "resolution", "resolved"),
        ("open", "resolution", "open"),
    ):
        one = found[label]
        a, b = (frame[column].eq(value).tolist() for frame in (said, made))
        both = sum(x and y for x, y in zip(a, b, strict=True))
        assert (one.n, one.said, one.found, one.both) == (n, sum(a), sum(b), both)
    assert found["budget"].said > 0
