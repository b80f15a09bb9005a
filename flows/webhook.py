"""Calling a service: JSON by POST, signed, tried again where trying again may help."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from flows.mailing import RefusedError
from keshev.notify_settings import NotifySettings

SECONDS = 10.0  # that the service is waited for, each time
WAITS = (1.0, 4.0, 15.0)  # seconds before each further try
BUSY = 429


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return `sha256=` and the HMAC-SHA256 of the timestamp, a point and the body, in hex.

    A receiver computes the same with its secret, compares, and refuses old timestamps: so nobody
    else can call it, and nobody can call it again with what was overheard.
    """
    signed = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def post(
    settings: NotifySettings,
    payload: dict[str, Any],
    about: str,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> None:
    """Send one call; `about` names the matter, the same when it has to be sent again.

    A service that is busy, broken or not there is tried four times in all, each time signed with
    the second in which it is sent, since receivers refuse old ones.

    Raises:
        RefusedError: when the service does not take it: host, code, next step.
    """
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "keshev",
        "Idempotency-Key": hashlib.sha256(about.encode()).hexdigest()[:32],
    }
    url = settings.webhook_url or ""
    # No redirects: what is signed for one service is not carried to another.
    with httpx.Client(timeout=SECONDS, trust_env=True, follow_redirects=False) as client:
        for wait in (*WAITS, None):
            timestamp = str(int(clock()))
            signed = {
                "X-Keshev-Timestamp": timestamp,
                "X-Keshev-Signature": signature(secret, timestamp, body),
            }
            problem = _try(client, url, body, headers | signed)
            if problem is None:
                return
            code, may_pass = problem
            if wait is None or not may_pass:
                break
            sleep(wait)
    raise RefusedError(
        code,
        f"webhook {settings.webhook_host}: {code}; check KESHEV_WEBHOOK_URL and the service",
    )


def _try(
    client: httpx.Client, url: str, body: bytes, headers: dict[str, str]
) -> tuple[str, bool] | None:
    """Return None for an answer of 2xx, else what was wrong, and whether it may pass."""
    try:
        answer = client.post(url, content=body, headers=headers)
    except httpx.TimeoutException:
        return "no answer in time", True
    except httpx.HTTPError as error:
        return f"not reached ({type(error).__name__})", True
    if answer.is_success:
        return None
    return f"answer {answer.status_code}", answer.is_server_error or answer.status_code == BUSY
