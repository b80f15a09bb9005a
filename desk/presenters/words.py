"""The week in a few sentences: only what moved significantly is said to have moved."""

import math

from desk import hebrew
from desk.i18n import _, ngettext
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
        return _("בשבוע זה לא נרשמו פניות נכנסות.")
    contacts, before = scope.noun.count(n), scope.book.before("contacts", scope.cut)
    if math.isnan(before):
        said = ngettext("בשבוע זה התקבלה {contacts}.", "בשבוע זה התקבלו {contacts}.", n)
        return said.format(contacts=contacts)
    return ngettext(
        "בשבוע זה התקבלה {contacts}, לעומת {mean} בממוצע בארבעת השבועות שלפניו.",
        "בשבוע זה התקבלו {contacts}, לעומת {mean} בממוצע בארבעת השבועות שלפניו.",
        n,
    ).format(contacts=contacts, mean=hebrew.number(before))


def _moved(scope: Scope) -> list[str]:
    if not scope.book.contacts(scope.cut):
        return []
    if not scope.comparable:
        return [_("אין עדיין די שבועות קודמים להשוואה, ולכן הדוח מתאר את השבוע בלבד.")]
    moved = [
        (scope.book.at("reason_change", scope.cut, reason), reason)
        for reason in reason_ids()
        if scope.book.at("reason_change_significant", scope.cut, reason).value == 1.0
    ]
    if not moved:
        return [_("אף סיבה לא השתנתה באופן מובהק לעומת ארבעת השבועות הקודמים.")]
    moved.sort(key=lambda item: (-abs(item[0].value), item[1]))
    return [_moved_sentence(scope, change, reason) for change, reason in moved]


def _moved_sentence(scope: Scope, change: Figure, reason: str) -> str:
    share = scope.book.at("reason_share", scope.cut, reason)
    said = (
        _(
            "הסיבה ״{reason}״ עלתה באופן מובהק: {share} {of}, לעומת {was} בממוצע ארבעת השבועות "
            "הקודמים."
        )
        if change.value > 0
        else _(
            "הסיבה ״{reason}״ ירדה באופן מובהק: {share} {of}, לעומת {was} בממוצע ארבעת השבועות "
            "הקודמים."
        )
    )
    return said.format(
        reason=reason_name(reason),
        share=hebrew.percent(share.value),
        of=hebrew.attach("מ", scope.noun.count(share.n)),
        was=hebrew.percent(reason_before(scope, reason)),
    )


def _leaving(scope: Scope) -> str:
    figure = scope.book.at("churn_explicit", scope.cut)
    asked = explicit_count(figure)
    if not figure.known:
        return ""
    if not asked:
        return _("איש לא ביקש השבוע במפורש לעזוב.")
    return _("{where} ({share} מתוך {of}; טווח 95%: {ends}) זיהה המודל בקשה מפורשת לעזוב.").format(
        where=hebrew.attach("ב", scope.noun.count(asked)),
        share=hebrew.percent(figure.value),
        of=hebrew.number(figure.n),
        ends=hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high)),
    )


def _resolution(scope: Scope) -> str:
    figure = scope.fcr()
    if not figure.known:
        return why_unknown(scope, figure)
    said = (
        _(
            "מתוך {issues} שנפתחו השבוע, ב־{share} לא הגיעה פנייה שנייה "
            "(FCR; טווח 95%: {ends}, נתון זמני)."
        )
        if figure.provisional
        else _(
            "מתוך {issues} שנפתחו השבוע, ב־{share} לא הגיעה פנייה שנייה (FCR; טווח 95%: {ends})."
        )
    )
    return said.format(
        issues=hebrew.THREAD.count(figure.n),
        share=hebrew.percent(figure.value),
        ends=hebrew.interval(hebrew.percent(figure.low), hebrew.percent(figure.high)),
    )


def _risk(scope: Scope) -> str:
    n = len(scope.data.at_risk)
    if not n:
        return ""
    return _(
        "מספר הלקוחות שפנו ב־60 הימים האחרונים ויש אצלם לפחות סימן אחד לסיכון: {n}. "
        "הרשימה מסודרת לפי ציון."
    ).format(n=hebrew.number(n))
