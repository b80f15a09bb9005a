"""Themes of the week: what notes without a reason are about, and what grew."""

from dataclasses import dataclass

from desk import hebrew
from desk.i18n import N_, _
from desk.presenters.figures import Figure, Scope
from desk.presenters.notes import LONG, SHORTEST, Note, note_of
from desk.presenters.reasons import verdict
from signals.theme_figures import SLICE
from signals.themes import LEAST_NOTES

NAME_TERMS = 3
NOTES_A_THEME = 3
BETWEEN = " · "
NEW = N_("מתחזקת")


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme's week. `change` is in share points (0..1); `new`: its share grew significantly."""

    theme_id: str
    name: str
    terms: str
    count: int
    share: Figure
    before: float
    change: Figure
    p: float
    new: bool
    share_text: str
    before_text: str
    change_text: str
    verdict: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ThemeSection:
    """The week's themes, or in `missing` why there are none. `says` is what they were found in."""

    missing: str
    says: str
    rows: tuple[ThemeRow, ...]


def themes(scope: Scope) -> ThemeSection:
    """Return the themes with a note this week: new ones first, then by size."""
    found = scope.book.at("theme_candidates")
    many = int(found.value) if found.known else 0
    if many < LEAST_NOTES:
        return ThemeSection(_too_few(many), "", ())
    rows = [_row(scope, str(theme_id), str(terms)) for theme_id, terms in _known(scope)]
    shown = [row for row in rows if row.count]
    shown.sort(key=lambda row: (not row.new, -row.count, int(row.theme_id)))
    notes = hebrew.NOTE.count(many)
    says = _("נבדקו {notes} שלא זוהתה בהם אף סיבה, מהשבוע הזה ומהשבועות שלפניו").format(notes=notes)
    missing = "" if shown else _("{says}; אין השבוע תמה שחוזרת בהם.").format(says=says)
    return ThemeSection(missing, says, tuple(shown))


def _too_few(many: int) -> str:
    found = {0: _("אין טקסטים שלא זוהתה בהם סיבה"), 1: _("יש רק טקסט אחד שלא זוהתה בו סיבה")}
    notes = hebrew.NOTE.count(many)
    said = found.get(many) or _("יש רק {notes} שלא זוהתה בהם סיבה").format(notes=notes)
    return _("{said}. כדי לחפש בהם תמות דרושים {least} לפחות.").format(said=said, least=LEAST_NOTES)


def name_of(terms: str) -> str:
    """Return a theme's name: its first terms."""
    return BETWEEN.join(terms.split(BETWEEN)[:NAME_TERMS])


def _known(scope: Scope) -> list[tuple[object, object]]:
    frame = scope.data.themes
    return list(zip(frame["theme_id"], frame["terms"], strict=True))


def _row(scope: Scope, theme_id: str, terms: str) -> ThemeRow:
    book, cut = scope.book, f"{SLICE}{theme_id}"
    count, share = book.at("theme_count", cut), book.at("theme_share", cut)
    change = book.at("theme_change", cut)
    significant = book.at("theme_change_significant", cut).value == 1.0
    before = book.at("theme_before", cut).value if change.known else float("nan")
    new = significant and change.value > 0
    return ThemeRow(
        theme_id=theme_id,
        name=name_of(terms),
        terms=", ".join(terms.split(BETWEEN)),
        count=int(count.value) if count.known else 0,
        share=share,
        before=before,
        change=change,
        p=book.at("theme_change_p", cut).value,
        new=new,
        share_text=hebrew.percent(share.value),
        before_text=hebrew.percent(before),
        change_text=hebrew.signed(100 * change.value),
        verdict=_(NEW) if new else verdict(change, significant),
        notes=_typical(scope, theme_id),
    )


def _typical(scope: Scope, theme_id: str) -> tuple[Note, ...]:
    """Return up to three notes of the week nearest to the theme, of different customers."""
    notes = scope.data.theme_notes
    own = scope.noted_contacts.merge(notes[notes["theme_id"] == theme_id], on="contact_id")
    readable = own[own["text"].str.len().between(SHORTEST, LONG)]
    nearest = readable.sort_values(["near", "contact_id"], ascending=[False, True])
    who = nearest["customer_id"].where(nearest["customer_id"].notna(), nearest["contact_id"])
    chosen = nearest[~who.duplicated() & ~nearest["text"].duplicated()].head(NOTES_A_THEME)
    return tuple(note_of(scope, contact, ()) for __, contact in chosen.iterrows())
