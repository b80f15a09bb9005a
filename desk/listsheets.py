"""The workbook's sheets that list: customers, notes, rows set aside, sources."""

from collections.abc import Sequence

from desk.i18n import _, direction
from desk.presenters import Report
from desk.presenters.notes import Note
from desk.presenters.themes import NOTES_A_THEME
from desk.sheetcolumns import ends, figure_cells, measure_cells, share_cells, share_columns
from desk.spreadsheet import Cell, Column, Sheet, Styled

Row = tuple[Cell | Styled, ...]


def ordeals(sheet: Sheet, report: Report) -> None:
    """Write every contact of the matters that dragged on, matter by matter."""
    if not report.ordeals:
        sheet.line(_("השבוע לא נמשכו נושאים של שלוש פניות ומעלה, או שאין מזהי לקוח."))
        return
    columns = (
        Column("#", "count", 5),
        Column(_("לקוח"), "text", 16),
        Column(_("פניות"), "count", 8),
        Column(_("משך"), "text", 16),
        Column(_("מסע הלקוח"), "text", 70),
        Column(_("הטקסט האחרון"), "text", 70),
    )
    # After a queue in Hebrew letters the mark keeps the next day's number in its place.
    arrow = " ← " if direction() == "rtl" else "\u200e → "
    rows: list[Row] = [
        (
            number,
            row.customer_id,
            row.contacts,
            row.span_text,
            arrow.join(step.text for step in row.steps),
            row.note.text,
        )
        for number, row in enumerate(report.ordeals, start=1)
    ]
    sheet.table(columns, rows, freeze=True)


def risk(sheet: Sheet, report: Report) -> None:
    """Write all customers at risk, marked as far as the desk's capacity reaches."""
    if report.risk.missing:
        sheet.line(report.risk.missing)
        return
    columns = (
        Column("#", "count", 5),
        Column(_("לקוח"), "text", 16),
        Column(_("ציון"), "count", 7),
        Column(_("להתקשר השבוע"), "text", 11),
        Column(_("הסתברות לעזיבה"), "share", 11),
        Column(_("כוונה"), "text", 13),
        Column(_("סיבות"), "text", 26),
        Column(_("מה בציון"), "text", 34),
        Column(_("פניות ב־60 יום"), "count", 10),
        Column(_("פנייה אחרונה"), "date", 12),
        Column(_("סוף חוזה"), "date", 12),
        Column(_("ערך חודשי"), "money", 11),
        Column(_("הטקסט"), "text", 60),
        Column(_("הראיה"), "text", 34),
    )
    rows = [
        (
            row.rank,
            row.customer_id,
            row.score,
            _("כן") if row.called else "",
            row.p_leaving,
            row.intent,
            ", ".join(row.reasons),
            row.parts_text,
            row.contacts,
            row.last,
            row.contract_end,
            row.monthly_value,
            row.note.text if row.note else "",
            row.note.evidence if row.note else "",
        )
        for row in report.risk.rows
    ]
    sheet.table(columns, rows, freeze=True)


def ranking(sheet: Sheet, report: Report) -> None:
    """Write the weights of the score, and how well the ranking told who leaves."""
    found = report.risk.ranking
    columns = (
        Column(_("רכיב בציון"), "strong", 24),
        Column(_("משקל"), "share", 12),
        Column(_("ברירת מחדל"), "share", 14),
    )
    sheet.table(columns, found.weights, freeze=True)
    sheet.gap()
    for line in (found.why, *found.precision, found.period, found.untold):
        if line:
            sheet.line(line)
    if not found.lifts:
        return
    sheet.gap()
    lifts = (
        Column(_("מקום בדירוג"), "strong"),
        Column(_("לקוחות"), "count"),
        Column(_("פי כמה מהשיעור הכללי (lift)"), "mean"),
        *ends("mean"),
        Column(_("במשקלי ברירת מחדל"), "mean"),
    )
    rows = [
        (
            row.name,
            row.figure.n,
            row.figure.value if row.figure.known else row.text,
            row.figure.low,
            row.figure.high,
            row.default.value,
        )
        for row in found.lifts
    ]
    sheet.table(lifts, rows)


def notes(sheet: Sheet, report: Report) -> None:
    """Write the typical notes of each reason, with their evidence in a cell of its own."""
    columns = (
        Column(_("סיבה"), "strong", 20),
        Column(_("הסתברות"), "text", 10),
        Column(_("הטקסט"), "text", 70),
        Column(_("הראיה"), "text", 34),
        Column(_("מתי"), "text", 17),
        Column(_("ערוץ"), "text", 10),
        Column(_("תור"), "text", 16),
        Column(_("לקוח"), "text", 14),
    )
    rows = [
        (g.name, sure, n.text, n.evidence, n.when, n.channel, n.queue, n.customer_id)
        for g in report.notes
        for n, sure in g.notes
    ]
    sheet.table(columns, rows, freeze=True)


def own(sheet: Sheet, report: Report) -> None:
    """Write the week of people's own reasons, and what was measured of each."""
    columns = (
        Column(_("סיבה"), "strong", 30),
        *share_columns(_("פניות")),
        Column(_("דיוק בבדיקה ידנית"), "text", 12),
        Column(_("טווח 95%"), "text", 16),
        Column(_("נבדקו"), "count", 9),
        Column(_("תיאור"), "text", 60),
    )
    rows: list[Row] = [
        (
            row.name,
            *share_cells(row.count, row.share, row.before),
            row.precision.share,
            row.precision.interval,
            row.precision.n,
            row.description,
        )
        for row in report.own
    ]
    sheet.table(columns, rows, freeze=True)


def themes(sheet: Sheet, report: Report) -> None:
    """Write the week's themes, with their terms and typical notes."""
    if report.themes.missing:
        sheet.line(report.themes.missing)
        return
    columns = (
        Column("#", "count", 5),
        Column(_("תמה"), "strong", 30),
        *share_columns(_("טקסטים")),
        Column(_("שינוי (נק׳ אחוז)"), "points", 12),
        Column("p", "p", 8),
        Column(_("מובהקות"), "text", 16),
        Column(_("מילים מייחדות"), "text", 44),
        *(
            Column(_("טקסט לדוגמה {n}").format(n=n), "text", 60)
            for n in range(1, NOTES_A_THEME + 1)
        ),
    )
    rows: list[Row] = [
        (
            int(row.theme_id),
            row.name,
            *share_cells(row.count, row.share, row.before),
            100 * row.change.value,
            row.p,
            row.verdict,
            row.terms,
            *_texts(row.notes),
        )
        for row in report.themes.rows
    ]
    sheet.table(columns, rows, freeze=True)
    sheet.line(f"{report.themes.says}.")


def _texts(notes: Sequence[Note]) -> tuple[str, ...]:
    """Return the texts of typical notes, and empty cells for those that there are not."""
    texts = [note.text for note in notes]
    return tuple(texts + [""] * (NOTES_A_THEME - len(texts)))


def quarantine(sheet: Sheet, report: Report) -> None:
    """Write every row that was set aside."""
    columns = (
        Column(_("קובץ"), "text", 34),
        Column(_("שורה"), "count", 9),
        Column(_("קוד"), "text", 22),
        Column(_("סיבה"), "text", 60),
    )
    rows = [(row.file, row.line, row.code, row.reason) for row in report.quarantine.rows]
    sheet.table(columns, rows, freeze=True)


def sources(sheet: Sheet, report: Report) -> None:
    """Write the files, the model, and what the figures cannot say."""
    sources = report.sources
    names = (_("קובץ"), _("פרופיל"), _("נקראו"), _("נשמרו"), _("כבר היו"), _("כפולות"), _("בהסגר"))
    widths = (34, 22, 10, 10, 10, 10, 10)
    columns = tuple(
        Column(name, "text" if place < 2 else "count", width)
        for place, (name, width) in enumerate(zip(names, widths, strict=True))
    )
    rows = [
        (f.name, f.profile, f.read, f.stored, f.known, f.duplicates, f.quarantined)
        for f in (*sources.files, sources.total)
    ]
    sheet.table(columns, rows, freeze=True)
    sheet.line(sources.balance)
    sheet.gap()
    sheet.table((Column(_("על המודל")), Column("")), sources.facts)
    sheet.gap()
    if sources.figures:
        sheet.table((Column(_("מדדי המודל")), Column(_("ערך"), "mean")), sources.figures)
        sheet.gap()
    sheet.line(_("מה המספרים אינם אומרים"), "strong")
    for line in sources.limits:
        sheet.line(line)


def retention(sheet: Sheet, report: Report) -> None:
    """Write who stayed and left, and of satisfaction by reason."""
    found = report.retention
    if found.missing:
        sheet.line(found.missing)
    else:
        columns = (
            Column(_("מדד"), "strong", 34),
            Column(_("עכשיו")),
            *ends(),
            Column("n", "count"),
            Column(_("ארבעת השבועות שלפני כן"), width=22),
        )
        rows = [
            (row.name, *measure_cells(row.figure, row.before, row.kind)) for row in found.measures
        ]
        sheet.table(columns, rows, freeze=True)
        sheet.gap()
        sheet.line(found.period)
        sheet.gap()
        last = (Column(_("הסיבה האחרונה של מי שעזבו"), "strong"), Column(_("לקוחות"), "count"))
        sheet.table(last, list(found.last_reasons))
    sheet.gap()
    _satisfaction(sheet, report)


def _satisfaction(sheet: Sheet, report: Report) -> None:
    named = (("NPS", "score"), (_("מרוצים (CSAT)"), "share"), (_("ענו שהבעיה נפתרה"), "share"))
    columns = [Column(_("סיבה בתגובה לסקר"), "strong")]
    for name, kind in named:
        columns += [Column(name, kind), *ends(kind), Column("n", "count")]
    rows: list[Row] = [
        (
            row.name,
            *figure_cells(row.nps),
            *figure_cells(row.csat),
            *figure_cells(row.resolved),
        )
        for row in report.retention.satisfaction
    ]
    sheet.table(columns, rows)
