"""The commands of the desk: `keshev desk` serves the pages, `keshev user` makes accounts."""

import sys
from typing import Annotated

import typer

from desk.rights import Role
from keshev.errors import KeshevError
from keshev.options import JsonOption, out, print_json
from keshev.settings import read_settings

SWITCH = 0.0005  # seconds; Python's own is 0.005
user = typer.Typer(no_args_is_help=True, help="People who may sign in to the desk.")
NameArgument = Annotated[str, typer.Argument(help="What is typed to sign in; no spaces.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def desk(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8600,
) -> None:
    """Open the desk: the queue, the week, search, review and quality, as pages in a browser.

    Ends with Ctrl-C. For others than this machine put a proxy that speaks TLS before it, and set
    KESHEV_DESK_URL to the address that they open.

    Example: `keshev desk`
    """
    import uvicorn

    from desk.app import create_app
    from store.desk_session import desk_reading
    from store.users import count_users

    # SQLite gives the interpreter away at each row: a request must get it back at once, though
    # another thread counts figures or reads an index meanwhile.
    sys.setswitchinterval(SWITCH)
    settings = read_settings()
    app = create_app(settings)
    with desk_reading(app.state.desk.people) as connection:
        anyone = count_users(connection) > 0
    where = f"http://{host}:{port}" if "desk_url" not in settings.model_fields_set else None
    out.print(f"The desk is open at {where or settings.desk_url} (Ctrl-C ends it).")
    if not anyone:
        out.print("Nobody can sign in yet: `keshev user add NAME --role admin` makes the first.")
    # No access log: addresses hold customers' ids. What people did is in the audit log.
    uvicorn.run(
        app, host=host, port=port, access_log=False, log_level="warning", server_header=False
    )


@user.command()
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What the person may open.")],
    full_name: Annotated[str, typer.Option(help="As the pages call the person.")] = "",
    password_stdin: StdinOption = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Signs in by OpenID Connect alone.")
    ] = False,
) -> None:
    """Add a person; the password is asked for and not shown.

    Example: `keshev user add dana --role manager --full-name "דנה כהן"`
    """
    from desk.accounts import new_account
    from desk.passwords import Passwords
    from store.desk_session import desk_writing, open_desk_store

    password = None if no_password else _asked(password_stdin)
    engine = open_desk_store(read_settings().database_url)
    with desk_writing(engine) as connection:
        new_account(connection, Passwords(), name, full_name, role, password)
    engine.dispose()
    out.print(f"{name} can sign in as {role.value}.", markup=False)


@user.command(name="list")
def list_(as_json: JsonOption = False) -> None:
    """Show who may sign in.

    Example: `keshev user list`
    """
    from store.desk_session import desk_reading, open_desk_store
    from store.users import list_users

    engine = open_desk_store(read_settings().database_url)
    with desk_reading(engine) as connection:
        people = list_users(connection)
    engine.dispose()
    if as_json:
        shown = ("name", "full_name", "role", "active")
        print_json([{name: getattr(person, name) for name in shown} for person in people])
        return
    for person in people:
        state = "" if person.active else " (blocked)"
        out.print(f"{person.name}  {person.role}  {person.full_name}{state}", markup=False)
    if not people:
        out.print("Nobody yet: `keshev user add NAME --role admin` makes the first.")


@user.command()
def password(name: NameArgument, password_stdin: StdinOption = False) -> None:
    """Give a person another password; sessions of the old one end.

    Example: `keshev user password dana`
    """
    from desk.accounts import new_password
    from desk.passwords import Passwords
    from store.desk_session import desk_writing, open_desk_store

    engine = open_desk_store(read_settings().database_url)
    with desk_writing(engine) as connection:
        new_password(connection, Passwords(), name, _asked(password_stdin))
    engine.dispose()
    out.print(f"{name} has another password.", markup=False)


@user.command()
def block(
    name: NameArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Let the person in again.")] = False,
) -> None:
    """Let a person sign in no more; running sessions end at once.

    Example: `keshev user block dana`
    """
    from desk.accounts import let_in
    from store.desk_session import desk_writing, open_desk_store

    engine = open_desk_store(read_settings().database_url)
    with desk_writing(engine) as connection:
        let_in(connection, name, active=undo)
    engine.dispose()
    out.print(f"{name} {'can sign in again' if undo else 'is blocked'}.", markup=False)


def _asked(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise KeshevError("no terminal to ask for the password on: use --password-stdin")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer
