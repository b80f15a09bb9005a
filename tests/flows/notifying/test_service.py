"""The service that is called: signed, once, again when it was busy, beside the mail."""

import hashlib
import hmac
import json

import pytest
from sqlalchemy import Engine

from flows import webhook
from flows.notifying import Sent, notify_at_risk
from keshev.errors import NotifyError
from keshev.notify_settings import NotifySettings
from keshev.settings import Settings
from tests.flows.notifying.notified import NOW, A, B, notices, to
from tests.flows.servers import HERE, Mailbox, service

SECRET = "a secret of the service"


def called(url: str, **given: object) -> NotifySettings:
    return NotifySettings(webhook_url=url, webhook_secret=SECRET, notify_score=50, **given)


def test_the_service_is_called_with_a_signature(settings: Settings, engine: Engine) -> None:
    """Over the time and the body, as the README tells a receiver to check it."""
    with service() as found:
        sent = notify_at_risk(settings, called(found.url), engine, NOW)
        assert notify_at_risk(settings, called(found.url), engine, NOW) == Sent(0, 0)
    ((headers, body),) = found.calls
    time = headers["x-keshev-timestamp"]
    mac = hmac.new(SECRET.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["x-keshev-signature"] == f"sha256={mac}"
    assert headers["content-type"] == "application/json"
    payload = json.loads(body)
    assert len(payload["cases"]) == sent.matters
    assert payload["cases"][0]["score"] >= payload["cases"][-1]["score"] >= 50
    assert "note" not in payload["cases"][0]
    (one, *_) = notices(engine)
    assert (one.way, one.receiver, one.state) == ("webhook", HERE, "sent")  # no token of the URL


def test_each_try_is_signed_with_its_own_second() -> None:
    """A receiver refuses old timestamps: a run that took long must not look like a replay."""
    seconds = iter([1_000.5, 1_020.9])
    with service() as found:
        found.answers = [503]
        webhook.post(
            called(found.url), {"n": 1}, "about", sleep=lambda _: None, clock=lambda: next(seconds)
        )
    times = [headers["x-keshev-timestamp"] for headers, _ in found.calls]
    assert times == ["1000", "1020"]
    for headers, body in found.calls:
        made = webhook.signature(SECRET, headers["x-keshev-timestamp"], body)
        assert headers["x-keshev-signature"] == made


def test_a_busy_service_is_called_again(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same key, so that it can tell; a refusal is not tried again at once."""
    monkeypatch.setattr(webhook, "WAITS", (0.0, 0.0, 0.0))
    with service() as found:
        found.answers = [503, 429]
        assert notify_at_risk(settings, called(found.url), engine, NOW).messages == 1
        keys = {headers["idempotency-key"] for headers, _ in found.calls}
        assert (len(found.calls), len(keys)) == (3, 1)


@pytest.mark.parametrize(("status", "tries"), [(401, 1), (302, 1), (500, 4)])
def test_what_a_service_refuses_is_kept(
    settings: Settings,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    tries: int,
) -> None:
    """And sent the next time; a redirect is not followed."""
    monkeypatch.setattr(webhook, "WAITS", (0.0, 0.0, 0.0))
    with service() as found:
        found.answers = [status] * tries
        with pytest.raises(NotifyError, match=f"webhook {HERE}: answer {status}") as told:
            notify_at_risk(settings, called(found.url), engine, NOW)
        assert "hidden" not in str(told.value)
        assert len(found.calls) == tries
        assert notify_at_risk(settings, called(found.url), engine, NOW).messages == 1


def test_a_service_that_is_not_there_keeps_no_mail_back(
    settings: Settings, engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "WAITS", ())
    with service() as gone:
        url = gone.url
    both = to(mailbox, webhook_url=url, webhook_secret=SECRET)
    with pytest.raises(NotifyError, match="not reached"):
        notify_at_risk(settings, both, engine, NOW)
    assert mailbox.receivers == [A, B]
    waiting = [one for one in notices(engine) if one.state == "failed"]
    assert {one.way for one in waiting} == {"webhook"}
