"""What is told to whom, and what was kept of it."""

from datetime import UTC, date, datetime
from email.message import EmailMessage

from sqlalchemy import Engine

from keshev.notify_settings import NotifySettings
from store.desk_session import desk_reading, desk_store_of
from store.notices import Notice, read_notices
from tests.flows.servers import HERE, Mailbox

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WEEK = date(2026, 11, 8)
A, B = "a@example.com", "b@example.com"


def to(mailbox: Mailbox, **given: object) -> NotifySettings:
    values: dict[str, object] = {
        "smtp_host": HERE,
        "smtp_port": mailbox.port,
        "smtp_security": "none",
        "mail_from": "keshev@example.com",
        "mail_to": (A, B),
        "notify_score": 50,
    }
    return NotifySettings(**{**values, **given})


def notices(engine: Engine) -> list[Notice]:
    desk = desk_store_of(engine)
    with desk_reading(desk) as connection:
        found = read_notices(connection, limit=1000)
    desk.dispose()
    return found


def parts(message: EmailMessage) -> tuple[str, str]:
    plain = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()
