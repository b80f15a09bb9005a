"""The figures of themes: how many notes each has in a week, and whether it grew."""

from datetime import date

import numpy as np
import pandas as pd

from signals.intervals import Z95, Floats, ratio, wilson
from signals.slices import tidy
from signals.themes import Themes
from signals.trends import change_of, discoveries, earlier

SLICE = "theme="


def theme_figures(
    notes: pd.DataFrame, themes: Themes, classified: "pd.Series[int]"
) -> pd.DataFrame:
    """Return the Signals of themes, in slices `theme=ID`, and `theme_candidates` in `all`.

    For each week and theme that has a note in it or in the four weeks before: `theme_count`;
    `theme_share` of the week's classified notes, `n` of them, with its Wilson interval;
    `theme_before`, `theme_change`, `theme_change_p` and `theme_change_significant` as
    `signals.trends` has them for reasons, significant after Benjamini-Hochberg at 5 % over the
    week's themes. The search does not look at weeks, so a theme is not sought where it grew; but it
    is first found when it is large enough, which makes the p-value of that one week a little too
    small. `theme_candidates` is how many notes without a reason the week's search had.

    Args:
        notes: the frame that `find_themes` was given.
        themes: what it returned.
        classified: how many inbound contacts and survey comments are classified, by week.
    """
    counts = _counts(notes, themes, classified)
    parts = [_candidates(themes, classified)]
    parts += [
        _of_week(week, counts.loc[[week, *before]], classified.loc[[week, *before]])
        for week, before in zip(classified.index, earlier(classified), strict=True)
    ]
    return tidy(parts)


def _counts(notes: pd.DataFrame, themes: Themes, classified: "pd.Series[int]") -> pd.DataFrame:
    """Return the notes of each week (a row) and theme (a column)."""
    week = classified.index.get_indexer(pd.Index(notes["week"]))
    own = themes.place >= 0
    many = len(themes.themes)
    flat = np.bincount(week[own] * many + themes.place[own], minlength=many * len(classified))
    names = [theme.theme_id for theme in themes.themes]
    return pd.DataFrame(flat.reshape(len(classified), many), classified.index, names)


def _candidates(themes: Themes, classified: "pd.Series[int]") -> pd.DataFrame:
    last, rows = 0, []
    for week in classified.index:
        last = themes.candidates.get(week, last)
        rows.append({"week": week, "slice": "all", "value": last, "n": last})
    return pd.DataFrame(rows).assign(**_ENDS, metric="theme_candidates")


_ENDS = {"reason": None, "low": np.nan, "high": np.nan, "provisional": False}


def _of_week(week: date, counts: pd.DataFrame, n: "pd.Series[int]") -> pd.DataFrame:
    """Return one week's figures; the first row is the week itself, the others those before."""
    x: Floats = counts.to_numpy(dtype=np.float64)
    size = n.to_numpy().astype(np.float64)
    present = np.flatnonzero(x.any(axis=0))
    if not len(present):
        return pd.DataFrame()
    x = x[:, present]
    many = np.full(x.shape[1], size[0])
    share = ratio(x[0], many)
    found = change_of(x, size)
    blank = np.full_like(share, np.nan)
    significant = np.where(np.isnan(found.p), np.nan, discoveries(found.p))
    low, high = wilson(share, many)
    ends = found.change - Z95 * found.error, found.change + Z95 * found.error
    before = int(size[1:].sum())
    rows: dict[str, tuple[Floats, Floats, Floats, int]] = {
        "theme_count": (x[0], blank, blank, int(size[0])),
        "theme_share": (share, low, high, int(size[0])),
        "theme_before": (found.before, blank, blank, before),
        "theme_change": (found.change, *ends, int(size[0])),
        "theme_change_p": (found.p, blank, blank, int(size[0])),
        "theme_change_significant": (significant, blank, blank, int(size[0])),
    }
    cuts = [f"{SLICE}{name}" for name in counts.columns[present]]
    return pd.concat(
        [
            pd.DataFrame({"slice": cuts, "value": value, "low": lo, "high": hi}).assign(
                metric=metric, n=many_behind, week=week, reason=None, provisional=False
            )
            for metric, (value, lo, hi, many_behind) in rows.items()
        ],
        ignore_index=True,
    )
