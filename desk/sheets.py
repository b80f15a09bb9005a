"""The workbook's sheets, from the same view values as the page."""

from collections.abc import Callable
from datetime import date

from desk.i18n import N_, _, language
from desk.listsheets import (
    notes,
    ordeals,
    own,
    quarantine,
    ranking,
    retention,
    risk,
    sources,
    themes,
)
from desk.presenters import Report
from desk.presenters.figures import Point
from desk.sheetcharts import Series, bars, lines
from desk.sheetcolumns import ends, figure_cells, measure_cells, share_cells, share_columns
from desk.spreadsheet import Book, Cell, Column, Sheet, Styled
from signals.holidays import holidays_of

Row = tuple[Cell | Styled, ...]


def workbook(report: Report, week: date) -> bytes:
    """Return the report as an XLSX file."""
    book = Book(_("קשב: {week}").format(week=report.header.week), week)
    for name, fill in _shown(report).items():
        fill(book.sheet(_(name)), report)
    return book.close()


def _week() -> Column:
    return Column(_("שבוע"), "date", 12)


def _summary(sheet: Sheet, report: Report) -> None:
    sheet.line(_("קשב · {week}").format(week=report.header.week), "title")
    for line in (report.header.company, report.header.made_of, report.header.holidays):
        if line:
            sheet.line(line)
    sheet.gap()
    columns = (
        Column(_("מדד"), "strong", 34),
        Column(_("השבוע"), "plain", 13),
        *ends("plain", 11),
        Column("n", "count", 9),
        Column(_("ממוצע 4 קודמים"), "plain", 15),
        Column(_("הערה"), width=60),
    )
    rows = [
        (
            key.name,
            *measure_cells(key.figure, key.before, key.kind),
            _("זמני. {note}").format(note=key.note) if key.provisional else key.note,
        )
        for key in report.key_figures
    ]
    sheet.table(columns, rows, freeze=True)
    sheet.gap()
    for sentence in report.words:
        sheet.line(sentence)


def _reasons(sheet: Sheet, report: Report) -> None:
    columns = (
        Column(_("סיבה"), "strong", 22),
        *share_columns(report.noun.capitalize()),
        Column(_("שינוי (נק׳ אחוז)"), "points", 12),
        *ends("points", 9),
        Column("p", "p", 8),
        Column(_("מובהקות"), "text", 16),
    )
    rows = [
        (
            row.name,
            *share_cells(row.count, row.figure, row.before),
            100 * row.change.value,
            100 * row.change.low,
            100 * row.change.high,
            row.p,
            row.verdict,
        )
        for row in report.reasons
    ]
    first = sheet.table(columns, rows, freeze=True)
    sheet.gap()
    line = _("שיעור הסיבה מתוך ה{notes} שסווגו. {correction}.")
    sheet.line(line.format(notes=report.noun, correction=report.correction))
    sheet.gap()
    series = (Series(_("השבוע"), 2, "#1D6091"), Series(_("ממוצע 4 קודמים"), 6, "#E0A184"))
    bars(sheet, _("שיעורי הסיבות השבוע"), (first, len(rows)), series, "M2")
    for table in report.heat:
        sheet.line(table.title, "strong")
        heat = [Column(_("סיבה"), "strong"), *(Column(c.name, "share") for c in table.columns)]
        counts: Row = ("n", *((column.n, "count") for column in table.columns))
        shares: list[Row] = [
            (name, *(cell.figure.value for cell in cells)) for name, cells in table.rows
        ]
        sheet.table(heat, [counts, *shares])
        sheet.gap()


def _trends(sheet: Sheet, report: Report) -> None:
    trends = report.trends
    named: tuple[tuple[str, str, tuple[Point, ...]], ...] = (
        (report.noun.capitalize(), "count", trends.contacts),
        (_("בקשת עזיבה"), "share", trends.churn_explicit),
        (_("סימן לעזיבה"), "share", trends.churn_signal),
        (_("לא ברור"), "share", trends.unclear),
        *((row.name, "share", row.trend) for row in report.reasons),
    )
    columns = (
        _week(),
        *(Column(name, kind, 13) for name, kind, __ in named),
        Column(_("חגים"), "text", 30),
    )
    rows: list[Row] = [
        (
            point.week,
            *(points[place].figure.value for __, __, points in named),
            ", ".join(holidays_of(point.week, language())),
        )
        for place, point in enumerate(trends.contacts)
    ]
    first = sheet.table(columns, rows, freeze=True)
    reasons = range(5, min(10, len(columns) - 1))
    tones = ("#1D6091", "#A8431A", "#5B4B9A", "#3C7A5A", "#B98A1E")
    series = [
        Series(columns[place].name, place, tone)
        for place, tone in zip(reasons, tones, strict=False)
    ]
    anchor = f"B{sheet.row + 3}"
    lines(sheet, _("חמש הסיבות הגדולות, לפי שבוע"), (first, len(rows)), series, anchor)


def _resolution(sheet: Sheet, report: Report) -> None:
    found = report.resolution
    if found.missing:
        sheet.line(found.missing)
        return
    columns = (
        _week(),
        Column("FCR", "share", 10),
        *ends("share", 10),
        Column(_("נושאים"), "count", 10),
        Column(_("זמני"), "text", 8),
        Column(_("נפתר לפי הרישום"), "share", 12),
        Column(_("נושאים של 3 פניות ומעלה"), "count", 14),
    )
    rows = [
        (
            point.week,
            *figure_cells(point.figure),
            _("כן") if point.figure.provisional else "",
            declared.figure.value,
            ordeals.figure.value,
        )
        for point, declared, ordeals in zip(found.fcr, found.declared, found.ordeals, strict=True)
    ]
    first = sheet.table(columns, rows, freeze=True)
    series = (Series("FCR", 1, "#1D6091"), Series(_("נפתר לפי הרישום"), 6, "#A8431A"))
    lines(sheet, _("FCR ומה שנרשם, לפי שבוע"), (first, len(rows)), series, "J2")
    sheet.gap()
    sheet.line(f"{found.definition}. {found.provisional}".strip())
    if found.costs:
        sheet.line(found.costs)
    sheet.gap()
    _measures(sheet, report)
    sheet.gap()
    slices = (
        Column(_("קבוצה"), "strong"),
        Column(_("סוג"), "text"),
        Column(_("נושאים"), "count"),
        Column("FCR", "share"),
        *ends("share"),
        Column(_("פניות חוזרות"), "share"),
    )
    sheet.table(
        slices,
        [
            (r.name, r.kind, r.fcr.n, r.fcr.value, r.fcr.low, r.fcr.high, r.repeat.value)
            for r in found.slices
        ],
    )


def _measures(sheet: Sheet, report: Report) -> None:
    columns = (
        Column(_("מדד"), "strong"),
        Column(_("השבוע")),
        *ends(),
        Column("n", "count"),
        Column(_("ממוצע 4 קודמים")),
        Column(_("זמני"), "text"),
    )
    rows = [
        (
            row.name,
            *measure_cells(row.figure, row.before, row.kind),
            _("כן") if row.figure.known and row.figure.provisional else "",
        )
        for row in report.resolution.measures
    ]
    sheet.table(columns, rows)


OWN = N_("סיבות שהוספתם")
SHEETS = {
    N_("סיכום"): _summary,
    N_("סיבות"): _reasons,
    OWN: own,
    N_("תמות"): themes,
    N_("מגמות"): _trends,
    N_("פתרון ופניות חוזרות"): _resolution,
    N_("נושאים שנגררו"): ordeals,
    N_("בסיכון"): risk,
    N_("איכות הדירוג"): ranking,
    N_("שימור ושביעות רצון"): retention,
    N_("טקסטים לדוגמה"): notes,
    N_("הסגר"): quarantine,
    N_("נתונים ומודל"): sources,
}


def _shown(report: Report) -> dict[str, Callable[[Sheet, Report], None]]:
    return {name: fill for name, fill in SHEETS.items() if name != OWN or report.own}
