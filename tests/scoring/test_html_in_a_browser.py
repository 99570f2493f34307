"""Files of HTML as a reader uses them, in a real browser."""

import json
from pathlib import Path

import browsing
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from treernn.classes import PLACES, names
from treernn.corpora import read_brackets
from treernn.corpora.brackets import format_tree
from treernn.types import LABELS

pytestmark = pytest.mark.slow

browser = pytest.fixture(scope="module")(browsing.browser)


@pytest.fixture
def file(browser, tmp_path):
    """Opens results as a file: their page, see ``browsing.opened``."""

    def write(results, **options):
        path = tmp_path / "trees.html"
        path.write_text(results.to_html(), encoding="utf-8")
        return browsing.opened(browser, path.as_uri(), **options)

    return write


def item(page, phrase, sentence=0):
    """The node of a phrase, by its name for a screen reader."""
    tree = page.get_by_role("tree").nth(sentence)
    return tree.locator(f'[role=treeitem][aria-label^="{phrase}, "]').first


def relabelled(tree, node, label):
    """The tree with another class at a node."""
    return tree.with_labels([label if i == node else old for i, old in enumerate(tree.labels)])


def test_the_tree_has_a_node_for_each_phrase(file, scorer):
    result = scorer("A great film, not bad.")
    with file(result) as opened:
        nodes = opened.page.get_by_role("treeitem")
        assert nodes.count() == result.sentences[0].tree.num_nodes
        phrases = {phrase.text: phrase for phrase in result.phrases()}
        for name in nodes.evaluate_all("nodes => nodes.map(n => n.getAttribute('aria-label'))"):
            text, label, share = name.rsplit(", ", 2)
            assert phrases[text].label == label
            assert float(share[:-2]) == pytest.approx(100 * max(phrases[text].probabilities), abs=1)


def test_pointing_at_a_node_shows_its_distribution(file, scorer):
    with file(scorer("A great film, not bad.")) as opened:
        page = opened.page
        card = page.locator(".card-of-node")
        assert not card.is_visible()
        item(page, "great").hover()
        card.wait_for()
        assert card.locator(".phrase").inner_text() == "great"
        assert card.locator(".line").count() == len(LABELS)
        page.mouse.move(5, 5)
        card.wait_for(state="hidden")


@pytest.mark.parametrize("classes", PLACES)
def test_fewer_classes(file, scorer, classes):
    result = scorer("A great film, not bad.").with_classes(classes)
    with file(result) as opened:
        page = opened.page
        nodes = page.get_by_role("treeitem")
        phrases = {phrase.text: phrase for phrase in result.phrases()}
        for name in nodes.evaluate_all("nodes => nodes.map(n => n.getAttribute('aria-label'))"):
            text, label, share = name.rsplit(", ", 2)
            assert phrases[text].label == label
            assert float(share[:-2]) == pytest.approx(100 * max(phrases[text].probabilities), abs=1)
        verdict = page.locator(".verdict")
        assert verdict.locator(".line .name").all_inner_texts() == [*names(classes)]
        assert f"{abs(result.score):.2f} on a scale" in verdict.inner_text()
        assert f"{result.stars:.1f} of 5 stars" in verdict.inner_text()
        assert ("neutral" in verdict.inner_text()) == (classes > 2)
        item(page, "great").click()
        choices = page.locator(".card-of-node .classes button")
        said = choices.evaluate_all("nodes => nodes.map(n => n.getAttribute('aria-label'))")
        assert said == [*names(classes)]
        page.keyboard.press("1")
        label = item(page, "great").get_attribute("aria-label")
        assert label == f"great, {names(classes)[0]}, set by you"


def test_phrases_fold_with_the_mouse_and_with_the_keyboard(file, scorer):
    with file(scorer("A great film, not bad.")) as opened:
        page = opened.page
        nodes = page.get_by_role("treeitem")
        whole = nodes.count()
        root = nodes.first
        root.dblclick()
        assert nodes.count() == 1
        assert nodes.first.get_attribute("aria-expanded") == "false"
        nodes.first.focus()
        page.keyboard.press("ArrowRight")
        assert nodes.count() == whole
        page.keyboard.press("End")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(".")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
        assert nodes.count() == 1
        page.get_by_role("button", name="Unfold all").click()
        assert nodes.count() == whole


def test_a_correction_is_saved_as_a_tree_to_train_with(file, scorer, tmp_path):
    result = scorer("A (great) film, and/or -LRB- bad. Awful!")
    with file(result) as opened:
        page = opened.page
        item(page, "great").click()
        page.locator(".card-of-node").get_by_role("button", name="very negative").first.click()
        assert "set by you" in item(page, "great").get_attribute("aria-label")
        item(page, "Awful!", 1).focus()
        page.keyboard.press("4")
        assert "2 phrases corrected in 2 sentences" in page.get_by_role("status").inner_text()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the trees").click()
        path = tmp_path / "trees.txt"
        download.value.save_as(path)
        first, second = (each.tree for each in result.sentences)
        great, root = first.words.index("great"), second.root
        expected = [relabelled(first, great, 0), relabelled(second, root, 3)]
        assert [*map(format_tree, read_brackets(path))] == [*map(format_tree, expected)]
        page.get_by_role("button", name="Discard").click()
        assert page.get_by_role("status").count() == 0
        assert "set by you" not in item(page, "great").get_attribute("aria-label")


def test_reasons_and_words_lead_to_nodes(file, scorer):
    with file(scorer("A great film. Awful, not good.")) as opened:
        page = opened.page
        page.locator(".reason").first.click()
        assert page.locator('[role=treeitem][aria-selected="true"]').count() == 1
        page.locator(".word", has_text="Awful").click()
        phrases = page.locator(".phrase-of-word")
        assert phrases.count() >= 2
        phrases.last.click()
        selected = page.get_by_role("tree").nth(1).locator('[aria-selected="true"]')
        assert selected.get_attribute("aria-label").startswith("Awful, not good.")


def test_what_is_saved_of_a_tree(file, scorer, tmp_path):
    result = scorer("A great film 😀, not <b>bad</b> at all.")
    saved = {}
    with file(result) as opened:
        page = opened.page
        page.locator(".menu summary").click()
        for name in ("PNG picture", "SVG picture", "JSON", "Brackets (SST)"):
            with page.expect_download() as download:
                page.get_by_role("button", name=f"Save: {name}").click()
            path = tmp_path / download.value.suggested_filename
            download.value.save_as(path)
            saved[path.suffix] = path
    assert saved[".png"].read_bytes().startswith(b"\x89PNG")
    assert saved[".png"].stat().st_size > 2_000
    picture = saved[".svg"].read_text("utf-8")
    assert picture.count("<circle") >= result.sentences[0].tree.num_nodes
    assert "class=" not in picture
    assert json.loads(saved[".json"].read_text("utf-8")) == result.sentences[0].to_dict(False)
    assert saved[".txt"].read_text("utf-8") == f"{format_tree(result.sentences[0].tree)}\n"


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script> <img src=x onerror=alert(2)> good",
        "<!-- good --> &amp; {{bad}} ${great}",
    ],
)
def test_markup_stays_text(file, scorer, text):
    with file(scorer.score_many([text, "good"])) as opened:
        assert text.strip() in opened.page.locator("button.open").first.inner_text()
        assert opened.page.locator("img").count() == 0


def test_characters_of_several_units_and_right_to_left(file, scorer):
    with file(scorer("😀 A great film 👩‍👩‍👧! فيلم great رائع bad")) as opened:
        page = opened.page
        assert item(page, "great").locator(".words").text_content() == "great"
        shown = "".join(page.locator(".sentence-words .words").all_text_contents())
        assert "👩‍👩‍👧" in shown
        assert "�" not in shown
    with file(scorer("فيلم great رائع bad")) as opened:
        boxes = [item(opened.page, word).bounding_box()["x"] for word in ("فيلم", "bad")]
        assert boxes[0] > boxes[1]


def test_a_table_of_many_texts(file, scorer):
    results = scorer.score_many(["A great film.", "Awful", "", "so so <b>"] * 100)
    with file(results) as opened:
        page = opened.page
        count = page.locator(".count")
        assert count.inner_text() == "400 texts"
        assert page.locator("button.open").count() < 30
        page.get_by_label("Show").select_option(label="very positive")
        assert count.inner_text() == "0 of 400 texts"
        page.get_by_label("Show").select_option(label="not scored")
        assert count.inner_text() == "100 of 400 texts"
        page.get_by_label("Show").select_option(label="all")
        page.get_by_label("Order").select_option(label="most negative first")
        assert page.locator("button.open").first.inner_text() == "Awful"
        page.get_by_label("Search the texts").fill("GREAT")
        assert count.inner_text() == "100 of 400 texts"
        page.get_by_role("button", name="Next").click()
        assert "Page 2 of 4" in page.locator(".pages").inner_text()
        page.locator("button.open").first.click()
        assert page.get_by_role("tree").count() == 1


def test_a_very_deep_and_a_very_long_sentence(file, scorer):
    result = scorer(" ".join(["not a good bad film"] * 400))
    with file(result) as opened:
        page = opened.page
        assert 100 < page.get_by_role("treeitem").count() <= 400
        page.get_by_role("button", name="Larger").click()
        page.get_by_role("button", name="Fit to the width").click()


def test_a_large_tree_is_moved_and_zoomed(file, scorer):
    text = (
        "A great film that is not good and not bad but awful and great and not so very good at all"
    )
    with file(scorer(text), viewport={"width": 500, "height": 700}) as opened:
        page = opened.page
        window, picture = page.locator(".scroller"), page.locator(".scroller svg")
        window.scroll_into_view_if_needed()
        box = window.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + 60
        left = "e => e.scrollLeft"
        window.evaluate("e => e.scrollTo(0, 0)")
        assert picture.bounding_box()["width"] > box["width"]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 60, y, steps=4)
        page.mouse.up()
        assert window.evaluate(left) == pytest.approx(60, abs=8)
        assert page.locator('[aria-selected="true"]').count() == 0  # the end of a drag is no click
        before = picture.bounding_box()["width"]
        page.keyboard.down("Control")
        page.mouse.wheel(0, -120)
        page.keyboard.up("Control")
        page.wait_for_timeout(100)
        assert picture.bounding_box()["width"] > 1.2 * before
        page.get_by_role("button", name="Fit to the width").click()
        assert picture.bounding_box()["width"] == pytest.approx(before, abs=2)
        page.get_by_role("treeitem").first.focus()
        page.keyboard.press("End")
        last = page.get_by_role("treeitem").last.bounding_box()
        assert box["x"] <= last["x"] + last["width"] / 2 <= box["x"] + box["width"]


@settings(max_examples=12, phases=[Phase.generate])
@given(st.lists(st.text(max_size=80), min_size=5, max_size=20))
def test_any_texts(browser, scorer, tmp_path_factory, texts):
    """Whatever the texts, all rows open without an error."""
    path = tmp_path_factory.mktemp("pages") / "any.html"
    path.write_text(scorer.score_many(texts).to_html(), encoding="utf-8")
    with browsing.opened(browser, path.as_uri()) as opened:
        rows = opened.page.locator("button.open")
        for number in range(rows.count()):
            rows.nth(number).click()
        trees = sum(len(result.sentences[:12]) for result in scorer.score_many(texts))
        assert opened.page.get_by_role("tree").count() == trees


def test_languages(file, scorer):
    with file(scorer("great"), locale="zh-TW") as opened:
        page = opened.page
        assert page.locator("h2").inner_text() == "非常正面"
        assert page.evaluate("document.documentElement.lang") == "zh-Hant"
        page.get_by_role("button", name="English").click()
        assert page.locator("h2").inner_text() == "Very positive"


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("many", [False, True])
def test_nobody_is_kept_out(file, scorer, colors, many):
    texts = ["A great film, not bad. Awful!", "Bad, so so"]
    results = scorer.score_many(texts) if many else scorer(texts[0])
    with file(results, color_scheme=colors) as opened:
        if many:
            opened.page.locator("button.open").first.click()
        opened.page.get_by_role("treeitem").nth(1).click()
        assert browsing.serious_faults(opened.page) == []


def test_phone(file, scorer):
    """Nothing is wider than the screen but what scrolls by itself."""
    size = {"width": 360, "height": 740}
    text = "A great film with a rather long sentence, not bad and not awful. Awful!"
    with file(scorer(text), viewport=size, has_touch=True) as opened:
        page = opened.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        item(page, "great").tap()
        card = page.locator(".card-of-node.pinned").bounding_box()
        assert card["x"] >= 0
        assert card["x"] + card["width"] <= 360


def test_the_command_writes_the_file(browser, in_process, tmp_path):
    out = Path(tmp_path, "trees.html")
    assert in_process("score", "A wonderful film.", "--format", "html", "-o", out)[0] == 0
    with browsing.opened(browser, out.as_uri()) as opened:
        assert opened.page.locator("h2").inner_text() == "Very positive"
