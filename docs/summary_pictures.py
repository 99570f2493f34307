"""Draws the pictures of docs/opinions.md: ``python docs/summary_pictures.py FOLDER [CHROMIUM]``.

FOLDER has the files of docs/summary_files.py; reports are written beside them. It needs
``playwright`` and Chromium, at /usr/bin/chromium or where the second argument says.
"""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parent / "pictures"
REPORTS = {
    "products": ("--title", "Five products", "--group", "product", "--newline-ends-sentence"),
    "films": ("--title", "1,000 film reviews", "--rating", "rating", "--newline-ends-sentence"),
}
# Name, report, colours, width and height.
SHOTS = (
    ("products", "products", "light", 1060, 1900),
    ("films", "films", "dark", 1060, 1700),
    ("films-phone", "films", "dark", 375, 1700),
)


def main() -> None:
    """Write the reports that are missing, and draw them."""
    folder = Path(sys.argv[1])
    chromium = sys.argv[2] if len(sys.argv) > 2 else "/usr/bin/chromium"
    for name, options in REPORTS.items():
        report = folder / f"{name}.html"
        if not report.exists():
            command = [sys.executable, "-m", "treernn", "summarize", folder / f"{name}.csv"]
            subprocess.run([*command, *options, "-o", report], check=True)  # noqa: S603
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, report, colors, width, height in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=colors, locale="en-US"
            )
            page.goto((folder / f"{report}.html").resolve().as_uri())
            shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            # Few colours, so that the file is small.
            shown.quantize(128).save(PICTURES / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
