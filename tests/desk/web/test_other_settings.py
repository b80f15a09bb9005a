"""A desk that was started with other settings than the run says so, until both are the same."""

import pytest
from fastapi import FastAPI

from flows.aggregating import aggregate
from keshev.settings import Settings
from tests.desk.web.conftest import Clients, desk_of

PAGES = (("manager", "/week"), ("manager", "/week/2026-11-01"), ("analyst", "/quality"))


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_the_page_names_what_differs_and_what_to_do(
    app: FastAPI, client: Clients, settings: Settings, role: str, path: str
) -> None:
    person, desk = client(role), desk_of(app)
    assert "הגדרות אחרות" not in person.get(path).text
    other = Settings(home=settings.home, database_url="", window_days=3, contact_cost=12.5)
    object.__setattr__(desk, "settings", other)
    page = person.get(path).text.split('class="notice warm"')[1].split("</div>")[0]
    assert page.count("KESHEV_") == 2
    assert "KESHEV_WINDOW_DAYS" in page
    assert "בהרצה 7, בדסק 3" in page
    assert "בהרצה לא הוגדר, בדסק 12.5" in page
    assert "keshev run EXPORTS" in page
    aggregate(other, desk.data)
    assert "הגדרות אחרות" not in person.get(path).text
