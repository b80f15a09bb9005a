"""Where the weekly report and the customers at risk are sent: nowhere, until somebody says so.

Environment variables with the prefix `KESHEV_`, as those of `keshev.settings`. What is sent leaves
the machine, so these stand apart from the settings that never do.
"""

import ipaddress
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from keshev.errors import NotifyError, SettingsError

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}


def _mail_address(text: str) -> str:
    """Return an address as it may stand in a header: one user, one domain, ASCII, no line break."""
    try:
        parsed = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ValueError("no mail address; write for example desk@example.com") from error
    if not parsed.username or not parsed.domain or not text.isascii() or not text.isprintable():
        raise ValueError("no mail address; write for example desk@example.com")
    return text


MailAddress = Annotated[str, AfterValidator(_mail_address)]


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _webhook(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise ValueError("no address of a service; write for example https://example.com/keshev")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise ValueError("customers' ids go there: use https (http only to this machine)")
    return url


class NotifySettings(BaseSettings):
    """How to send, and to whom. Mail needs a host, a sender and receivers; a webhook its URL."""

    model_config = SettingsConfigDict(env_prefix="KESHEV_", frozen=True, extra="ignore")

    smtp_host: str = Field("", description="Mail server; empty sends no mail.")
    smtp_port: int | None = Field(
        None, ge=1, le=65535, description="Its port; 587, or 465 with tls, or 25 with none."
    )
    smtp_security: Security = Field(
        "starttls", description="starttls, tls from the first byte, or none. Certificates count."
    )
    smtp_user: str = Field("", description="Name to sign in to the mail server; empty: no sign-in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password of that name.")
    mail_from: MailAddress | None = Field(None, description="Address that mail is sent from.")
    mail_to: tuple[MailAddress, ...] = Field(
        (), description='Addresses that get the mail; a JSON list: ["desk@example.com"].'
    )
    webhook_url: Annotated[str, AfterValidator(_webhook)] | None = Field(
        None, description="Service that gets customers at risk as JSON, by POST; https."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="Key of the signature (HMAC-SHA256) that proves who called the service.",
    )
    notify_score: float = Field(
        50, ge=0, le=100, description="Customers at risk from this score up are told of."
    )
    notify_text: bool = Field(
        False, description="Put the last note's (masked) text into what is sent."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.smtp_host and not (self.mail_from and self.mail_to):
            raise ValueError("mail needs KESHEV_MAIL_FROM and KESHEV_MAIL_TO too")
        if self.webhook_url and self.webhook_secret is None:
            raise ValueError("the webhook needs KESHEV_WEBHOOK_SECRET, so that calls can be signed")
        if self.smtp_user and self.smtp_security == "none" and not _is_here(self.smtp_host):
            raise ValueError("KESHEV_SMTP_SECURITY=none would send the password as plain text")
        if not (self.smtp_user + self.smtp_password.get_secret_value()).isascii():
            raise ValueError("KESHEV_SMTP_USER and KESHEV_SMTP_PASSWORD must be ASCII")
        return self

    @property
    def mails(self) -> bool:
        """Whether mail can be sent."""
        return bool(self.smtp_host)

    @property
    def port(self) -> int:
        """The mail server's port."""
        return self.smtp_port or PORTS[self.smtp_security]

    @property
    def webhook_host(self) -> str:
        """The host that is called: what may be shown of the URL, which can hold a secret."""
        return _host_of(self.webhook_url or "")

    def require_mail(self) -> None:
        """Raise NotifyError where there is no mail server."""
        if not self.mails:
            raise NotifyError(
                "no mail server is set; set KESHEV_SMTP_HOST, KESHEV_MAIL_FROM and KESHEV_MAIL_TO"
            )


def read_notify_settings(**given: object) -> NotifySettings:
    """Return the environment's settings of notices, with the given values in their place.

    Raises:
        SettingsError: naming the variable, when a value is not what it should be.
    """
    try:
        return NotifySettings(**given)  # type: ignore[arg-type]  # pydantic looks at them
    except SourceError as error:
        raise SettingsError.of_source(str(error)) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'KESHEV_' + str(one['loc'][0]).upper() + ': ' if one['loc'] else ''}{one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"{problems}. Set or unset these environment variables.") from None
