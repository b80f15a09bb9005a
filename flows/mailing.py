"""Sending mail: one connection, one message a receiver, and what the server said of each."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from desk.letters import Letter
from keshev.errors import NotifyError
from keshev.notify_settings import NotifySettings

SECONDS = 30  # that the server is waited for
TYPES = {
    ".html": ("text", "html"),
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class RefusedError(NotifyError):
    """Raised when a server will not take a message; `code` may be stored and shown."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def message_of(letter: Letter, sender: str, receiver: str, now: datetime) -> EmailMessage:
    """Return the letter as a message to one receiver.

    Raises:
        ValueError: for a header with a line break in it; `email` refuses those.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    message["From"] = sender
    message["To"] = receiver
    message["Date"] = format_datetime(now)
    digest = hashlib.sha256(f"{letter.about}\n{receiver}".encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message["Content-Language"] = letter.language
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    for path in letter.files:
        maintype, subtype = TYPES[path.suffix]
        message.add_attachment(
            path.read_bytes(), maintype=maintype, subtype=subtype, filename=path.name
        )
    return message


@contextmanager
def mail_server(settings: NotifySettings) -> Iterator[smtplib.SMTP]:
    """Yield a connection to the mail server, signed in; certificates are checked.

    Raises:
        RefusedError: when it cannot be reached, has no valid certificate, or refuses the sign-in.
    """
    with _told(settings):
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(settings.smtp_host, settings.port, timeout=SECONDS, context=context)
            if settings.smtp_security == "tls"
            else smtplib.SMTP(settings.smtp_host, settings.port, timeout=SECONDS)
        )
    try:
        with _told(settings):
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield server
    finally:
        _leave(server)


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def send(server: smtplib.SMTP, settings: NotifySettings, message: EmailMessage) -> None:
    """Hand one message to the server.

    Raises:
        RefusedError: when the server does not take it.
    """
    with _told(settings):
        server.send_message(message)


@contextmanager
def _told(settings: NotifySettings) -> Iterator[None]:
    """Turn what a mail server can answer into one line: host, code, next step.

    The server's own words are left out: they may repeat an address.
    """
    where = f"mail server {settings.smtp_host}:{settings.port}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise RefusedError(
            f"sign-in {error.smtp_code}",
            f"{where} refused the sign-in ({error.smtp_code}); check KESHEV_SMTP_USER and "
            "KESHEV_SMTP_PASSWORD",
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise RefusedError(
            f"receiver {code}",
            f"{where} refused the receiver ({code}); check KESHEV_MAIL_TO",
        ) from None
    except smtplib.SMTPSenderRefused as error:
        raise RefusedError(
            f"sender {error.smtp_code}",
            f"{where} refused the sender ({error.smtp_code}); check KESHEV_MAIL_FROM",
        ) from None
    except smtplib.SMTPResponseException as error:
        raise RefusedError(
            f"answer {error.smtp_code}",
            f"{where} refused the message ({error.smtp_code}); ask who runs it",
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise RefusedError(
            "not supported",
            f"{where} does not offer what KESHEV_SMTP_SECURITY or the sign-in needs; "
            "set it to starttls, tls or none as the server has it",
        ) from None
    except ssl.SSLError as error:
        raise RefusedError(
            "certificate",
            f"{where}: no trusted connection ({error.reason or 'TLS'}); check the host's name and "
            "KESHEV_SMTP_SECURITY, and for a certificate of your own set SSL_CERT_FILE",
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise RefusedError(
            "not reached",
            f"{where} was not reached ({type(error).__name__}); check KESHEV_SMTP_HOST, "
            "KESHEV_SMTP_PORT and the network",
        ) from None
