"""The weekly report: one HTML file with its pictures inside, and a workbook of the same values."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from desk import charts, drawing, hebrew
from desk.i18n import _, direction, language, ngettext, pgettext
from desk.presenters import Report, present
from desk.presenters.figures import Point
from desk.presenters.reasons import ReasonRow
from desk.report_data import ReportData
from desk.sheets import workbook

TEMPLATES = Path(__file__).with_name("templates")
ORDEALS_SHOWN = 8
LEAST_WEEKS = 2

Legend = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """The page's charts; None where there is nothing to draw."""

    reasons: Markup
    reasons_legend: Legend
    reason_trends: tuple[tuple[ReasonRow, Markup], ...]
    fcr: Markup | None
    declared: Markup | None
    ordeals: Markup | None
    churn: Markup | None


def render_html(data: ReportData) -> str:
    """Return the report as one HTML page that needs nothing else, in the language that is spoken.

    The page has no script and loads nothing; the same data gives the same bytes.
    """
    report = present(data)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            language=language(),
            direction=direction(),
            report=report,
            charts=_charts(report),
            sparks=_sparks(report),
            ordeals_shown=report.ordeals[:ORDEALS_SHOWN],
            css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            dark_rules=drawing.dark_rules(),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=hebrew.number, percent=hebrew.percent)
    environment.globals.update(_=_, ngettext=ngettext, pgettext=pgettext)
    return environment


def write_xlsx(data: ReportData, path: Path) -> None:
    """Write the report as a workbook in the language that is spoken; the same data, the same bytes.

    Raises:
        OSError: when the file cannot be written.
    """
    path.write_bytes(xlsx_of(data))


def xlsx_of(data: ReportData) -> bytes:
    """Return the workbook that `write_xlsx` writes."""
    return workbook(present(data), data.week)


def _charts(report: Report) -> Charts:
    found, trends = report.resolution, report.trends
    drawn: dict[str, Markup | None] = dict.fromkeys(("fcr", "declared", "ordeals", "churn"))
    if _drawable(found.fcr):
        drawn["fcr"] = charts.fcr_by_week(found.fcr, _("תרשים קו: FCR לפי שבוע, עם טווח 95%"))
        title = _("תרשים קווים: נפתר לפי הרישום מול FCR, לפי שבוע")
        drawn["declared"] = charts.two_lines(found.fcr, found.declared, title)
    if _drawable(found.ordeals):
        title = _("תרשים עמודות: נושאים שנגררו, לפי שבוע")
        drawn["ordeals"] = charts.weekly_bars(found.ordeals, title)
    if _drawable(trends.churn_explicit):
        title = _("תרשים קווים: בקשות עזיבה וסימנים לעזיבה, לפי שבוע")
        pair = (trends.churn_explicit, trends.churn_signal)
        drawn["churn"] = charts.two_lines(*pair, title)
    shares = _spoken(report)
    title = _("תרשים עמודות: שיעור כל סיבה השבוע. {shares}").format(shares=shares)
    return Charts(
        reasons=charts.reasons_bars(report.reasons, title),
        reasons_legend=_reasons_legend(report),
        reason_trends=_reason_trends(report),
        **drawn,
    )


def _reasons_legend(report: Report) -> Legend:
    shown = (("band", _("השבוע")), ("line", _("טווח 95%")))
    if not report.comparable:
        return shown
    return (*shown, ("tick", _("ממוצע ארבעת השבועות הקודמים")))


def _spoken(report: Report) -> str:
    named = [f"{row.name} {row.share_text}" for row in report.reasons if row.figure.value > 0]
    return hebrew.join(named)


def _reason_trends(report: Report) -> tuple[tuple[ReasonRow, Markup], ...]:
    rows = [row for row in report.reasons if _drawable(row.trend)]
    return tuple((row, charts.reason_trend(row)) for row in rows)


def _sparks(report: Report) -> tuple[Markup | None, ...]:
    return tuple(
        charts.sparkline(key.trend, _("{name}, לפי שבוע").format(name=key.name))
        if _drawable(key.trend)
        else None
        for key in report.key_figures
    )


def _drawable(points: tuple[Point, ...]) -> bool:
    return sum(point.figure.known for point in points) >= LEAST_WEEKS


def drawn(report: Report) -> tuple[Charts, tuple[Markup | None, ...]]:
    """Return the report's charts, and the small ones of its key figures, in their order."""
    return _charts(report), _sparks(report)
