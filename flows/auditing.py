"""An audited week: draw its random sample, write the form, take the labels back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from desk.auditsheet import FormNote, audit_form
from flows.agreeing import Agreement, agreement_of
from keshev.errors import AuditError, StoreError
from keshev.settings import Settings
from nlp.modelfolder import ModelFolder
from signals.audited import LEAST
from signals.sampling import random_order, that_count
from signals.shares import CONTACT, SURVEY
from signals.slices import inbound, surveys
from store.auditfile import FormRow, read_form
from store.audits import LABELS, read_audits, read_sample, save_labels, save_sample
from store.contacts import read_some_contacts
from store.figures import calendar_of
from store.files import replaced
from store.predictions import read_some_predictions
from store.session import transaction, writing


@dataclass(frozen=True)
class Counted:
    """How an audit of a week and kind stands: `of` classified contacts, drawn, labelled, counted.

    `enough` says that the week's shares are audited ones.
    """

    kind: str
    of: int
    drawn: int
    labelled: int
    counted: int

    @property
    def enough(self) -> bool:
        """Whether enough labels count."""
        return self.counted >= LEAST or 0 < self.counted == self.of


@dataclass(frozen=True)
class Drawn:
    """A form that was written, and how its audit stands; `ended` says that the week is over."""

    week: date
    path: Path
    ended: bool
    state: Counted


@dataclass(frozen=True)
class TakenBack:
    """What became of a form's rows, how the audits stand, and how the model did.

    `corrected` rows (their lines) were labelled on a text that was corrected since.
    """

    week: date
    taken: int
    empty: int
    corrected: tuple[int, ...]
    states: tuple[Counted, ...]
    agreement: tuple[Agreement, ...]


@dataclass(frozen=True)
class _Week:
    """A week's contacts by kind, all classified, their predictions, and whether it is over."""

    week: date
    ids: Mapping[str, list[str]]
    predictions: pd.DataFrame
    ended: bool


def draw(
    settings: Settings,
    engine: Engine,
    day: date,
    kind: str,
    size: int,
    target: Path | None,
    now: datetime,
) -> Drawn:
    """Draw the week's sample, the same one every time, and write its form.

    A larger size extends it; a smaller one changes nothing. Contacts that came since fall into
    their places in the random order, see `signals.sampling`.

    Raises:
        StoreError: when the week has no contacts of this kind, some of it wait for their
            predictions, or the file is there already.
    """
    with writing(engine), transaction(engine) as connection:
        found = _week(settings, connection, day, now)
        path = target or settings.audit_dir / _file_name(found.week, kind)
        _refuse_overwriting(path, found.week)
        order = random_order(found.week, found.ids[kind])
        if not order:
            what = "survey comments" if kind == SURVEY else "inbound contacts"
            raise StoreError(f"no classified {what} in the week of {found.week}; choose another")
        before = read_sample(connection, found.week)
        drawn = set(before.loc[before["kind"] == kind, "contact_id"])
        reached = max((place for place, one in enumerate(order, 1) if one in drawn), default=0)
        save_sample(connection, found.week, kind, order[: max(size, reached)])
        sample = read_sample(connection, found.week)
        content = audit_form(found.week, _notes(sample[sample["kind"] == kind]))
        with replaced(path) as scratch:
            scratch.write_bytes(content)
        (state,) = (one for one in _states(connection, found) if one.kind == kind)
    return Drawn(found.week, path, found.ended, state)


def take_back(
    settings: Settings, engine: Engine, day: date, path: Path, now: datetime
) -> TakenBack:
    """Store the labels of a form, all of its labelled rows or, at a mistake, none.

    A row that is empty takes no label away that was given before, so people can share the work.

    Raises:
        AuditError: with every mistake of the file.
        StoreError: when nothing was drawn of that week.
    """
    with writing(engine), transaction(engine) as connection:
        found = _week(settings, connection, day, now)
        sample = read_sample(connection, found.week)
        if sample.empty:
            raise StoreError(
                f"no sample was drawn of the week of {found.week}; run `keshev audit {found.week}`"
            )
        rows = read_form(path, found.week)
        present = dict(zip(sample["contact_id"], sample["digest"], strict=True))
        strange = [row.line for row in rows if row.contact_id not in present]
        if strange:
            what = "not of the sample that was drawn; delete the row"
            raise AuditError(path, [f"row {line}: {what}" for line in strange])
        given = [row for row in rows if row.labels is not None]
        stale = tuple(row.line for row in given if row.text_digest != present[row.contact_id])
        taken = [_stored(row) for row in given if row.line not in stale]
        if taken:
            save_labels(connection, found.week, taken)
        states = _states(connection, found)
        agreement = tuple(_agreements(connection, found))
    return TakenBack(
        found.week, len(taken), len(rows) - len(given), stale, tuple(states), agreement
    )


def _stored(row: FormRow) -> dict[str, Any]:
    return {"contact_id": row.contact_id, "text_digest": row.text_digest, **(row.labels or {})}


def _week(settings: Settings, connection: Connection, day: date, now: datetime) -> _Week:
    """Return what an audit needs of a day's week, and read nothing of other weeks."""
    model_id = ModelFolder(settings.model_dir).fingerprint()
    calendar = calendar_of(settings)
    week = calendar.week_of_moment(calendar.bounds(day)[0])
    begin, end = (moment.to_pydatetime() for moment in calendar.bounds(week))
    own = read_some_contacts(connection, begin, end, end)
    columns = ("contact_id", *LABELS)
    predictions = read_some_predictions(connection, model_id, begin, end, columns=columns)
    if len(predictions) < len(own):
        raise StoreError(
            f"the week of {week} has contacts without a prediction; run `keshev classify`"
        )
    ids = {
        CONTACT: inbound(own)["contact_id"].tolist(),
        SURVEY: surveys(own)["contact_id"].tolist(),
    }
    return _Week(week, ids, predictions, end <= now)


def _file_name(week: date, kind: str) -> str:
    return f"audit-{week}{'-surveys' if kind == SURVEY else ''}.xlsx"


def _refuse_overwriting(path: Path, week: date) -> None:
    if path.exists():
        raise StoreError(
            f"{path}: this file is there already and may hold labels; take them back with "
            f"`keshev audit {week} --labels FILE`, then move it away, or name another with --out"
        )


def _notes(sample: pd.DataFrame) -> list[FormNote]:
    rows = sample.to_dict("records")
    return [
        FormNote(
            row["contact_id"],
            row["text_digest"],
            row["text"],
            {name: row[name] for name in LABELS} if row["churn_intent"] else None,
        )
        for row in rows
    ]


def _counted(found: _Week, labels: pd.DataFrame) -> dict[str, list[str]]:
    """Return the contacts of each kind whose labels count, in the random order."""
    labelled = set(labels["contact_id"])
    return {
        kind: that_count(random_order(found.week, ids), labelled) for kind, ids in found.ids.items()
    }


def _states(connection: Connection, found: _Week) -> list[Counted]:
    labels, sample = read_audits(connection, found.week), read_sample(connection, found.week)
    counted = _counted(found, labels)
    return [
        Counted(
            kind,
            len(found.ids[kind]),
            int((sample["kind"] == kind).sum()),
            int((labels["kind"] == kind).sum()),
            len(counted[kind]),
        )
        for kind in (CONTACT, SURVEY)
        if (sample["kind"] == kind).any()
    ]


def _agreements(connection: Connection, found: _Week) -> list[Agreement]:
    """Return how the model did on what counts, for each kind that has any."""
    labels = read_audits(connection, found.week).set_index("contact_id")
    made = found.predictions.set_index("contact_id")
    return [
        agreement_of(kind, made.loc[ids], labels.loc[ids])
        for kind, ids in _counted(found, labels.reset_index()).items()
        if ids
    ]
