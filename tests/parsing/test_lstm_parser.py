import copy
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.engine import inference
from treernn.errors import InputError, ModelError
from treernn.models.storage import save_folder
from treernn.parsing import lstm_parser
from treernn.parsing.lstm_parser import SPECIAL_WORDS, LSTMParser, LSTMParserConfig
from treernn.types import Tree

SMALL = LSTMParserConfig(
    embedding_size=8, subword_size=6, subword_rows=64, hidden_size=10, layers=2, span_rank=7
)
WORDS = ["the", "a", "film", "is", "not", "bad", ",", "but", "ending", "ruins", "everything", "."]


@pytest.fixture(scope="module")
def parser() -> LSTMParser:
    torch.manual_seed(3)
    parser = LSTMParser([*SPECIAL_WORDS, *WORDS], SMALL).eval()
    torch.nn.init.normal_(parser.biaffine.weight)  # far from ties
    torch.nn.init.normal_(parser.features.embedding.weight)
    return parser


def sentences(number: int, longest: int, seed: int = 0) -> list[list[str]]:
    random = np.random.default_rng(seed)
    vocabulary = [*WORDS, "Film", "unheard-of", "“"]
    return [
        [vocabulary[k] for k in random.integers(0, len(vocabulary), random.integers(1, longest))]
        for _ in range(number)
    ]


def test_a_batch_gives_the_same_trees_as_single_sentences(parser):
    sample = sentences(60, 30)
    assert parser.parse(sample) == [parser.parse([words])[0] for words in sample]


def test_trees_have_the_order_and_words_of_the_sentences(parser):
    sample = sentences(30, 12)
    trees = parser.parse(sample)
    assert [list(tree.words) for tree in trees] == sample
    assert all(len(pair) == 2 for tree in trees for pair in tree.children)
    assert all(tree.spans()[-1] == (0, len(tree.words)) for tree in trees)


def test_batch_limits_change_nothing(parser, monkeypatch):
    sample = sentences(40, 20)
    trees = parser.parse(sample)
    monkeypatch.setattr(lstm_parser, "BATCH_WORDS", 50)
    monkeypatch.setattr(lstm_parser, "BATCH_CELLS", 300)
    assert parser.parse(sample) == trees


def test_one_word_is_a_leaf(parser):
    assert parser.parse([["film"], ["xyzzy"]]) == [Tree(("film",)), Tree(("xyzzy",))]


def test_no_sentences(parser):
    assert parser.parse([]) == []


def test_a_sentence_without_words_is_an_error(parser):
    with pytest.raises(InputError, match="sentence 2 has no words"):
        parser.parse([["a"], ["film"], []])


def test_scores_are_those_of_a_bidirectional_lstm(parser):
    """Compare with torch's bidirectional LSTM on packed sequences."""
    words = np.random.default_rng(0).choice(WORDS, 9).tolist()
    batch = parser.collate(parser.encode([words[-n:] for n in (9, 7, 7, 2, 1)]))
    lengths = batch.lengths
    inputs = parser.features(*batch.types)[batch.indices]
    states = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths + 2)
    for one, other in zip(parser.forward_layers, parser.backward_layers, strict=True):
        lstm = torch.nn.LSTM(one.input_size, one.hidden_size, bidirectional=True)
        lstm.load_state_dict(
            {
                **one.state_dict(),
                **{f"{name}_reverse": weight for name, weight in other.state_dict().items()},
            }
        )
        states, _ = lstm(states)
    hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(states)
    bounds = torch.cat((hidden[:-1, :, :10], hidden[1:, :, 10:]), -1)
    opening, closing = (
        parser.biaffine.start_projection(bounds).relu(),
        parser.biaffine.end_projection(bounds).relu(),
    )
    scores = parser(batch)
    for row, n in enumerate(lengths.tolist()):
        for i in range(n + 1):
            for j in range(n + 1):
                one = torch.cat((opening[i, row], torch.ones(1)))
                other = torch.cat((closing[j, row], torch.ones(1)))
                expected = one @ parser.biaffine.weight @ other
                torch.testing.assert_close(scores[row, i, j], expected, rtol=1e-4, atol=1e-4)


def test_a_very_long_sentence_is_split_after_punctuation(parser):
    words = (["film"] * 99 + ["."]) * 50
    (tree,) = parser.parse([words])
    assert len(tree.children) == 4999
    spans = tree.spans()
    assert spans[-1] == (0, 5000)
    assert {(k, k + 100) for k in range(0, 5000, 100)} <= set(spans)


def test_chart_cells_limit_the_batch(parser, monkeypatch):
    monkeypatch.setattr(lstm_parser, "BATCH_WORDS", 10**6)
    monkeypatch.setattr(lstm_parser, "BATCH_CELLS", 10 * 151**2)
    assert [len(each) for each in parser.batches(parser.encode([["a"] * 150] * 100))] == [10] * 10


@given(
    st.lists(st.lists(st.sampled_from(["film", "bad", "xyz"]), min_size=1, max_size=9), max_size=20)
)
def test_each_sentence_is_in_one_batch(parser, sample):
    examples = parser.encode(sample)
    row = parser.features.vocabulary.ids
    seen = []
    for indices in parser.batches(examples):
        batch = parser.collate([examples[index] for index in indices])
        words = batch.types.words[batch.indices]
        longest = int(batch.lengths.max())
        assert batch.indices.shape == (longest + 2, len(indices))
        for index, column, n in zip(indices, words.T, batch.lengths.tolist(), strict=True):
            expected = ["<s>", *sample[index], *["</s>"] * (longest + 1 - n)]
            assert column.tolist() == row(expected).tolist()
        seen.extend(indices)
    assert sorted(seen) == list(range(len(sample)))


@settings(max_examples=50)
@given(st.lists(st.lists(st.text(st.characters(), min_size=1), min_size=1, max_size=6), max_size=5))
def test_any_words_are_parsed(parser, sample):
    assert [list(tree.words) for tree in parser.parse(sample)] == sample


def test_save_and_load(parser, tmp_path):
    parser.save(tmp_path / "parser")
    loaded = LSTMParser.load(tmp_path / "parser")
    assert loaded.config == parser.config
    assert loaded.features.vocabulary.words == parser.features.vocabulary.words
    largest = parser.features.embedding.weight.abs().amax(1, keepdim=True)
    error = (loaded.features.embedding.weight - parser.features.embedding.weight).abs()
    assert (error <= largest / 127).all()  # 8 bits for each word's range
    torch.testing.assert_close(loaded.biaffine.weight, parser.biaffine.weight, rtol=1e-3, atol=1e-4)
    loaded.save(tmp_path / "again")
    again = LSTMParser.load(tmp_path / "again")
    sample = sentences(30, 20)
    assert loaded.parse(sample) == again.parse(sample)


def test_parsing_restores_training_mode(parser):
    parser.train()
    parser.parse([WORDS])
    assert parser.training
    parser.eval()


def test_the_vocabulary_must_start_with_the_special_words():
    with pytest.raises(InputError, match="begins with <unk> <s> </s>"):
        LSTMParser(["film"], SMALL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "classifier"}, "the kind of model is classifier, expected lstm-parser"),
        ({"model": {**SMALL.__dict__, "hidden_size": 11}}, "weights do not fit"),
        (
            {"model": {"hidden_size": "many"}},
            "describes no parser .hidden_size is 'many', exp",
        ),
        ({"model": {"span_rank": None}}, "describes no parser"),
        ({"model": {"ranks": 1}}, "describes no parser"),
    ],
)
def test_a_folder_that_is_not_a_parser(parser, tmp_path, change, message):
    parser.save(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match=message):
        LSTMParser.load(tmp_path)


def test_a_folder_without_scales(parser, tmp_path):
    save_folder(
        tmp_path,
        kind="lstm-parser",
        config={"model": SMALL.__dict__},
        vocabulary=parser.features.vocabulary.words,
        weights={
            **parser.state_dict(),
            "features.embedding.weight": parser.features.embedding.weight.to(torch.int8),
        },
    )
    with pytest.raises(ModelError, match=r"embedding\.scale is missing or wrong$"):
        LSTMParser.load(tmp_path)


def test_bfloat16_changes_the_scores_little(parser):
    reduced = copy.deepcopy(parser)
    reduced.reduce_precision()
    sample = sentences(60, 30)
    batch = parser.collate(parser.encode(sorted(sample, key=len, reverse=True)))
    with inference(parser), inference(reduced):
        exact, scores = parser(batch), reduced(batch)
    assert scores.dtype == torch.float32
    assert not torch.equal(scores, exact)
    assert (scores - exact).abs().max() < 0.02 * exact.abs().max()
    assert reduced.parse(sample) == [reduced.parse([words])[0] for words in sample]
