"""Signing in by name and password, or by OpenID Connect, and signing out."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from desk.deps import COOKIE, Desk, Person, Record, TheDesk, address_of, anybody
from desk.forms import inside
from desk.i18n import LANGUAGES, _
from desk.passwords import LONGEST
from desk.rendering import render
from store import audit_log, sessions
from store.desk_session import desk_reading, desk_writing
from store.users import User, count_users, find_user

router = APIRouter()
PRE = "keshev_form"  # a cookie that the form repeats: another site can send neither
Next = Annotated[str, Query(max_length=2000)]


@router.get("/signin")
def form(request: Request, desk: TheDesk, next: Next = "/") -> Response:
    """Show the form; with no user yet, how to make one."""
    return _form(request, desk, next)


@router.post("/signin")
def sign_in(
    request: Request,
    desk: TheDesk,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=LONGEST)],
    token: Annotated[str, Form(max_length=100)],
    back: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Begin a session, or say that name and password do not fit, never which of them."""
    name, address = name.strip(), address_of(request)
    known = request.cookies.get(PRE, "")
    if not known or not secrets.compare_digest(token.encode(), known.encode()):
        return _form(request, desk, back, 403, _("פג תוקף הטופס. נסו שוב."))
    if not desk.patience.may_try(name, address):
        return _form(request, desk, back, 429, _("יותר מדי ניסיונות. המתינו רבע שעה ונסו שוב."))
    user = _find(desk, name)
    if not desk.passwords.fits(password, user.password if user else None) or user is None:
        desk.patience.failed(address)
        _log(desk, "signin_failed", user.name if user else "", address)
        return _form(request, desk, back, 401, _("השם או הסיסמה אינם נכונים."))
    desk.patience.succeeded(name)
    return begin(desk, user, address, back)


@router.post("/signout")
def sign_out(
    desk: TheDesk, person: Annotated[Person, anybody()], record: Record
) -> RedirectResponse:
    """End the session."""
    with desk_writing(desk.people) as connection:
        sessions.close_session(connection, person.session)
    record("signout")
    response = RedirectResponse("/signin", 303)
    response.delete_cookie(COOKIE)
    return response


def begin(desk: Desk, user: User, address: str, back: str) -> Response:
    """Begin a session of a person who proved to be one, and go where he wanted to."""
    now = datetime.now(UTC)
    with desk_writing(desk.people) as connection:
        sessions.close_ended(connection, now, desk.limits)
        token = sessions.open_session(connection, user.name, now)
    _log(desk, "signin", user.name, address)
    response = RedirectResponse(inside(back), 303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=desk.secure)
    if user.language in LANGUAGES:
        response.set_cookie(
            "keshev_language", user.language, httponly=True, samesite="lax", secure=desk.secure
        )
    response.delete_cookie(PRE)
    return response


def _form(
    request: Request, desk: Desk, back: str, status: int = 200, problem: str = ""
) -> Response:
    with desk_reading(desk.people) as connection:
        anyone = count_users(connection) > 0
    if not anyone:
        return render(request, "no_users.html.j2", 503)
    token = secrets.token_urlsafe(16)
    page = render(
        request,
        "signin.html.j2",
        status,
        token=token,
        next=inside(back),
        problem=problem,
        oidc=bool(desk.settings.oidc_issuer),
    )
    page.set_cookie(PRE, token, httponly=True, samesite="strict", secure=desk.secure)
    return page


def _find(desk: Desk, name: str) -> User | None:
    if not name or not name.isprintable():
        return None
    with desk_reading(desk.people) as connection:
        user = find_user(connection, name)
    return user if user is not None and user.active else None


def _log(desk: Desk, action: str, name: str, address: str) -> None:
    entry = audit_log.Entry(datetime.now(UTC), name, action, "", address)
    with desk_writing(desk.people) as connection:
        audit_log.record(connection, entry)
