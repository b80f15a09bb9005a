"""From an Altair chart to an SVG that lives inside a page of either direction, light or dark."""

import re

import altair as alt
import vl_convert as vlc
from markupsafe import Markup, escape

from desk import hebrew
from desk.i18n import direction

FONT = '"Segoe UI", "Noto Sans Hebrew", "Arial Hebrew", Arial, sans-serif'
INK, MUTED, GRID, MAIN, BAND, MARKER, PALE, PAPER = (
    "#1c2730",
    "#53616c",
    "#dfe4e8",
    "#1d6091",
    "#b9d3e6",
    "#a8431a",
    "#7397b1",
    "#fefefe",
)
# Each colour stands in the SVG as an attribute; the page's style replaces it on a dark screen.
DARK = {
    INK: "#e6ebef",
    MUTED: "#a9b6c0",
    GRID: "#39444d",
    MAIN: "#6fb4e6",
    BAND: "#2c4f69",
    MARKER: "#f0935f",
    PALE: "#5b87a6",
    PAPER: "#171d22",
}
_SPOKEN = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_ROOT = re.compile(r"<svg ([^>]*)>")


def draw(chart: alt.LayerChart | alt.FacetChart, title: str) -> Markup:
    """Return the chart as an SVG element.

    `title` is what a screen reader says in the chart's place. A chart that clips its marks must not
    be drawn here: the renderer numbers clips over the process's life, so no two runs are equal.
    """
    styled = chart.configure(
        font=FONT,
        background="transparent",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=MUTED,
            titleColor=MUTED,
            gridColor=GRID,
            domainColor=GRID,
            tickColor=GRID,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            labelLimit=0,
        ),
    )
    # The parts were validated when they were made; doing it again doubles the time.
    svg = vlc.vegalite_to_svg(styled.to_dict(validate=False))
    svg = _SPOKEN.sub("", svg)
    svg = _LONG.sub(lambda found: f"{float(found[0]):.2f}", svg)
    head = f'<svg role="img" aria-label="{escape(title)}" direction="ltr" '
    return Markup(_ROOT.sub(lambda found: head + found[1] + ">", svg, count=1))


def label(text: str) -> str:
    """Return a label that keeps its order in a chart, which is left-to-right on any page."""
    return hebrew.rtl(text) if direction() == "rtl" else text


def dark_rules() -> Markup:
    """Return the style rules that turn the charts' colours for a dark screen."""
    rules = [
        f'.chart [{part}="{light}"]{{{part}:{dark}}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    ]
    return Markup("\n".join(rules))
