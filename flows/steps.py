"""The use cases as plain functions.

No Prefect here: the flows, the command line and the tests call the same code.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from flows import owning
from flows.aggregating import knows_losses
from flows.indexing import index_notes, is_indexed
from flows.progress import Progress, silent
from flows.recording import recorded
from keshev.errors import ProfileError, StoreError
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from nlp.normalize import fingerprint_text
from nlp.privacy import MASKER_VERSION, Masker
from store import predictions as prediction_store
from store.contacts import FileCounts
from store.exports import Export, find_exports, read_export
from store.figures import is_aggregated
from store.filetypes import file_bytes
from store.profiles import Profile, match, profile_digest
from store.readings import Reading, known_reading, save_reading
from store.session import get_meta, set_meta, transaction, writing

log = logging.getLogger("keshev.steps")


ROWS = ("read", "stored", "known", "duplicates", "quarantined")  # what becomes of a file's rows


@dataclass(frozen=True)
class Ingested:
    """What became of each export: `files` were read now, `unchanged` had been read before."""

    files: tuple[FileCounts, ...]
    unchanged: tuple[FileCounts, ...]


@dataclass(frozen=True)
class Classified:
    """How many contacts got a prediction now, and of which model."""

    contacts: int
    model_id: str


def pseudonymiser(settings: Settings) -> Callable[[str], str] | None:
    """Return the keyed hash for customer ids (HMAC-SHA256, 80 bits shown), None without a key."""
    if settings.pseudonym_key is None:
        return None
    key = settings.pseudonym_key.get_secret_value().encode()
    return lambda name: "p_" + hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:20]


def file_identity(path: Path, profile: Profile, settings: Settings) -> Reading:
    """Return what is read here: the file's name and bytes, its profile, and the masking rules."""
    pseudonym = pseudonymiser(settings)
    rules = [profile_digest(profile), MASKER_VERSION, pseudonym("keshev") if pseudonym else ""]
    content = hashlib.sha256(file_bytes(path)).hexdigest()[:24]
    return Reading(path.name, content, hashlib.sha256(json.dumps(rules).encode()).hexdigest()[:24])


def pair(exports: Sequence[Path], profiles: Sequence[Profile]) -> list[tuple[Path, Profile]]:
    """Return every export with its profile: the only one given, or the one whose names fit.

    Raises:
        ProfileError: when an export has no profile.
    """
    files = find_exports(exports)
    if not files:
        raise ProfileError(
            f"{', '.join(map(str, exports))}: no export files here "
            "(.csv .tsv .xlsx .jsonl .parquet are read)"
        )
    only = profiles[0] if len(profiles) == 1 and len(files) == 1 else None
    return [(path, only or match(profiles, path)) for path in files]


def ingest(
    settings: Settings,
    engine: Engine,
    exports: Sequence[Path],
    profiles: Sequence[Profile],
    progress: Progress = silent,
) -> Ingested:
    """Read export files into the store, each file in one transaction.

    A file whose latest reading is this content, with this profile and these rules, is left alone:
    see store/readings.py.
    """
    read: list[FileCounts] = []
    unchanged: list[FileCounts] = []
    pairs = pair(exports, profiles)
    readings = [file_identity(path, profile, settings) for path, profile in pairs]
    masker: Masker | None = None
    with writing(engine), recorded(engine, "ingest") as run:
        with transaction(engine) as connection:
            _hold_to_key(connection, settings)
        for number, (path, profile) in enumerate(pairs, start=1):
            reading = readings[number - 1]
            with transaction(engine) as connection:
                known = known_reading(connection, reading)
                if known:
                    unchanged.append(replace(known, name=path.name))
                else:
                    masker = masker or Masker()
                    export = _ingest_file(settings, path, profile, masker)
                    beside = {one.file_id for one in readings if one.name == reading.name}
                    counts = save_reading(
                        connection, reading, export, profile, fingerprint_text, beside
                    )
                    read.append(replace(counts, name=path.name))
            run.counts = {name: sum(getattr(one, name) for one in read) for name in ROWS}
            log.info("%s: %s", path.name, "known" if known else "read")
            progress(number, len(pairs), path.name)
    return Ingested(tuple(read), tuple(unchanged))


def _hold_to_key(connection: Connection, settings: Settings) -> None:
    """Keep a store to the key of its first reading: two keys would split each customer in two.

    Raises:
        StoreError: when the store's ids were made with another key, or with none.
    """
    pseudonym = pseudonymiser(settings)
    used = pseudonym("keshev") if pseudonym else "none"
    first = get_meta(connection, "pseudonym")
    if first is None:
        set_meta(connection, "pseudonym", used)
    elif first != used:
        how = "without a key" if first == "none" else "with another key"
        raise StoreError(
            f"this store's customer ids were stored {how}; put KESHEV_PSEUDONYM_KEY back as it "
            "was, or begin a new store by setting KESHEV_HOME to a new folder"
        )


def _ingest_file(settings: Settings, path: Path, profile: Profile, masker: Masker) -> Export:
    return read_export(
        path,
        profile,
        mask=masker.mask,
        now=datetime.now(UTC),
        pseudonym=pseudonymiser(settings),
    )


def count_pending(settings: Settings, engine: Engine) -> int:
    """Return how many contacts wait for a prediction of the present model."""
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        return prediction_store.count_pending(connection, model_id)


def classify(settings: Settings, engine: Engine, progress: Progress = silent) -> Classified:
    """Classify every contact that has no prediction of this model, and what follows from it.

    People's own reasons are given, and words and reasons are indexed for search. In chunks by
    contact id, each in a transaction of its own: a killed run goes on where it was.
    """
    classified = _classify(settings, engine, progress)
    owning.apply_own(settings, engine, progress)
    index_notes(engine, classified.model_id, progress)
    return classified


def _classify(settings: Settings, engine: Engine, progress: Progress) -> Classified:
    waiting = count_pending(settings, engine)
    if not waiting:
        return Classified(0, ModelFolder(settings.model_dir).fingerprint())
    from nlp.classifier import NoteClassifier  # loads ONNX Runtime: only where there is work

    classifier = NoteClassifier(settings.model_dir, settings.threads, settings.device)
    done, last = 0, None
    with writing(engine), recorded(engine, "classify") as run:
        run.model_id = classifier.model_id
        while True:
            with transaction(engine) as connection:
                chunk = prediction_store.pending(
                    connection, classifier.model_id, settings.chunk_size, after=last
                )
                if not chunk:
                    break
                frame = classifier.predict_frame(
                    [item.contact_id for item in chunk], [item.text for item in chunk]
                )
                prediction_store.save_predictions(connection, frame, chunk)
            done, last = done + len(chunk), chunk[-1].contact_id
            run.counts = {"classified": done}
            log.info("%d notes classified", done)
            progress(done, max(waiting, done), "notes")
    return Classified(done, classifier.model_id)


def is_current(
    settings: Settings, engine: Engine, exports: Sequence[Path], profiles: Sequence[Profile]
) -> bool:
    """Return whether a run would change nothing: files known, notes classified, all current."""
    with transaction(engine) as connection:
        for path, profile in pair(exports, profiles):
            if not known_reading(connection, file_identity(path, profile, settings)):
                return False
    if count_pending(settings, engine) or owning.waits(settings, engine):
        return False
    current = is_aggregated(settings, engine) and knows_losses(settings, engine)
    return current and is_indexed(settings, engine)
