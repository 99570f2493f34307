"""COCO captions and image features: valid files, and an error for every kind of faulty one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

from treernn.corpora.arrays import read_array
from treernn.corpora.captions import read_captions, read_features
from treernn.errors import DataError, MissingDataError

# As in captions_val2017.json, but for what nobody reads here.
CONTENT = {
    "info": {"year": 2017},
    "images": [
        {"id": 397133, "file_name": "000000397133.jpg", "height": 427, "width": 640},
        {"id": 37777, "file_name": "000000037777.jpg"},
        {"id": 8},
    ],
    "annotations": [
        {"image_id": 37777, "id": 2, "caption": "The dining table near the kitchen."},
        {"image_id": 397133, "id": 1, "caption": "A man is in a kitchen making pizzas."},
        {"image_id": 397133, "id": 3, "caption": "Man in apron standing on front of oven"},
        {"image_id": 8, "id": 4, "caption": "A child\u2028and a Crêpe"},
    ],
}
FEATURES = np.arange(12, dtype=np.float32).reshape(3, 4)


def write(folder: Path, content: object) -> Path:
    path = folder / "captions.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    return write(tmp_path, CONTENT)


@pytest.fixture
def features(tmp_path: Path) -> Path:
    path = tmp_path / "features.npy"
    np.save(path, FEATURES)
    return path


def check(found) -> None:
    assert [(image.name, image.captions) for image in found] == [
        (
            "000000397133.jpg",
            (
                "A man is in a kitchen making pizzas.",
                "Man in apron standing on front of oven",
            ),
        ),
        ("000000037777.jpg", ("The dining table near the kitchen.",)),
        ("8", ("A child\u2028and a Crêpe",)),
    ]
    for image, row in zip(found, FEATURES, strict=True):
        assert image.image.dtype == np.float32
        assert image.image.tolist() == row.tolist()


def test_npy_in_the_order_of_the_images(annotations: Path, features: Path) -> None:
    check(read_captions(annotations, features))


@pytest.mark.parametrize("kind", [np.float16, np.float64, np.int64, ">f4"])
def test_other_numbers_become_float32(annotations: Path, features: Path, kind: str) -> None:
    np.save(features, FEATURES.astype(kind))
    check(read_captions(annotations, features))


def test_safetensors_by_id_or_file_name(annotations: Path, tmp_path: Path) -> None:
    path = tmp_path / "features.safetensors"
    names = ("397133", "000000037777.jpg", "8")
    rows = dict(zip(names, FEATURES, strict=True))
    save_file({"of no image": np.zeros(9), **rows}, path)
    check(read_captions(annotations, path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.lists(st.text(min_size=1).filter(str.strip), min_size=1), min_size=1))
def test_any_captions_are_read(tmp_path: Path, texts: list[list[str]]) -> None:
    images = [{"id": f"image {number}"} for number in range(len(texts))]
    said = [
        {"image_id": image["id"], "caption": caption}
        for image, captions in zip(images, texts, strict=True)
        for caption in captions
    ]
    path = write(tmp_path, {"images": images, "annotations": said[::-1]})
    np.save(tmp_path / "features.npy", np.zeros((len(texts), 2)))
    found = read_captions(path, tmp_path / "features.npy")
    assert [list(image.captions)[::-1] for image in found] == texts


IMAGES, SAID = CONTENT["images"], CONTENT["annotations"]


@pytest.mark.parametrize(
    ("content", "where", "problem"),
    [
        ('{"images": [\n{"id": 1},\n', ":3:1", "not JSON (Expecting value)"),
        ("", ":1:1", "not JSON (Expecting value)"),
        ("[" * 100_000, "", "not JSON of captions, it is nested too deep"),
        ([1], "", "no list 'images' or an empty one, expected COCO's captions"),
        ({"images": []}, "", "no list 'images' or an empty one, expected COCO's captions"),
        (
            {"images": IMAGES},
            "",
            "no list 'annotations' or an empty one, expected COCO's captions",
        ),
        ({"images": [3]}, "", "images[0]: no 'id', expected COCO's captions"),
        (
            {"images": [{"id": 1.5}]},
            "",
            "images[0]: id is 1.5, expected an integer or a string",
        ),
        ({"images": [{"id": 1}, {"id": 1}]}, "", "images[1]: a second image has the id 1"),
        (
            {"images": [{"id": 1, "file_name": 2}]},
            "",
            "images[0]: file_name is 2, expected a string",
        ),
        (
            {"images": IMAGES, "annotations": [*SAID, {"image_id": 9, "caption": "a"}]},
            "",
            "annotations[4]: image_id is 9, no image has this id",
        ),
        (
            {"images": IMAGES, "annotations": [{"image_id": 8, "caption": " "}]},
            "",
            "annotations[0]: caption is ' ', expected a text",
        ),
        ({"images": IMAGES, "annotations": SAID[:3]}, "", "image 8 has no caption"),
    ],
)
def test_faulty_annotations(tmp_path: Path, features: Path, content, where, problem) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError) as raised:
        read_captions(path, features)
    assert str(raised.value) == f"{path}{where}: {problem}"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (FEATURES[:2], "2 rows of features, expected 3, one for each image of .*captions.json"),
        (FEATURES[0], r"an array of shape \[4\], expected \[images, size\] without zeros"),
        (np.zeros((3, 0)), r"an array of shape \[3, 0\], expected \[images, size\]"),
        (
            np.full((3, 4), np.nan),
            r"the array contains a number that is not a finite float32, at \[0, 0\]",
        ),
        (np.array([["a"]]), "the array contains <U1, expected numbers"),
        (np.array([{}]), r"not a \.npy file of numbers, or damaged \(it has pickled objects.*"),
    ],
)
def test_faulty_features(annotations: Path, features: Path, values, problem: str) -> None:
    np.save(features, values)
    with pytest.raises(DataError, match=f"^{re.escape(str(features))}: {problem}"):
        read_captions(annotations, features)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_damaged_arrays_are_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.npy"
    np.save(path, FEATURES)
    whole = path.read_bytes()
    for damaged in (content, whole[: len(content)], whole[:60] + content):
        path.write_bytes(damaged)
        with pytest.raises(DataError):
            read_array(path)


@pytest.mark.parametrize(
    ("tensors", "problem"),
    [
        ({"397133": FEATURES[0]}, "no features of image 37777 or '000000037777.jpg'"),
        (
            {"397133": FEATURES[0], "37777": FEATURES[1][:2]},
            r"'37777' has shape \[2\], expected \[4\] like the others",
        ),
        ({"397133": FEATURES}, r"'397133' has shape \[3, 4\], expected \[size\]"),
        (
            {"397133": np.array([np.inf])},
            r"'397133' contains a number that is not a finite float32, at \[0\]",
        ),
    ],
)
def test_faulty_tensors(annotations: Path, tmp_path: Path, tensors, problem: str) -> None:
    path = tmp_path / "features.safetensors"
    save_file(tensors, path)
    with pytest.raises(DataError, match=f"^{re.escape(str(path))}: {problem}$"):
        read_captions(annotations, path)


def test_damaged_tensors(annotations: Path, tmp_path: Path) -> None:
    path = tmp_path / "features.safetensors"
    path.write_bytes(b"\xff" * 50)
    with pytest.raises(DataError, match="not a safetensors file of numbers"):
        read_captions(annotations, path)
    save_torch({"397133": torch.zeros(2, dtype=torch.bfloat16)}, path)
    with pytest.raises(DataError, match=r"bfloat16"):
        read_captions(annotations, path)


def test_missing_files(annotations: Path, features: Path, tmp_path: Path) -> None:
    for arguments in (
        (tmp_path / "none", features),
        (annotations, tmp_path / "none.npy"),
        (annotations, tmp_path / "none.safetensors"),
    ):
        with pytest.raises(MissingDataError, match=r"none[.a-z]*: no such file$"):
            read_captions(*arguments)


def test_features_without_annotations(features: Path) -> None:
    assert read_features(features).tolist() == FEATURES.tolist()
