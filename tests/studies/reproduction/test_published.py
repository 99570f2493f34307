import pytest

from treernn.studies.reproduction.published import FOLD, PUBLISHED, SOCHER, TAI

# all nodes 5 / root 5 / all nodes 2 / root 2
FOUR = {
    "nb": "67.2/41.0/82.6/81.8", "svm": "64.3/40.7/84.6/79.4", "binb": "71.0/41.9/82.7/83.1",
    "vecavg": "73.3/32.7/85.1/80.1", "rnn": "79.0/43.2/86.1/82.4", "mv-rnn": "78.7/44.4/86.8/82.9",
    "rntn": "80.7/45.7/87.6/85.4",
}  # fmt: skip
# root 5 (sd)/root 2 (sd)
TWO = {
    "lstm": "46.4 (1.1)/84.9 (0.6)", "bilstm": "49.1 (1.0)/87.5 (0.5)",
    "lstm-2": "46.0 (1.3)/86.3 (0.6)", "bilstm-2": "48.5 (1.0)/87.2 (1.0)",
    "dependency": "48.4 (0.4)/85.7 (0.4)", "constituency-random": "43.9 (0.6)/82.0 (0.5)",
    "constituency-fixed": "49.7 (0.4)/87.5 (0.8)", "constituency-tuned": "51.0 (0.5)/88.0 (0.3)",
    "fold": "52.3 (0.7)/89.4 (0.4)",
}  # fmt: skip


def test_rows_are_in_the_order_of_the_papers():
    assert list(PUBLISHED) == [*FOUR, *TWO]


@pytest.mark.parametrize("name", FOUR)
def test_four_columns(name):
    row = PUBLISHED[name]
    figures = (row.all_five, row.root_five, row.all_binary, row.root_binary)
    assert "/".join(f"{figure:.1f}" for figure in figures) == FOUR[name]
    assert (row.root_five_sd, row.root_binary_sd, row.binary_task) == (None, None, "five")
    assert row.source == SOCHER


@pytest.mark.parametrize("name", TWO)
def test_two_columns_with_deviations(name):
    row = PUBLISHED[name]
    five = f"{row.root_five:.1f} ({row.root_five_sd:.1f})"
    assert f"{five}/{row.root_binary:.1f} ({row.root_binary_sd:.1f})" == TWO[name]
    assert (row.all_five, row.all_binary) == (None, None)
    assert (row.source, row.binary_task) == ((FOLD, "five") if name == "fold" else (TAI, "binary"))
