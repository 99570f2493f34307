"""Files of corpora: trees, tags, captions, vectors, archives."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from safetensors.numpy import save

from fuzzing import archives
from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import NUMBERS, PIECES, hostile_text, json_bytes, mutate_bytes, mutate_json
from treernn import corpora
from treernn.corpora import brackets, glove, parallel, penn, release, reviews, sst, tagged
from treernn.corpora.labelled import read_labelled
from treernn.errors import DataError
from treernn.parsing import read_trees
from treernn.training.data.own_trees import read_own_trees
from treernn.types import Tree

SST = "(3 (2 It) (3 (3 (2 's) (3 (2 not) (1 bad))) (2 .)))\n(1 (0 awful) (2 film))\n"
PENN = (
    "( (S (NP-SBJ-1 (PRP It) (-NONE- *-1)) (VP (VBZ 's) (ADJP-PRD (JJ great))) (. .)))\n"
    "(S (NP (DT The) (NN plot)) (VP (VBD was) (ADJP (JJ dull))))\n"
)
BLOCKS = "1 Today is not a good day.\n3 good\n3 a good day\n\n-1 A film\n2 film\n"
CORENLP = (
    "(ROOT|sentiment=1|prob=0.28 (NP|sentiment=2|prob=0.97 Your) (VBZ|sentiment=1|prob=1 sucks))\n"
)
TAGGED = "It\tPRP\nworks\tVBZ\n.\t.\n\nYes\tUH\n"
PAIRS = "Go.\tGeh.\tCC-BY\nHello!\tHallo!\nIt works.\tEs geht.\n"
LABELLED = 'text,label\n"A good, long film.",4\nBad.,0\nNot bad,3\n'
VECTORS = "4 3\nthe 0.1 0.2 -0.3\n, 1 2 3\ngood 1e-2 .5 +7\nof 0 0 0\n"
FRAMES = "frame,tag\n0,serve\n1,serve\n2,hit\n"
CAPTIONS: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "a.png"}, {"id": "b"}],
    "annotations": [{"image_id": 1, "caption": "A dog."}, {"image_id": "b", "caption": "Cats"}],
}
ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)


def _tree_text(random: Random) -> bytes:
    text = random.choice((SST, SST, PENN, PENN, BLOCKS, CORENLP))
    match random.randrange(8):
        case 0:
            depth = random.choice((10, 300, 5_000))
            return ("(2 " * depth + "x" + ")" * random.choice((depth, depth - 1))).encode()
        case 1:
            return "".join(
                random.choice(_TREE_PIECES) for _ in range(random.randint(1, 60))
            ).encode("utf-8", "surrogatepass")
    return mutate_bytes(random, text.encode())


_TREE_PIECES = (*"((((())))  \n\t", "0", "2", "3", "-1", "S", "NP", "a", "good", *PIECES)


def _trees(case: Case, folder: Path) -> str:
    reader = options_of(case)["reader"]
    found: list[Any] = _TREE_READERS[reader](folder / "trees.txt")
    for tree in found:
        nodes = len(tree.words) + len(tree.children)
        seen = [child for children in tree.children for child in children]
        assert tree.words, "a tree without words"
        assert len(set(seen)) == len(seen) == nodes - 1, "nodes of a tree"
        if isinstance(tree, Tree):
            assert all(-1 <= label <= 4 for label in tree.labels), "labels of a tree"
            if reader == "brackets" and len(tree.words) < 300:
                again = brackets.parse_brackets(brackets.format_tree(tree))
                assert again == [tree], "trees are read as they are written"
    return "result"


_TREE_READERS: dict[str, Callable[[Path], Any]] = {
    "brackets": brackets.read_brackets,
    "penn": penn.read_penn,
    "any": read_trees,
    "own": read_own_trees,
}


def _make_trees(random: Random) -> Case:
    return with_options({"trees.txt": _tree_text(random)}, reader=random.choice([*_TREE_READERS]))


def _lines(random: Random, text: str) -> bytes:
    data = mutate_bytes(random, text.encode())
    if random.random() < 0.05:
        data = data.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-8-sig")))
    return data


def _make_files(random: Random) -> Case:
    kind = random.choice([*_FILES])
    return with_options(_FILES[kind][0](random), kind=kind)


def _files(case: Case, folder: Path) -> str:
    _FILES[options_of(case)["kind"]][1](folder)
    return "result"


def _captions(random: Random) -> Case:
    array = ARRAY[:2]
    files = {"captions.json": json_bytes(random, mutate_json(random, CAPTIONS, 1))}
    if random.random() < 0.3:
        files["captions.json"] = json.dumps(CAPTIONS).encode()
    tensors = save({"1": ARRAY[0].copy(), "b": ARRAY[1].copy()})
    return {
        **files,
        "features.npy": archives.npy_of(random, array),
        "features.safetensors": archives.safetensors_of(random, tensors),
    }


def _read_captions(folder: Path) -> None:
    errors = []
    for name in ("features.npy", "features.safetensors"):
        try:
            for each in corpora.read_captions(folder / "captions.json", folder / name):
                assert np.isfinite(each.image).all() and each.image.dtype == np.float32
                assert each.captions
        except DataError as error:
            errors.append(error)
    if len(errors) == 2:
        raise errors[0]


def _video(random: Random) -> Case:
    return {
        "a.npy": archives.npy_of(random, ARRAY, random.random() < 0.7),
        "a.csv": _lines(random, FRAMES),
    }


def _read_video(folder: Path) -> None:
    from treernn.corpora.frames import read_videos

    for video in read_videos(folder):
        assert np.isfinite(video.frames).all() and video.frames.dtype == np.float32
        assert len(video.tags) == len(video.frames)


def _vectors(random: Random) -> Case:
    data = VECTORS.encode()
    if random.random() < 0.7:
        data = mutate_bytes(random, data)
    if random.random() < 0.2:
        data = data.replace(b"3", random.choice(NUMBERS).encode(), 1)
    match random.randrange(4):
        case 0:
            data = archives.zip_of(random, {"a.txt": data})
        case 1:
            data = gzip.compress(data, 1, mtime=0)
            data = mutate_bytes(random, data) if random.random() < 0.7 else data
    return {"vectors.txt": data}


def _read_vectors(folder: Path) -> None:
    table = glove.read(folder / "vectors.txt")
    assert np.isfinite(table.vectors).all() and len(table.words) == len(table.vectors)
    assert len(set(table.words)) == len(table.words), "a word twice"


_REVIEWS = {f"m/{label}/cv00{n}_12.txt": b"a film .\n" for label in ("neg", "pos") for n in (0, 1)}


def _archive(files: dict[str, bytes]) -> Callable[[Random], Case]:
    def make(random: Random) -> Case:
        chosen = dict(files)
        name = random.choice([*chosen])
        if random.random() < 0.4:
            chosen[name] = mutate_bytes(random, chosen[name])
        pack = random.choice((archives.zip_of, archives.tar_of))
        return {"archive": pack(random, chosen)}

    return make


_SST_FILES = {f"trees/{split}.txt": SST.encode() for split in ("train", "dev", "test")}
_RELEASE = {
    "dictionary.txt": b"It|0\nIt 's good|1\n's|2\ngood|3\n's good|4\n",
    "sentiment_labels.txt": b"phrase ids|sentiment values\n0|0.5\n1|0.9\n2|0.5\n3|0.8\n4|0.7\n",
    "datasetSentences.txt": b"sentence_index\tsentence\n1\tIt 's good\n",
    "datasetSplit.txt": b"sentence_index,splitset_label\n1,1\n",
    "SOStr.txt": b"It|'s|good\n",
    "STree.txt": b"5|4|4|5|0\n",
}


def _release(random: Random) -> Case:
    files = dict(_RELEASE)
    name = random.choice([*files])
    files[name] = mutate_bytes(random, files[name])
    return files


def _read_release(folder: Path) -> None:
    found = release.find(folder)
    if found is not None:
        release.load("train", found)


def _text(name: str, text: str) -> Callable[[Random], Case]:
    return lambda random: {name: _lines(random, text)}


_FILES: dict[str, tuple[Callable[[Random], Case], Callable[[Path], Any]]] = {
    "tagged": (_text("tags.txt", TAGGED), lambda folder: tagged.read_tagged(folder / "tags.txt")),
    "parallel": (_text("deu.txt", PAIRS), lambda folder: parallel.read_pairs(folder / "deu.txt")),
    "labelled": (_text("a.csv", LABELLED), lambda folder: read_labelled(folder / "a.csv")),
    "captions": (_captions, _read_captions),
    "frames": (_video, _read_video),
    "glove": (_vectors, _read_vectors),
    "reviews": (_archive(_REVIEWS), lambda folder: reviews.load(folder / "archive")),
    "treebank": (
        _archive({"a/wsj_1.mrg": PENN.encode(), "a/wsj_2.mrg": PENN.encode()}),
        lambda folder: tagged.read_treebank(folder / "archive"),
    ),
    "sst": (_archive(_SST_FILES), lambda folder: sst.load("dev", folder / "archive")),
    "release": (_release, _read_release),
    "hostile": (
        lambda random: {"a.txt": hostile_text(random).encode("utf-8", "surrogatepass")},
        lambda folder: tagged.read_tagged(folder / "a.txt"),
    ),
}


def _ready() -> None:
    from treernn.parsing import load_parser

    load_parser("embedded").parse([("a", "film")])


TARGETS = (
    Target("trees", _make_trees, _trees, quick=800, share=20, prepare=_ready),
    Target("corpora", _make_files, _files, quick=1500, share=50),
)
