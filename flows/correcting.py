"""What people corrected, as notes to train on; and the training with them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, select

from flows.progress import Progress
from keshev.settings import Settings
from labels.annotation import CorrectedNote
from labels.codebook import REASONS, ChurnIntent, Resolution
from labels.corpus import CORPUS
from labels.review import settled
from nlp.corrections import Gains, gate, parted
from store import tables
from store.desk_session import desk_reading, open_desk_store
from store.reviews import read_reviews, read_settlements
from store.rows import chunks
from store.session import open_store, transaction

if TYPE_CHECKING:
    from nlp.training_run import Plan, Trained


def train_with_corrections(
    settings: Settings,
    plan: "Plan",
    target: Path,
    progress: Progress,
    say: Callable[[str], None],
    tell: Callable[[Gains], None],
    corpus: Path = CORPUS,
    force: bool = False,
) -> "Trained":
    """Train on the corpus and on what people corrected, and write the model where it is not worse.

    `tell` is told what the corrections gained against the model in use, before anything is written.

    Raises:
        KeshevError: when there are too few corrections, before any training.
        ModelFolderError: when the new model is worse, without `force`.
    """
    parts = parted(corrected_notes(settings), corpus)
    from nlp.training_run import train_and_release  # loads torch

    check = gate(settings.model_dir, parts, tell, corpus, force)
    return train_and_release(
        plan, target, progress, say, corpus, force, corrections=parts.train, check=check
    )


def corrected_notes(settings: Settings) -> list[CorrectedNote]:
    """Return the notes that people labelled, ordered by contact, with the labels that stand.

    Texts are those of the store, masked. Left out is what people dispute and nobody settled, and
    what was said of a text that is not the contact's any more.
    """
    data, desk = open_store(settings.database_url), open_desk_store(settings.database_url)
    try:
        return _corrected(data, desk)
    finally:
        data.dispose()
        desk.dispose()


def _corrected(data: Engine, desk: Engine) -> list[CorrectedNote]:
    with desk_reading(desk) as connection:
        labels = settled(read_reviews(connection), read_settlements(connection))
    with transaction(data) as connection:
        texts = _texts(connection, list(labels["contact_id"]))
    return [
        CorrectedNote(
            id=f"review:{row['contact_id']}",
            text=texts[key],
            reasons=tuple(reason for reason in REASONS if row[str(reason)]),
            churn_intent=ChurnIntent(row["churn_intent"]),
            resolution=Resolution(row["resolution"]),
            repeat=row["repeat"],
        )
        for row in labels.to_dict("records")
        if texts.get(key := (row["contact_id"], row["text_digest"]))
    ]


def _texts(connection: Connection, contact_ids: list[str]) -> dict[tuple[str, str], str]:
    """Return the present texts of contacts by contact and digest."""
    contact, found = tables.contacts.c, dict[tuple[str, str], str]()
    for part in chunks(contact_ids):
        query = select(contact.contact_id, contact.text_digest, contact.text).where(
            contact.contact_id.in_(part)
        )
        found.update(((row[0], row[1]), row[2]) for row in connection.execute(query))
    return found
