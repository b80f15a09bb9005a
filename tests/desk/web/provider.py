"""A small OpenID Connect provider, real enough to sign in with: discovery, code, token, keys."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "keshev-desk", "the desk's secret"


def provider(claims: dict[str, Any]) -> FastAPI:
    """Return a provider that says of everybody what `claims` hold at that moment."""
    app = FastAPI()
    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    given: dict[str, dict[str, str]] = {}

    @app.get("/.well-known/openid-configuration")
    def discovery(request: Request) -> dict[str, Any]:
        issuer = str(request.base_url).rstrip("/")
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
        }

    @app.get("/authorize")
    def authorize(request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(8)
        given[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    @app.post("/token")
    def token(
        request: Request,
        code: str = Form(),
        code_verifier: str = Form(),
        redirect_uri: str = Form(),
    ) -> JSONResponse:
        asked = given.pop(code)
        proof = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            request.headers["authorization"] != f"Basic {proof}"
            or challenge != asked["code_challenge"]
            or redirect_uri != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        about = {
            "iss": str(request.base_url).rstrip("/"),
            **{"sub": "1", "aud": CLIENT, "iat": now, "exp": now + 300},
            "nonce": asked["nonce"],
            **claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, about, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False)]}

    return app
