"""A real browser for tests: Debian's Chromium, driven by Playwright.

Use it as ``browser = pytest.fixture(scope="module")(browsing.browser)``.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

CHROMIUM = "/usr/bin/chromium"

# Serious means: keeps somebody from using the page.
_SERIOUS = ("serious", "critical")


def browser():
    """A browser, or a skip that says what is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not shutil.which(CHROMIUM):
        pytest.skip(f"no {CHROMIUM}: apt-get install --no-install-recommends chromium")
    with playwright.sync_playwright() as driver:
        # As root there is no sandbox; the pages are our own.
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(browser, address: str, check: bool = True, **options) -> Iterator[SimpleNamespace]:
    """A page, with what went wrong in it.

    After the block it is checked that the page had no error, broke no policy, and asked for
    nothing from elsewhere.

    Args:
        browser: see ``browser``.
        address: of the page.
        check: whether its console must be silent; a server may be meant to refuse something.
        options: of Playwright's context, for example ``color_scheme``.
    """
    options = {"viewport": {"width": 1100, "height": 900}, "locale": "en-US", **options}
    context = browser.new_context(accept_downloads=True, **options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    faults, requests = [], []
    page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"
    )
    page.goto(address)
    yield SimpleNamespace(page=page, faults=faults, requests=requests, context=context)
    if check:
        assert faults == []
    own = (address.split("#")[0].rpartition("/")[0], "data:", "blob:")
    assert [each for each in requests if not each.startswith(own)] == []
    context.close()


def serious_faults(page) -> list[str]:
    """What axe-core finds that keeps people from using a page."""
    axe = pytest.importorskip("axe_core_python.sync_playwright", reason="axe is not installed")
    page.evaluate(axe.Axe().axe_script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{each['id']}: {each['help']} {[node['html'][:200] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in _SERIOUS
    ]
