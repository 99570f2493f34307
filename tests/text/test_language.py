import pytest

from treernn.text.language import other_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le film est vraiment très mauvais et je ne le recommande pas.", "French"),
        ("Das Essen war sehr schlecht und der Service noch schlimmer.", "German"),
        ("La película es muy mala y no la recomiendo a nadie.", "Spanish"),
        ("Il film è molto bello ma la fine non mi piace.", "Italian"),
        ("O filme não é bom e eu não recomendo para você.", "Portuguese"),
        ("Het eten was niet goed en ook de bediening viel tegen.", "Dutch"),
        ("Film très mauvais", "French"),
    ],
)
def test_other_languages(text, language):
    assert other_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        *("", "Nice.", "Loved it", "gr8 movie lol", "La La Land", "Die Hard", ":) 10/10"),
        *("Déjà vu, but charming.", "The Cabinet of Dr. Caligari", "De Niro in Las Vegas"),
    ],
)
def test_english_and_what_is_in_doubt(text):
    assert other_language(text) is None


def test_the_treebank_is_english(sst_dev):
    assert [tree.words for tree in sst_dev if other_language(" ".join(tree.words))] == []
