"""What is mailed, to whom, once; and that nothing is lost when a server refuses."""

import io
import re
import zipfile
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine

from flows.notifying import Sent, notify_at_risk, notify_weekly
from flows.reporting import gather
from keshev.errors import NotifyError
from keshev.notify_settings import NotifySettings
from keshev.settings import Settings
from store.session import transaction
from store.signals import read_at_risk
from tests.flows.notifying.notified import NOW, WEEK, A, B, notices, parts, to
from tests.flows.servers import HERE, Mailbox, mail_server


def test_the_weekly_report_is_sent_once(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    """To each address: words and key figures right to left, both files, and no note."""
    notify = to(mailbox)
    assert notify_weekly(settings, notify, engine, None, NOW) == Sent(2, 1)
    assert notify_weekly(settings, notify, engine, WEEK, NOW) == Sent(0, 0)
    assert mailbox.receivers == [A, B]
    _, message = mailbox.messages[0]
    assert (message["To"], message["From"]) == (A, "keshev@example.com")
    assert message["Subject"] == "הדוח השבועי: 8–14 בנובמבר 2026"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = parts(message)
    assert '<html lang="he" dir="rtl">' in html
    assert 'href="https://desk.example.com/week/2026-11-08"' in html
    for text in (plain, html):
        assert "פתרון בפנייה הראשונה (FCR)" in text
        assert "המדדים העיקריים" in text
    files = {one.get_filename(): one.get_content() for one in message.iter_attachments()}
    assert set(files) == {"keshev-2026-11-08.html", "keshev-2026-11-08.xlsx"}
    assert not said_in(html + plain + words_of(files), settings, engine)
    assert {(one.receiver, one.subject, one.state) for one in notices(engine)} == {
        (A, "2026-11-08", "sent"),
        (B, "2026-11-08", "sent"),
    }


def test_the_report_holds_notes_where_a_setting_says_so(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    notify_weekly(settings, to(mailbox, notify_text=True), engine, None, NOW)
    _, message = mailbox.messages[0]
    files = {one.get_filename(): one.get_content() for one in message.iter_attachments()}
    assert said_in(words_of(files), settings, engine)


def words_of(files: dict[str, Any]) -> str:
    """Return all that stands in a report's two files."""
    (page,) = [content for name, content in files.items() if name.endswith(".html")]
    (book,) = [content for name, content in files.items() if name.endswith(".xlsx")]
    told = re.sub("<[^>]*>", "", page if isinstance(page, str) else page.decode())
    with zipfile.ZipFile(io.BytesIO(book)) as parts_of_it:
        strings = parts_of_it.read("xl/sharedStrings.xml").decode()
    return unescape(told + re.sub("<[^>]*>", "", strings))


def said_in(text: str, settings: Settings, engine: Engine) -> list[str]:
    """Return the notes whose beginning stands in a text."""
    notes = [note for note in gather(settings, engine).contacts["text"] if len(note) > 24]
    assert notes
    return [note for note in notes if note[:24] in text]


def test_who_is_refused_is_tried_again_and_no_other(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    """The error names host, code and next step; not the server's words, which name a person."""
    notify = to(mailbox)
    mailbox.refuses[A] = 550
    with pytest.raises(NotifyError) as told:
        notify_weekly(settings, notify, engine, None, NOW)
    assert f"{HERE}:{mailbox.port} refused the receiver (550)" in str(told.value)
    assert "KESHEV_MAIL_TO" in str(told.value)
    assert A not in str(told.value)
    assert mailbox.receivers == [B]
    state = {one.receiver: (one.state, one.problem) for one in notices(engine)}
    assert state == {A: ("failed", "receiver 550"), B: ("sent", None)}
    mailbox.refuses.clear()
    assert notify_weekly(settings, notify, engine, None, NOW) == Sent(1, 1)
    assert mailbox.receivers == [B, A]
    ids = [message["Message-ID"] for _, message in mailbox.messages]
    assert len(set(ids)) == 2


def test_a_week_that_was_refused_comes_with_the_next(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    """The older one first."""
    notify = to(mailbox, mail_to=(A,))
    mailbox.refuses["keshev@example.com"] = 451
    with pytest.raises(NotifyError, match=r"refused the sender \(451\); check KESHEV_MAIL_FROM"):
        notify_weekly(settings, notify, engine, date(2026, 11, 1), NOW)
    mailbox.refuses.clear()
    assert notify_weekly(settings, notify, engine, None, NOW) == Sent(2, 2)
    subjects = [message["Subject"] for _, message in mailbox.messages]
    assert subjects == ["הדוח השבועי: 1–7 בנובמבר 2026", "הדוח השבועי: 8–14 בנובמבר 2026"]


def test_a_refused_week_goes_to_nobody_else(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    """Who came later gets no report of a week before; who is gone keeps none waiting."""
    mailbox.refuses[A] = 550
    with pytest.raises(NotifyError):
        notify_weekly(settings, to(mailbox, mail_to=(A,)), engine, date(2026, 11, 1), NOW)
    later = to(mailbox, mail_to=(B,))
    assert notify_weekly(settings, later, engine, None, NOW) == Sent(1, 1)
    assert [message["Subject"] for _, message in mailbox.messages] == [
        "הדוח השבועי: 8–14 בנובמבר 2026"
    ]
    mailbox.refuses.clear()
    assert notify_weekly(settings, to(mailbox), engine, None, NOW) == Sent(2, 2)
    assert mailbox.receivers == [B, A, A]


def test_without_a_server_everything_waits(settings: Settings, engine: Engine) -> None:
    """Nobody listens at the port: each receiver is kept."""
    with mail_server() as gone:
        notify = to(gone)
    with pytest.raises(NotifyError, match="was not reached"):
        notify_weekly(settings, notify, engine, None, NOW)
    assert {(one.state, one.problem) for one in notices(engine)} == {("failed", "not reached")}
    with pytest.raises(NotifyError, match="KESHEV_SMTP_HOST"):
        notify_weekly(settings, NotifySettings(), engine, None, NOW)


def test_customers_at_risk_are_told_of_once(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    """All from the score up, without what they wrote."""
    with transaction(engine) as connection:
        listed = read_at_risk(connection)
    expected = listed.loc[listed["score"] >= 50, "customer_id"].tolist()
    assert len(expected) > 2
    assert notify_at_risk(settings, to(mailbox), engine, NOW) == Sent(2, len(expected))
    assert notify_at_risk(settings, to(mailbox), engine, NOW) == Sent(0, 0)
    lower = to(mailbox, notify_score=48)
    more = int((listed["score"] >= 48).sum()) - len(expected)
    assert more
    assert notify_at_risk(settings, lower, engine, NOW) == Sent(2, more)
    plain, html = parts(mailbox.messages[0][1])
    for text in (plain, html):
        places = [text.index(name) for name in expected]
        assert places == sorted(places)
    texts = gather(settings, engine).contacts["text"]
    assert not [text for text in texts if len(text) > 12 and text[:40] in html + plain]


def test_notes_are_sent_where_a_setting_says_so(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    with transaction(engine) as connection:
        note = str(read_at_risk(connection)["last_contact_id"].iloc[0])
    notify_at_risk(settings, to(mailbox, notify_text=True), engine, NOW)
    data = gather(settings, engine)
    text = data.contacts.set_index("contact_id").loc[note, "text"]
    assert text[:40] in parts(mailbox.messages[0][1])[0]


def test_who_was_below_the_score_and_is_above_it_again_is_news(
    settings: Settings, engine: Engine, mailbox: Mailbox
) -> None:
    notify_at_risk(settings, to(mailbox, mail_to=(A,)), engine, NOW)
    notify_at_risk(settings, to(mailbox, mail_to=(A,), notify_score=99), engine, NOW)
    again = notify_at_risk(settings, to(mailbox, mail_to=(A,)), engine, NOW)
    assert again.messages == 1
    first, second = (message["Message-ID"] for _, message in mailbox.messages)
    assert first != second


def test_what_a_killed_program_had_claimed_is_sent_later(
    settings: Settings, engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same id of the message."""
    notify = to(mailbox, mail_to=(A,))
    with monkeypatch.context() as patched:
        patched.setattr("flows.notifying.settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            notify_weekly(settings, notify, engine, None, NOW)
    assert notify_weekly(settings, notify, engine, None, NOW) == Sent(0, 0)
    later = NOW + timedelta(minutes=20)
    assert notify_weekly(settings, notify, engine, None, later) == Sent(1, 1)
    first, second = (message["Message-ID"] for _, message in mailbox.messages)
    assert first == second


def _killed(*_args: object) -> None:
    raise KeyboardInterrupt


def test_many_customers_are_several_letters(
    settings: Settings, engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.notifying.AT_ONCE", 3)
    sent = notify_at_risk(settings, to(mailbox, mail_to=(A,)), engine, NOW)
    assert sent.messages == -(-sent.matters // 3) > 1
