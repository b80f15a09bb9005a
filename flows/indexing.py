"""The use case that keeps the index of notes: only what is new or was corrected is read."""

import json
import logging

from sqlalchemy import Connection, Engine

from flows.progress import Progress, silent
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from nlp.searchwords import search_words
from store import notewords
from store.session import get_meta, set_meta, transaction, writing

log = logging.getLogger("keshev.steps")
RULES = 1  # rises when the same text gives other words than before
NOTES = 1000  # in one transaction


def _index_key(connection: Connection, model_id: str) -> str:
    """Return what the index follows from: the rules, the data's revision, the model."""
    return json.dumps([RULES, get_meta(connection, "revision") or "0", model_id])


def is_indexed(settings: Settings, engine: Engine) -> bool:
    """Return whether the index is of the stored notes as they are."""
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        return get_meta(connection, "indexed") == _index_key(connection, model_id)


def index_notes(engine: Engine, model_id: str, progress: Progress = silent) -> int:
    """Bring the index of notes up to date, chunk by chunk; return how many notes were read."""
    with transaction(engine) as connection:
        before, key = get_meta(connection, "indexed"), _index_key(connection, model_id)
    if before == key:
        return 0
    with writing(engine):
        with transaction(engine) as connection:
            if before is not None and json.loads(before)[0] != RULES:
                notewords.drop_all_words(connection)
            notewords.drop_stale_words(connection, model_id)
        done = _add_missing(engine, model_id, progress)
        with transaction(engine) as connection:
            notewords.change_state(connection)
            set_meta(connection, "indexed", key)
    log.info("%d notes indexed", done)
    return done


def _add_missing(engine: Engine, model_id: str, progress: Progress) -> int:
    done, last = 0, None
    while True:
        with transaction(engine) as connection:
            notes = notewords.unindexed(connection, model_id, NOTES, last)
            if not notes:
                return done
            words = [" ".join(search_words(note.text)) for note in notes]
            notewords.save_words(connection, model_id, notes, words)
        done, last = done + len(notes), notes[-1].contact_id
        progress(done, done, "notes indexed")
