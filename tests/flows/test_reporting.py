"""Which week is reported, and when a report is refused."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from flows import aggregating, steps
from flows.reporting import gather
from keshev.errors import StoreError
from keshev.settings import Settings
from store.figures import calendar_of
from store.profiles import read_profiles
from store.session import open_store

PROFILE = """
name: mine
files: ["*.csv"]
columns: {contact_id: id, customer_id: customer, contacted_at: date, text: text}
dates: {order: ymd}
defaults: {channel: phone}
"""


def filled(folder: Path, rows: list[str]) -> tuple[Settings, Engine]:
    """Return a store with these rows, classified but not aggregated."""
    exports = folder / "exports"
    exports.mkdir()
    (exports / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    (exports / "a.csv").write_text("\n".join(["id,customer,date,text", *rows]), encoding="utf-8")
    settings = Settings(home=folder / "home", database_url="")
    engine = open_store(settings.database_url)
    steps.ingest(settings, engine, [exports], read_profiles(None, [exports]))
    return settings, engine


def test_a_week_that_has_only_begun_is_not_the_default(tmp_path: Path) -> None:
    """On Sunday morning the report is of the week that ended, unless the new one is asked for."""
    now = datetime.now(ZoneInfo("Asia/Jerusalem"))
    begun, ended = now, now - timedelta(days=8)
    rows = [f"{n},7,{moment:%Y-%m-%d %H:%M},פנייה {n}" for n, moment in enumerate((ended, begun))]
    settings, engine = filled(tmp_path, rows)
    steps.classify(settings, engine)
    aggregating.aggregate(settings, engine)
    calendar = calendar_of(settings)
    assert gather(settings, engine).week == calendar.week_of_moment(ended)
    this_week = calendar.week_of_moment(now)
    assert gather(settings, engine, this_week).week == this_week


def test_as_of_hides_what_came_later(tmp_path: Path) -> None:
    """Week, contacts and end of observation are those of that day."""
    rows = [f"{day},7,2026-09-{day:02} 10:00,פנייה ביום {day}" for day in (1, 9, 17)]
    settings, engine = filled(tmp_path, rows)
    steps.classify(settings, engine)
    past = Settings(home=settings.home, database_url="", as_of=datetime(2026, 9, 13, 6))
    aggregating.aggregate(past, engine)
    data = gather(past, engine)
    assert data.week == date(2026, 9, 6)
    assert data.contacts["contacted_at"].dt.day.tolist() == [9]
    with pytest.raises(StoreError, match="keshev aggregate"):
        gather(settings, engine)


def test_no_report_before_its_figures(tmp_path: Path) -> None:
    """A report of unclassified notes or older figures would say something untrue."""
    settings, engine = filled(tmp_path, ["1,7,2026-09-01 10:00,חיוב כפול"])
    with pytest.raises(StoreError, match="keshev classify"):
        gather(settings, engine)
    with pytest.raises(StoreError, match="1 contacts are not classified yet"):
        aggregating.aggregate(settings, engine)  # figures of a part would look like the whole's
    steps.classify(settings, engine)
    with pytest.raises(StoreError, match="keshev aggregate"):
        gather(settings, engine)
    aggregating.aggregate(settings, engine)
    assert gather(settings, engine).week == date(2026, 8, 30)
    other = Settings(home=settings.home, database_url="", window_days=14)
    with pytest.raises(StoreError, match="keshev aggregate"):
        gather(other, engine)
    with pytest.raises(StoreError, match="weeks with contacts: 2026-08-30"):
        gather(settings, engine, date(2026, 10, 1))
