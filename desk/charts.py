"""The report's charts, one function a chart: view values in, SVG out."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
from markupsafe import Markup

from desk.drawing import BAND, GRID, INK, MAIN, MARKER, PALE, PAPER, draw, label
from desk.i18n import _, direction
from desk.presenters.figures import Point
from desk.presenters.reasons import ReasonRow

WIDTH = 300
LEAST_TOP, TOP_STEP = 0.1, 0.05
WEEKS = alt.Axis(labelAngle=0, title=None, ticks=False, labelOverlap=True)
SHARE = alt.Axis(format="%", tickCount=4, title=None)


def reasons_bars(rows: Sequence[ReasonRow], title: str) -> Markup:
    """Return bars of the week's shares with intervals, and a tick at the mean of the weeks before.

    Bars grow to the left where that is the way of reading.
    """
    values = [
        {
            "reason": label(row.name),
            "share": _number(row.figure.value),
            "low": _number(row.figure.low),
            "high": _number(row.figure.high),
            "before": _number(row.before),
        }
        for row in rows
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("reason:N", sort=None, axis=_names(), scale=alt.Scale(paddingInner=0.3))
    )
    place = alt.Scale(reverse=direction() == "rtl", domainMin=0)
    bars = base.mark_bar(color=BAND, height=15).encode(x=alt.X("share:Q", scale=place, axis=SHARE))
    spread = base.mark_rule(color=MAIN, strokeWidth=2).encode(x="low:Q", x2="high:Q")
    dots = base.mark_point(color=MAIN, fill=MAIN, size=26, opacity=1).encode(x="share:Q")
    before = base.mark_tick(color=MARKER, thickness=2.5, height=19).encode(x="before:Q")
    chart = alt.layer(bars, spread, dots, before).properties(width=WIDTH, height=24 * len(rows))
    return draw(chart, title)


def sparkline(points: Sequence[Point], title: str) -> Markup:
    """Return a small trend without axes; its last week is a dot."""
    values = _values(points)
    base = _weekly(values, axis=None)
    height = alt.Y("value:Q", axis=None, scale=alt.Scale(zero=False, nice=False, padding=4))
    line = base.mark_line(color=MAIN, strokeWidth=1.75).encode(y=height)
    last = _weekly(values[-1:], points, axis=None)
    dot = last.mark_point(color=MAIN, fill=MAIN, size=24, opacity=1).encode(y="value:Q")
    return draw(alt.layer(line, dot).properties(width=130, height=30), title)


def reason_trend(row: ReasonRow) -> Markup:
    """Return one reason's weekly share with its interval, on a scale of its own from zero."""
    values = _values(row.trend)
    highest = max(value["high"] or value["value"] or 0.0 for value in values)
    top = max(LEAST_TOP, math.ceil(highest / TOP_STEP) * TOP_STEP)
    scale = alt.Scale(domain=[0, top], clamp=True)
    axis = alt.Axis(format="%", values=[0, top], title=None)
    ends = [values[0]["week"], values[-1]["week"]]
    weeks = alt.Axis(values=ends, labelAngle=0, title=None, ticks=False)
    base = _weekly(values, axis=weeks)
    band = base.mark_area(color=BAND, opacity=0.75).encode(y=_y("low", scale, axis), y2="high:Q")
    line = base.mark_line(color=MAIN, strokeWidth=2).encode(y=_y("value", scale, axis))
    tone = MARKER if row.significant else MAIN
    last = _weekly(values[-1:], row.trend, axis=weeks)
    dot = last.mark_point(color=tone, fill=tone, size=34, opacity=1).encode(y="value:Q")
    chart = alt.layer(band, line, dot).properties(width=170, height=72)
    return draw(chart, _("{name}, שיעור שבועי").format(name=row.name))


def fcr_by_week(points: Sequence[Point], title: str) -> Markup:
    """Return the weekly rate with its band; provisional weeks are hollow on a paler ground."""
    values = _values(points)
    scale = alt.Scale(domain=[0, 1])
    base = _weekly(values)
    open_weeks = [value for value in values if value["provisional"]]
    ground = _weekly(open_weeks, points).mark_rect(color=GRID, opacity=0.55)
    band = base.mark_area(color=BAND, opacity=0.8).encode(y=_y("low", scale, SHARE), y2="high:Q")
    line = base.mark_line(color=MAIN, strokeWidth=2.25).encode(y=_y("value", scale, SHARE))
    closed = [value for value in values if not value["provisional"]]
    solid = _weekly(closed, points).mark_point(color=MAIN, fill=MAIN, size=36, opacity=1)
    hollow = _weekly(open_weeks, points).mark_point(
        color=MAIN, fill=PAPER, size=44, opacity=1, strokeWidth=1.75
    )
    chart = alt.layer(
        ground, band, line, solid.encode(y="value:Q"), hollow.encode(y="value:Q")
    ).properties(width=WIDTH + 40, height=170)
    return draw(chart, title)


def two_lines(first: Sequence[Point], second: Sequence[Point], title: str) -> Markup:
    """Return two weekly shares: the first solid, the second warm and dashed."""
    layers = []
    pairs = ((first, MAIN, [1, 0]), (second, MARKER, [5, 3]))
    for points, tone, dash in pairs:
        values = _values(points)
        y = alt.Y("value:Q", axis=SHARE, scale=alt.Scale(domainMin=0))
        base = _weekly(values)
        layers.append(base.mark_line(color=tone, strokeWidth=2, strokeDash=dash).encode(y=y))
        ends = _known(values)[-1:]
        layers.append(
            _weekly(ends, points).mark_point(color=tone, fill=tone, opacity=1).encode(y=y)
        )
    return draw(alt.layer(*layers).properties(width=WIDTH + 40, height=170), title)


def weekly_bars(points: Sequence[Point], title: str) -> Markup:
    """Return a count of each week as columns with their numbers; the last week is darker."""
    values = _values(points)
    base = _weekly(values)
    y = alt.Y("value:Q", axis=None, scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(color=PALE, size=20).encode(y=y)
    last = _weekly(values[-1:], points).mark_bar(color=MAIN, size=20).encode(y=y)
    text = base.mark_text(dy=-7, color=INK, fontSize=11).encode(y=y, text="value:Q")
    chart = alt.layer(bars, last, text).properties(width=WIDTH + 40, height=120)
    return draw(chart, title)


def _names() -> alt.Axis:
    side: Literal["left", "right"] = "right" if direction() == "rtl" else "left"
    return alt.Axis(
        orient=side, title=None, labelColor=INK, labelFontSize=12, ticks=False, domain=False
    )


def _y(field: str, scale: alt.Scale, axis: alt.Axis) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=scale, axis=axis)


def _weekly(
    values: list[dict[str, Any]], points: Sequence[Point] = (), axis: alt.Axis | None = WEEKS
) -> alt.Chart:
    # Time runs left to right even on a Hebrew page, as Israelis are used to from newspapers.
    weeks = [point.label for point in points] or [value["week"] for value in values]
    x = alt.X("week:O", sort=weeks, scale=alt.Scale(domain=weeks, padding=0.3), axis=axis)
    return alt.Chart(alt.InlineData(values=values)).encode(x=x)


def _values(points: Sequence[Point]) -> list[dict[str, Any]]:
    return [
        {
            "week": point.label,
            "value": _number(point.figure.value),
            "low": _number(point.figure.low),
            "high": _number(point.figure.high),
            "provisional": point.figure.provisional,
        }
        for point in points
    ]


def _known(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [value for value in values if value["value"] is not None]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
