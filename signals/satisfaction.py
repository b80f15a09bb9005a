"""What customers answer when they are asked: NPS, CSAT, and whether their matter was solved."""

from datetime import timedelta

import numpy as np
import pandas as pd

from labels.frames import Calendar
from signals.intervals import Z95, Floats, ratio
from signals.shares import REASON_NAMES, labelled
from signals.slices import Bools, Cells, Ints, cells, surveys, tidy, with_weeks

PROMOTER = 9  # from this answer of 0 to 10
DETRACTOR = 6  # up to this answer
SATISFIED = 4  # from this answer of 1 to 5


def satisfaction(
    contacts: pd.DataFrame, predictions: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return the Signals `nps` (-100 to 100), `csat` (share of 4 and 5) and `survey_resolution`.

    The last is the share of those who answered that their matter was solved. All are by week.

    Slice `all` holds every answer, also one that stands in a contact's own row; slice `survey`
    those of surveys, all of them (no reason) and those whose comment carries each reason, of the
    week and, with `_4w` behind the metric's name, of the four weeks that end with it: few answer
    in one week and give the same reason. `n` is the answers. Intervals are 95 %: Wilson's for the
    shares; for `nps` the normal one of promoters minus detractors, its variance with one answer of
    each kind added, so that three equal answers are no certainty, cut at -100 and 100.
    """
    dated = labelled(with_weeks(contacts, calendar), predictions)
    answered = dated[dated[["nps", "csat", "survey_resolved"]].notna().any(axis=1)]
    answers = surveys(answered)
    parts = _of_cells(answered, cells(answered, "all"), np.ones(len(answered), dtype=bool), None)
    pooled = _of_four_weeks(answers)
    for reason in (None, *REASON_NAMES):
        parts += _of_surveys(answers, reason)
        parts += [p.assign(metric=p["metric"] + "_4w") for p in _of_surveys(pooled, reason)]
    return tidy(parts)


def _of_four_weeks(answers: pd.DataFrame) -> pd.DataFrame:
    """Return each answer once for each of the four weeks whose period it falls in."""
    weeks = answers["week"].cat.categories
    later = [answers["week"].map(lambda week, k=k: week + timedelta(weeks=k)) for k in range(4)]
    copies = [answers.assign(week=pd.Categorical(week, categories=weeks)) for week in later]
    found = pd.concat(copies, ignore_index=True)
    return found[found["week"].notna()]


def _of_surveys(answers: pd.DataFrame, reason: str | None) -> list[pd.DataFrame]:
    """Return the figures of survey answers, all of them or those whose comment carries a reason."""
    where = np.ones(len(answers), dtype=bool) if reason is None else answers[reason].to_numpy()
    return _of_cells(answers, cells(answers, "survey"), where, reason)


def _of_cells(
    table: pd.DataFrame, cell: Cells, where: Bools, reason: str | None
) -> list[pd.DataFrame]:
    """Return nps, csat and what was said about resolution of the chosen rows."""
    nps, csat = table["nps"].to_numpy(), table["csat"].to_numpy()
    solved = table["survey_resolved"]
    asked = where & ~np.isnan(nps)
    promoters, detractors = (
        cell.count(asked & (nps >= PROMOTER)),
        cell.count(asked & (nps <= DETRACTOR)),
    )
    n = cell.count(asked)
    value, low, high = net_promoters(promoters, detractors, n)
    return [
        cell.figure("nps", value, n, (low, high), reason=reason),
        cell.share("csat", csat >= SATISFIED, where & ~np.isnan(csat), reason=reason),
        cell.share(
            "survey_resolution",
            solved.eq(True).to_numpy(dtype=bool),
            where & solved.notna().to_numpy(),
            reason=reason,
        ),
    ]


def net_promoters(promoters: Ints, detractors: Ints, n: Ints) -> tuple[Floats, Floats, Floats]:
    """Return the net promoter score of each group and its 95 % interval, NaN for no answers."""
    score = ratio(promoters - detractors, n)
    up, down = (promoters + 1) / (n + 3), (detractors + 1) / (n + 3)
    error = np.sqrt(ratio(up + down - (up - down) ** 2, n))
    low, high = np.maximum(score - Z95 * error, -1), np.minimum(score + Z95 * error, 1)
    return 100 * score, 100 * low, 100 * high
