"""The page as a reader uses it, in a real browser, with a real server."""

import csv
import io
import json
import re
from urllib.parse import quote

import browsing
import pytest
from serving import serving

from treernn.corpora import read_brackets
from treernn.training.data.own_trees import read_own_trees

pytestmark = pytest.mark.slow

browser = pytest.fixture(scope="module")(browsing.browser)


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return tmp_path_factory.mktemp("corrections") / "trees.txt"


@pytest.fixture(scope="module")
def small(trees):
    """A server that takes little at once, and keeps corrections."""
    limits = ("--max-queue", "7", "--max-body", "2000")
    with serving("--corrections", str(trees), *limits) as running:
        yield running


REVIEW = "It's not a bad movie, but the ending ruins everything. Great cast, though!"


@pytest.fixture
def opened(browser, server):
    """Opens the page: it may have a text in its address; see ``browsing.opened``."""

    def open_page(text="", **options):
        address = f"{server.url}/#text={quote(text)}" if text else f"{server.url}/"
        return browsing.opened(browser, address, **options)

    return open_page


def heading(page):
    return page.locator(".verdict h2").inner_text()


def item(page, phrase):
    """The node of a phrase, by its name for a screen reader."""
    return page.locator(f'[role=treeitem][aria-label^="{phrase}, "]').first


def test_a_review_is_typed(opened, server):
    with opened() as it:
        page = it.page
        page.get_by_label("Write or paste a review").press_sequentially("A wonderful film!")
        page.locator(".verdict").wait_for()
        assert heading(page) == "Very positive"
        assert page.locator(".bar.large span").count() == 5
        assert page.get_by_role("tree").count() == 1
        answer = server.client.post("/api/score", json={"text": "A wonderful film!"}).json()
        name = page.get_by_role("treeitem").first.get_attribute("aria-label")
        share = round(100 * max(answer["sentences"][0]["probabilities"]))
        assert name == f"A wonderful film!, {answer['sentences'][0]['label']}, {share} %"
        assert "text=A+wonderful+film%21" in page.url


def test_examples_are_one_click_away(opened):
    with opened() as it:
        page = it.page
        for number in range(5):
            page.locator(".example").nth(number).click()
            page.locator(".verdict").wait_for()
            assert page.get_by_role("tree").count() >= 1


def test_an_address_shows_its_text_and_follows_changes(opened):
    with opened(REVIEW) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        assert page.get_by_label("Write or paste a review").input_value() == REVIEW
        page.evaluate("location.hash = '#text=Horrible!'")
        page.get_by_text("Very negative", exact=True).first.wait_for()
        page.reload()
        page.locator(".verdict").wait_for()
        assert page.get_by_label("Write or paste a review").input_value() == "Horrible!"


def test_phrases_show_their_distribution_and_fold(opened):
    with opened(REVIEW) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        item(page, "a bad movie").hover()
        card = page.locator(".card-of-node:visible")
        assert card.locator(".phrase").inner_text() == "a bad movie"
        assert card.locator(".badge").inner_text().split("\n")[-1] == "very negative"
        count = page.get_by_role("treeitem").count()
        item(page, "a bad movie").dblclick()
        assert page.get_by_role("treeitem").count() == count - 4
        assert item(page, "a bad movie").get_attribute("aria-expanded") == "false"


def test_a_correction_can_be_trained_with(opened, tmp_path):
    with opened(REVIEW) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        item(page, "the ending").click()
        page.locator(".card-of-node.pinned").get_by_role("button", name="positive").first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the trees").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        page.get_by_role("button", name="Discard").click()
    [tree] = read_brackets(path)
    spans = dict(zip(tree.spans(), tree.labels, strict=True))
    at = tree.words.index("ending")
    assert tree.words[at - 1 : at + 1] == ("the", "ending")
    assert spans[at - 1, at + 1] == 3
    # What `treernn train sentiment --trees` reads.
    assert read_own_trees(path) == [tree]


def test_corrections_are_kept_by_the_server(browser, small, trees):
    with browsing.opened(browser, f"{small.url}/#text={quote(REVIEW)}", check=False) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        for phrase in ("the ending", "Great cast"):
            item(page, phrase).click()
            card = page.locator(".card-of-node.pinned")
            card.get_by_role("button", name="very negative").first.click()
            page.keyboard.press("Escape")
        page.get_by_role("button", name="Send to the server").click()
        page.get_by_text("2 trees are kept on the server").wait_for()
        assert page.get_by_role("button", name="Discard").count() == 0
        first, second = read_brackets(trees)
        assert (first.words[-1], second.words[0]) == (".", "Great")
        assert it.faults == []
        item(page, "the ending").click()
        page.locator(".card-of-node.pinned").get_by_role("button", name="positive").first.click()
        trees.unlink()
        trees.mkdir()  # nothing can be appended, not even by root
        page.get_by_role("button", name="Send to the server").click()
        page.get_by_text("the trees were not stored").wait_for()
        page.get_by_role("button", name="Save the trees").wait_for()
        [fault] = it.faults
        assert "507" in fault


def test_two_readers_side_by_side(opened):
    with opened(REVIEW) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        page.get_by_label("Compare with").select_option(label="right")
        page.locator(".agreement").wait_for()
        assert page.locator(".verdict").count() == 2
        assert page.locator(".reader").all_inner_texts() == ["embedded", "right"]
        boxes = [page.locator(".verdict").nth(n).bounding_box() for n in range(2)]
        assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
        rings = [tree.locator(".differs").count() for tree in page.locator(".columns > *").all()]
        assert rings[0] == rings[1] > 0
        said = page.locator(".agreement").inner_text()
        assert re.search(rf"\b{rings[0]} phrases? ha(s|ve) another class", said)
        first, second = (
            page.locator(".columns > *").nth(n).get_by_role("treeitem") for n in (0, 1)
        )
        said = first.filter(has=page.locator(".differs")).first.get_attribute("aria-label")
        phrase, other = re.fullmatch(r"(.+), [a-z ]+, \d+ %, the other reads (.+)", said).groups()
        names = [each.get_attribute("aria-label") for each in second.all()]
        assert any(name.startswith(f"{phrase}, {other}, ") for name in names)
        address = page.url
        page.goto("about:blank")
        page.goto(address)
        page.locator(".agreement").wait_for()
        assert page.locator(".verdict").count() == 2


def test_reasons_lead_to_their_nodes(opened):
    with opened("It isn't good.") as it:
        page = it.page
        page.locator(".reason", has_text="turns").click()
        selected = page.locator('[role=treeitem][aria-selected="true"]')
        assert selected.get_attribute("aria-label").startswith("isn't good")


def test_a_result_is_saved_as_json(opened, server):
    with opened(REVIEW) as it:
        page = it.page
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as JSON").click()
        saved = json.loads(download.value.path().read_text("utf-8"))
    asked = {"text": REVIEW, "explain": True}
    assert saved == server.client.post("/api/score", json=asked).json()


HOSTILE = "<img src=x onerror=alert(1)> good </script><b>bad</b> {{7*7}} 😀 فيلم"


def test_markup_stays_text(opened):
    with opened(HOSTILE) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        assert page.locator("main img, main b, main script").count() == 0
        assert page.get_by_label("Write or paste a review").input_value() == HOSTILE


def test_nothing_to_score(opened):
    with opened("   \u200b ") as it:
        page = it.page
        page.get_by_label("Write or paste a review").fill("\u200b")
        page.locator(".problem").first.wait_for()
        page.get_by_label("Write or paste a review").fill("")
        page.locator(".intro").wait_for()
        assert "#" not in page.url


def test_what_the_server_refuses_is_said(opened):
    with opened("good " * 5_000, check=False) as it:
        page = it.page
        page.get_by_label("Write or paste a review").fill("good " * 5_000)
        page.get_by_role("alert").wait_for()
        assert "the limit is 20,000" in page.get_by_role("alert").inner_text()


def test_typing_on_shows_the_last_text(opened):
    """Answers that are late do not replace later ones."""
    with opened() as it:
        page = it.page
        area = page.get_by_label("Write or paste a review")
        asked = []

        def hold_the_first(route):
            asked.append(route)
            if len(asked) > 1:
                route.continue_()

        page.route("**/api/score", hold_the_first)
        with page.expect_request("**/api/score"):
            area.fill("A wonderful film.")
        with page.expect_event("requestfailed") as given_up:
            area.fill("Horrible!")
        assert "wonderful" in given_up.value.post_data
        page.get_by_text("Very negative", exact=True).first.wait_for()
        assert heading(page) == "Very negative"
        assert len(asked) == 2


TABLE = [
    ["id", "review", "stars"],
    *(
        [str(number), text, "3"]
        for number, text in enumerate(
            ["Great, really!", 'Awful,\nsaid "everybody"', "", "=1+1 <b>good</b>"] * 30
        )
    ),
]


def as_csv(rows):
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def test_a_file_is_scored(opened):
    with opened() as it:
        page = it.page
        upload = {"name": "films.csv", "mimeType": "text/csv", "buffer": as_csv(TABLE)}
        page.locator("input[type=file]").set_input_files(upload)
        chosen = page.get_by_label("Column with the texts")
        assert chosen.evaluate("e => e.selectedOptions[0].text") == "review"
        page.get_by_role("button", name="Score 120 rows").click()
        page.get_by_text("90 of 120 rows scored").wait_for()
        page.get_by_label("Order").select_option(label="most negative first")
        assert page.locator("button.open").first.inner_text().startswith("Awful")
        page.locator("button.open").first.click()
        page.get_by_role("tree").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save with verdicts").click()
        assert download.value.suggested_filename == "films-scored.csv"
        text = download.value.path().read_bytes().decode("utf-8-sig")
        saved = [*csv.reader(io.StringIO(text, ""))]
    assert saved[0][:6] == ["id", "review", "stars", "label", "sentiment", "p_very_negative"]
    assert saved[0][-2:] == ["error", "score"]
    assert saved[0].count("stars") == 1  # those of the table
    assert [bool(row[5]) for row in saved[1:4]] == [True, True, False]
    assert [row[:3] for row in saved[1:4]] == TABLE[1:4]
    assert [row[4] for row in saved[1:4]] == ["4", "1", ""]
    assert saved[3][-2] == "empty text, nothing to score"
    assert saved[4][1] == "'=1+1 <b>good</b>"  # no formula in a spreadsheet
    assert len(saved) == len(TABLE)


def test_a_file_is_dropped_on_the_page(opened):
    with opened() as it:
        page = it.page
        page.get_by_label("Write or paste a review").wait_for()
        page.evaluate(
            """(text) => {
                const data = new DataTransfer();
                data.items.add(new File([text], "lines.txt"));
                const target = document.querySelector("h1");
                for (const type of ["dragover", "drop"]) {
                    const options = {dataTransfer: data, bubbles: true, cancelable: true};
                    target.dispatchEvent(new DragEvent(type, options));
                }
            }""",
            "Great, and good\n\nAwful\n",
        )
        page.get_by_role("button", name="Score 2 rows").click()
        page.get_by_text("2 of 2 rows scored").wait_for()
        assert page.locator("button.open").all_inner_texts() == ["Great, and good", "Awful"]


def test_a_busy_server_is_asked_again_with_less(browser, small):
    table = [["text"], *([f"Great film number {n}"] for n in range(60)), ["good " * 500], ["Bad"]]
    with browsing.opened(browser, small.url + "/", check=False) as it:
        upload = {"name": "a.csv", "mimeType": "text/csv", "buffer": as_csv(table)}
        it.page.locator("input[type=file]").set_input_files(upload)
        it.page.get_by_role("button", name="Score 62 rows").click()
        it.page.get_by_text("61 of 62 rows scored").wait_for()
        it.page.get_by_label("Search the texts").fill("good good")
        assert "2,000" in it.page.locator(".rows .problem").inner_text()


def test_links_and_trees_are_copied(opened):
    with opened("A great film.") as it:
        it.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = it.page
        copied = "navigator.clipboard.readText()"
        page.get_by_role("button", name="Copy a link").click()
        page.get_by_text("Copied").wait_for()
        assert page.evaluate(copied) == page.url
        page.locator(".menu summary").click()
        page.get_by_role("button", name="Copy: Brackets").click()
        page.locator(".menu").get_by_text("Copied").wait_for()
        assert page.evaluate(copied).startswith("(")
        picture = page.get_by_role("button", name="Copy: PNG")
        picture.click()
        picture.filter(has_text="Copied").wait_for()
        kinds = "navigator.clipboard.read().then(items => items[0].types)"
        assert page.evaluate(kinds) == ["image/png"]
        page.locator("h1").click()
        assert not page.locator(".menu").evaluate("menu => menu.open")


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_other_delimiters_and_encodings(opened, delimiter, encoding):
    with opened() as it:
        text = delimiter.join(["nr", "comment"]) + "\r\n" + delimiter.join(["1", "Bad, bad café"])
        upload = {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode(encoding)}
        it.page.locator("input[type=file]").set_input_files(upload)
        it.page.get_by_role("button", name="Score 1 row").click()
        it.page.get_by_text("1 of 1 rows scored").wait_for()
        assert it.page.locator("button.open").inner_text() == "Bad, bad café"


def test_languages(opened):
    with opened(REVIEW, locale="zh-TW") as it:
        page = it.page
        page.locator(".verdict").wait_for()
        assert "正面" in heading(page)
        page.get_by_role("button", name="English").click()
        assert "ositive" in heading(page)
        page.reload()
        page.locator(".verdict").wait_for()
        assert "ositive" in heading(page)


@pytest.mark.parametrize("state", ["empty", "result", "compared", "table"])
def test_nobody_is_kept_out(opened, state):
    with opened("" if state in ("empty", "table") else REVIEW) as it:
        page = it.page
        if state == "table":
            upload = {"name": "a.csv", "mimeType": "text/csv", "buffer": as_csv(TABLE[:6])}
            page.locator("input[type=file]").set_input_files(upload)
            page.get_by_role("button", name="Score 5 rows").click()
            page.get_by_text("4 of 5 rows scored").wait_for()
        elif state != "empty":
            page.locator(".verdict").wait_for()
            item(page, "a bad movie").click()
            page.locator(".menu summary").first.click()
        if state == "compared":
            page.get_by_label("Compare with").select_option(label="right")
            page.locator(".agreement").wait_for()
        for colors in ("light", "dark"):
            page.emulate_media(color_scheme=colors)
            assert browsing.serious_faults(page) == [], colors


def test_everything_is_reached_with_the_keyboard(opened):
    with opened("A great film.") as it:
        page = it.page
        page.locator(".verdict").wait_for()
        page.get_by_label("Write or paste a review").focus()
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "(e => e.getAttribute('role') || e.localName)(document.activeElement)"
                )
            )
        assert {"button", "select", "treeitem", "summary", "input"} <= reached


def test_a_correction_by_keyboard_alone(opened):
    with opened("A great film.") as it:
        page = it.page
        page.locator(".verdict").wait_for()
        item(page, "great").focus()
        page.keyboard.press("Enter")
        page.locator(".card-of-node.pinned").wait_for()
        page.keyboard.press("Tab")
        focused = "document.activeElement.getAttribute('aria-label')"
        assert page.evaluate(focused) == "very negative"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate(focused) == "negative"
        assert "negative, set by you" in item(page, "great").get_attribute("aria-label")
        page.keyboard.press("Escape")
        assert page.evaluate(focused).startswith("great, ")
        assert page.locator(".card-of-node.pinned:visible").count() == 0
        page.get_by_role("button", name="Discard").click()


def test_a_server_with_a_token_that_goes_away(browser):
    with (
        serving("--parser", "right", TREERNN_TOKEN="secret") as server,
        browsing.opened(browser, f"{server.url}/#text=Horrible!", check=False) as it,
    ):
        page = it.page
        page.get_by_label("Token").fill("secret")
        page.get_by_role("button", name="Use this token").click()
        page.locator(".verdict").wait_for()
        assert heading(page) == "Very negative"
        server.process.kill()
        server.process.wait()
        page.get_by_label("Write or paste a review").fill("A great film.")
        page.get_by_role("button", name="Try again").wait_for()
        assert "does not answer" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize("width", [320, 390])
def test_phone(opened, width):
    with opened(REVIEW, viewport={"width": width, "height": 740}, has_touch=True) as it:
        page = it.page
        page.locator(".verdict").wait_for()
        item(page, "a bad movie").tap()
        page.locator(".card-of-node.pinned").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
