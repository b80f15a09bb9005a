"""Drift in words: what moved, how far, what it means and what to do."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from desk import hebrew
from desk.i18n import _, ngettext
from desk.presenters.reasons import CHANNELS, reason_name
from labels.frames import P_REASONS
from labels.measures import INPUTS, MEASURES, Measure
from signals.drift import LEAST_NOTES, SLICE

SMALL, LARGE = 0.1, 0.25  # of the stability index: see signals.drift.stability_index
P = "p_"


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a measure: its share in the week and in the reference."""

    name: str
    share: float
    before: float
    share_text: str
    before_text: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure of a week. `tone` is empty without a drift, else `calm`, `warm` or `bad`."""

    key: str
    name: str
    verdict: str
    tone: str
    index: str
    by_chance: str
    distance: str
    p: str
    mean: str
    mean_before: str
    meaning: str
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The stability index of a measure in a week; `drifted` where it is no chance."""

    text: str
    drifted: bool
    shade: int


@dataclass(frozen=True, slots=True)
class DriftPage:
    """A week's drift: what it says, what to do, each measure, and the weeks before."""

    week: date
    n: int
    sentence: str
    advice: tuple[str, ...]
    rows: tuple[MeasureRow, ...]
    weeks: tuple[str, ...]
    history: tuple[tuple[str, tuple[Cell, ...]], ...]


Figures = Mapping[tuple[date, str, str], tuple[float, float, int]]


def drift_page(
    week: date,
    drift: pd.DataFrame,
    shares: pd.DataFrame,
    counts: Mapping[str, Sequence[int]],
    means: Mapping[str, float],
) -> DriftPage:
    """Return a week's drift as it is shown.

    Args:
        week: the week.
        drift: Signals of drift of this week and others, without shares.
        shares: Signals `drift_share` of this week.
        counts: the reference's counts of each measure, one a bin.
        means: the reference's means.
    """
    columns = [drift[name].tolist() for name in ("week", "slice", "metric", "value", "high", "n")]
    figures: Figures = {
        (day, cut, metric): (value, high, n)
        for day, cut, metric, value, high, n in zip(*columns, strict=True)
    }
    cells = [shares[name].tolist() for name in ("slice", "reason", "value")]
    found = {(cut, name): value for cut, name, value in zip(*cells, strict=True)}
    rows = tuple(_row(one, week, figures, found, counts, means) for one in MEASURES)
    n = max((of for (day, _cut, _m), (_v, _h, of) in figures.items() if day == week), default=0)
    weeks = tuple(sorted({day for day, _cut, _m in figures}))
    history = tuple(
        (measure_name(one.name), tuple(_cell(figures, day, one.name) for day in weeks))
        for one in MEASURES
    )
    drifted = [row for row in rows if row.tone]
    return DriftPage(
        week,
        n,
        _sentence(n, drifted),
        _advice(week, n, drifted),
        rows,
        tuple(map(hebrew.short_day, weeks)),
        history,
    )


def _row(
    one: Measure,
    week: date,
    figures: Figures,
    shares: Mapping[tuple[str, str], float],
    counts: Mapping[str, Sequence[int]],
    means: Mapping[str, float],
) -> MeasureRow:
    cut = SLICE + one.name
    none = (math.nan, math.nan, 0)
    index, chance, _n = figures.get((week, cut, "drift_index"), none)
    distance = figures.get((week, cut, "drift_distance"), none)[0]
    p = figures.get((week, cut, "drift_p"), none)[0]
    mean = figures.get((week, cut, "drift_mean"), none)[0]
    drifted = figures.get((week, cut, "drift_significant"), none)[0] == 1.0
    verdict, tone = _verdict(index, drifted=drifted)
    total = max(sum(counts[one.name]), 1)
    bins = [
        (name, shares.get((cut, name), math.nan), count / total)
        for name, count in zip(one.bins, counts[one.name], strict=True)
    ]
    return MeasureRow(
        key=one.name,
        name=measure_name(one.name),
        verdict=verdict,
        tone=tone,
        index=hebrew.number(index, 2),
        by_chance=hebrew.number(chance, 2),
        distance=hebrew.number(distance, 2),
        p=_p(p),
        mean=_mean(one, mean),
        mean_before=_mean(one, means.get(one.name, math.nan)),
        meaning=_meaning(one.name) if drifted else "",
        bins=tuple(
            Bin(_bin(one, name), share, before, hebrew.percent(share), hebrew.percent(before))
            for name, share, before in bins
            if before or share
        ),
    )


def _p(value: float) -> str:
    return hebrew.ltr("<0.01") if value < 0.01 else hebrew.number(value, 2)


def _mean(one: Measure, value: float) -> str:
    if not one.is_number:
        return ""
    return hebrew.number(value, 0) if one.name == "length" else hebrew.percent(value)


def _verdict(index: float, *, drifted: bool) -> tuple[str, str]:
    if math.isnan(index):
        return _("אין די פניות"), ""
    if not drifted:
        return _("בתחום המקריות"), ""
    if index < SMALL:
        return _("שינוי קטן"), "calm"
    return (_("שינוי בינוני"), "warm") if index < LARGE else (_("שינוי גדול"), "bad")


def _cell(figures: Figures, week: date, name: str) -> Cell:
    index = figures.get((week, SLICE + name, "drift_index"), (math.nan, math.nan, 0))[0]
    mark = figures.get((week, SLICE + name, "drift_significant"), (math.nan, math.nan, 0))[0]
    drifted = mark == 1.0
    shade = 0 if not drifted else 1 if index < SMALL else 2 if index < LARGE else 3
    return Cell(hebrew.number(index, 2), drifted, shade)


def measure_name(name: str) -> str:
    """Return what a measure is called."""
    if name in P_REASONS:
        return _("הסתברות: {reason}").format(reason=reason_name(name.removeprefix(P)))
    return {
        "length": _("אורך הטקסט (אסימונים)"),
        "language": _("שפה, לפי הכתב"),
        "channel": _("ערוץ"),
        "unseen": _("מילים שהמודל לא למד"),
        "unclear": _("לא ברור למודל"),
        "at_risk": _("דגל סיכון"),
    }[name]


def _bin(one: Measure, name: str) -> str:
    if one.name == "channel":
        return _(CHANNELS[name])
    if one.name == "language":
        return {
            "Hebrew": _("עברית"),
            "Russian": _("רוסית"),
            "Arabic": _("ערבית"),
            "other": _("אחרת"),
        }[name]
    if not one.is_number:
        return {"True": _("כן"), "False": _("לא")}[name]
    return _range(one, one.bins.index(name))


def _range(one: Measure, place: int) -> str:
    """Return a bin of numbers as a range, in per cent where it is one of shares."""

    def text(edge: float) -> str:
        return f"{edge:g}" if one.name == "length" else f"{100 * edge:g}%"

    if place == len(one.edges):
        return _("מעל {edge}").format(edge=text(one.edges[-1]))
    if place == 0:
        return (
            text(one.edges[0])
            if not one.edges[0]
            else _("עד {edge}").format(edge=text(one.edges[0]))
        )
    return hebrew.interval(text(one.edges[place - 1]), text(one.edges[place]))


def _sentence(n: int, drifted: Sequence[MeasureRow]) -> str:
    if n < LEAST_NOTES:
        return _("יש {n} בלבד. מתחת ל־{least} אי אפשר להבחין בין שינוי אמיתי למקריות.").format(
            n=hebrew.NOTE.count(n), least=LEAST_NOTES
        )
    if not drifted:
        return _("אף מדד לא התרחק מנתוני המודל יותר ממה שמקריות מסבירה.")
    return ngettext(
        "מדד אחד מתוך {all} התרחק מנתוני המודל יותר ממה שמקריות מסבירה.",
        "{n} מדדים מתוך {all} התרחקו מנתוני המודל יותר ממה שמקריות מסבירה.",
        len(drifted),
    ).format(n=len(drifted), all=len(MEASURES))


def _advice(week: date, n: int, drifted: Sequence[MeasureRow]) -> tuple[str, ...]:
    """Return what to do, the first thing first."""
    if n < LEAST_NOTES or not drifted:
        return (_("אין צורך לעשות דבר."),) if n >= LEAST_NOTES else ()
    if all(row.tone == "calm" for row in drifted):
        return (_("השינויים מובהקים אבל קטנים. מספיק להמשיך לעקוב."),)
    inputs = {one.name for one in INPUTS}
    steps = [_("לבדוק את הפניות הלא ברורות ואת המדגם האקראי בעמוד ״בדיקת תיוג״.")]
    if any(row.tone != "calm" and row.key not in inputs for row in drifted):
        command = hebrew.ltr(f"keshev audit {week}")
        steps.append(
            _("לבדוק ידנית מדגם של השבוע ({command}): כך יודעים אם השיעורים בדוח נכונים.").format(
                command=command
            )
        )
    if any(row.tone == "bad" for row in drifted):
        command = hebrew.ltr("keshev train --with-corrections")
        steps.append(
            _("אם הבדיקה מראה יותר טעויות: לאמן שוב עם התיקונים ({command}).").format(
                command=command
            )
        )
    return tuple(steps)


def _meaning(name: str) -> str:
    """Return what a drift of a measure means to who reads the figures."""
    if name in P_REASONS:
        return _("הסיבה שכיחה יותר או פחות מאשר בנתוני המודל, או שהמודל בטוח בה במידה אחרת.")
    return {
        "length": _("הפניות ארוכות או קצרות מאלה שהמודל למד. בקצרות מאוד יש פחות ראיות."),
        "language": _("תמהיל השפות שונה. ברוסית ובערבית המודל מדייק פחות מאשר בעברית."),
        "channel": _("תמהיל הערוצים שונה. בסקרים ובצ׳אט המודל מדייק פחות מאשר בטלפון."),
        "unseen": _("יש יותר או פחות מילים שהמודל לא למד: שמות מוצרים, קיצורים או נושא חדש."),
        "unclear": _("המודל מהסס ביותר או בפחות פניות. אלה מגיעות ראשונות לבדיקת תיוג."),
        "at_risk": _("שיעור הפניות עם סימן לעזיבה שונה מזה שבנתוני המודל, שבמחציתם מדובר בעזיבה."),
    }[name]
