"""The codebook's file and code agree, and wrong files are told apart."""

from pathlib import Path

import pytest

from keshev.errors import CodebookError
from labels.codebook import (
    CHURN_INTENTS,
    CODEBOOK,
    PATH,
    REASONS,
    RESOLUTIONS,
    VERSION,
    read_codebook,
)


def test_every_label_has_both_names() -> None:
    """All twelve reasons and the other labels can be shown in Hebrew and in English."""
    assert len(REASONS) == 12
    for names in (CODEBOOK.reasons, CODEBOOK.churn_intent, CODEBOOK.resolution):
        for name in names.values():
            assert any("א" <= letter <= "ת" for letter in name.he)
            assert name.en.isascii()


def test_the_guide_for_labellers_explains_every_label() -> None:
    """Each reason has its row and its Hebrew name; each value of the other labels is told."""
    guide = PATH.with_name("guide.md").read_text(encoding="utf-8")
    for reason in REASONS:
        assert f"\n| `{reason}` | {CODEBOOK.reasons[reason].he} | " in guide
    others = guide.split("## Churn intent, resolution, repeat")[1].split("##")[0]
    for value in (*CHURN_INTENTS, *RESOLUTIONS):
        assert f"`{value}`" in others
    assert "**Repeat**" in others


def test_version_follows_the_file() -> None:
    """The version is a digest, so a changed codebook cannot pass for this one."""
    assert len(VERSION) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [("  budget:", "  money:"), ("    he: ערך\n", ""), ("churn_intent:", "churn:")],
)
def test_a_wrong_codebook_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """A renamed label, a missing name or a missing section is named with the file."""
    wrong = tmp_path / "codebook.yaml"
    wrong.write_text(PATH.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CodebookError, match=r"codebook\.yaml"):
        read_codebook(wrong)
