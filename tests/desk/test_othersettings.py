"""Settings that differ, as people read them."""

from desk.i18n import speaking
from desk.presenters.othersettings import NAMES, OtherSetting, other_settings
from keshev.settings import Settings
from store.figures import Differing, counted_with


def test_each_setting_has_its_name_its_variable_and_both_values() -> None:
    found = other_settings(
        [
            Differing("window_days", 7, 14),
            Differing("contact_cost", None, 30.0),
            Differing("net_queues", [], ["שימור"]),
            Differing("net_reasons", ["politics"], []),
        ]
    )
    assert found[0] == OtherSetting(
        "ימים שבהם פנייה נוספת נחשבת חוזרת", "KESHEV_WINDOW_DAYS", "7", "14"
    )
    assert (found[1].counted, found[1].here) == ("לא הוגדר", "30")
    assert (found[2].counted, found[2].here) == ("אין", "שימור")
    assert found[3].counted not in ("politics", "")


def test_every_setting_that_figures_follow_from_has_a_name() -> None:
    settings = Settings()
    assert set(NAMES) == {*counted_with(settings), "model_dir"}
    variables = {f"KESHEV_{name.upper()}" for name in Settings.model_fields}
    with speaking("en"):
        found = other_settings([Differing(name, None, 1) for name in NAMES])
    assert {one.variable for one in found} <= variables
    assert not any("א" <= letter <= "ת" for one in found for letter in one.name + one.counted)
