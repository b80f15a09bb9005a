"""The flows in a real Prefect: runs, artifacts, parameters as a form, and the served schedule."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

from keshev.settings import ROOT
from tests.flows.conftest import EXPORTS

EACH_FLOW = """
import sys
from contextlib import closing
from pathlib import Path
from flows.aggregate import aggregate
from flows.classify import classify
from flows.ingest import ingest
from flows.report import report
from flows.weekly import weekly
exports = [Path(sys.argv[1])]
ingest(exports=exports)
classify()
aggregate(window_days=5)
weekly(exports=exports)
report()
"""


def rows(database: Path, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query in Prefect's own database."""
    with closing(sqlite3.connect(database)) as connection:
        found: list[tuple[str, ...]] = connection.execute(query).fetchall()
    return found


def test_each_flow_runs_and_leaves_its_artifact(tmp_path: Path) -> None:
    """A real Prefect keeps five completed runs and four kinds of artifact: figures, no words."""
    exports = tmp_path / "exports"
    exports.mkdir()
    shutil.copy(EXPORTS / "chats_2026-11.jsonl", exports)
    shutil.copytree(EXPORTS.parent / "profiles", tmp_path / "profiles")
    environment = {
        **os.environ,
        "KESHEV_HOME": str(tmp_path / "home"),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    environment.pop("PREFECT_API_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", EACH_FLOW, str(exports)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    database = tmp_path / "prefect" / "prefect.db"
    states = rows(
        database, "SELECT f.name, r.state_type FROM flow_run r JOIN flow f ON f.id = r.flow_id"
    )
    names = ("ingest", "classify", "aggregate", "weekly", "report")
    assert sorted(states) == sorted((name, "COMPLETED") for name in names)
    kept = dict(rows(database, "SELECT key, data FROM artifact"))
    assert set(kept) == {"keshev-ingest", "keshev-classify", "keshev-aggregate", "keshev-week"}
    lines = (exports / "chats_2026-11.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    everything = "".join(map(str, kept.values()))
    assert not [text for text in texts if len(text) >= 12 and text in everything]


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


def end(process: "subprocess.Popen[bytes]") -> None:
    """Press Ctrl-C and wait; what does not end must not disturb other tests."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=180)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def hear_ctrl_c() -> None:
    """Undo what a shell does to a job in the background: its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_deploy_refuses_what_is_no_schedule(tmp_path: Path) -> None:
    """With an example of one, and nothing is served."""
    environment = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_API_URL": "http://127.0.0.1:1/api",  # no server is started for it
        "KESHEV_HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "keshev.cli", "deploy", str(EXPORTS), "--cron", "bogus"]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "'0 6 * * 0'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_deploy_serves_all_flows_with_the_schedule(tmp_path: Path) -> None:
    """`keshev deploy` starts a server, and its page knows six flows, a form and Sunday 06:00."""
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
        command,
        env=environment,
        cwd=ROOT,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    try:
        found: list[dict[str, object]] = []
        deadline = time.monotonic() + 300
        while len(found) < 6 and time.monotonic() < deadline:
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(1)
            try:
                found = ask(f"http://127.0.0.1:{port}/api/deployments/filter", {})
            except OSError:
                continue
        assert len(found) == 6
    finally:
        log.close()
        end(process)
    weekly = next(
        item
        for item in found
        if "thread_definition" in str(item["parameter_openapi_schema"]) and item["schedules"]
    )
    (schedule,) = weekly["schedules"]
    assert schedule["schedule"]["cron"] == "0 6 * * 0"
    assert schedule["schedule"]["timezone"] == "Asia/Jerusalem"
    assert weekly["parameters"]["notices"] is False
    form = weekly["parameter_openapi_schema"]["properties"]
    assert form["window_days"]["anyOf"][0]["maximum"] == 60
    assert form["thread_definition"]["anyOf"][0]["enum"] == ["any", "queue", "text"]
