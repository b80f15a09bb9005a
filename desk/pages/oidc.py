"""Signing in by OpenID Connect: the house's own provider says who somebody is.

A person must have an account here (`keshev user add NAME --no-password`) whose name is the claim
that `KESHEV_OIDC_CLAIM` names; the role is the account's, never the provider's.
"""

import logging
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from httpx import HTTPError
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from desk.deps import Desk, TheDesk, address_of
from desk.errors import error_page
from desk.pages.signin import begin
from store.desk_session import desk_reading
from store.users import User, find_user

router = APIRouter()
# What a provider can do wrong: refuse, be away, sign badly, answer with something else.
FAILURES = (OAuthError, HTTPError, JoseError, ValueError, RuntimeError)
log = logging.getLogger("keshev.desk")


def _provider(desk: Desk) -> Any:  # noqa: ANN401 (Authlib's clients have no types)
    settings = desk.settings
    if not settings.oidc_issuer:
        raise HTTPException(404)
    secret = settings.oidc_client_secret
    oauth = OAuth()
    oauth.register(
        "house",
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )
    return oauth.house


@router.get("/signin/oidc")
async def leave(request: Request, desk: TheDesk) -> Response:
    """Go to the provider."""
    provider = _provider(desk)
    back = f"{desk.settings.desk_url.rstrip('/')}/signin/oidc/back"
    try:
        answer: Response = await provider.authorize_redirect(request, back)
    except FAILURES as error:
        return _failed(request, error)
    return answer


@router.get("/signin/oidc/back")
async def back(request: Request, desk: TheDesk) -> Response:
    """Come back from the provider: begin a session of the person whom its token names."""
    provider = _provider(desk)
    try:
        token = await provider.authorize_access_token(request)
    except FAILURES as error:
        return _failed(request, error)
    claims = token.get("userinfo") or {}
    user = await run_in_threadpool(_user, desk, claims)
    if user is None:
        raise HTTPException(403)
    return await run_in_threadpool(begin, desk, user, address_of(request), "/")


def _user(desk: Desk, claims: dict[str, Any]) -> User | None:
    name = claims.get(desk.settings.oidc_claim)
    # An address that people may type themselves proves nothing: the provider must say it verified.
    if not isinstance(name, str) or (
        desk.settings.oidc_claim == "email" and claims.get("email_verified") not in (True, "true")
    ):
        return None
    with desk_reading(desk.people) as connection:
        user = find_user(connection, name)
    return user if user is not None and user.active else None


def _failed(request: Request, error: Exception) -> Response:
    log.error("OpenID Connect: %s", type(error).__name__)
    return error_page(request, 503)
