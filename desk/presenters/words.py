"""The week in a few sentences: only what moved significantly is said to have moved."""

import math

from desk import hebrew
from desk.presenters.figures import Figure, Scope, reason_ids
from desk.presenters.keyfigures import explicit_count, why_unknown
from desk.presenters.reasons import reason_before, reason_name


def words(scope: Scope) -> tuple[str, ...]:
    """Return the sentences, in reading order."""
    sentences = [_volume(scope), *_moved(scope), _leaving(scope)]
    if not scope.survey:
        sentences += [_resolution(scope), _risk(scope)]
    return tuple(sentence for sentence in sentences if sentence)


def _volume(scope: Scope) -> str:
    n = scope.book.contacts(scope.cut)
    if not n:
        return "בשבוע זה לא נרשמו פניות נכנסות."
    before = scope.book.before("contacts", scope.cut)
    mean = (
        ""
        if math.isnan(before)
        else f", לעומת {hebrew.number(before)} בממוצע בארבעת השבועות שלפניו"
    )
    return f"בשבוע זה {scope.noun.count(n)}{mean}."


def _moved(scope: Scope) -> list[str]:
    if not scope.book.contacts(scope.cut):
        return []
    if not scope.comparable:
        return ["אין עדיין די שבועות קודמים להשוואה, ולכן הדוח מתאר את השבוע בלבד."]
    moved = [
        (scope.book.at("reason_change", scope.cut, reason), reason)
        for reason in reason_ids()
        if scope.book.at("reason_change_significant", scope.cut, reason).value == 1.0
    ]
    if not moved:
        return ["אף סיבה לא השתנתה באופן מובהק לעומת ארבעת השבועות הקודמים."]
    moved.sort(key=lambda item: (-abs(item[0].value), item[1]))
    return [_moved_sentence(scope, change, reason) for change, reason in moved]


def _moved_sentence(scope: Scope, change: Figure, reason: str) -> str:
    share = scope.book.at("reason_share", scope.cut, reason)
    was = hebrew.percent(reason_before(scope, reason))
    verb = "עלתה" if change.value > 0 else "ירדה"
    base = hebrew.attach("מ", scope.noun.count(share.n))
    return (
        f"הסיבה ״{reason_name(reason)}״ {verb} באופן מובהק: "
        f"{hebrew.percent(share.value)} {base}, לעומת {was} בממוצע ארבעת השבועות הקודמים."
    )


def _leaving(scope: Scope) -> str:
    figure = scope.book.at("churn_explicit", scope.cut)
    asked = explicit_count(figure)
    if not figure.known:
        return ""
    if not asked:
        return "איש לא ביקש השבוע במפורש לעזוב."
    where = hebrew.attach("ב", scope.noun.count(asked))
    ends = hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high))
    share = f"{hebrew.percent(figure.value)} מתוך {hebrew.number(figure.n)}; טווח 95%: {ends}"
    return f"{where} ({share}) זיהה המסווג בקשה מפורשת לעזוב."


def _resolution(scope: Scope) -> str:
    figure = scope.fcr()
    if not figure.known:
        return why_unknown(scope, figure)
    mark = ", נתון זמני" if figure.provisional else ""
    ends = hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high))
    return (
        f"מתוך {hebrew.THREAD.count(figure.n)} שנפתחו השבוע, ב־{hebrew.percent(figure.value)} לא "
        f"הגיעה פנייה שנייה (FCR; טווח 95%: {ends}{mark})."
    )


def _risk(scope: Scope) -> str:
    n = len(scope.data.at_risk)
    if not n:
        return ""
    who = hebrew.CUSTOMER.count(n)
    return f"אצל {who} שפנו ב־60 הימים האחרונים יש לפחות סימן אחד לסיכון; הם מדורגים לפי ציון."
