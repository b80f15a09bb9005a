"""How quick the desk is: 20 people at once over 100 thousand contacts, while a flow writes.

    python benchmarks/load.py [--contacts 100000] [--seconds 60] [--pause 2] [--home FOLDER]

The store is the sample's, repeated: each customer, contact, prediction and pair stands as often as
it takes to reach the number, under names of its own; then its figures are computed. The desk is
served by `keshev desk` in a process of its own. Each person opens page after page of the kinds
below, searches and takes cases, with `--pause` seconds on the mean between two pages: two is
quicker than anybody reads. Meanwhile another process ingests and classifies new exports and
computes the figures again and again. Measured is the time from a request to the last byte of its
answer on the same machine, from 15 seconds after the first page; the peer is the desk's `/health`,
which reads one number, in the same run.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
from load_people import PASSWORD, PAUSE, PEOPLE, Person
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, select

from flows import aggregating, steps
from keshev.settings import ROOT, Settings
from nlp.card import machine
from store import tables
from store.profiles import read_profiles
from store.rows import insert_rows
from store.session import open_store, touch, transaction

EXPORTS = ROOT / "data" / "exports"
WARMING = 15  # seconds before the clock runs


def filled(home: Path, contacts: int) -> Settings:
    """Return the settings of a store that holds the sample as often as it takes."""
    settings = Settings(home=home, database_url="")
    engine = open_store(settings.database_url)
    steps.ingest(settings, engine, [EXPORTS], read_profiles(None, [EXPORTS]))
    steps.classify(settings, engine)
    aggregating.aggregate(settings, engine)
    _repeat(engine, contacts)
    aggregating.aggregate(settings, engine)
    engine.dispose()
    return settings


def _repeat(engine: Engine, contacts: int) -> None:
    with transaction(engine) as connection:
        known = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in (tables.contacts, tables.predictions, tables.pairs, tables.customers)
        }
    ids = ("contact_id", "earlier_id", "customer_id", "copy_key")
    for number in range(1, -(-contacts // len(known["contacts"]))):
        with transaction(engine) as connection:
            for table in (tables.contacts, tables.predictions, tables.pairs, tables.customers):
                rows = [
                    {
                        name: f"{value}~{number}" if name in ids and value is not None else value
                        for name, value in row.items()
                    }
                    for row in known[table.name]
                ]
                insert_rows(connection, table, rows)
            touch(connection)


def serve(settings: Settings, port: int) -> "subprocess.Popen[bytes]":
    """Start the desk; return when it answers."""
    environment = {**os.environ, "KESHEV_HOME": str(settings.home)}
    for role in PEOPLE:
        for number in range(100):
            name = f"{role}{number}"
            if number >= PEOPLE[role]:
                break
            command = [sys.executable, "-m", "keshev.cli", "user", "add", name, "--role", role]
            subprocess.run(
                [*command, "--password-stdin"],
                input=PASSWORD.encode(),
                env=environment,
                cwd=ROOT,
                check=True,
                stdout=subprocess.DEVNULL,
            )
    command = [sys.executable, "-m", "keshev.cli", "desk", "--port", str(port)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)


def until_open(address: str) -> float:
    """Return the seconds until the desk answers."""
    began = time.perf_counter()
    while time.perf_counter() - began < 120:
        try:
            httpx.get(f"{address}/health", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return time.perf_counter() - began
    raise SystemExit("the desk did not open")


def writing_flow(settings: Settings, stop: threading.Event, rounds: list[int]) -> None:
    """Ingest, classify and count new contacts again and again; count the rounds in `rounds`."""
    environment = {**os.environ, "KESHEV_HOME": str(settings.home)}
    lines = (EXPORTS / "chats_2026-11.jsonl").read_text(encoding="utf-8").splitlines()
    while not stop.is_set():
        folder = Path(tempfile.mkdtemp())
        changed = [
            {**json.loads(line), "text": f"{len(rounds)} {index}"}
            for index, line in enumerate(lines)
        ]
        rows = "\n".join(json.dumps(row, ensure_ascii=False) for row in changed)
        (folder / "chats_2026-11.jsonl").write_text(rows + "\n", encoding="utf-8")
        for command in (
            ["ingest", str(folder), "-p", str(EXPORTS.parent / "profiles")],
            ["classify"],
            ["aggregate"],
        ):
            subprocess.run(
                [sys.executable, "-m", "keshev.cli", *command],
                env=environment,
                cwd=ROOT,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        rounds.append(len(rounds))
        shutil.rmtree(folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--pause", type=float, default=PAUSE)
    parser.add_argument("--home", type=Path, help="Keep the store here, or use the one that is.")
    given = parser.parse_args()
    home = given.home or Path(tempfile.mkdtemp())
    settings = (
        Settings(home=home, database_url="")
        if (home / "keshev.db").exists()
        else filled(home, given.contacts)
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    desk = serve(settings, port)
    opened = until_open(address)
    stop, quiet, rounds = threading.Event(), threading.Event(), list[int]()
    people = [
        Person(address, role, number, stop, given.pause)
        for role, many in PEOPLE.items()
        for number in range(many)
    ]
    for person in people:
        person.sign_in()
    flow = threading.Thread(target=writing_flow, args=(settings, stop, rounds))
    for thread in (flow, *people):
        thread.start()
    quiet.wait(WARMING)
    for person in people:
        person.seen.clear()
    health: list[float] = []
    until = time.monotonic() + given.seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        httpx.get(f"{address}/health", timeout=60).raise_for_status()
        health.append(time.perf_counter() - began)
        quiet.wait(0.5)
    stop.set()
    for thread in (*people, flow):
        thread.join()
    desk.send_signal(signal.SIGINT)
    desk.wait(30)
    if given.home is None:
        shutil.rmtree(home)
    _print(
        people,
        health,
        opened,
        f"{given.contacts:,} contacts, {len(rounds)} rounds of a flow, pauses of {given.pause:g} s",
    )


def _print(people: list[Person], health: list[float], opened: float, store: str) -> None:
    seen: dict[str, list[float]] = defaultdict(list)
    errors = 0
    for person in people:
        for kind, seconds, status in person.seen:
            seen[kind].append(seconds)
            seen["all"].append(seconds)
            errors += status >= 400 and status != 409
    seen["peer: GET /health"] = health
    title = (
        f"{len(people)} people at once, {store}; opened in "
        f"{opened:.1f} s; {errors} errors; {date.today()}, {machine()}"
    )
    table = Table("page", "requests", "median, ms", "95 %, ms", "99 %, ms", title=title)
    for kind, seconds in sorted(seen.items()):
        places = np.percentile(1000 * pd.Series(seconds), [50, 95, 99])
        table.add_row(kind, str(len(seconds)), *(f"{place:.0f}" for place in places))
    Console().print(table)


if __name__ == "__main__":
    main()
