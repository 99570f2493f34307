"""Every reader with every fault of files and archives: a result, or one line of one typed error."""

import gzip
import io
import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from safetensors.numpy import save

from tests.helpers import faults
from treernn.corpora import (
    corrected,
    glove,
    labelled,
    lexicon,
    products,
    pros_cons,
    release,
    restaurants,
    reviews,
    sst,
    tweets,
)
from treernn.corpora.blocks import looks_like_blocks, parse_blocks
from treernn.corpora.brackets import read_brackets
from treernn.corpora.captions import read_captions
from treernn.corpora.frames import read_frame_tags, read_frames, read_videos
from treernn.corpora.parallel import read_pairs
from treernn.corpora.penn import read_penn
from treernn.corpora.spans import read_spans
from treernn.corpora.tagged import read_tagged, read_treebank
from treernn.errors import InputError, MissingPackageError, TreernnError
from treernn.tables import outside
from treernn.tables.encoding import read_text
from treernn.tables.open import open_table

pytestmark = pytest.mark.filterwarnings("ignore::treernn.errors.DataWarning")


class Reader(NamedTuple):
    read: Callable[[Path], object]
    name: str
    content: bytes
    text: bool = True


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


FEATURES = np.arange(6, dtype=np.float32).reshape(2, 3)
COCO = json.dumps(
    {
        "images": [{"id": 1, "file_name": "one.jpg"}, {"id": 2}],
        "annotations": [{"image_id": 1, "caption": "a dog"}, {"image_id": 2, "caption": "two"}],
    }
).encode()
CORENLP = (
    b'{"sentences": [{"index": 1, "sentimentTree": "(3|prob=0.9\\n (2|prob=0.9 so)'
    b' (3|prob=0.9 good))"}]}\n'
)
TREES = b"(3 (2 so) (3 good))\n(1 (2 so) (1 bad))\n"
TREEBANK = b"( (S (NP (PRP It)) (VP (VBZ works)) (. .)) )\n"


def table(path):
    with open_table(path) as opened:
        return opened.columns, list(opened.records)


def blocks(path):
    text = read_text(path)
    return looks_like_blocks(text) and parse_blocks(text, path)


def beside(path, name, content):
    other = (path.parent if path.parent.name.startswith("test_") else Path.cwd()) / name
    other.write_bytes(content)
    return other


def captions(path):
    features = beside(path, "features.npy", npy(FEATURES))
    return [(each.name, each.captions) for each in read_captions(path, features)]


def features(path):
    coco = beside(path, "coco.json", COCO)
    return [each.image.tolist() for each in read_captions(coco, path)]


def videos(path):
    folder = path.parent / "videos"
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text("frame,tag\n0,x\n1,y\n")
    (folder / "a.npy").unlink(missing_ok=True)
    os.link(path, folder / "a.npy")
    return [video.tags for video in read_videos(folder)]


def split_of(load, name):
    """Read a file of trees as the part of a treebank in a folder."""

    def read(path):
        folder = path.parent / "fiveclass"
        folder.mkdir(exist_ok=True)
        for split in ("train", "dev", "test"):
            (folder / f"{split}.txt").write_bytes(TREES)
        (folder / name).unlink()
        os.link(path, folder / name)
        return load("train", folder)

    return read


FILES = {
    "tagged": Reader(read_tagged, "a.txt", b"It\tPRP\nworks\tVBZ\n\nso\tRB\n"),
    "glove": Reader(
        lambda path: glove.read(path).vectors.tolist(), "v.txt", b"so 1 2 3\nof 1 5 6\n"
    ),
    "glove with a header": Reader(
        lambda path: glove.read(path).words, "v.vec", b"2 3\nso 1 2 3\nof 1 5 6\n"
    ),
    "penn": Reader(read_penn, "a.mrg", TREEBANK),
    "brackets": Reader(read_brackets, "a.txt", TREES),
    "corenlp": Reader(read_brackets, "a.json", CORENLP),
    "blocks": Reader(blocks, "a.txt", b"1 so bad\n1 bad\n\n3 good\n"),
    "pairs": Reader(read_pairs, "a.tsv", "go 1\t走\nno\t不\tby 2\n".encode()),
    "text": Reader(table, "a.txt", b"good\nnot good 1\n"),
    "csv": Reader(table, "a.csv", b"id,text\n1,so good\n2,bad\n"),
    "jsonl": Reader(table, "a.jsonl", b'{"id": 1, "text": "good"}\n{"id": 2, "text": "no"}\n'),
    "labelled": Reader(labelled.read_labelled, "a.csv", b"text,label\nso good,1\nno,0\n"),
    "spans": Reader(
        read_spans,
        "a.jsonl",
        b'{"text": "so good", "spans": [{"start": 3, "end": 7, "label": 4}], "score": 0.5}\n'
        b'{"text": "so bad", "distribution": [0, 0.5, 0.5, 0, 0]}\n',
    ),
    "tweets": Reader(
        tweets.load,
        "a.tsv",
        b'part\tlabel\ttext\n2016dev\tpositive\tso \\"good\\"\n2013train\tnegative\tno\n',
    ),
    "pros and cons": Reader(
        pros_cons.load, "a.tsv", b"label\ttext\npositive\tso good\nnegative\tno\nbad\n"
    ),
    "lexicon": Reader(lexicon.load, "a.txt", b"so good\t1.9\t0.9\t[1, 2]\n:(\t-1.5\t0.1\t[]\n"),
    "captions": Reader(captions, "captions.json", COCO),
    "frame tags": Reader(lambda path: read_frame_tags(path, 2), "a.csv", b"frame,tag\n0,x\n1,so\n"),
    "corrected": Reader(split_of(corrected.load, "train.txt"), "a.txt", TREES),
    "frames": Reader(lambda path: read_frames(path).tolist(), "a.npy", npy(FEATURES), False),
    "npy of features": Reader(features, "f.npy", npy(FEATURES), False),
    "tensors of features": Reader(
        features, "f.safetensors", save({"1": FEATURES[0], "2": FEATURES[1]}), False
    ),
}


@pytest.fixture(autouse=True)
def bounds(monkeypatch, tmp_path):
    """Smaller bounds, so that the tests are quick."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outside, "FREE", 1 << 24)
    monkeypatch.setattr(outside, "MAX_WHOLE", 1 << 25)
    monkeypatch.setattr(outside, "PATIENCE", 0.01)


def outcome(read, path):
    """What is read, or None and what is wrong."""
    try:
        return read(path), ""
    except (MissingPackageError, AssertionError):
        raise
    except TreernnError as error:
        return None, str(error)


def check(read, path, fault):
    found, problem = outcome(read, path)
    assert len(problem.splitlines()) <= 1, fault
    assert len(problem) < 2 * len(str(path)) + 700, fault
    return found, problem


@pytest.mark.parametrize("reader", FILES)
def test_files(tmp_path, reader):
    read, name, content, is_text = FILES[reader]
    path = tmp_path / name

    def outcome_of(content, fault):
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        return check(read, path, fault)

    sound, problem = outcome_of(content, "none")
    assert sound
    assert not problem
    for fault, damaged in faults.byte_faults(content):
        outcome_of(damaged, fault)
    for fault, damaged in faults.text_faults(content) if is_text else ():
        outcome_of(damaged, fault)
    for kind, compress in faults.COMPRESSIONS.items():
        found, problem = outcome_of(compress(content), kind)
        assert found == sound or name.endswith(".safetensors"), (kind, problem)
    for fault, damaged in faults.compressed_faults(content):
        found, problem = outcome_of(damaged, fault)
    bombs = [b"x" * (1 << 25)] if reader in ("tagged", "penn", "glove", "pairs", "text") else []
    for bomb in bombs:
        found, problem = outcome_of(gzip.compress(bomb, 1), "bomb")
        assert problem or found[1][0].error


@pytest.mark.parametrize("reader", FILES)
def test_what_is_no_file(tmp_path, reader):
    read, name, *_ = FILES[reader]
    path = tmp_path / name
    if reader == "corrected":  # the folder of the treebank is given, not the file
        return
    places = [path, tmp_path / ("x" * 300), tmp_path / ("x/" * 3000), Path("a\0b"), Path("")]
    os.symlink(path.name, tmp_path / "loop")
    os.symlink("loop", tmp_path / "around")
    places += [Path("/dev/null"), Path("/dev/zero"), Path("/dev/full"), tmp_path / "loop"]
    for place in places:
        _, problem = check(read, place, place)
        assert problem or place == Path("/dev/null")
    for make in (os.mkfifo, os.mkdir, unix_socket, lambda path: path.symlink_to(path)):
        make(path)
        _, problem = check(read, path, make)
        assert problem
        path.rmdir() if path.is_dir() else path.unlink()


def unix_socket(path):
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))


REVIEWS = [("txt/neg/cv000_1.txt", b"so bad .\n"), ("txt/pos/cv000_2.txt", b"so good .\n")]
PRODUCTS = [
    (f"reviews/{name}_1.txt", b'[t]so good\ntone[+2]##so " good " .\n##i did n\'t .\n')
    for names in products.PARTS
    for name in names
]
SENTENCE = (
    b'<sentences><sentence><text>so good</text><aspectTerms><aspectTerm from="3" to="7" '
    b'polarity="positive" term="good"/></aspectTerms></sentence></sentences>'
)
RESTAURANTS = [("mams/train.xml", SENTENCE), ("mams/val.xml", SENTENCE)]
DOCUMENTS = [("t/wsj_0001.mrg", TREEBANK), ("t/wsj_0002.mrg", TREEBANK)]
RELEASE = [
    ("stanfordSentimentTreebank/STree.txt", b"3|3|0\n"),
    ("stanfordSentimentTreebank/SOStr.txt", b"so|good\n"),
    ("stanfordSentimentTreebank/datasetSplit.txt", b"sentence_index,splitset_label\n1,1\n"),
    ("stanfordSentimentTreebank/dictionary.txt", b"so|0\ngood|1\nso good|2\n"),
    ("stanfordSentimentTreebank/sentiment_labels.txt", b"ids|values\n0|0.5\n1|0.9\n2|0.8\n"),
]


def load_release(path):
    if (folder := release.find(path)) is None:
        raise InputError("not found")
    return release.load("train", folder)


ARCHIVES = {
    "reviews": (reviews.load, REVIEWS, True),
    "products": (products.load, PRODUCTS, True),
    "restaurants": (restaurants.load, RESTAURANTS, True),
    "treebank": (read_treebank, DOCUMENTS, True),
    "release": (load_release, RELEASE, False),
    "sst": (lambda path: sst.load("dev", path), [("trees/dev.txt", TREES)], False),
    "glove": (lambda path: glove.read(path).words, [("v.txt", b"so 1 2 3\nof 1 5 6\n")], False),
    "pairs": (read_pairs, [("cmn.txt", "go 1\t走\nno\t不\tby 2\n".encode())], False),
}


@pytest.mark.parametrize("reader", ARCHIVES)
def test_archives(tmp_path, reader):
    read, members, of_tar = ARCHIVES[reader]
    path = tmp_path / "archive"
    path.write_bytes(faults.zip_file(*members))
    sound, problem = outcome(read, path)
    assert sound or reader == "sst"  # which knows its checksum
    whole = faults.tar_file(*members)
    for compress in (bytes, *faults.COMPRESSIONS.values()):
        path.write_bytes(compress(whole))
        found, problem = check(read, path, "tar")
        assert (found == sound) if of_tar else problem
    accepted = []
    for made in (faults.zip_faults(members), faults.tar_faults(members)):
        for fault, damaged in made:
            path.write_bytes(damaged)
            found, problem = check(read, path, fault)
            if not problem and found != sound:
                accepted.append(fault)
    assert not [fault for fault in accepted if not HARMLESS.search(fault)]
    assert os.listdir(tmp_path) == ["archive"]


# Other content or another name, of which nothing says that it is wrong; names are not used.
HARMLESS = re.compile(
    r"type '[KXgx]'|a bit of byte|of an empty file|member '(?:\.\.\\|C:|xxx|é|.udcff|.x1b)"
)
