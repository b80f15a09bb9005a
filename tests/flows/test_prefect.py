"""The flows in a real Prefect: runs, artifacts, parameters as a form, and the served schedule."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from keshev.settings import ROOT
from tests.flows.conftest import EXPORTS


@pytest.fixture(scope="module")
def harness() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


def artifacts() -> dict[str, str]:
    """Return the newest artifact of every key, as text."""

    async def read() -> dict[str, str]:
        async with get_client() as client:
            found = await client.read_latest_artifacts()
        return {artifact.key or "": str(artifact.data) for artifact in found}

    return asyncio.run(read())


@pytest.mark.usefixtures("harness")
def test_weekly_runs_every_step_and_leaves_artifacts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run reads, classifies, counts and reports; its artifacts hold figures, no words."""
    from flows.weekly import weekly

    monkeypatch.setenv("KESHEV_HOME", str(tmp_path / "home"))
    exports = tmp_path / "exports"
    exports.mkdir()
    shutil.copy(EXPORTS / "chats_2026-11.jsonl", exports)
    shutil.copytree(EXPORTS.parent / "profiles", tmp_path / "profiles")
    result = weekly(exports=[exports])
    assert result.classified.contacts == sum(item.stored for item in result.ingested.files) > 30
    assert result.reported.html.is_file()
    assert result.reported.xlsx.is_file()
    found = artifacts()
    assert {"keshev-ingest", "keshev-classify", "keshev-aggregate", "keshev-week"} <= set(found)
    texts = [json.loads(line).get("text", "") for line in (exports / "chats_2026-11.jsonl").open()]
    for text in texts:
        assert len(text) < 12 or text not in "".join(found.values())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def ask(url: str, body: dict[str, object]) -> list[dict[str, object]]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: list[dict[str, object]] = json.load(answer)
    return found


def test_deploy_serves_all_flows_with_the_schedule(tmp_path: Path) -> None:
    """`keshev deploy` starts a server, and its page knows five flows, a form and Sunday 06:00."""
    port = free_port()
    environment = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "KESHEV_HOME": str(tmp_path),
    }
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "keshev.cli", "deploy", str(EXPORTS), "--port", str(port)]
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
    )
    try:
        found: list[dict[str, object]] = []
        deadline = time.monotonic() + 150
        while len(found) < 5 and time.monotonic() < deadline:
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(1)
            try:
                found = ask(f"http://127.0.0.1:{port}/api/deployments/filter", {})
            except OSError:
                continue
        assert len(found) == 5
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
        log.close()
    weekly = next(
        item
        for item in found
        if "thread_definition" in str(item["parameter_openapi_schema"]) and item["schedules"]
    )
    (schedule,) = weekly["schedules"]  # type: ignore[misc]
    assert schedule["schedule"]["cron"] == "0 6 * * 0"  # type: ignore[index]
    assert schedule["schedule"]["timezone"] == "Asia/Jerusalem"  # type: ignore[index]
    form = weekly["parameter_openapi_schema"]["properties"]  # type: ignore[index]
    assert form["window_days"]["anyOf"][0]["maximum"] == 60  # type: ignore[index]
    assert form["thread_definition"]["anyOf"][0]["enum"] == ["any", "queue"]  # type: ignore[index]
