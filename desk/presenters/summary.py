"""The report's head, and the week's summary for a terminal."""

import math
from dataclasses import dataclass

from desk import hebrew
from desk.i18n import N_, _, language
from desk.presenters.figures import Scope, local, reason_ids
from desk.presenters.keyfigures import format_value, key_figures
from desk.presenters.reasons import reason_before, reason_name
from signals.holidays import holidays_of

TITLE = N_("למה לקוחות פונים, ולמה הם עוזבים")
SURVEY_TITLE = N_("מה לקוחות כותבים בסקרים")
COMPANIES_NAMED = 4
REASONS_SUMMED = 3


@dataclass(frozen=True, slots=True)
class Header:
    """The report's head."""

    title: str
    week: str
    company: str
    made_of: str
    holidays: str


def header(scope: Scope) -> Header:
    """Return the report's head."""
    week = scope.week_contacts
    made_of = [scope.noun.count(scope.book.contacts(scope.cut))]
    customers = int(week["customer_id"].nunique())
    if customers:
        made_of.append(hebrew.CUSTOMER.count(customers))
    until = local(scope, scope.data.as_of)
    day, time = hebrew.day(until.date()), f"{until:%H:%M}"
    made_of.append(_("הנתונים עד {day}, {time}").format(day=day, time=time))
    return Header(
        title=_(SURVEY_TITLE if scope.survey else TITLE),
        week=hebrew.week_dates(scope.data.week),
        company=_company(scope),
        made_of=" · ".join(made_of),
        holidays=_holidays(scope),
    )


def _holidays(scope: Scope) -> str:
    names = list(holidays_of(scope.data.week, language()))
    return _("בשבוע הזה: {holidays}").format(holidays=hebrew.join(names)) if names else ""


def _company(scope: Scope) -> str:
    names = sorted({str(name) for name in scope.data.customers["company"].dropna()})
    if len(names) > COMPANIES_NAMED:
        return hebrew.COMPANY.count(len(names))
    return hebrew.join(names)


def summary_heads() -> tuple[str, str, str]:
    """Return what stands over the columns of `summary_of`."""
    return _("מדד"), _("השבוע"), _("ממוצע 4 קודמים")


def summary_of(scope: Scope) -> list[tuple[str, str, str]]:
    """Return (figure, value, mean of the four weeks before), without bidi marks."""
    rows = []
    for key in key_figures(scope):
        value = key.value_text
        if key.provisional:
            value = _("{value} (זמני)").format(value=value)
        before = hebrew.MISSING if math.isnan(key.before) else format_value(key.kind, key.before)
        rows.append((key.name, value, before))
    rows += [_reason_row(scope, reason) for reason in _largest(scope)]
    # Without customers the list cannot be had: a zero would say that nobody is at risk.
    listed = hebrew.number(len(scope.data.at_risk)) if scope.has_customers else hebrew.MISSING
    rows.append((_("לקוחות בסיכון"), listed, hebrew.MISSING))
    rows.append((_("שורות בהסגר"), hebrew.number(len(scope.data.quarantine)), hebrew.MISSING))
    plain = hebrew.without_marks
    return [(plain(name), plain(value), plain(before)) for name, value, before in rows]


def _largest(scope: Scope) -> list[str]:
    shares = {
        reason: scope.book.at("reason_share", scope.cut, reason).value for reason in reason_ids()
    }
    found = [reason for reason, share in shares.items() if share > 0]
    return sorted(found, key=lambda reason: (-shares[reason], reason))[:REASONS_SUMMED]


def _reason_row(scope: Scope, reason: str) -> tuple[str, str, str]:
    share = scope.book.at("reason_share", scope.cut, reason)
    before = reason_before(scope, reason)
    name = _("סיבה: {reason}").format(reason=reason_name(reason))
    return name, hebrew.percent(share.value), hebrew.percent(before)
