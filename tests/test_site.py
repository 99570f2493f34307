"""The documentation site: it is built without a warning, and its links lead somewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from browsing import browser as _browser
from browsing import opened, serious_faults

from treernn.cli.app import COMMANDS

DOCS = Path(__file__).resolve().parents[1] / "docs"

pytestmark = pytest.mark.slow
browser = pytest.fixture(scope="module")(_browser)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The folder of the built site."""
    for package in (
        "sphinx",
        "furo",
        "myst_nb",
        "sphinx_copybutton",
        "latex2mathml",
        "matplotlib",
    ):
        pytest.importorskip(package, reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    options = ("--fail-on-warning", "--nitpicky", "--quiet")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, DOCS, folder], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


class _Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self, path: Path):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        values = dict(attrs)
        self.places.add(values.get("id"))
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


def test_links(built):
    pages = {path: _Page(path) for path in built.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"https?:|data:|mailto:", link):
                continue
            target, place = urldefrag(link)
            target = target.partition("?")[0]  # checksums of style sheets
            to = (path.parent / unquote(target)).resolve() if target else path
            if not to.exists() or (place and to in pages and place not in pages[to].places):
                wrong.append((path.relative_to(built).as_posix(), link))
    assert wrong == []


def test_pages(built):
    for path in (*DOCS.glob("*.md"), *DOCS.glob("tutorials/*.md")):
        assert (built / path.relative_to(DOCS)).with_suffix(".html").exists(), path
    for command in COMMANDS:
        assert (built / f"reference/commands/{command.__name__}.html").exists()
    scorer = (built / "reference/python/treernn.html").read_text("utf-8")
    assert 'id="treernn.Scorer.score_many"' in scorer
    settings = (built / "reference/settings.html").read_text("utf-8")
    assert "label_smoothing" in settings
    assert '<div lang="zh-Hant">' in (built / "project/zh-TW.html").read_text("utf-8")
    record = (built / "project/record.html").read_text("utf-8")
    assert "<td" in record


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_in_a_browser(scheme, width, built, browser):
    for name in ("index", "tutorials/nets", "reference/commands/score"):
        address = (built / f"{name}.html").as_uri()
        options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
        with opened(browser, address, check=False, **options) as shown:
            assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
            assert not any(request.startswith("http") for request in shown.requests)
            if width == 1200:
                assert serious_faults(shown.page) == []
            shown.requests.clear()  # of its own folders


@pytest.mark.parametrize("system", ["light", "dark"])
def test_pictures_follow_the_switch_of_the_page(system, built, browser):
    image = pytest.importorskip("PIL.Image")
    paper = {"light": (255, 255, 255), "dark": (13, 17, 23)}
    with opened(browser, (built / "draw.html").as_uri(), check=False, color_scheme=system) as shown:
        for theme in ("auto", "light", "dark"):
            shown.page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
            shot = image.open(BytesIO(shown.page.locator(".content img").first.screenshot()))
            assert shot.convert("RGB").getpixel((9, 9)) == paper.get(theme, paper[system]), theme
        shown.requests.clear()  # of its own folders


@pytest.mark.parametrize(
    ("name", "picture"),
    [("nets", "image/svg+xml"), ("own-labels", None), ("reviews", "text/html")],
)
def test_notebooks(name, picture, built):
    """Tutorials to download: all cells have run, and print what the page says."""
    nbformat = pytest.importorskip("nbformat")
    [path] = built.glob(f"_downloads/*/{name}.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    page = (DOCS / f"tutorials/{name}.md").read_text("utf-8")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    python = [cell for cell in code if not cell.source.startswith("%%")]
    assert len(python) == page.count("```python")
    outputs = [output for cell in python for output in cell.outputs]
    for output in outputs:
        if output.output_type == "stream":
            assert "# " + output.text.rstrip("\n").replace("\n", "\n# ") in page
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert picture is None or picture in kinds
    text = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert sum(len(cell.get("attachments", {})) for cell in text) == page.count("![")
    elsewhere = re.compile(r"\]\((?!https?:|attachment:)|nb-download")
    assert [cell.source for cell in text if elsewhere.search(cell.source)] == []


def test_what_a_tutorial_prints_is_on_its_page(built):
    page = (built / "tutorials/own-labels.html").read_text("utf-8")
    printed = re.findall(r'<div class="cell_output.*?</div>', page, re.S)
    assert "37.5 %" in printed[0]
    assert "three classes" in printed[2]
    assert "%%" not in page
