"""What forms and addresses may hold: types that refuse everything else (a 422 page)."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints


def printable_text(text: str) -> str:
    """Return a text that can be stored and shown; raise ValueError for any other."""
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in text):
        raise ValueError("control characters")
    text.encode()  # halves of surrogate pairs cannot be stored
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("more than one line")
    return text


Text = Annotated[
    str, StringConstraints(max_length=4000, strip_whitespace=True), AfterValidator(printable_text)
]
Line = Annotated[
    str,
    StringConstraints(max_length=200, strip_whitespace=True),
    AfterValidator(printable_text),
    AfterValidator(_one_line),
]
Id = Annotated[Line, StringConstraints(min_length=1)]


def inside(path: str) -> str:
    """Return a path of this desk, `/` for whatever leads elsewhere (an open redirect)."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and not parts.scheme and not parts.netloc and path.isprintable() else "/"
