"""The page of a summary as its reader sees it, in a real browser."""

import datetime

import browsing
import pytest

import treernn

pytestmark = pytest.mark.slow

browser = pytest.fixture(scope="module")(browsing.browser)

TEXTS = [
    "Great light, but the battery takes long to charge.",
    "The light is warm and lovely. <script>alert(1)</script>",
    "The battery died after a week. Awful. <img src=x onerror=alert(1)>",
    "Terrible battery. The light is fine.</style></svg><a href='http://a.b'>",
    "The light is good" + " and good" * 200 + ". Andaverylongwordwithoutanyspace" * 20,
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    first = datetime.date(2024, 1, 1)
    days = [first + datetime.timedelta(days=9 * n) for n in range(15)]
    summary = treernn.summarize(
        TEXTS * 3,
        group=["Lamp", "Lantern " + "x" * 50, "<b>"] * 5,
        time=days,
        rating=[4, 5, 1, 5, 3] * 3,
        title="Lamps & <lanterns>",
    )
    path = tmp_path_factory.mktemp("pages") / "report.html"
    path.write_text(summary.to_html(), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_everybody_can_read_it(browser, page, colors, width):
    """It asks for nothing, has no error, keeps nobody out, and nothing is wider than the screen."""
    size = {"width": width, "height": 800}
    with browsing.opened(browser, page, color_scheme=colors, viewport=size) as opened:
        shown = opened.page
        assert shown.locator("h1").inner_text() == "Lamps & <lanterns>"
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.locator(".chart:visible").count() == 1
        assert shown.locator("script, img, style style").count() == 0
        assert browsing.serious_faults(shown) == []
        assert opened.requests == [page]


def test_links_lead_to_reviews_and_aspects(browser, page):
    with browsing.opened(browser, page) as opened:
        shown = opened.page
        shown.get_by_role("link", name="battery").first.click()
        assert shown.locator("article:target h3").inner_text() == "battery"
        link = shown.locator("article:target a.row").first
        row = link.inner_text()
        assert not shown.locator(".review").first.is_visible()
        link.click()
        target = shown.locator(".review:target")
        target.wait_for(state="visible")  # it opens what holds it
        assert target.locator("h3").inner_text().lower() == row


def test_colours_are_those_of_the_classes(browser, page):
    with browsing.opened(browser, page) as opened:
        mark = opened.page.locator("article mark").first
        colour = mark.evaluate("e => getComputedStyle(e).backgroundColor")
        assert colour in ("rgb(33, 102, 172)", "rgb(146, 197, 222)")  # positive ones
        bars = opened.page.locator(".bar.large rect")
        fills = [bar.evaluate("e => getComputedStyle(e).fill") for bar in bars.all()]
        assert fills[0] == "rgb(178, 24, 43)"
        assert fills[-1] == "rgb(33, 102, 172)"


def test_on_paper(browser, page):
    with browsing.opened(browser, page, color_scheme="dark") as opened:
        opened.page.emulate_media(media="print")
        body = "getComputedStyle(document.body)"
        assert opened.page.evaluate(f"{body}.backgroundColor") == "rgb(255, 255, 255)"
        assert opened.page.evaluate(f"{body}.color") == "rgb(0, 0, 0)"
        assert opened.page.pdf().startswith(b"%PDF")
