"""The people who open the desk's pages in `benchmarks/load.py`."""

import random
import re
import threading
import time

import httpx

PASSWORD = "an invented password"
PAUSE = 2.0  # seconds between two pages of a person, on the mean
PEOPLE = {"desk": 10, "manager": 6, "analyst": 4}  # of each twenty
SEARCHED = ("ביטול", "חיוב כפול", "מחיר גבוה", "נציג לא חזר", "העברה לחברה אחרת", "ניתוק אינטרנט")
PAGES = {
    "desk": ("/queue", "/queue?state=free", "case", "case", "take", "search"),
    "manager": ("/week", "/week/{week}", "notes", "/queue", "search"),
    "analyst": ("/quality", "/quality/drift", "/review", "/quality/quarantine", "/week", "search"),
}


class Person(threading.Thread):
    """One who opens page after page until told to stop."""

    def __init__(
        self, address: str, role: str, number: int, stop: threading.Event, pause: float
    ) -> None:
        super().__init__()
        self.role, self.number, self.stop_event, self.pause = role, number, stop, pause
        self.random = random.Random(number)
        self.client = httpx.Client(base_url=address, timeout=60)
        self.seen: list[tuple[str, float, int]] = []

    def sign_in(self) -> None:
        """Sign in, as all do before the clock runs."""
        page = self.client.get("/signin").text
        (token,) = re.findall(r'name="token" value="([^"]+)"', page)
        form = {"name": f"{self.role}{self.number}", "password": PASSWORD, "token": token}
        if self.client.post("/signin", data=form).status_code != 303:
            raise SystemExit("a person could not sign in")

    def run(self) -> None:
        """Open pages until told to stop."""
        while not self.stop_event.wait(self.random.expovariate(1 / self.pause)):
            self.open(self.random.choice(PAGES[self.role]))
        self.client.close()

    def open(self, wanted: str) -> None:
        """Open one page of a kind."""
        if wanted == "case":
            self.follow("/queue", r'href="(/cases/[^"#?]+)"')
        elif wanted == "take":
            self.take()
        elif wanted == "search":
            self.search()
        elif wanted == "notes":
            self.follow("/week", r'href="(/notes\?[^"#]+)"')
        elif wanted == "/week/{week}":
            self.follow("/week", r'href="(/week/\d{4}-\d\d-\d\d)"')
        else:
            self.get(wanted)

    def get(self, path: str) -> str:
        """Open a page and record how long it took."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, **form: str) -> str:
        """Send a request and record how long its answer took."""
        began = time.perf_counter()
        answer = self.client.request(method, path, data=form or None)
        kind = re.sub(r"(/cases|/week)/[^/?]+", r"\1/…", path.split("?")[0])
        self.seen.append((f"{method} {kind}", time.perf_counter() - began, answer.status_code))
        return answer.text

    def follow(self, path: str, pattern: str) -> None:
        """Open a page, and one that it links to."""
        links = re.findall(pattern, self.get(path))
        if links:
            self.get(self.random.choice(links).replace("&amp;", "&"))

    def search(self) -> None:
        """Search for words."""
        page = self.get("/search")
        (csrf,) = re.findall(r'name="csrf" content="([^"]+)"', page)
        self.ask("POST", "/search", csrf=csrf, text=self.random.choice(SEARCHED))

    def take(self) -> None:
        """Take a case; that somebody else has it already (409) is no error."""
        page = self.get("/queue")
        forms = re.findall(r'action="(/cases/[^"]+/take)"', page)
        (csrf,) = re.findall(r'name="csrf" content="([^"]+)"', page)
        if forms:
            self.ask("POST", self.random.choice(forms), csrf=csrf)
