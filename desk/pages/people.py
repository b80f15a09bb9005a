"""People: who may sign in, as what, and no more."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from desk.accounts import AccountError, let_in, new_account, new_password
from desk.deps import Desk, Person, Record, TheDesk, allowed
from desk.forms import Id, Line
from desk.i18n import _
from desk.passwords import LONGEST, SHORTEST
from desk.rendering import render
from desk.rights import Right, Role
from keshev.errors import StoreError
from store.desk_session import desk_reading, desk_writing
from store.users import change_user, find_user, list_users

router = APIRouter()
Admin = Annotated[Person, allowed(Right.PEOPLE)]
Password = Annotated[str, Form(max_length=LONGEST)]


@router.get("/people")
def people(request: Request, desk: TheDesk, person: Admin) -> Response:
    """Show who may sign in."""
    return _page(request, desk)


@router.post("/people")
def add(
    request: Request,
    desk: TheDesk,
    person: Admin,
    record: Record,
    name: Annotated[Id, Form()],
    role: Annotated[Role, Form()],
    password: Password = "",
    full_name: Annotated[Line, Form()] = "",
) -> Response:
    """Add a person; without a password he signs in by OpenID Connect alone."""
    try:
        with desk_writing(desk.people) as connection:
            new_account(connection, desk.passwords, name, full_name, role, password or None)
    except (AccountError, StoreError) as error:
        return _page(request, desk, _problem(error), 422)
    record("user_added", name)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/role")
def role(
    desk: TheDesk, person: Admin, record: Record, name: Id, role: Annotated[Role, Form()]
) -> Response:
    """Make a person something else; the own role stays, so that somebody is left to do this."""
    _require(desk, person, name)
    with desk_writing(desk.people) as connection:
        change_user(connection, name, {"role": role})
    record("user_role", name)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/active")
def active(
    desk: TheDesk, person: Admin, record: Record, name: Id, active: Annotated[bool, Form()]
) -> Response:
    """Let a person sign in, or no more."""
    _require(desk, person, name)
    with desk_writing(desk.people) as connection:
        let_in(connection, name, active=active)
    record("user_on" if active else "user_off", name)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/password")
def password(
    request: Request, desk: TheDesk, person: Admin, record: Record, name: Id, password: Password
) -> Response:
    """Give a person another password; his sessions end."""
    _require(desk, person, name, himself=True)
    try:
        with desk_writing(desk.people) as connection:
            new_password(connection, desk.passwords, name, password)
    except AccountError as error:
        return _page(request, desk, _problem(error), 422)
    record("user_password", name)
    return RedirectResponse("/people", 303)


def _require(desk: Desk, person: Person, name: str, *, himself: bool = False) -> None:
    with desk_reading(desk.people) as connection:
        if find_user(connection, name) is None:
            raise HTTPException(404)
    if name == person.name and not himself:
        raise HTTPException(409)


def _page(request: Request, desk: Desk, problem: str = "", status: int = 200) -> Response:
    with desk_reading(desk.people) as connection:
        users = list_users(connection)
    return render(
        request,
        "people.html.j2",
        status,
        users=users,
        roles=tuple(Role),
        role_of=Role,
        problem=problem,
        shortest=SHORTEST,
    )


def _problem(error: AccountError | StoreError) -> str:
    if isinstance(error, StoreError):
        return _("יש כבר משתמש בשם הזה.")
    if error.code == "password":
        return _("סיסמה צריכה להיות באורך {shortest} תווים לפחות.").format(shortest=SHORTEST)
    return _("שם משתמש נכתב בלי רווחים, עד 100 תווים.")
