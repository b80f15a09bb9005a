"""The playbook: every reason has advice with its source, and reasons together do not contradict."""

from itertools import combinations
from pathlib import Path

import pytest

from keshev.errors import PlaybookError
from keshev.settings import Settings
from labels.codebook import REASONS, Reason
from labels.playbook import PATH, plan, read_playbook

PLAYBOOK = read_playbook()


def test_every_reason_has_advice_in_both_languages_with_a_quoted_source() -> None:
    assert set(PLAYBOOK.reasons) == set(REASONS)
    for advice in PLAYBOOK.reasons.values():
        for text in (*advice.do, *advice.avoid, *(source.quote for source in advice.sources)):
            assert any("א" <= letter <= "ת" for letter in text.he)
            assert not any("א" <= letter <= "ת" for letter in text.en)


def test_the_five_articles_are_all_drawn_upon() -> None:
    used = {source.article for advice in PLAYBOOK.reasons.values() for source in advice.sources}
    assert used == set(PLAYBOOK.articles)
    assert sorted(article.number for article in PLAYBOOK.articles.values()) == [
        f"00{number}" for number in range(5)
    ]


def test_a_price_cut_is_no_help_to_somebody_who_was_badly_served() -> None:
    """The service is mended first; the cheaper plan waits, and the page says why."""
    found = plan(PLAYBOOK, ["budget", "service"])
    assert [step.reason for step in found.first[:2]] == [None, Reason.SERVICE]
    assert [step.reason for step in found.then] == [Reason.BUDGET]
    assert found.rule is not None
    assert "הנחה לא תעזור" in found.rule.he
    assert any(step.reason == "service" and "הנחה" in step.text.he for step in found.avoid)
    assert plan(PLAYBOOK, ["budget"]).rule is None
    assert plan(PLAYBOOK, ["service"]).then == ()


@pytest.mark.parametrize("reasons", [*combinations(map(str, REASONS), 2)])
def test_what_is_owed_comes_first_and_offers_last(reasons: tuple[str, str]) -> None:
    found = plan(PLAYBOOK, reasons)
    phases = [PLAYBOOK.reasons[step.reason].phase for step in found.first if step.reason]
    assert phases == sorted(phases, key=["mend", "understand"].index)
    offers = {line.he for advice in PLAYBOOK.reasons.values() for line in advice.do if line.offer}
    assert not offers & {step.text.he for step in found.first}
    assert {step.text.he for step in found.then} <= offers
    assert found == plan(PLAYBOOK, reversed(reasons))


def test_a_customer_without_a_reason_still_gets_advice() -> None:
    found = plan(PLAYBOOK, [])
    assert found.first
    assert found.sources
    assert found.then == ()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("    phase: mend\n", "    phase: soon\n"), "reasons.service.phase"),
        (("  indifference:", "  boredom:"), "reasons.boredom"),
        (("article: eureka", "article: rumour"), "rumour"),
        (("mend_first:", "mend_last:"), "mend_first"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(
    tmp_path: Path, change: tuple[str, str], key: str
) -> None:
    broken = tmp_path / "own.yaml"
    broken.write_text(PATH.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(PlaybookError, match=rf"own\.yaml: .*{key}"):
        read_playbook(broken)


def test_a_file_that_is_no_yaml_names_the_line(tmp_path: Path) -> None:
    broken = tmp_path / "own.yaml"
    broken.write_text("articles:\n  a: [", encoding="utf-8")
    with pytest.raises(PlaybookError, match=r"own\.yaml:2: this is no YAML"):
        read_playbook(broken)
    with pytest.raises(PlaybookError, match=r"none\.yaml: cannot be read"):
        read_playbook(tmp_path / "none.yaml")


def test_a_setting_names_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.yaml"
    changed = PATH.read_text(encoding="utf-8").replace("he: לקרוא מתסריט.", "he: למהר.")
    own.write_text(changed, encoding="utf-8")
    monkeypatch.setenv("KESHEV_PLAYBOOK", str(own))
    found = plan(read_playbook(Settings().playbook), ["indifference"])
    assert "למהר." in [step.text.he for step in found.avoid]
