"""Which weeks have Israeli holidays: calls are fewer then, and other people make them."""

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays


@lru_cache(maxsize=64)
def _of_year(year: int, language: str) -> dict[date, str]:
    spoken = {"he": "he", "en": "en_US"}[language]
    found = country_holidays("IL", years=year, language=spoken, categories=("public", "optional"))
    return dict(found)


def holidays_of(week: date, language: str = "he") -> tuple[str, ...]:
    """Return the names of a week's holidays, in their order, each once.

    By the `holidays` library: public holidays, the days between them, and days of remembrance.

    Args:
        week: its first day.
        language: `he` or `en`.
    """
    days = [week + timedelta(days=n) for n in range(7)]
    named = (_of_year(day.year, language).get(day) for day in days)
    names = (name for both in named if both for name in both.split("; "))
    return tuple(dict.fromkeys(names))
