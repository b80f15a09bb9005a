"""Frames -> plain view values: ready strings and numbers, no markup."""

from dataclasses import dataclass

from desk.i18n import N_, _
from desk.presenters.figures import Point, Scope
from desk.presenters.keyfigures import KeyFigure, key_figures
from desk.presenters.notes import TypicalNotes, typical_notes
from desk.presenters.ordeals import Ordeal, ordeals
from desk.presenters.ownshares import OwnQueues, OwnShare, own_queues, own_shares
from desk.presenters.reasons import HeatTable, ReasonRow, heat_table, reason_rows
from desk.presenters.resolution import Resolution, resolution
from desk.presenters.retention import Retention, retention
from desk.presenters.risk import Risk, risk
from desk.presenters.sources import Quarantine, Sources, correction, quarantine, sources
from desk.presenters.summary import Header, header, summary_heads, summary_of
from desk.presenters.themes import ThemeSection, themes
from desk.presenters.words import words
from desk.report_data import ReportData

HEAT = {
    "queue": N_("סיבות לפי תור"),
    "channel": N_("סיבות לפי ערוץ"),
    "at_risk": N_("סיבות בכל הפניות, ובאלה שיש בהן כוונת עזיבה (אלה בלי תיקון)"),
    "product": N_("סיבות לפי מוצר"),
    "team": N_("סיבות לפי צוות"),
    "segment": N_("סיבות לפי סוג לקוח"),
}

__all__ = ["Report", "Trends", "present", "summary_heads", "summary_rows"]


@dataclass(frozen=True, slots=True)
class Trends:
    """The shown weeks of what has no section of its own."""

    contacts: tuple[Point, ...]
    churn_signal: tuple[Point, ...]
    churn_explicit: tuple[Point, ...]
    unclear: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One week's report in words and numbers; page and workbook are made of it."""

    survey: bool
    noun: str
    correction: str
    comparable: bool
    header: Header
    words: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    reasons: tuple[ReasonRow, ...]
    heat: tuple[HeatTable, ...]
    trends: Trends
    own: tuple[OwnShare, ...]
    own_queues: OwnQueues
    themes: ThemeSection
    resolution: Resolution
    ordeals: tuple[Ordeal, ...]
    risk: Risk
    retention: Retention
    notes: tuple[TypicalNotes, ...]
    quarantine: Quarantine
    sources: Sources


def present(data: ReportData) -> Report:
    """Return the week's report as plain values; the same data gives the same report."""
    return told(Scope(data))


def told(scope: Scope) -> Report:
    """Return the report of a week that is looked at already."""
    book, cut = scope.book, scope.cut
    own = own_shares(scope)
    heat = tuple(heat_table(scope, kind, _(title)) for kind, title in HEAT.items())
    return Report(
        survey=scope.survey,
        noun=scope.noun.plural,
        correction=correction(scope),
        comparable=scope.comparable,
        header=header(scope),
        words=words(scope),
        key_figures=key_figures(scope),
        reasons=reason_rows(scope),
        heat=() if scope.survey else tuple(table for table in heat if table.columns),
        trends=Trends(
            contacts=book.trend("contacts", cut),
            churn_signal=book.trend("churn_signal", cut),
            churn_explicit=book.trend("churn_explicit", cut),
            unclear=book.trend("unclear_share", cut),
        ),
        own=own,
        own_queues=own_queues(scope, own),
        themes=themes(scope),
        resolution=resolution(scope),
        ordeals=ordeals(scope),
        risk=risk(scope),
        retention=retention(scope),
        notes=typical_notes(scope),
        quarantine=quarantine(scope),
        sources=sources(scope),
    )


def summary_rows(data: ReportData) -> list[tuple[str, str, str]]:
    """Return the week's summary for a terminal: figure, value, mean of the four weeks before."""
    return summary_of(Scope(data))
