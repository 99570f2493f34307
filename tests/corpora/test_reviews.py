"""Movie reviews: the published ones, and errors."""

import io
import shutil
import tarfile
import zipfile
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from treernn.corpora import reviews
from treernn.corpora.reviews import Review
from treernn.errors import DataError, MissingDataError

pytestmark = pytest.mark.usefixtures("cache")

FILES = {
    "pos/cv001_7.txt": "a fine film .\nsee it .\n",
    "neg/cv999_12.txt": "dull .\n",
    "neg/cv000_29416.txt": "no .\n",
}
FOUND = [
    Review("cv000_29416", 0, False, "no .\n"),
    Review("cv999_12", 9, False, "dull .\n"),
    Review("cv001_7", 0, True, "a fine film .\nsee it .\n"),
]


def make_zip(path: Path, files: dict[str, str], above: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{above}README", "not a review")
        archive.mkdir(f"{above}neg")
        for name, text in files.items():
            archive.writestr(above + name, text)
    return path


def make_tar(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("txt_sentoken/neg")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, text in {**files, "poldata.README.2.0": "not a review"}.items():
            entry = tarfile.TarInfo(f"txt_sentoken/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_published_reviews(data_file) -> None:
    found = reviews.load(data_file("movie-reviews-half.zip"))
    counts = Counter((review.positive, review.fold) for review in found)
    assert counts == {(positive, fold): 100 for positive in (False, True) for fold in range(5)}
    assert found == sorted(found, key=lambda review: (review.positive, review.name))
    for review in found:
        assert review.name.startswith(f"cv{review.fold}")
        assert review.text.isascii()
        assert review.text == review.text.lower()
    lines = [line for review in found for line in review.text.splitlines() if line.strip()]
    assert len(lines) == 31_763
    assert found[0].text.startswith("plot : two teen couples go to a church party , drink and")


def test_parts(tmp_path: Path) -> None:
    names = [f"{side}/cv{fold}00_1.txt" for side in ("neg", "pos") for fold in range(10)]
    path = make_zip(tmp_path / "reviews.zip", {name: f"{name} ." for name in names})
    parts = reviews.load_splits(path)
    folds = [[each.text[6] for each in part] for part in parts]
    assert folds == [[*"0101"], [*"22"], [*"34567893456789"]]
    for part in parts:
        for each in part:
            positive = each.text.startswith("pos")
            assert each.target == ((0, 0, 0, 1, 1) if positive else (1, 1, 0, 0, 0))


def test_archives_of_all_publishers(tmp_path: Path) -> None:
    assert reviews.load(make_tar(tmp_path / "review_polarity.tar.gz", FILES)) == FOUND
    assert reviews.load(make_zip(tmp_path / "movie_reviews.zip", FILES, "movie_reviews/")) == FOUND
    assert reviews.load(make_zip(tmp_path / "half.zip", FILES)) == FOUND


def test_found_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_zip(tmp_path / "movie-reviews-half.zip", FILES)
    assert reviews.load(tmp_path) == FOUND
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    assert reviews.load() == FOUND
    # All of them rather than a part.
    make_tar(tmp_path / "review_polarity.tar.gz", {**FILES, "pos/cv002_1.txt": "good .\n"})
    assert len(reviews.load()) == 4


def test_downloaded_once(
    cache: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = site
    published = make_tar(folder / "review_polarity.tar.gz", FILES)
    digest = sha256(published.read_bytes()).hexdigest()
    official = replace(reviews.DATA, url=f"{url}/review_polarity.tar.gz", sha256=digest)
    monkeypatch.setattr(reviews, "DATA", official)
    assert reviews.load() == FOUND
    published.unlink()
    assert reviews.load() == FOUND
    assert [path.name for path in cache.iterdir()] == ["review_polarity.tar.gz"]


def test_missing_archive(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"no review_polarity.tar.gz in this folder; get it"):
        reviews.load(tmp_path)
    with pytest.raises(MissingDataError, match="no such file"):
        reviews.load(tmp_path / "nothing.zip")


def test_damaged_archive(tmp_path: Path) -> None:
    whole = make_tar(tmp_path / "reviews.tar.gz", FILES).read_bytes()
    packed = make_zip(tmp_path / "reviews.zip", FILES).read_bytes()
    at = packed.index(b"pos/cv001_7.txt") + len("pos/cv001_7.txt") + 2
    for content in (
        b"",
        b"no archive at all",
        whole[: len(whole) // 2],
        packed[: len(packed) // 2],
        packed[:at] + bytes([packed[at] ^ 255]) + packed[at + 1 :],
    ):
        path = tmp_path / "damaged.zip"
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"damaged\.zip: .*(damaged|no reviews in it)"):
            reviews.load(path)


def test_review_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "reviews.zip"
    shutil.copy(make_zip(tmp_path / "good.zip", FILES), path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("pos/cv003_1.txt", b"a good\nfilm \xe9 .")
    with pytest.raises(DataError, match=r"reviews\.zip/pos/cv003_1\.txt:2:6: byte 0xe9"):
        reviews.load(path)


def test_archive_with_one_class(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "reviews.zip", {"neg/cv000_1.txt": "no ."})
    with pytest.raises(DataError, match=r"no reviews in it, expected files like pos/cv000_1\.txt"):
        reviews.load(path)
