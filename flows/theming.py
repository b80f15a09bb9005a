"""Themes from the store and back: known ones are kept, new ones get their terms."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from labels.frames import Calendar
from nlp.words import Lexicon, hebrew_words
from signals.slices import Ints, inbound, surveys
from signals.theme_figures import theme_figures
from signals.theme_terms import terms_of
from signals.themes import Known, Theme, Themes, find_themes, unexplained
from store import themes as theme_store
from store.session import get_meta, set_meta

SEARCHED = "theme_searches"  # the store's note of what was searched in each week
BETWEEN = " · "
OWN_NOTES = 200  # of a theme that its terms are taken from, and
OTHER_NOTES = 500  # of the others that were searched


def themes_of(
    connection: Connection,
    model_id: str,
    contacts: pd.DataFrame,
    predictions: pd.DataFrame,
    calendar: Calendar,
    until: pd.Timestamp | None,
) -> pd.DataFrame:
    """Return the Signals of themes; store the new themes, and which notes have which theme.

    Args:
        connection: within the caller's transaction.
        model_id: of the predictions; themes of other models are forgotten.
        contacts: all contacts.
        predictions: of this model.
        calendar: says what a week is.
        until: the end of observation; contacts after it do not exist yet. None for no end.
    """
    seen = contacts if until is None else contacts[contacts["contacted_at"] <= until]
    notes = unexplained(seen, predictions)
    notes["week"] = calendar.week_of(notes["contacted_at"])
    theme_store.forget_other_themes(connection, model_id)
    known = _known(connection, model_id)
    ended = None if until is None else _last_ended(calendar, until)
    found = find_themes(notes, ThemeWords(notes["text"].tolist()), known, ended)
    _keep(connection, model_id, known, found.known)
    theme_store.replace_theme_notes(connection, _notes_of(notes, found))
    return theme_figures(notes, found, _classified(seen, predictions, calendar))


def _last_ended(calendar: Calendar, until: pd.Timestamp) -> date:
    """Return the last week that was over at a moment."""
    return calendar.week_of_moment(until.to_pydatetime()) - timedelta(weeks=1)


class ThemeWords:
    """Tells the terms of groups among some notes; reads each note once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._read: dict[int, list[str]] = {}

    def __call__(self, own: Ints, searched: Ints) -> list[str]:
        """Return the terms of a group of notes of a search, both given by their places."""
        others = searched[~np.isin(searched, own)][:OTHER_NOTES]
        theme, rest = (self._words(places) for places in (own[:OWN_NOTES], others))
        lexicon = Lexicon([*theme, *rest])
        return terms_of(*([lexicon.keyed(words) for words in part] for part in (theme, rest)))

    def _words(self, places: Ints) -> list[list[str]]:
        for place in places.tolist():
            if place not in self._read:
                self._read[place] = hebrew_words(self._texts[place])
        return [self._read[place] for place in places.tolist()]


def _known(connection: Connection, model_id: str) -> Known:
    frame = theme_store.read_themes(connection, model_id)
    names = ("theme_id", "generation", "first_week", "terms", "centre")
    themes = tuple(
        Theme(number, generation, week, tuple(terms.split(BETWEEN)), centre)
        for number, generation, week, terms, centre in zip(
            *(frame[name].tolist() for name in names), strict=True
        )
    )
    model, searched = json.loads(get_meta(connection, SEARCHED) or "[null, {}]")
    if model != model_id:
        return Known(themes)
    return Known(themes, {date.fromisoformat(week): seen for week, seen in searched.items()})


def _keep(connection: Connection, model_id: str, before: Known, now: Known) -> None:
    """Store what is new of what is known."""
    new = now.themes[len(before.themes) :]
    rows = [
        {**vars(theme), "model_id": model_id, "terms": BETWEEN.join(theme.terms)} for theme in new
    ]
    theme_store.add_themes(connection, pd.DataFrame(rows, columns=theme_store.THEME_COLUMNS))
    searched = {week.isoformat(): seen for week, seen in sorted(now.searched.items())}
    set_meta(connection, SEARCHED, json.dumps([model_id, searched]))


def _notes_of(notes: pd.DataFrame, found: Themes) -> pd.DataFrame:
    """Return the notes that have a theme as a ThemeNotes frame."""
    own = found.place >= 0
    names = np.array([theme.theme_id for theme in found.themes], dtype=object)
    return pd.DataFrame(
        {
            "contact_id": notes["contact_id"].to_numpy()[own],
            "theme_id": names[found.place[own]] if len(names) else [],
            "near": found.near[own],
        }
    )


def _classified(
    contacts: pd.DataFrame, predictions: pd.DataFrame, calendar: Calendar
) -> "pd.Series[int]":
    """Return how many inbound contacts and survey comments are classified, by week."""
    counted = pd.concat([inbound(contacts), surveys(contacts)])
    known = counted["contact_id"].isin(predictions["contact_id"])
    return known.astype(np.int64).groupby(calendar.week_of(counted["contacted_at"])).sum()
