"""Draw ``docs/score.svg``, the picture of the README: ``python docs/picture.py``.

The tree is the one that the page of ``treernn score --format html`` saves, so this needs
``playwright``, and Chromium at /usr/bin/chromium or where the first argument says.
"""

import re
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

import treernn
from treernn.palette import LOOKS
from treernn.types import LABELS
from treernn.views.figures import GREY, INK, ON_DARK, PAPER, with_dark

TEXT = "Not a great film, but a wonderful cast saves it."
MARGIN, HEADER, BAR = 28, 112, 360
NEUTRAL = "#d0d5db"


def tree_svg(chromium: str) -> str:
    """The tree of the text as the page saves it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder, "page.html")
        command = [sys.executable, "-m", "treernn", "score", TEXT, "--format", "html"]
        subprocess.run([*command, "-o", page_file], check=True)  # noqa: S603
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 900}, locale="en-US")
        page.goto(page_file.as_uri())
        page.locator("details.menu summary").first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("SVG")).last.click()
        content = download.value.path().read_text("utf-8")
        browser.close()
    return content


def header() -> str:
    """The text, its class, and the probabilities of the classes as a bar."""
    result = treernn.load()(TEXT)
    label, shown = LABELS.index(result.label), []
    x = float(MARGIN)
    for name, look, share in zip(LABELS, LOOKS, result.probabilities, strict=True):
        width = BAR * float(share)
        paper = look.paper or NEUTRAL
        shown.append(
            f'<rect x="{x:.1f}" y="74" width="{width:.1f}" height="12" fill="{paper}">'
            f"<title>{name}: {share:.0%}</title></rect>"
        )
        x += width
    verdict = f"{LOOKS[label].sign} {result.label}, {result.probabilities[label]:.0%}"
    return (
        f'<text x="{MARGIN}" y="34" font-size="19" font-weight="600" fill="{INK}">'
        f"{escape(TEXT)}</text>"
        f'<text x="{MARGIN}" y="61" font-size="15" font-weight="600" fill="{LOOKS[label].word}">'
        f'{verdict}</text><clipPath id="round"><rect x="{MARGIN}" y="74" width="{BAR}" height="12" '
        f'rx="6"/></clipPath><g clip-path="url(#round)">{"".join(shown)}</g>'
    )


def main() -> None:
    """Put the header above the tree."""
    saved = tree_svg(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium")
    size = re.search(r'width="(\d+)" height="(\d+)"', saved)
    width, height = int(size[1]), int(size[2])
    tree = saved[saved.index(">") + 1 : saved.rindex("</svg>")]
    tree = re.sub(r"<rect[^>]*/>|<rect.*?</rect>", "", tree, count=1)  # its paper
    tree = tree.replace("#1f2328", INK).replace("#9aa3af", GREY)
    tree = re.sub(r'(<text[^>]*fill=)"#ffffff"', rf'\1"{ON_DARK}"', tree)
    whole = max(width, BAR) + 2 * MARGIN, height + HEADER + 8
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole[0]}" height="{whole[1]}" '
        f'viewBox="0 0 {whole[0]} {whole[1]}" role="img" aria-label="{escape(TEXT)}" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">'
        f'<rect width="{whole[0]}" height="{whole[1]}" rx="10" fill="{PAPER}"/>{header()}'
        f'<g transform="translate({(whole[0] - width) / 2} {HEADER})" text-anchor="middle" '
        f'font-size="15">{tree}</g></svg>\n'
    )
    Path(__file__).with_name("score.svg").write_text(with_dark(picture), "utf-8")


if __name__ == "__main__":
    main()
