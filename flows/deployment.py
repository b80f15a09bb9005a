"""`keshev deploy`: serve the flows on one machine, with a schedule and a page."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from keshev.errors import KeshevError
from keshev.notify_settings import read_notify_settings
from keshev.settings import Settings
from store.exports import find_exports

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

START_SECONDS = 90


def _healthy(api_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def prefect_server(port: int) -> Iterator[str]:
    """Yield the API address of a Prefect server: the one that is set, or one started here.

    A server started here listens on 127.0.0.1 only and ends with the command.

    Raises:
        KeshevError: when it does not answer within 90 seconds.
    """
    given = os.environ.get("PREFECT_API_URL")
    if given:
        yield given
        return
    url = f"http://127.0.0.1:{port}/api"
    os.environ["PREFECT_API_URL"] = url
    if _healthy(url):
        yield url
        return
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the flows first: they still tell the server
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _healthy(url):
            if server.poll() is not None or time.monotonic() > deadline:
                raise KeshevError(
                    f"the Prefect server did not start on port {port}; is the port taken? "
                    "Choose another with --port, or set PREFECT_API_URL to a running server"
                )
            time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def deploy(
    settings: Settings,
    exports: Sequence[Path],
    profiles: Path | None,
    cron: str,
    port: int,
    say: Callable[[str], None],
) -> None:
    """Serve all flows until interrupted; `weekly` on its schedule, one run at a time.

    Raises:
        ExportError: when a place of exports does not exist.
        KeshevError: when the schedule is none, or the server does not start.
    """
    find_exports(exports)
    with prefect_server(port) as url:
        # Prefect reads the server's address when it is imported.
        from prefect import serve
        from prefect.schedules import Cron

        from flows.aggregate import aggregate
        from flows.classify import classify
        from flows.ingest import ingest
        from flows.notify import notify
        from flows.report import report
        from flows.weekly import weekly

        given = {
            "exports": [str(path.resolve()) for path in exports],
            "profiles": str(profiles.resolve()) if profiles else None,
        }
        notices = read_notify_settings()
        sends = notices.mails or notices.webhook_url is not None
        tags = ["keshev"]
        try:
            schedule = Cron(cron, timezone=settings.timezone)
        except ValueError as error:
            raise KeshevError(
                f"--cron {cron!r} is no schedule; write minute, hour, day, month and weekday, as "
                "in '0 6 * * 0' for Sundays at 06:00"
            ) from error
        deployments = [
            weekly.to_deployment(
                "keshev",
                schedule=schedule,
                parameters={**given, "notices": sends},
                concurrency_limit=1,
                tags=tags,
                paused=False,  # ending the command pauses it
            ),
            ingest.to_deployment("keshev", parameters=given, concurrency_limit=1, tags=tags),
            classify.to_deployment("keshev", concurrency_limit=1, tags=tags),
            aggregate.to_deployment("keshev", concurrency_limit=1, tags=tags),
            report.to_deployment("keshev", concurrency_limit=1, tags=tags),
            notify.to_deployment("keshev", concurrency_limit=1, tags=tags),
        ]
        say(f"Flows are served; the page is {url.removesuffix('/api')} . Ctrl-C ends it.")
        # Outside an event loop these are no coroutines, whatever their type says.
        serve(*cast("list[RunnerDeployment]", deployments))
