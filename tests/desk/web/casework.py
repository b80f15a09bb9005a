"""What tests of the queue share: reading a page, taking a case."""

import re

from fastapi.testclient import TestClient

TAKE = re.compile(r'action="(/cases/[^"]+)/take"')


def waiting(client: TestClient, address: str = "/queue") -> list[str]:
    """Return the addresses of the cases that a page offers to take."""
    page = client.get(address)
    assert page.status_code == 200
    return TAKE.findall(page.text)


def taken(client: TestClient) -> str:
    """Take the first free case and return its address."""
    case = waiting(client)[0]
    assert client.post(f"{case}/take").headers["location"] == case
    return case


def words(page: str) -> str:
    """Return a page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
