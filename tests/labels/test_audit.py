"""The audit of train's labels: what it says stands in the corpus."""

import csv
from pathlib import Path

from labels.audit import Audited, GivenAgain, read_audit, read_given_again
from labels.corpus import CORPUS, read_split
from labels.journeys import read_journeys


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of the corpus."""
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_settled_stands_in_the_corpus() -> None:
    """A label changed only where the second one and the model agreed against the first.

    A resolution that was given again later stands as it was given then.
    """
    notes = {note.id: note for note in read_split("train")}
    again = {row["id"]: row["second"] for row in rows_of("resolution.csv")}
    journeys = (contact for journey in read_journeys("train") for contact in journey.contacts)
    stand = notes | {contact.id: contact for contact in journeys}
    assert {i: str(stand[i].resolution) for i in again} == again
    rows = rows_of("audit.csv")
    for row in rows:
        note, label = notes[row["id"]], row["label"]
        if label in ("churn_intent", "resolution"):
            stands = str(getattr(note, label))
            if label == "resolution" and note.id in again:
                stands = row["settled"]
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


def test_resolutions_given_again_are_counted(tmp_path: Path) -> None:
    """Two notes, of which one changed; without a file none."""
    lines = ("id,first,second", "a1,open,open", "a2,open,unstated")
    (tmp_path / "resolution.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert read_given_again(tmp_path) == GivenAgain(notes=2, changed=1)
    assert read_given_again(tmp_path / "none") is None
