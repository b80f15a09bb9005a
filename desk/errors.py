"""Pages for what went wrong: what happened, and what to do next."""

from fastapi import Request
from starlette.responses import Response

from desk.i18n import _
from desk.rendering import render


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """Return the page of an error; a short notice where htmx asked for a part of a page."""
    title, advice = _words(status, detail)
    template = "_notice.html.j2" if request.headers.get("hx-request") else "error.html.j2"
    return render(request, template, status, title=title, advice=advice, code=status)


def _words(status: int, detail: str) -> tuple[str, str]:
    if status == 403 and detail == "csrf":
        return (
            _("פג תוקף הטופס"),
            _("העמוד נפתח לפני שהתחברתם מחדש. חזרו אליו, רעננו ושלחו שוב."),
        )
    known = {
        401: (_("צריך להתחבר"), _("פג תוקף ההתחברות. התחברו ונסו שוב.")),
        403: (
            _("אין הרשאה"),
            _("העמוד הזה אינו פתוח לתפקיד שלכם. מי שמנהל את המערכת יכול לשנות זאת."),
        ),
        404: (_("העמוד לא נמצא"), _("ייתכן שהכתובת שגויה, או שמה שהיה כאן הוסר.")),
        409: (_("מישהו הקדים אתכם"), _("רעננו את העמוד כדי לראות את המצב העדכני.")),
        422: (_("משהו בבקשה אינו תקין"), _("חזרו לעמוד הקודם, בדקו את השדות ושלחו שוב.")),
        429: (_("יותר מדי ניסיונות"), _("המתינו רבע שעה ונסו שוב.")),
        503: (
            _("הנתונים אינם זמינים כרגע"),
            _("נסו שוב בעוד רגע. אם זה חוזר, פנו למי שמנהל את המערכת."),
        ),
        500: (
            _("תקלה אצלנו"),
            _("דבר לא אבד. אם זה חוזר, פנו למי שמנהל את המערכת ומסרו את המספר {number}.").format(
                number=detail
            ),
        ),
    }
    return known.get(status, (_("הבקשה לא בוצעה"), _("חזרו לעמוד הקודם ונסו שוב.")))
