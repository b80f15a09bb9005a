"""Where notices go: nothing by itself, and nothing half."""

import pytest

from keshev.errors import SettingsError
from keshev.notify_settings import NotifySettings, read_notify_settings
from keshev.settings import read_settings

MAIL = {"smtp_host": "mail.example.com", "mail_from": "k@example.com", "mail_to": ("a@b.example",)}


def test_nothing_is_sent_until_somebody_says_so() -> None:
    assert not NotifySettings().mails
    assert NotifySettings().webhook_url is None
    assert not NotifySettings().notify_text


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KESHEV_SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("KESHEV_SMTP_SECURITY", "tls")
    monkeypatch.setenv("KESHEV_MAIL_FROM", "k@example.com")
    monkeypatch.setenv("KESHEV_MAIL_TO", '["a@example.com", "b@example.com"]')
    found = read_notify_settings()
    assert (found.mails, found.port) == (True, 465)
    assert found.mail_to == ("a@example.com", "b@example.com")


def test_a_list_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to write it; sums of money are finite."""
    monkeypatch.setenv("KESHEV_MAIL_TO", "a@example.com")
    with pytest.raises(SettingsError, match=r"KESHEV_MAIL_TO: not a JSON list; write") as told:
        read_notify_settings()
    assert "a@example.com" not in str(told.value)
    monkeypatch.setenv("KESHEV_NET_QUEUES", "שימור")
    with pytest.raises(SettingsError, match="KESHEV_NET_QUEUES: not a JSON list"):
        read_settings()
    monkeypatch.delenv("KESHEV_NET_QUEUES")
    monkeypatch.setenv("KESHEV_CONTACT_COST", "inf")
    with pytest.raises(SettingsError, match="KESHEV_CONTACT_COST"):
        read_settings()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"smtp_host": "mail.example.com"}, "KESHEV_MAIL_FROM and KESHEV_MAIL_TO"),
        ({**MAIL, "mail_to": ("a@b.example\r\nBcc: x@y.example",)}, "KESHEV_MAIL_TO"),
        ({**MAIL, "mail_to": ("דנה@b.example",)}, "KESHEV_MAIL_TO"),
        ({**MAIL, "mail_from": "nobody"}, "KESHEV_MAIL_FROM: "),
        ({**MAIL, "mail_from": "a b@example.com, c@example.com"}, "KESHEV_MAIL_FROM: "),
        ({**MAIL, "smtp_user": "k", "smtp_security": "none"}, "plain text"),
        ({**MAIL, "smtp_user": "דנה"}, "must be ASCII"),
        ({**MAIL, "smtp_port": 0}, "KESHEV_SMTP_PORT"),
        ({"webhook_url": "https://example.com/hook"}, "KESHEV_WEBHOOK_SECRET"),
        ({"webhook_url": "http://example.com/hook"}, "use https"),
        ({"webhook_url": "file:///etc/passwd"}, "KESHEV_WEBHOOK_URL"),
        ({"webhook_url": "https://example.com/h", "webhook_secret": "short"}, "WEBHOOK_SECRET"),
        ({"notify_score": 101}, "KESHEV_NOTIFY_SCORE"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, object], says: str) -> None:
    """By its variable, without its value: that may be a secret."""
    with pytest.raises(SettingsError) as told:
        read_notify_settings(**given)
    assert says in str(told.value)
    assert "Bcc" not in str(told.value)
    assert "short" not in str(told.value).replace("shorter", "")


def test_a_service_on_this_machine_needs_no_https() -> None:
    found = read_notify_settings(
        webhook_url="http://127.0.0.1:9/hook?token=x", webhook_secret="0123456789abcdef"
    )
    assert found.webhook_host == "127.0.0.1"
    assert "0123456789abcdef" not in repr(found)
