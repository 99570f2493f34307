"""Summaries of frames, texts and results, read by the model ``small``."""

import json

import pytest

import treernn
from treernn.errors import InputError

TEXTS = [
    "Great light, but the battery takes long to charge.",
    "The light is warm and lovely.",
    "The battery died after a week. Awful.",
    "Terrible battery. The light is fine.",
    None,
    "<script>alert('light')</script> The light is <b>wonderful</b>. =1+1 | *so* [x](http://a.b)",
]


@pytest.fixture(scope="module")
def small():
    return treernn.load()


@pytest.fixture(scope="module")
def summary(small):
    days = ["2024-01-01", "2024-01-09", "2024-02-01", None, "2024-02-02", "soon"]
    return treernn.summarize(
        TEXTS, group=[*"AABBA", "<i>"], time=days, rating=[4, 5, 1, 1, 3, 1], scorer=small
    )


def test_two_opinions_in_a_sentence_count_as_two(summary):
    judged = {each.name: (each.praised, each.criticised) for each in summary.aspects}
    assert judged == {"light": (4, 0), "battery": (0, 3)}
    assert [each.name for each in summary.praised] == ["light"]
    assert [each.name for each in summary.criticised] == ["battery"]
    [battery] = summary.criticised
    for quote in battery.criticism:
        sentence = quote.text
        assert sentence in TEXTS[quote.row - 1]
        assert "battery" in sentence[quote.start : quote.end].lower()
        assert quote.score < 0
    assert len({quote.row for quote in battery.criticism}) == 3


def test_what_is_counted(summary):
    assert (summary.rows, summary.reviews) == (6, 5)
    assert sum(sum(period.counts) for period in summary.periods) == 3
    assert [(group.name, sum(group.counts)) for group in summary.groups] == [
        *(("A", 2), ("B", 2), ("<i>", 1)),
    ]
    assert summary.ratings.agree.total == 5
    assert summary.ratings.disagreements[0].row == 6
    reasons = {each.reason: each.count for each in summary.left_out}
    assert reasons == {"text is null": 1, "the date cannot be read": 1, "no date in time": 1}


def test_results_are_not_scored_again(small, monkeypatch, summary):
    results = small.score_many(TEXTS)
    monkeypatch.setattr(small, "score_many", None)
    again = treernn.summarize(results, scorer=small)
    assert again.aspects == tuple(each for each in summary.aspects)
    assert again.counts == summary.counts


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames(small, library, summary):
    made = pytest.importorskip(library)
    frame = made.DataFrame({"review": TEXTS, "stars": [4, 5, 1, 1, 3, 1]})
    found = treernn.summarize(frame, "review", rating="stars", scorer=small)
    assert (found.counts, found.aspects) == (summary.counts, summary.aspects)
    assert found.ratings == summary.ratings
    scored = small.score_frame(frame[["review"]], "review")
    assert treernn.summarize(scored, "review", scorer=small).counts == summary.counts
    with pytest.raises(InputError, match="no column text, its columns are: review, stars"):
        treernn.summarize(frame, scorer=small)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("one",), "expected many reviews, got one; pass a list"),
        ((["a", 1],), "text 1 is a int, expected a str"),
    ],
    ids=range(2),
)
def test_errors(small, arguments, message):
    with pytest.raises(InputError) as error:
        treernn.summarize(*arguments, scorer=small)
    assert str(error.value) == message


def test_values_of_another_number(small):
    with pytest.raises(InputError, match="group: 1 values for 2 reviews, expected one for each"):
        treernn.summarize(["a", "b"], group=["A"], scorer=small)
    with pytest.raises(InputError, match="time is the name of a column, but there is no frame"):
        treernn.summarize(["a"], time="day", scorer=small)


def test_nothing(small):
    empty = treernn.summarize([], scorer=small)
    assert (empty.reviews, empty.aspects, empty.ratings) == (0, (), None)
    assert "No review could be read" in empty.to_html()
    assert json.loads(empty.to_json())["reviews"] == 0
    assert empty.to_markdown().startswith("# Reviews\n\n0 reviews")
    pytest.importorskip("pandas")
    assert list(empty.to_frame()["name"]) == []


def test_texts_are_data(summary):
    page = summary.to_html()
    assert "<script" not in page
    assert "<b>wonderful" not in page
    assert "&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert page.count("style=") == 0  # the policy forbids them
    markdown = summary.to_markdown()
    assert "<b>" not in markdown
    assert "[x](" not in markdown
    assert "\\<i\\>" in markdown


def test_it_does_not_change(summary):
    with pytest.raises(AttributeError):
        summary.rows = 3
    assert hash(summary.aspects)


def test_the_figures_of_the_models_are_those_of_the_documentation():
    from pathlib import Path

    from treernn.opinions.report.wording import ACCURACY

    text = Path(__file__, "../../../docs/models.md").resolve().read_text("utf-8")
    rows = {"film reviews": "whole film reviews", "tweets": "tweets, positive or negative"}
    for place, figures in enumerate(ACCURACY.values()):
        for kind, figure in figures.items():
            [line] = [
                each for each in text.splitlines() if each.startswith(f"| {rows.get(kind, kind)} |")
            ]
            assert float(line.split("|")[2 + place]) == figure


def test_the_figures_toward_targets_are_those_of_the_documentation():
    from pathlib import Path

    from treernn.opinions.report.wording import TARGET_ACCURACY

    text = Path(__file__, "../../../docs/targets.md").resolve().read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| toward the target |")]
    shown = [[float(cell) for cell in line.split("|")[2:5]] for line in lines]
    assert [*map(list, zip(*shown, strict=True))] == [*map(list, TARGET_ACCURACY.values())]


def test_many_different_ratings_have_a_usual_scale(small):
    results = small.score_many(["Great light."] * 2) * 1_600
    ratings = [100 * number / 3_199 for number in range(3_200)]
    found = treernn.summarize(results, rating=ratings[::-1], scorer=small).ratings
    assert found.scale == "0 to 100"
    assert found.agree.total == 3_200
    assert {star for star, _ in found.table} == {1, 2, 3, 4, 5}


def test_names_of_columns_may_be_numbers(small):
    frame = pytest.importorskip("pandas").DataFrame({0: TEXTS[:2], 1: ["a", "b"]})
    assert len(treernn.summarize(frame, "0", group="1", scorer=small).groups) == 2


def test_what_is_no_table_of_reviews(small):
    twice = pytest.importorskip("pandas").DataFrame([["Good.", "Bad."]], columns=["text", "text"])
    with pytest.raises(InputError, match="the frame has more than one column text"):
        treernn.summarize(twice, scorer=small)
    with pytest.raises(InputError, match="expected texts, results or a data frame, got 5"):
        treernn.summarize(5, scorer=small)


def test_one_review_that_is_quoted(small):
    page = treernn.summarize(["The battery is great."] * 4, scorer=small).to_html()
    assert "The 1 review that is quoted" in page
