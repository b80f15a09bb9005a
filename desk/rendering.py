"""Templates to pages: `render(request, "queue.html.j2", rows=…)`.

Every template of `templates/pages` extends `_page.html.j2` and knows, beside its own values, `_`,
`ngettext` and `pgettext`, `person` (None before signing in), `nav`, `csrf()` for forms,
`static(name)` for the address of a file, `language`, `direction`, `theme`, and the filters
`number` and `percent`.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from desk import hebrew, i18n
from desk.navigation import links

HERE = Path(__file__).parent
STATIC = HERE / "static"
THEMES = ("auto", "light", "dark")


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    """Return the address of a file of `static/`, which changes with its content."""
    return f"/static/{name}?{_digest(name)}"


@pass_context
def _csrf(context: Context) -> Markup:
    person = context["person"]
    return Markup('<input type="hidden" name="csrf" value="{}">').format(person.csrf)


@cache
def templates() -> Environment:
    """Return the environment of the pages' templates."""
    environment = Environment(
        loader=FileSystemLoader([HERE / "templates" / "pages", HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=hebrew.number, percent=hebrew.percent)
    environment.globals.update(
        {
            "_": i18n.gettext,
            "ngettext": i18n.ngettext,
            "pgettext": i18n.pgettext,
            "static": static,
            "csrf": _csrf,
        }
    )
    return environment


def render(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page made of a template and its values."""
    person = getattr(request.state, "person", None)
    theme = request.cookies.get("keshev_theme", "auto")
    text = (
        templates()
        .get_template(template)
        .render(
            person=person,
            nav=links(person, request.url.path),
            path=request.url.path,
            language=i18n.language(),
            direction=i18n.direction(),
            theme=theme if theme in THEMES else "auto",
            **values,
        )
    )
    return HTMLResponse(text, status)
