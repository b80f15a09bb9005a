"""The workbook's sheets, from the same view values as the page."""

from datetime import date

from desk.listsheets import notes, ordeals, quarantine, ranking, retention, risk, sources, themes
from desk.presenters import Report
from desk.presenters.figures import Point
from desk.sheetcharts import Series, bars, lines
from desk.spreadsheet import Book, Cell, Column, Sheet, Styled
from signals.holidays import holidays_of

Row = tuple[Cell | Styled, ...]
WEEK = Column("שבוע", "date", 12)
HOLIDAYS = Column("חגים", "text", 30)


def workbook(report: Report, week: date) -> bytes:
    """Return the report as an XLSX file."""
    book = Book(f"קשב: {report.header.week}", week)
    for name, fill in SHEETS.items():
        fill(book.sheet(name), report)
    return book.close()


def _summary(sheet: Sheet, report: Report) -> None:
    sheet.line(f"קשב · {report.header.week}", "title")
    for line in (report.header.company, report.header.made_of, report.header.holidays):
        if line:
            sheet.line(line)
    sheet.gap()
    columns = (
        Column("מדד", "strong", 34),
        Column("השבוע", "plain", 13),
        Column("גבול תחתון (95%)", "plain", 11),
        Column("גבול עליון (95%)", "plain", 11),
        Column("n", "count", 9),
        Column("ממוצע 4 קודמים", "plain", 15),
        Column("הערה", width=60),
    )
    rows = [
        (
            key.name,
            (key.figure.value, key.kind),
            (key.figure.low, key.kind),
            (key.figure.high, key.kind),
            key.figure.n,
            (key.before, key.kind),
            f"זמני. {key.note}" if key.provisional else key.note,
        )
        for key in report.key_figures
    ]
    sheet.table(columns, rows, freeze=True)
    sheet.gap()
    for sentence in report.words:
        sheet.line(sentence)


def _reasons(sheet: Sheet, report: Report) -> None:
    columns = (
        Column("סיבה", "strong", 22),
        Column(report.noun, "count", 9),
        Column("חלק", "share", 9),
        Column("גבול תחתון (95%)", "share", 9),
        Column("גבול עליון (95%)", "share", 9),
        Column("n", "count", 8),
        Column("ממוצע 4 קודמים", "share", 12),
        Column("שינוי (נק׳ אחוז)", "points", 12),
        Column("גבול תחתון (95%)", "points", 9),
        Column("גבול עליון (95%)", "points", 9),
        Column("p", "p", 8),
        Column("מובהקות", "text", 16),
    )
    rows = [
        (
            row.name,
            row.count,
            row.figure.value,
            row.figure.low,
            row.figure.high,
            row.figure.n,
            row.before,
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
    sheet.line(f"חלק הסיבה מתוך ה{report.noun} שסווגו. {report.correction}.")
    sheet.gap()
    series = (Series("השבוע", 2, "#1D6091"), Series("ממוצע 4 קודמים", 6, "#E0A184"))
    bars(sheet, "חלק הסיבות השבוע", (first, len(rows)), series, "M2")
    for table in report.heat:
        sheet.line(table.title, "strong")
        heat = [Column("סיבה", "strong"), *(Column(c.name, "share") for c in table.columns)]
        counts: Row = ("n", *((column.n, "count") for column in table.columns))
        shares: list[Row] = [
            (name, *(cell.figure.value for cell in cells)) for name, cells in table.rows
        ]
        sheet.table(heat, [counts, *shares])
        sheet.gap()


def _trends(sheet: Sheet, report: Report) -> None:
    trends = report.trends
    named: tuple[tuple[str, str, tuple[Point, ...]], ...] = (
        (report.noun, "count", trends.contacts),
        ("בקשת עזיבה", "share", trends.churn_explicit),
        ("סימן לעזיבה", "share", trends.churn_signal),
        ("לא ברור", "share", trends.unclear),
        *((row.name, "share", row.trend) for row in report.reasons),
    )
    columns = (WEEK, *(Column(name, kind, 13) for name, kind, _ in named), HOLIDAYS)
    rows: list[Row] = [
        (
            point.week,
            *(points[place].figure.value for _, _, points in named),
            ", ".join(holidays_of(point.week)),
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
    lines(sheet, "חמש הסיבות הגדולות, לפי שבוע", (first, len(rows)), series, anchor)


def _resolution(sheet: Sheet, report: Report) -> None:
    found = report.resolution
    if found.missing:
        sheet.line(found.missing)
        return
    columns = (
        WEEK,
        Column("FCR", "share", 10),
        Column("גבול תחתון (95%)", "share", 10),
        Column("גבול עליון (95%)", "share", 10),
        Column("נושאים", "count", 10),
        Column("זמני", "text", 8),
        Column("נפתר לפי הרישום", "share", 12),
        Column("נושאים של 3 פניות ומעלה", "count", 14),
    )
    rows = [
        (
            point.week,
            point.figure.value,
            point.figure.low,
            point.figure.high,
            point.figure.n,
            "כן" if point.figure.provisional else "",
            declared.figure.value,
            ordeals.figure.value,
        )
        for point, declared, ordeals in zip(found.fcr, found.declared, found.ordeals, strict=True)
    ]
    first = sheet.table(columns, rows, freeze=True)
    series = (Series("FCR", 1, "#1D6091"), Series("נפתר לפי הרישום", 6, "#A8431A"))
    lines(sheet, "FCR ומה שנרשם, לפי שבוע", (first, len(rows)), series, "J2")
    sheet.gap()
    sheet.line(f"{found.definition}. {found.provisional}".strip())
    if found.costs:
        sheet.line(found.costs)
    sheet.gap()
    _measures(sheet, report)
    sheet.gap()
    slices = (
        Column("פילוח", "strong"),
        Column("סוג", "text"),
        Column("נושאים", "count"),
        Column("FCR", "share"),
        Column("גבול תחתון (95%)", "share"),
        Column("גבול עליון (95%)", "share"),
        Column("פניות חוזרות", "share"),
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
        Column("מדד", "strong"),
        *(Column(name) for name in ("השבוע", "גבול תחתון (95%)", "גבול עליון (95%)")),
        Column("n", "count"),
        Column("ממוצע 4 קודמים"),
        Column("זמני", "text"),
    )
    rows = [
        (
            row.name,
            (row.figure.value, row.kind),
            (row.figure.low, row.kind),
            (row.figure.high, row.kind),
            row.figure.n,
            (row.before, row.kind),
            "כן" if row.figure.known and row.figure.provisional else "",
        )
        for row in report.resolution.measures
    ]
    sheet.table(columns, rows)


SHEETS = {
    "סיכום": _summary,
    "סיבות": _reasons,
    "תמות": themes,
    "מגמות": _trends,
    "פתרון ופניות חוזרות": _resolution,
    "נושאים שנגררו": ordeals,
    "בסיכון": risk,
    "איכות הדירוג": ranking,
    "שימור ושביעות רצון": retention,
    "טקסטים לדוגמה": notes,
    "הסגר": quarantine,
    "נתונים ומודל": sources,
}
