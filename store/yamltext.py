"""YAML as people write profiles: words stay words, a key stands once, comments stand above keys."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml


class StrictLoader(yaml.SafeLoader):
    """Reads only true, false and null as more than text, and refuses a key that stands twice.

    YAML's own rules read the value words `no`, `on` and `12:30` as booleans and numbers.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping; raises ConstructorError for a repeated key."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"two values for the one key {key.value!r}",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


StrictLoader.yaml_implicit_resolvers = {}
StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]
)
StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"]
)


def render(values: Mapping[str, Any], comments: Mapping[str, str]) -> str:
    """Return nested values as YAML; `comments` maps dotted keys to the words above them.

    Comments may hold several lines. The key `` (empty) is the head of the file.
    """
    lines = _comment(comments.get("", ""), "")
    for key, value in values.items():
        if lines:
            lines.append("")
        lines += _lines(key, key, value, comments, "")
    return "\n".join(lines) + "\n"


def _lines(
    place: str, key: str, value: object, comments: Mapping[str, str], indent: str
) -> list[str]:
    lines = _comment(comments.get(place, ""), indent)
    name = _scalar(key)
    if isinstance(value, Mapping) and value:
        lines.append(f"{indent}{name}:")
        for inner, inner_value in value.items():
            inner_place = f"{place}.{inner}"
            lines += _lines(inner_place, str(inner), inner_value, comments, indent + "  ")
    elif isinstance(value, (list, tuple)):
        lines.append(f"{indent}{name}: [{', '.join(_scalar(one) for one in value)}]")
    else:
        lines.append(f"{indent}{name}: {'{}' if value == {} else _scalar(value)}")
    return lines


def _comment(words: str, indent: str) -> list[str]:
    return [f"{indent}# {line}".rstrip() for line in words.splitlines()]


_PLAIN = re.compile(r"[A-Za-z0-9_א-ת][A-Za-z0-9_א-ת ./-]*[A-Za-z0-9_א-ת]|[A-Za-z0-9_א-ת]")

_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return yaml.dump(text, default_style='"', allow_unicode=True, width=1 << 30).strip()
