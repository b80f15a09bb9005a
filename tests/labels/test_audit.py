"""The audit of train's labels: what it says stands in the corpus."""

import csv
from pathlib import Path

from labels.audit import Audited, read_audit
from labels.corpus import CORPUS, read_split


def test_what_was_settled_stands_in_the_corpus() -> None:
    """A label changed only where the second one and the model agreed against the first."""
    notes = {note.id: note for note in read_split("train")}
    with (CORPUS / "audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        note, label = notes[row["id"]], row["label"]
        if label in ("churn_intent", "resolution"):
            stands = str(getattr(note, label))
        else:
            has = note.repeat if label == "repeat" else label in note.reasons
            stands = "yes" if has else "no"
        assert stands == row["settled"], row["id"]
        agreed = row["second"] == row["model"] != row["first"]
        assert (row["settled"] != row["first"]) == agreed, row["id"]
    assert len({(row["id"], row["label"]) for row in rows}) == len(rows)


def test_the_audit_is_counted(tmp_path: Path) -> None:
    """Three labels of two notes: one upheld, one changed, one neither; without a file none."""
    lines = (
        "id,label,first,model,second,settled",
        "a1,repeat,no,yes,no,no",
        "a1,value,no,yes,yes,yes",
        "a2,resolution,open,resolved,unstated,open",
    )
    (tmp_path / "audit.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert read_audit(tmp_path) == Audited(notes=2, labels=3, upheld=1, changed=1)
    assert read_audit(tmp_path / "none") is None
