import numpy as np
import pytest
import torch

from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError, ModelError
from treernn.models.sentiment import load_sentiment
from treernn.parsing import load_parser, load_trained
from treernn.parsing.encoder_parser import EncoderParser, EncoderParserConfig

WORDS = ("bad", "film", "the", "good")


@pytest.fixture
def parser(tiny_encoder) -> EncoderParser:
    torch.manual_seed(1)
    parser = EncoderParser(load_encoder(tiny_encoder()), EncoderParserConfig(span_rank=5)).eval()
    torch.nn.init.normal_(parser.biaffine.weight)
    torch.nn.init.normal_(parser.start_and_end)
    return parser


def sentences(number: int) -> list[list[str]]:
    random = np.random.default_rng(number)
    return [
        [WORDS[k] for k in random.integers(0, 4, random.integers(1, 40))] for _ in range(number)
    ]


def test_scores_are_a_biaffine_product_of_the_words_at_the_boundaries(parser):
    sample = [["the", "good", "film"], ["bad"]]
    scores = parser(parser.collate(parser.encode_training(sample)))
    biaffine = parser.biaffine
    for row, words in enumerate(sample):
        states = [parser.start_and_end[0], *torch.from_numpy(parser.encoder.embed([words])[0])]
        states.append(parser.start_and_end[1])
        for i in range(len(words) + 1):
            for j in range(len(words) + 1):
                one = biaffine.start_projection(torch.cat((states[i], states[i + 1]))).relu()
                other = biaffine.end_projection(torch.cat((states[j], states[j + 1]))).relu()
                one, other = (torch.cat((each, torch.ones(1))) for each in (one, other))
                expected = one @ biaffine.weight @ other
                torch.testing.assert_close(scores[row, i, j], expected, rtol=1e-4, atol=1e-4)


def test_a_batch_gives_the_same_trees_as_single_sentences(parser):
    sample = [*sentences(30), ["film", "."] * 100]
    assert parser.parse(sample) == [parser.parse([words])[0] for words in sample]
    assert parser.parse([]) == []
    with pytest.raises(InputError, match="sentence 1 has no words"):
        parser.parse([["a"], []])


def test_save_and_load(parser, tmp_path):
    with torch.no_grad():
        for weight in parser.encoder.parameters():
            weight += 0.1 * torch.randn_like(weight)
    parser.save(tmp_path / "p", made="here")
    loaded = load_trained(tmp_path / "p")
    assert isinstance(loaded, EncoderParser)
    assert loaded.config == parser.config
    assert torch.equal(loaded.biaffine.weight, parser.biaffine.weight)
    for one, other in zip(parser.parameters(), loaded.parameters(), strict=True):
        largest = one.detach().abs().max() / 100  # 8 bits
        torch.testing.assert_close(other, one, rtol=0, atol=float(largest))
    loaded.save(tmp_path / "again")
    again = load_parser(str(tmp_path / "again"))
    assert loaded.parse(sentences(20)) == again.parse(sentences(20))
    with pytest.raises(ModelError, match="the kind of model is encoder-parser, expected tree-cl"):
        load_sentiment(tmp_path / "p")


def test_a_folder_without_an_encoder(parser, tmp_path):
    parser.save(tmp_path / "p")
    (tmp_path / "p" / "config.json").write_text('{"format": 2, "kind": "encoder-parser"}')
    with pytest.raises(ModelError, match=r"describes no parser \(it has no encoder"):
        load_trained(tmp_path / "p")
