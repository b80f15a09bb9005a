"""The released model as a page shows it: its figures as tables, and its card rendered safely."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from markdown_it import MarkdownIt
from markupsafe import Markup

from desk import hebrew
from desk.presenters.figures import reason_ids
from desk.presenters.reasons import reason_name
from keshev.errors import ModelFolderError
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.reference import Reference, read_reference
from signals.intervals import ratio, wilson
from signals.shares import CONTACT, SURVEY


@dataclass(frozen=True)
class ModelPage:
    """A model's card: `written` is its README as HTML, in English; `reference` for drift."""

    model_id: str
    card: ModelCard
    written: Markup
    reference: Reference | None


@dataclass(frozen=True, slots=True)
class ReasonFigures:
    """How the model does on a reason: F1 of test, and recall by kind of note, as text."""

    name: str
    f1: str
    found: str
    found_range: str
    wrongly: str
    survey_found: str


def model_page(folder: Path) -> ModelPage:
    """Return the card of a model's folder, read again only when a file of it has changed.

    Raises:
        ModelFolderError: when the folder is incomplete, damaged or of another layout.
    """
    files = ModelFolder(folder)
    state = tuple(_changed(path) for path in (*files.files, files.reference, folder / "README.md"))
    return _read(folder, state)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _read(folder: Path, _state: tuple[int, ...]) -> ModelPage:
    files = ModelFolder(folder)
    card = files.read_card()
    try:
        reference = read_reference(folder)
    except ModelFolderError:
        reference = None
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    return ModelPage(files.fingerprint(), card, rendered(text), reference)


def rendered(markdown: str) -> Markup:
    """Return Markdown as HTML: tags in it are shown and not obeyed, and links lead nowhere.

    Headings begin two levels lower, below those of the page; tables, named by the heading above
    them, can be scrolled by keyboard.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["link", "image", "autolink", "reference"])
    tokens = parser.parse(markdown)
    heading, names = "", list[str]()
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 2, 6)}"
        if token.type == "heading_open" and after:
            heading = after.content
        if token.type in ("th_open", "td_open"):
            token.attrs = {"class": "num"} if "right" in str(token.attrs.get("style", "")) else {}
        if token.type == "table_open":
            names.append(heading if heading not in names else f"{heading} ({len(names) + 1})")
    html = parser.renderer.render(tokens, parser.options, {})
    for name in names:
        opening = '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table >'
        html = html.replace("<table>", Markup(opening).format(name), 1)
    # The corner of a table that names its rows heads nothing.
    html = html.replace("<th></th>", "<td></td>").replace("</table>", "</table></div>")
    return Markup(html)


def reason_figures(card: ModelCard) -> tuple[ReasonFigures, ...]:
    """Return each reason's figures on test, in the codebook's order; none without a measurement."""
    if not {CONTACT, SURVEY} <= set(card.held_out):
        return ()
    contact, survey = card.held_out[CONTACT], card.held_out[SURVEY]
    found = ratio(contact["found"], contact["positives"])
    low, high = wilson(found, np.asarray(contact["positives"]))
    kept = ratio(contact["rejected"], contact["negatives"])
    of_survey = ratio(survey["found"], survey["positives"])
    return tuple(
        ReasonFigures(
            reason_name(reason),
            hebrew.number(float(card.figures.get(reason, np.nan)), 2),
            f"{hebrew.percent(found[i])} ({contact['positives'][i]})",
            hebrew.interval(hebrew.percent(low[i]), hebrew.percent(high[i])),
            hebrew.percent(1 - kept[i]),
            f"{hebrew.percent(of_survey[i])} ({survey['positives'][i]})",
        )
        for i, reason in enumerate(reason_ids())
    )
