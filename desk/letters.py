"""What is sent by mail: the week's report, and customers at risk. As text and as HTML.

Mail programs know no style sheets: what a page has in its CSS stands in the tags here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk import hebrew, i18n
from desk.i18n import _, ngettext
from desk.presenters.figures import Scope
from desk.presenters.keyfigures import key_figures
from desk.presenters.risk import RiskRow
from desk.presenters.summary import header
from desk.presenters.words import words
from desk.report_data import ReportData

TEMPLATES = Path(__file__).with_name("templates") / "mail"


@dataclass(frozen=True)
class Letter:
    """What is sent: a subject, the same matter as text and as HTML, and files.

    `about` names the matter; with a receiver it makes the message's id, which is the same when the
    letter has to be sent again.
    """

    about: str
    subject: str
    text: str
    html: str
    language: str = "he"
    files: tuple[Path, ...] = ()


def weekly_letter(data: ReportData, files: Sequence[Path], desk_url: str) -> Letter:
    """Return the letter of a week's report: its words and key figures, the report's files with it.

    The letter itself holds no note and no customer; its files hold what `data` holds.
    """
    scope = Scope(data)
    shown = header(scope)
    values = {
        "title": shown.title,
        "week": shown.week,
        "company": shown.company,
        "words": words(scope),
        "keys": key_figures(scope),
        "link": _link(desk_url, f"/week/{data.week.isoformat()}"),
    }
    subject = _("הדוח השבועי: {week}").format(week=hebrew.without_marks(shown.week))
    return _letter("weekly", f"weekly {data.week}", subject, values, tuple(files))


def at_risk_letter(
    rows: Mapping[str, RiskRow], score: float, desk_url: str, *, with_text: bool
) -> Letter:
    """Return the letter of customers at risk, most at risk first.

    `rows` are by what names each customer's time at risk. What customers wrote stands in it only
    `with_text`, masked as it is stored.
    """
    values = {
        "rows": [(row, _details(row)) for row in rows.values()],
        "score": hebrew.number(score),
        "with_text": with_text,
        "link": _link(desk_url, "/queue"),
    }
    subject = ngettext("לקוח אחד נכנס לסיכון גבוה", "{n} לקוחות נכנסו לסיכון גבוה", len(rows))
    about = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    return _letter("at_risk", f"at_risk {about}", subject.format(n=len(rows)), values)


def _details(row: RiskRow) -> tuple[str, ...]:
    """Return what is known of a customer at risk beside score, intent and reasons."""
    found = [row.contacts_text, _("פנייה אחרונה: {when}").format(when=row.last_text)]
    if row.contract_text:
        found.append(_("סוף החוזה: {when}").format(when=row.contract_text))
    if row.value_text:
        found.append(_("{value} לחודש").format(value=row.value_text))
    return tuple(found)


def _link(desk_url: str, path: str) -> str:
    """Return an address of the desk; empty where it is this machine's, which leads nobody there."""
    host = urlsplit(desk_url).hostname or "localhost"
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return "" if here else desk_url.rstrip("/") + path


def _letter(
    name: str, about: str, subject: str, values: Mapping[str, Any], files: tuple[Path, ...] = ()
) -> Letter:
    shown = {
        **values,
        "subject": subject,
        "language": i18n.language(),
        "direction": i18n.direction(),
        "near": "right" if i18n.direction() == "rtl" else "left",
    }
    html, text = (
        _templates().get_template(f"{name}.{kind}.j2").render(shown) for kind in ("html", "txt")
    )
    return Letter(about, subject, hebrew.without_marks(text), html, i18n.language(), files)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=hebrew.number)
    environment.globals.update({"_": i18n.gettext, "ngettext": i18n.ngettext})
    return environment
