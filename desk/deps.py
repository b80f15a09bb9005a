"""What the pages' handlers ask for: the stores, who asks, and the right to ask.

Every route names its right: `person: Annotated[Person, allowed(Right.QUEUE)]`. Whoever is not
signed in is sent to sign in; whoever lacks the right gets a page that says so (403). Requests that
change something must carry the session's token, in the form (`{{ csrf() }}`) or in the header that
`static/desk.js` gives to htmx.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from desk.kept import Kept
from desk.passwords import Passwords, Patience
from desk.rights import Right, Role
from keshev.settings import Settings
from store import audit_log, sessions
from store.desk_session import desk_reading, desk_writing
from store.risklist import RiskLists
from store.sessions import Limits, Session

SAFE = ("GET", "HEAD", "OPTIONS")
COOKIE = "keshev_session"


@dataclass(frozen=True)
class Desk:
    """What a running desk has: its settings, the data store, the desk store (people).

    `kept` holds what is costly to make.
    """

    settings: Settings
    data: Engine
    people: Engine
    passwords: Passwords
    patience: Patience
    risk: RiskLists = field(default_factory=RiskLists)  # of the present figures
    kept: Kept = field(default_factory=Kept)

    @property
    def limits(self) -> Limits:
        """When sessions end."""
        return Limits(
            timedelta(minutes=self.settings.session_idle_minutes),
            timedelta(hours=self.settings.session_hours),
        )

    @property
    def secure(self) -> bool:
        """Whether people reach the desk by https, so that cookies may ask for it."""
        return self.settings.desk_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `csrf` is the token of the session's forms."""

    name: str
    full_name: str
    role: Role
    csrf: str
    session: str

    def may(self, right: Right) -> bool:
        """Return whether the person has a right."""
        return right in self.role.rights


class SignInNeeded(Exception):
    """Raised where nobody is signed in; the application sends people to the sign-in page."""


def desk_of(request: Request) -> Desk:
    """Return the running desk."""
    desk: Desk = request.app.state.desk
    return desk


def address_of(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""


async def signed_in(request: Request) -> Person:
    """Return who asks, once a request, with the token of forms checked.

    Raises:
        SignInNeeded: when no session holds.
        HTTPException: 403 when a request that changes something lacks the session's token.
    """
    token = request.cookies.get(COOKIE, "")
    session = await run_in_threadpool(session_of, desk_of(request), token) if token else None
    if session is None:
        raise SignInNeeded
    if request.method not in SAFE:
        await _check_form(request, session.csrf)
    user = session.user
    person = Person(user.name, user.full_name, Role(user.role), session.csrf, session.digest)
    request.state.person = person
    return person


def session_of(desk: Desk, token: str) -> Session | None:
    """Return the session of a browser's token, and record that it is in use; None when it ended."""
    now = datetime.now(UTC)
    with desk_reading(desk.people) as connection:
        session = sessions.find_session(connection, token, now, desk.limits)
        stale = session is not None and sessions.needs_touch(connection, session.digest, now)
    if session is not None and stale:
        with desk_writing(desk.people) as connection:
            sessions.touch_session(connection, session.digest, now)
    return session


async def _check_form(request: Request, expected: str) -> None:
    given = request.headers.get("x-csrf-token", "")
    if not given:
        field = (await request.form()).get("csrf", "")
        given = field if isinstance(field, str) else ""
    if not secrets.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403, "csrf")


def allowed(right: Right) -> Any:  # noqa: ANN401 (FastAPI's own Depends is typed so)
    """Return the dependency that lets in only who has the right, and gives the person."""

    async def check(person: Annotated[Person, Depends(signed_in)]) -> Person:
        if not person.may(right):
            raise HTTPException(403)
        return person

    vars(check)["right"] = right  # tests list the rights of all routes
    return Depends(check)


def anybody() -> Any:  # noqa: ANN401 (as above)
    """Return the dependency that lets in everybody who is signed in, and gives the person."""
    return Depends(signed_in)


def _recorder(
    request: Request, person: Annotated[Person, Depends(signed_in)]
) -> Callable[[str, str], None]:
    """Return the function that writes to the audit log: `record(action, object)`.

    Of what was done, and of customers' data that was seen; an object is an id, never a word.
    """
    desk = desk_of(request)

    def record(action: str, about: str = "") -> None:
        entry = audit_log.Entry(datetime.now(UTC), person.name, action, about, address_of(request))
        with desk_writing(desk.people) as connection:
            audit_log.record(connection, entry)

    return record


Record = Annotated[Callable[..., None], Depends(_recorder)]
TheDesk = Annotated[Desk, Depends(desk_of)]
