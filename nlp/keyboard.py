"""Hebrew words typed while the keyboard was in English: found by their letters, then retyped.

The two languages read the same key strokes. `ODDS` says how much better two neighbouring keys fit
a Hebrew word than an English one, in bits: log2 P(second | first, Hebrew) - log2 P(… | English);
`^` is the edge of a word. Final letters give the strongest evidence: ך ם ן ף ץ lie on l o i ; .
and stand at the end of a word or nowhere.
"""

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

KEYS = dict(zip("qwertyuiopasdfghjkl;zxcvbnm,./'", "/'קראטוןםפשדגכעיחלךףזסבהנמצתץ.,", strict=True))
TABLES = yaml.safe_load(Path(__file__).with_name("keyboard.yaml").read_text(encoding="utf-8"))
ODDS = {
    (first, second): ord(letter) - ord("i")
    for first, row in zip(TABLES["keys"], TABLES["odds"], strict=True)
    for second, letter in zip(TABLES["keys"], row, strict=True)
}
COMMON = frozenset(TABLES["common"].split())
ENGLISH = frozenset(TABLES["english"].split())
COMMON_BITS = 6
NEEDED_BITS = 12
LEAST_BITS = -2  # a word inside a run may be this unlikely, but no more
LETTER_COSTS = {",": 0, ".": 6, ";": 6}  # bits: at a word's end, ת is common, ץ and ף are not
NEEDED_LETTERS = 3
NOT_INSIDE = frozenset("iol;.qw/'")
WORD = re.compile(r"""(?<!\S)["(\[]*([a-z,;./']{2,24})[")\]!?:]*(?!\S)""")
LATIN = re.compile(r"[a-z]")
TO_HEBREW = str.maketrans(KEYS)


def retype(text: str) -> str:
    """Return the text, of the same length, with words of the wrong keyboard layout in Hebrew.

    Only lower-case words are looked at, in runs of neighbours: a run is retyped when its words
    together give `NEEDED_BITS` of evidence, a common Hebrew word giving `COMMON_BITS` more. Runs do
    not change one another, so a second call changes nothing.
    """
    if not LATIN.search(text):
        return text
    pieces: list[str] = []
    done = 0
    run: list[tuple[int, str]] = []
    evidence = 0
    run_end = -1

    def close() -> None:
        nonlocal done
        if evidence < NEEDED_BITS or sum(len(word) for _, word in run) < NEEDED_LETTERS:
            return
        for start, word in run:
            pieces.extend((text[done:start], word))
            done = start + len(word)

    for match in WORD.finditer(text):
        bits, word = read(match[1])
        if match.start() != run_end + 1 or bits is None:
            close()
            run, evidence = [], 0
        if bits is not None:
            run.append((match.start(1), word))
            evidence += bits
        run_end = match.end()
    close()
    return "".join((*pieces, text[done:]))


@lru_cache(maxsize=4096)
def read(typed: str) -> tuple[int | None, str]:
    """Return the bits of evidence that key strokes are a Hebrew word, and that word.

    None instead of bits when they are no Hebrew word. At the end of a word `,` and `.` may be
    the letters ת and ץ or what they look like; the likelier reading is taken. `'` and `/` are
    the comma and the full stop of the Hebrew layout.
    """
    body = typed.rstrip("'/")
    tail = typed[len(body) :].translate(TO_HEBREW)
    bare = body.rstrip(",.;")
    plain = _bits(bare)
    lettered = _bits(body) if bare != body and bare not in ENGLISH else None
    if lettered is not None and (plain is None or lettered > plain + LETTER_COSTS[body[-1]]):
        return lettered, body.translate(TO_HEBREW) + tail
    return plain, bare.translate(TO_HEBREW) + body[len(bare) :] + tail


def _bits(keys: str) -> int | None:
    if not LATIN.search(keys) or not NOT_INSIDE.isdisjoint(keys[:-1]) or keys[-1] in "qw/'":
        return None
    hebrew = keys.translate(TO_HEBREW)
    if keys in ENGLISH:
        return 0 if hebrew in COMMON else None
    padded = f"^{keys}^"
    bits = sum(ODDS[pair] for pair in pairwise(padded))
    if hebrew in COMMON:
        bits += COMMON_BITS
    return bits if bits >= LEAST_BITS else None
