"""People's own reasons, used on all notes: part of the run that classifies."""

import hashlib
import json
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from flows.progress import Progress, silent
from keshev.settings import Settings
from labels.frames import issue_vectors
from labels.ownreasons import OwnFigures, OwnReason
from nlp.modelfolder import ModelFolder
from nlp.ownreason import METHOD, Notes, OwnModel, fit_own
from store import ownpredictions as own_store
from store.desk_session import desk_reading, open_desk_store
from store.engines import parsed_url
from store.ownpredictions import Fitted, Waiting
from store.ownreasons import count_checks, read_reasons
from store.session import transaction, writing

OTHERS = 400  # random notes that stand against the examples
CHUNK = 2000


def apply_own(settings: Settings, engine: Engine, progress: Progress = silent) -> int:
    """Give people's own reasons to every classified note that lacks them; return how many.

    A reason is learnt anew when its examples or the model in use change, and forgotten when it was
    removed. A store with fewer notes than a reason has examples is left for a later run.
    """
    reasons, checks = _reasons(settings), dict[str, str]()
    with transaction(engine) as connection:
        known = {one.figures.reason_id: one for one in own_store.read_fitted(connection)}
    if not reasons and not known:
        return 0
    model_id = ModelFolder(settings.model_dir).fingerprint()
    done = 0
    with writing(engine):
        for reason_id in known.keys() - {reason.reason_id for reason in reasons}:
            with transaction(engine) as connection:
                own_store.forget(connection, reason_id)
        for reason in reasons:
            fitted = known.get(reason.reason_id)
            version = version_of(reason, model_id)
            if fitted is None or fitted.figures.version != version:
                fitted = _learn(settings, engine, reason, version, model_id)
            if fitted is None:
                continue
            done += _apply(engine, fitted, model_id, progress)
            checks[reason.reason_id] = version
        _note_checks(settings, engine, checks)
    return done


def waits(settings: Settings, engine: Engine) -> bool:
    """Return whether `apply_own` has something to learn, to forget or to give."""
    reasons = _reasons(settings)
    model_id = ModelFolder(settings.model_dir).fingerprint() if reasons else ""
    wanted = {reason.reason_id: version_of(reason, model_id) for reason in reasons}
    with transaction(engine) as connection:
        known = {one.reason_id: one.version for one in own_store.read_figures(connection)}
        return wanted != known or any(
            own_store.waiting(connection, model_id, reason_id, 1, "") for reason_id in wanted
        )


def _reasons(settings: Settings) -> list[OwnReason]:
    url = parsed_url(settings.database_url)
    data = Path(url.database or "")
    desk_file = data.with_name(f"{data.stem}-desk{data.suffix}")
    if url.drivername == "sqlite" and not desk_file.is_file():
        return []  # nobody has opened the desk yet, and a run makes no store for it
    desk = open_desk_store(settings.database_url)
    try:
        with desk_reading(desk) as connection:
            return read_reasons(connection)
    finally:
        desk.dispose()


def version_of(reason: OwnReason, model_id: str) -> str:
    """Return what a reason's model follows from: its words, its examples, the released model."""
    made_of = [METHOD, OTHERS, model_id, reason.name, reason.description, reason.examples]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


def _learn(
    settings: Settings, engine: Engine, reason: OwnReason, version: str, model_id: str
) -> Fitted | None:
    from nlp.classifier import NoteClassifier  # loads ONNX Runtime: only where there is work

    texts = list(reason.examples)
    with transaction(engine) as connection:
        drawn = own_store.random_notes(connection, model_id, OTHERS + len(texts))
    others = [note for note in drawn if note.text not in set(texts)][:OTHERS]
    if len(others) < len(texts):
        return None
    classifier = NoteClassifier(settings.model_dir, settings.threads, settings.device)
    issue = classifier.predict(texts).issue
    model, figures = fit_own(Notes(texts, issue), _notes(others))
    fitted = Fitted(
        OwnFigures(
            reason.reason_id,
            version,
            reason.name,
            reason.description,
            figures.examples,
            figures.found,
            figures.others,
            figures.others_found,
            0,
            0,
        ),
        model.threshold,
        model.to_text(),
    )
    with transaction(engine) as connection:
        own_store.save_fitted(connection, fitted)
    return fitted


def _notes(found: list[Waiting]) -> Notes:
    return Notes([note.text for note in found], issue_vectors(note.issue for note in found))


def _apply(engine: Engine, fitted: Fitted, model_id: str, progress: Progress) -> int:
    model = OwnModel.from_text(fitted.weights, fitted.threshold)
    reason_id, done, last = fitted.figures.reason_id, 0, ""
    while True:
        with transaction(engine) as connection:
            part = own_store.waiting(connection, model_id, reason_id, CHUNK, last)
            if not part:
                return done
            p = np.round(model.probabilities(_notes(part)), 4).tolist()
            own_store.save_own(
                connection, reason_id, fitted.figures.version, part, p, fitted.threshold
            )
        done, last = done + len(part), part[-1].contact_id
        progress(done, done, "own reasons")


def _note_checks(settings: Settings, engine: Engine, versions: dict[str, str]) -> None:
    """Copy what people confirmed until now beside the models, for the report."""
    if not versions:
        return
    desk = open_desk_store(settings.database_url)
    try:
        with desk_reading(desk) as connection:
            counts = {
                reason_id: count_checks(connection, reason_id, version)
                for reason_id, version in versions.items()
            }
    finally:
        desk.dispose()
    with transaction(engine) as connection:
        for reason_id, (checked, confirmed) in counts.items():
            own_store.save_checked(connection, reason_id, checked, confirmed)
