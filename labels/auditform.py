"""The form on which people label an audit's notes: its columns, and the words that they may write.

Whoever writes the form (`desk.auditsheet`) and whoever reads it (`store.auditfile`) share these.
A form is in one language; its words are read in any case of letters.
"""

from dataclasses import dataclass

from labels.codebook import CODEBOOK

TICK = "V"
_TICKED = ("v", "x", "✓", "✔", "1", "true", "yes", "כן")
_UNTICKED = ("", "0", "false", "no", "לא")
TICKS: dict[str, bool] = {**dict.fromkeys(_TICKED, True), **dict.fromkeys(_UNTICKED, False)}
REPEATS: dict[str, bool] = {word: said for word, said in TICKS.items() if word}


@dataclass(frozen=True)
class Form:
    """A form's columns and words; `reasons`, `churn_words` and `resolution_words` lead to ids.

    `key` holds week/digest of the text/contact id, which no spreadsheet takes for a date.
    """

    number: str
    text: str
    reasons: dict[str, str]
    churn: str
    resolution: str
    repeat: str
    key: str
    churn_words: dict[str, str]
    resolution_words: dict[str, str]
    yes: str
    no: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in order."""
        last = (self.churn, self.resolution, self.repeat, self.key)
        return (self.number, self.text, *self.reasons, *last)


HEBREW = Form(
    number="מס׳",
    text="הטקסט",
    reasons={name.he: str(reason) for reason, name in CODEBOOK.reasons.items()},
    churn="כוונת עזיבה",
    resolution="סיום הטיפול",
    repeat=CODEBOOK.repeat.he,
    key="מפתח (לא לשנות)",
    churn_words={name.he: str(value) for value, name in CODEBOOK.churn_intent.items()},
    resolution_words={name.he: str(value) for value, name in CODEBOOK.resolution.items()},
    yes="כן",
    no="לא",
)
ENGLISH = Form(
    number="No.",
    text="Note",
    reasons={name.en: str(reason) for reason, name in CODEBOOK.reasons.items()},
    churn="Churn intent",
    resolution="Resolution",
    repeat=CODEBOOK.repeat.en,
    key="Key (do not change)",
    churn_words={name.en: str(value) for value, name in CODEBOOK.churn_intent.items()},
    resolution_words={name.en: str(value) for value, name in CODEBOOK.resolution.items()},
    yes="Yes",
    no="No",
)
FORMS = {"he": HEBREW, "en": ENGLISH}
