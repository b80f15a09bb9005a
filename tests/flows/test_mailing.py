"""Mail servers as they are: TLS, sign-in, refusals; and headers that nobody can add to."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.letters import Letter
from flows.mailing import RefusedError, mail_server, message_of, send
from keshev.notify_settings import NotifySettings
from tests.flows import servers
from tests.flows.servers import HERE, Mailbox

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LETTER = Letter("weekly 2026-11-08", "הדוח השבועי", "שלום", "<p>שלום</p>")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return servers.write_certificate(tmp_path_factory.mktemp("certificate"))


def of(mailbox: Mailbox, security: str, **given: object) -> NotifySettings:
    return NotifySettings(
        smtp_host=HERE,
        smtp_port=mailbox.port,
        smtp_security=security,
        mail_from="keshev@example.com",
        mail_to=("a@example.com",),
        **given,
    )


def send_one(settings: NotifySettings) -> None:
    with mail_server(settings) as server:
        send(server, settings, message_of(LETTER, "keshev@example.com", "a@example.com", NOW))


# aiosmtpd does not see that a connection is TLS from its first byte, and warns of the sign-in.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_goes_over_tls_with_a_sign_in(
    security: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of one's own counts when SSL_CERT_FILE names it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with servers.mail_server(certificate, security, asks=True) as mailbox:
        send_one(of(mailbox, security, smtp_user="keshev", smtp_password="right"))
        assert mailbox.receivers == ["a@example.com"]
        assert set(mailbox.users) == {"keshev"}
        with pytest.raises(RefusedError, match=r"refused the sign-in \(535\)") as told:
            send_one(of(mailbox, security, smtp_user="keshev", smtp_password="guess"))
        assert "guess" not in str(told.value)
        assert told.value.code == "sign-in 535"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(security: str, certificate: Path) -> None:
    """Nothing is sent to whoever only says that he is the server."""
    with servers.mail_server(certificate, security) as mailbox:
        with pytest.raises(RefusedError, match="SSL_CERT_FILE"):
            send_one(of(mailbox, security))
        assert mailbox.messages == []


def test_a_server_without_tls_gets_no_mail_that_needs_it() -> None:
    with servers.mail_server() as mailbox:
        with pytest.raises(RefusedError, match="KESHEV_SMTP_SECURITY"):
            send_one(of(mailbox, "starttls"))
        assert mailbox.messages == []


def test_nobody_can_add_a_header() -> None:
    """Whatever stands in a subject or an address."""
    for letter, sender, receiver in (
        (Letter("a", "דוח\r\nBcc: x@example.com", "", ""), "k@example.com", "a@example.com"),
        (LETTER, "k@example.com\nBcc: x@example.com", "a@example.com"),
        (LETTER, "k@example.com", "a@example.com\r\nBcc: x@example.com"),
    ):
        with pytest.raises(ValueError, match="linefeed or carriage return"):
            message_of(letter, sender, receiver, NOW)


def test_the_message_s_id_is_the_matter_s_and_the_receiver_s() -> None:
    """The same when it is sent again, another for another."""
    first, again = (message_of(LETTER, "k@example.com", "a@example.com", NOW) for _ in range(2))
    other = message_of(LETTER, "k@example.com", "b@example.com", NOW)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
