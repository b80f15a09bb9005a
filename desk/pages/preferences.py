"""The language and the colours that a person chose, kept in cookies."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from desk.deps import COOKIE, Desk, TheDesk, session_of
from desk.forms import inside
from desk.i18n import Language
from store.desk_session import desk_writing
from store.users import change_user

router = APIRouter()
YEAR = 365 * 24 * 60 * 60


@router.post("/preferences")
def preferences(
    request: Request,
    desk: TheDesk,
    language: Annotated[Language | None, Form()] = None,
    theme: Annotated[Literal["auto", "light", "dark"] | None, Form()] = None,
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> RedirectResponse:
    """Keep what was chosen, and go back. Open to all: it changes nothing but how pages look."""
    if language is not None:
        _remember(desk, request.cookies.get(COOKIE, ""), language)
    response = RedirectResponse(inside(back), 303)
    for name, value in (("keshev_language", language), ("keshev_theme", theme)):
        if value is not None:
            response.set_cookie(
                name, value, max_age=YEAR, httponly=True, samesite="lax", secure=desk.secure
            )
    return response


def _remember(desk: Desk, token: str, language: Language) -> None:
    """Keep the language of who is signed in for the next time."""
    session = session_of(desk, token) if token else None
    if session is not None:
        with desk_writing(desk.people) as connection:
            change_user(connection, session.user.name, {"language": language})
