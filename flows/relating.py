"""Which contacts of a customer are about the same matter: what is missing is computed and stored.

A pair is read once by the network, and again only when one of its contacts is corrected or the
model changes, so a further week costs what is new in it.
"""

import json
import logging

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from flows.progress import Progress
from keshev.settings import Settings
from labels.frames import P_REASONS, issue_vectors
from nlp.matters import Facts
from nlp.modelfolder import ModelFolder
from signals.slices import Bools, Ints, microseconds
from signals.threads import DAY_US, JudgedPairs, candidates, counted_contacts
from store import contacts as contact_store
from store import pairs as pair_store
from store import predictions as prediction_store
from store.session import get_meta, set_meta, transaction, writing

log = logging.getLogger("keshev.steps")
CHUNK = 1000  # pairs in one transaction


def same_matter(connection: Connection, settings: Settings) -> JudgedPairs:
    """Return the stored pairs of the present model, and its threshold."""
    files = ModelFolder(settings.model_dir)
    pairs = pair_store.read_pairs(connection, files.fingerprint())
    return JudgedPairs(pairs, files.read_card().same_matter.threshold)


def related_key(connection: Connection, settings: Settings) -> str:
    """Return what the stored pairs follow from: the data's revision, the model, the window."""
    model_id = ModelFolder(settings.model_dir).fingerprint()
    return json.dumps([get_meta(connection, "revision"), model_id, settings.second_window_days])


def relate(settings: Settings, engine: Engine, progress: Progress) -> int:
    """Store the probability of every pair that may be one matter and has none; return how many.

    Contacts that are not classified yet are passed over; so are surveys and outbound calls, which
    stand in no thread. Pairs of contacts that are gone or were corrected are dropped.
    """
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with writing(engine):
        with transaction(engine) as connection:
            key = related_key(connection, settings)
            if get_meta(connection, "related") == key:
                return 0
            pair_store.drop_stale_pairs(connection)
            contacts = _classified(connection, model_id)
            places = candidates(contacts, settings.second_window_days)
            missing = places[~_known(connection, contacts, places, model_id)]
        if len(missing):
            _read_together(settings, engine, contacts, missing, progress)
        with transaction(engine) as connection:
            set_meta(connection, "related", key)
    return len(missing)


def _classified(connection: Connection, model_id: str) -> pd.DataFrame:
    """Return the contacts that stand in threads, in order of time, with their labels."""
    counted = counted_contacts(contact_store.read_contacts(connection))
    labels = prediction_store.read_predictions(connection, model_id)
    return counted.merge(labels[["contact_id", *P_REASONS, "p_repeat", "issue"]], on="contact_id")


def _known(connection: Connection, contacts: pd.DataFrame, places: Ints, model_id: str) -> Bools:
    """Return which pairs of places are stored."""
    stored = pair_store.read_pairs(connection, model_id)
    ids = contacts["contact_id"].to_numpy(dtype=object)
    wanted = pd.MultiIndex.from_arrays([ids[places[:, 1]], ids[places[:, 0]]])
    known: Bools = wanted.isin(pd.MultiIndex.from_frame(stored[["contact_id", "earlier_id"]]))
    return known


def _read_together(
    settings: Settings, engine: Engine, contacts: pd.DataFrame, missing: Ints, progress: Progress
) -> None:
    """Compute and store the pairs, chunk by chunk: a killed run goes on where it was."""
    from nlp.classifier import NoteClassifier  # loads ONNX Runtime: only where there is work

    classifier = NoteClassifier(settings.model_dir, settings.threads, settings.device)
    decision = classifier.card.same_matter
    for start in range(0, len(missing), CHUNK):
        part = missing[start : start + CHUNK]
        used, inverse = np.unique(part, return_inverse=True)
        few = contacts.iloc[used]
        pairs = inverse.reshape(part.shape)
        features = classifier.pair_features(few["text"].tolist(), pairs, facts_of(few))
        ids = few["contact_id"].to_numpy(dtype=object)
        frame = pd.DataFrame(
            {
                "contact_id": ids[pairs[:, 1]],
                "earlier_id": ids[pairs[:, 0]],
                "p_same": decision.probability(features).astype(np.float64).round(4),
            }
        )
        with transaction(engine) as connection:
            pair_store.save_pairs(connection, frame, classifier.model_id)
        done = start + len(part)
        log.info("%d pairs read together", done)
        progress(done, len(missing), "pairs")


def facts_of(contacts: pd.DataFrame) -> Facts:
    """Return what the decision needs to know of contacts with their labels."""
    return Facts(
        issue_vectors(contacts["issue"]),
        contacts[list(P_REASONS)].to_numpy(dtype=np.float32),
        contacts["p_repeat"].to_numpy(dtype=np.float32),
        pd.factorize(contacts["queue"])[0].astype(np.int64),
        microseconds(contacts["contacted_at"]) / DAY_US,
    )
