"""Model cards: one template, and figures that were measured with the weights beside them."""

import hashlib
import json
import re

import pytest
from cards import CARD, MEASURED, PRETRAINED, SECTIONS, filled

import treernn
from treernn.evaluation.groups import group_change
from treernn.evaluation.plain import to_plain
from treernn.models.pretrained import SENTIMENT_MODELS
from treernn.models.storage import CONFIG, WEIGHTS

CARDS = sorted(PRETRAINED.glob(f"*/{CARD}"))
COMMAND = re.compile(r"treernn (train|distil|evaluate|bench)")

if not CARDS:
    pytest.skip("this copy has no pretrained models", allow_module_level=True)


def sections(card):
    """The text of each section by its title, that before the first under ``""``."""
    first, *others = re.split(r"^## ", card, flags=re.M)
    return {"": first} | {title: text for title, _, text in (o.partition("\n") for o in others)}


def words(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_each_card_has_all_sections(path):
    found = sections(path.read_text("utf-8"))
    titles = [title for title in found if title and title != "Sentiment toward targets"]
    assert titles == [*SECTIONS]
    assert found[""].startswith("# ")
    for title in SECTIONS:
        assert len(found[title].split()) > 5, title
    assert COMMAND.search(found["Training"])
    assert "seed" in found["Settings tried and seeds"]
    assert re.search(r"licen[cs]e|public domain", found["Terms"])
    config = json.loads((path.parent / CONFIG).read_text("utf-8"))
    if base := config.get("encoder", {}).get("base"):
        assert base["name"] in found["Terms"]


@pytest.mark.parametrize("name", SENTIMENT_MODELS)
class TestSentiment:
    @pytest.fixture
    def folder(self, name):
        return SENTIMENT_MODELS[name]

    @pytest.fixture
    def measured(self, folder):
        return json.loads((folder / MEASURED).read_text("utf-8"))

    def test_figures_are_of_these_weights(self, folder, measured):
        """Whoever changes the weights measures them again."""
        with (folder / WEIGHTS).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        assert measured["weights_sha256"] == digest

    def test_tables_are_those_of_what_was_measured(self, folder, measured):
        card = (folder / CARD).read_text("utf-8")
        for table in ("treebank", "domains", "groups"):
            assert f"<!-- measured: {table} -->" in card
        assert card == filled(card, measured), "run make cards"

    def test_the_temperature_and_constructions(self, folder, measured):
        found = sections((folder / CARD).read_text("utf-8"))
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        assert f"{config['model']['temperature']:.3f}" in found["Training"]
        made = measured["constructions"]
        assert (
            f"{made['held_out']:.1f} % of held-out sentences for constructions, "
            f"{made['by_hand']:.1f} % of those written by hand"
        ) in words(found["Known failures"])

    def test_the_table_of_all_models(self, name, measured):
        """docs/models.md has the same figures."""
        text = (PRETRAINED.parents[1] / "docs" / "models.md").read_text("utf-8")
        column = 1 + [*SENTIMENT_MODELS].index(name)
        rows = {}
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip("| ").split("|")]
            if line.startswith("|") and len(cells) > column:
                rows.setdefault(cells[0], cells[column])
        test, parsed = (measured["accuracy"][split] for split in ("test_gold", "test_embedded"))
        sets = {row["set"]: row for row in measured["domains"]}
        shown = {
            "SST, sentences, five classes / binary": (test["root_five"], test["root_binary"]),
            "SST, the same from the built-in parser": (
                parsed["root_five"],
                parsed["root_binary"],
            ),
            "SST, all phrases, five classes / binary": (test["all_five"], test["all_binary"]),
            "SST, sentences, raw text, binary": (sets["SST sentences"]["binary"],),
            "whole film reviews": (sets["film reviews"]["binary"],),
            "product reviews": (sets["product reviews"]["binary"],),
            "pros and cons": (sets["pros and cons"]["binary"],),
            "restaurant sentences": (sets["restaurant sentences"]["binary"],),
            "tweets, positive or negative": (sets["tweets"]["binary"],),
            "tweets, three classes, mean recall": (sets["tweets"]["macro_recall"],),
            "tweets with emoticons or emoji (53)": (
                sets["tweets with emoticons or emoji"]["binary"],
            ),
            "changed by a word for a group of people (less is better)": (
                measured["groups"][0]["changed"],
            ),
        }
        for title, values in shown.items():
            figures = [float(figure) for figure in rows[title].split("/")]
            assert figures == pytest.approx(values, abs=0.051), title


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small"])
def test_groups_measured_again(name):
    measured = json.loads((SENTIMENT_MODELS[name] / MEASURED).read_text("utf-8"))["groups"]
    found = to_plain(group_change(treernn.load(name).score_many), ".2f")
    assert [row["kind"] for row in found] == [row["kind"] for row in measured]
    for row, before in zip(found, measured, strict=True):
        assert row["cases"] == before["cases"]
        assert row["changed"] == pytest.approx(before["changed"], abs=0.3)
        assert row["shift"] == pytest.approx(before["shift"], abs=0.02)
