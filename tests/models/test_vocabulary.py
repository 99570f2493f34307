from treernn.models.vocabulary import Vocabulary

WORDS = Vocabulary(["<unk>", "film", "Film", "é"])


def test_words_are_looked_up_as_written_then_in_lower_case():
    assert WORDS.ids(["film", "Film", "FILM", "É", "xyzzy", ""]).tolist() == [1, 2, 1, 3, 0, 0]
    assert WORDS.ids([]).dtype == "int64"


def test_contains():
    assert "FILM" in WORDS
    assert "xyzzy" not in WORDS
    assert len(WORDS) == 4
