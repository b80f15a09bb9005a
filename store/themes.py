"""Reads and writes of themes: found once and kept, and the notes that have them now."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, cast, delete, select
from sqlalchemy.types import Integer

from labels.frames import KnownThemes, ThemeNotes
from store import tables
from store.rows import insert_rows, read_frame, to_rows

THEME_COLUMNS = [str(name) for name in KnownThemes.to_schema().columns]
NOTE_COLUMNS = [str(name) for name in ThemeNotes.to_schema().columns]


def read_themes(connection: Connection, model_id: str) -> pd.DataFrame:
    """Return one model's themes as a KnownThemes frame, the oldest first."""
    table = tables.themes.c
    query = (
        select(*(table[name] for name in THEME_COLUMNS))
        .where(table.model_id == model_id)
        .order_by(cast(table.theme_id, Integer))
    )
    return read_frame(connection, query, {"generation": int})


def theme_terms(connection: Connection, model_id: str, theme_id: str) -> str:
    """Return a theme's terms, empty where there is no such theme."""
    table = tables.themes.c
    query = select(table.terms).where(table.model_id == model_id, table.theme_id == theme_id)
    return connection.execute(query).scalar_one_or_none() or ""


def add_themes(connection: Connection, themes: pd.DataFrame) -> None:
    """Add themes to those that are known.

    Raises:
        StoreError: when one of them is known already.
    """
    insert_rows(connection, tables.themes, to_rows(themes[THEME_COLUMNS]))


def forget_other_themes(connection: Connection, model_id: str) -> None:
    """Drop the themes of other models: a centre says nothing among another model's vectors."""
    connection.execute(delete(tables.themes).where(tables.themes.c.model_id != model_id))


def replace_theme_notes(connection: Connection, notes: pd.DataFrame) -> None:
    """Replace what notes have which theme."""
    connection.execute(delete(tables.theme_notes))
    insert_rows(connection, tables.theme_notes, to_rows(notes[NOTE_COLUMNS]))


def read_theme_notes(connection: Connection) -> pd.DataFrame:
    """Return a ThemeNotes frame, ordered by contact id."""
    table = tables.theme_notes.c
    query = select(*(table[name] for name in NOTE_COLUMNS)).order_by(table.contact_id)
    return read_frame(connection, query, {"near": float})


def read_some_theme_notes(connection: Connection, begin: datetime, end: datetime) -> pd.DataFrame:
    """Return the themes of the notes from `begin` to before `end`, as `read_theme_notes` does."""
    table, contact = tables.theme_notes.c, tables.contacts.c
    query = (
        select(*(table[name] for name in NOTE_COLUMNS))
        .join(tables.contacts, contact.contact_id == table.contact_id)
        .where(contact.contacted_at >= begin, contact.contacted_at < end)
        .order_by(table.contact_id)
    )
    return read_frame(connection, query, {"near": float})
