"""Train a small Stanza tagger, constituency and dependency parser with Stanza's own training code.

    python train_small_stanza.py PENN_ZIP GLOVE_FILE FOLDER

writes a folder of models such as ``stanza.download`` makes, with the package ``small`` of English.
"""

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

from treernn.corpora import glove
from treernn.corpora.penn import EMPTY, PennTree, read_penn
from treernn.evaluation.brackets import bracket_score
from treernn.parsing.binarization import binarize
from treernn.parsing.heads import basic_category, collins_head
from treernn.parsing.stanza_parser import penn_tree

# Of the treebank's 3,914 sentences: the first ones to learn from, as far as they are short, some
# to watch the training, and the rest for tests.
LEARN, WATCH = 3000, 50
SENTENCES, WORDS = 1200, 25


def penn_sample(archive: str | Path) -> list[PennTree]:
    """The sentences of NLTK's sample of the Penn Treebank, in order."""
    with ZipFile(archive) as opened:
        names = sorted(name for name in opened.namelist() if name.endswith(".mrg"))
        return [tree for name in names for tree in read_penn(opened.open(name), name)]


def nary(tree: PennTree) -> str:
    """A tree as Stanza trains on it: no empty elements, no functional tags."""
    words = [word.replace("(", "-LRB-").replace(")", "-RRB-") for word in tree.words]
    nodes = [
        "" if tag == EMPTY else f"({tag} {word})"
        for tag, word in zip(tree.tags, words, strict=True)
    ]
    for category, below in zip(tree.categories, tree.children, strict=True):
        inside = " ".join(filter(None, (nodes[child] for child in below)))
        nodes.append(inside and f"({basic_category(category) or 'ROOT'} {inside})")
    return nodes[-1]


def heads(tree: PennTree) -> list[int]:
    """For each word that is no empty element the place of its head among them, -1 for the root: a
    phrase hangs under the head child of the phrase that it is in (Collins 1999)."""
    names = [*tree.tags, *tree.categories]
    head: list[int | None] = [None if tag == EMPTY else word for word, tag in enumerate(tree.tags)]
    above = [-1] * len(tree.words)
    for category, below in zip(tree.categories, tree.children, strict=True):
        parts = [child for child in below if head[child] is not None]
        if not parts:
            head.append(None)
            continue
        chosen = head[parts[collins_head(category, [names[part] for part in parts])]]
        for part in parts:
            if head[part] != chosen:
                above[head[part]] = chosen
        head.append(chosen)
    words = [word for word, tag in enumerate(tree.tags) if tag != EMPTY]
    place = {-1: -1} | {word: number for number, word in enumerate(words)}
    return [place[above[word]] for word in words]


def conllu(tree: PennTree) -> str:
    """The words, tags and heads of a tree."""
    pairs = [pair for pair in zip(tree.words, tree.tags, strict=True) if pair[1] != EMPTY]
    return "".join(
        f"{number}\t{word}\t_\t_\t{tag}\t_\t{head + 1}\t{'dep' if head >= 0 else 'root'}\t_\t_\n"
        for number, ((word, tag), head) in enumerate(zip(pairs, heads(tree), strict=True), 1)
    )


class Evaluator:
    """In place of Stanza's own, which calls CoreNLP in Java: bracket F1 of the binary trees."""

    def __init__(self, **_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def process(self, results):
        found = [binarize(penn_tree(result.predictions[0].tree)) for result in results]
        gold = [binarize(penn_tree(result.gold)) for result in results]
        f1 = bracket_score(found, gold).f1
        return SimpleNamespace(f1=f1, treeF1=[], kbestF1=None, HasField=lambda _: False)


def train(archive: str, vectors_file: str, folder: Path) -> None:
    import stanza
    import torch
    from stanza.models import constituency_parser, parser, tagger
    from stanza.models.common.pretrain import Pretrain
    from stanza.models.constituency import parser_training, retagging

    torch.set_num_threads(1)
    trees = penn_sample(archive)
    short = [t for t in trees[:LEARN] if sum(tag != EMPTY for tag in t.tags) <= WORDS]
    parts = {"train": short[:SENTENCES], "dev": trees[LEARN : LEARN + WATCH]}
    for kind in ("pretrain", "pos", "constituency", "depparse"):
        (folder / "en" / kind).mkdir(parents=True)
    needs = {"dependencies": [{"model": "pretrain", "package": "small"}]}
    models = {
        "en": {
            "lang_name": "English",
            "packages": {
                "small": {
                    **dict.fromkeys(("tokenize", "pos", "constituency", "depparse"), "small"),
                    "lemma": "identity",
                }
            },
            "tokenize": {"small": {}},
            "pos": {"small": needs},
            "constituency": {"small": needs},
            "depparse": {"small": needs},
            "pretrain": {"small": {}},
        },
        "url": "http://127.0.0.1:9/none",
        "version": stanza.__version__,
    }
    (folder / "resources.json").write_text(json.dumps(models))
    vectors = folder / "en" / "pretrain" / "small.pt"
    with tempfile.TemporaryDirectory() as work:
        for part, chosen in parts.items():
            Path(work, f"{part}.mrg").write_text("".join(f"{nary(t)}\n" for t in chosen))
            Path(work, f"{part}.conllu").write_text("".join(f"{conllu(t)}\n" for t in chosen))
        known = glove.read(vectors_file, limit=20_000)
        lines = (
            f"{word} {' '.join(f'{value:.5f}' for value in row)}\n"
            for word, row in zip(known.words, known.vectors.tolist(), strict=True)
        )
        Path(work, "vectors.txt").write_text("".join(lines))
        Pretrain(str(vectors), f"{work}/vectors.txt").load()
        shared = (
            "--lang en --shorthand en_small --save_name small.pt --cpu "
            f"--wordvec_pretrain_file {vectors} --save_dir {folder}/en/"
        )
        tagger.main(
            f"{shared}pos --train_file {work}/train.conllu --eval_file {work}/dev.conllu "
            "--hidden_dim 64 --deep_biaff_hidden_dim 64 --composite_deep_biaff_hidden_dim 32 "
            "--tag_emb_dim 16 --char_emb_dim 16 --char_hidden_dim 32 --word_emb_dim 0 "
            "--transformed_dim 64 --num_layers 1 --batch_size 30 --lr 0.006 "
            "--max_steps 300 --eval_interval 150 --fix_eval_interval".split()
        )
        parser.main(
            f"{shared}depparse --train_file {work}/train.conllu --eval_file {work}/dev.conllu "
            "--hidden_dim 100 --deep_biaff_hidden_dim 100 --deep_biaff_output_dim 50 --no_char "
            "--tag_emb_dim 16 --word_emb_dim 0 --transformed_dim 64 --num_layers 1 "
            "--batch_size 1000 --optim adam --lr 0.004 --no_second_optim --no_checkpoint "
            "--max_steps 100 --eval_interval 50".split()
        )
        # As Stanza trains its own parsers, on the tags of the tagger; but without a download.
        tags = stanza.Pipeline(
            "en", str(folder), "small", "tokenize,pos", download_method=None,
            tokenize_pretokenized=True, use_gpu=False,
        )  # fmt: skip
        retagging.build_retag_pipeline = lambda _: [tags]
        parser_training.EvaluateParser = Evaluator
        constituency_parser.main(
            f"{shared}constituency --train_file {work}/train.mrg --eval_file {work}/dev.mrg "
            "--retag_package en_small --no_checkpoint --no_multistage --no_check_valid_states "
            "--hidden_size 128 --delta_embedding_dim 16 --num_lstm_layers 1 "
            "--optim adamw --learning_rate 0.002 --epochs 4 --epoch_size 0".split()
        )


if __name__ == "__main__":
    train(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
