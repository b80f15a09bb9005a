"""The first page of a person, and whether the desk is up."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from desk.deps import Person, TheDesk, anybody
from desk.navigation import links
from store.desk_session import desk_reading
from store.users import count_users

router = APIRouter()


@router.get("/")
def home(person: Annotated[Person, anybody()]) -> RedirectResponse:
    """Go to the first page that the person may open."""
    return RedirectResponse(links(person, "/")[0].path, 303)


@router.get("/health")
def health(desk: TheDesk) -> dict[str, str]:
    """Say that the desk answers and reaches its store; for watching programs, open to all."""
    with desk_reading(desk.people) as connection:
        count_users(connection)
    return {"state": "ok"}
