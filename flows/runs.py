"""`keshev run`: the weekly flow where there is work, and a quick word where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from desk.presenters import summary_rows
from flows import steps
from flows.progress import Progress, watched_by
from flows.reporting import gather, report_week
from keshev.settings import Settings
from store.contacts import FileCounts
from store.profiles import read_profiles
from store.session import open_store


@dataclass(frozen=True)
class WeekRun:
    """What a run did: `files` were read now; `summary` has figure, value, weeks before."""

    changed: bool
    week: date
    files: tuple[FileCounts, ...]
    classified: int
    summary: list[tuple[str, str, str]]
    html: Path
    xlsx: Path

    def as_json(self) -> dict[str, Any]:
        """Return plain values for scripts."""
        rows = [dict(zip(("figure", "value", "before"), row, strict=True)) for row in self.summary]
        return {**vars(self), "summary": rows}


def run_week(
    settings: Settings,
    exports: Sequence[Path],
    profiles: Path | None,
    week: date | None,
    progress: Progress,
) -> WeekRun:
    """Run the weekly flow, unless it would change nothing; return what it did."""
    engine = open_store(settings.database_url)
    current = steps.is_current(settings, engine, exports, read_profiles(profiles, exports))
    files: tuple[FileCounts, ...] = ()
    classified = 0
    if current:
        data, reported = report_week(settings, engine, week)
    else:
        from flows.weekly import weekly  # Prefect takes seconds to import

        with watched_by(progress):
            result = weekly(
                exports=list(exports),
                profiles=profiles,
                week=week,
                window_days=settings.window_days,
                thread_definition=settings.thread_definition,
                as_of=settings.observed_until,
            )
        files, classified = result.ingested.files, result.classified.contacts
        reported = result.reported
        data = gather(settings, engine, reported.week)
    return WeekRun(
        not current,
        reported.week,
        files,
        classified,
        summary_rows(data),
        reported.html,
        reported.xlsx,
    )
