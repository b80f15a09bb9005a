"""The desk as an application: `create_app(settings)`. Pages are in `pages/`, one router a file."""

import logging
import os
import secrets
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.deps import SAFE, Desk, SignInNeeded, signed_in
from desk.errors import error_page
from desk.i18n import LANGUAGES, Language, speaking
from desk.pages import ROUTERS
from desk.passwords import Passwords, Patience
from desk.rendering import STATIC
from desk.searching.searcher import Searcher
from desk.security import Guard
from desk.weeks import warm
from keshev.errors import KeshevError
from keshev.settings import Settings
from labels.playbook import read_playbook
from store.desk_session import desk_writing, get_desk_meta, open_desk_store, set_desk_meta
from store.session import open_store

LOCAL = ("127.0.0.1", "localhost", "[::1]")
log = logging.getLogger("keshev.desk")


class Speaks:
    """Chooses the language of an answer by the cookie that the switch sets, `first` without it."""

    def __init__(self, app: ASGIApp, first: Language) -> None:
        self.app = app
        self.first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wanted = Request(scope).cookies.get("keshev_language") if scope["type"] == "http" else None
        chosen = next((known for known in LANGUAGES if known == wanted), self.first)
        with speaking(chosen):
            await self.app(scope, receive, send)


class Faults:
    """Answers with a page where a handler failed; the log says where, and nothing of any value."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            number = secrets.token_hex(4)
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("fault %s: %s\n%s", number, type(error).__name__, where)
            if begun or scope["type"] != "http":
                raise
            page = error_page(Request(scope), 500, number)
            await page(scope, receive, send)


def create_app(settings: Settings) -> FastAPI:
    """Return the desk of the settings' store; its engines are closed when it stops.

    Raises:
        StoreError: when a store cannot be opened.
        PlaybookError: when the settings' playbook cannot be used.
    """
    read_playbook(settings.playbook)  # a mistake in it is told now, not on the first case
    data, people = open_store(settings.database_url), open_desk_store(settings.database_url)
    desk = Desk(settings, data, people, Passwords(), Patience())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        desk.kept.soon(lambda: warm(desk))
        yield
        desk.kept.close()
        app.state.searcher.close()
        data.dispose()
        people.dispose()

    hosts = [*LOCAL, urlsplit(settings.desk_url).hostname or LOCAL[0]]
    app = FastAPI(
        title="Keshev",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(Guard, secure=desk.secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
            Middleware(  # holds the state of a sign-in by OpenID Connect, for minutes
                SessionMiddleware,
                secret_key=_secret(desk),
                session_cookie="keshev_signin",
                max_age=600,
                https_only=desk.secure,
            ),
            Middleware(Speaks, first=settings.language),
            Middleware(Faults),
        ],
    )
    app.state.desk = desk
    app.state.searcher = Searcher(settings, data)
    app.mount("/static", _Static(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
    _handle_errors(app)
    return app


class _Static(StaticFiles):
    """Files whose addresses change with their content: browsers may keep them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _secret(desk: Desk) -> str:
    """Return the key that signs the cookies of sign-ins, made once."""
    with desk_writing(desk.people) as connection:
        key = get_desk_meta(connection, "cookie_key")
        if key is None:
            key = secrets.token_urlsafe(32)
            set_desk_meta(connection, "cookie_key", key)
    return key


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(SignInNeeded)
    async def _sign_in(request: Request, _error: Exception) -> Response:
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"hx-redirect": "/signin"})
        if request.method != "GET":
            return error_page(request, 401)
        here = request.url.path
        return RedirectResponse("/signin" + (f"?next={quote(here)}" if here != "/" else ""), 303)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if not hasattr(request.state, "person") and request.method in SAFE:
            with suppress(SignInNeeded):  # where no route was found, nobody asked yet who it is
                await signed_in(request)
        page = error_page(request, error.status_code, str(error.detail))
        page.headers.update(error.headers or {})
        return page

    @app.exception_handler(RequestValidationError)
    async def _input(request: Request, _error: RequestValidationError) -> Response:
        return error_page(request, 422)

    @app.exception_handler(KeshevError)
    async def _store(request: Request, error: KeshevError) -> Response:
        log.error("%s: %s", type(error).__name__, error)
        return error_page(request, 503)
