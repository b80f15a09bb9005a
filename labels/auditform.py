"""The form on which people label an audit's notes: its columns, and the words that they may write.

Whoever writes the form (`desk.auditsheet`) and whoever reads it (`store.auditfile`) share these.
"""

from labels.codebook import CODEBOOK, REASONS

KEY = "מפתח (לא לשנות)"  # week/digest of the text/contact id: no spreadsheet takes it for a date
NUMBER, TEXT = "מס׳", "הטקסט"
CHURN, RESOLUTION, REPEAT = "כוונת עזיבה", "סיום הטיפול", CODEBOOK.repeat.he
TICK = "V"
REASON_COLUMNS = {CODEBOOK.reasons[reason].he: str(reason) for reason in REASONS}
YES, NO = "כן", "לא"

_TICKED = ("v", "x", "✓", "✔", "1", "true", "yes", YES)
_UNTICKED = ("", "0", "false", "no", NO)
TICKS: dict[str, bool] = {**dict.fromkeys(_TICKED, True), **dict.fromkeys(_UNTICKED, False)}
REPEATS: dict[str, bool] = {word: said for word, said in TICKS.items() if word}
CHURN_WORDS = {name.he: str(value) for value, name in CODEBOOK.churn_intent.items()}
RESOLUTION_WORDS = {name.he: str(value) for value, name in CODEBOOK.resolution.items()}


def column_names() -> tuple[str, ...]:
    """Return the form's columns, in order."""
    return (NUMBER, TEXT, *REASON_COLUMNS, CHURN, RESOLUTION, REPEAT, KEY)
