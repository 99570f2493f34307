"""Draws docs/pictures/page.png, the page of ``treernn serve`` in Chromium.

It needs ``playwright`` and Chromium at /usr/bin/chromium, or where its first argument says.
"""

import io
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent / "pictures" / "page.png"
TEXT = "It's not a bad movie, but the ending ruins everything."
PHRASE = "'s not a bad movie"


def main() -> None:
    """Start a server, open its page, and save what it shows."""
    chromium = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"
    command = [sys.executable, "-m", "treernn", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            said = map(re.compile(r"ready at (http\S+)").match, server.stdout or ())
            address = next(match[1] for match in said if match)
            shown = screenshot(chromium, f"{address}#text={quote(TEXT)}")
        finally:
            server.terminate()
    # Few colours, so that the file is small.
    Image.open(io.BytesIO(shown)).convert("RGB").quantize(256).save(PICTURE, optimize=True)


def screenshot(chromium: str, address: str) -> bytes:
    """The page with a phrase that is pointed at."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1060, "height": 1185}, device_scale_factor=1.4, locale="en-US"
        )
        page.goto(address)
        page.locator(".verdict").wait_for()
        page.locator(f'[role=treeitem][aria-label^="{PHRASE}, "]').first.hover()
        page.locator(".card-of-node:visible").wait_for()
        page.evaluate("scrollTo(0, 0)")
        shown = page.screenshot()
        browser.close()
    return shown


if __name__ == "__main__":
    main()
