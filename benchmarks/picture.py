"""Take the picture of the newest report that the README shows.

Example: `python benchmarks/picture.py keshev-data/reports docs/report.png`
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
OFFLINE = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def take(report: Path, picture: Path) -> None:
    """Write a picture of the top of a report, as a manager sees it on a desk's screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        page = browser.new_page(viewport={"width": 1180, "height": 1150})
        page.goto(report.resolve().as_uri())
        page.screenshot(path=str(picture))
        browser.close()


if __name__ == "__main__":
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    newest = max(folder.glob("keshev-*.html"))
    take(newest, target)
    print(f"{target}: {newest.name}")
