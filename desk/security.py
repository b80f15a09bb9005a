"""What every answer of the desk carries, and what no request gets past.

The policy allows no inline script. Style attributes are allowed, since bars get their lengths by
them; they cannot run anything.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
FORM = "application/x-www-form-urlencoded"
LARGEST = 2**20  # bytes of a request: forms are small


class Guard:
    """Adds the headers; refuses requests that another site sent, and bodies beyond all forms."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if secure:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = _refusal(scope["method"], Headers(scope=scope))
        await (refused or self.app)(scope, receive, guarded)


def _refusal(method: str, headers: Headers) -> PlainTextResponse | None:
    if method not in UNSAFE:
        return None
    # Browsers say which site a request comes from (Fetch Metadata); other programs say nothing.
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return PlainTextResponse("this request comes from another site", 403)
    if "transfer-encoding" in headers:
        return PlainTextResponse("the length of the request is not known", 411)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return PlainTextResponse("the request is too large", 413)
    kind, _, parameters = headers.get("content-type", FORM).lower().partition(";")
    # Other kinds are read by codecs that the sender names, some of which take minutes.
    if kind.strip() != FORM or parameters.strip() not in ("", "charset=utf-8"):
        return PlainTextResponse("forms are sent as " + FORM, 415)
    return None
