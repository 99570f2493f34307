r"""Tweets of SemEval 2013 to 2016, task "Sentiment Analysis in Twitter", in three classes.

https://alt.qcri.org/semeval2017/task4/

A table of tab-separated columns ``part``, ``label`` and ``text``. The parts ``2016dev`` and
``2016devtest`` are dev and test, all others are train. Tweets have ``\"`` for a quotation mark;
at the end of some the mark itself was cut off.
"""

from __future__ import annotations

from os import PathLike

from treernn.corpora import locations
from treernn.corpora.columns import read_columns
from treernn.corpora.distinct import distinct_splits
from treernn.corpora.targets import TargetText, target_of_side
from treernn.errors import DataError, InputError
from treernn.types import Splits

DATA = locations.DataSet(
    "SemEval tweets",
    "https://alt.qcri.org/semeval2017/task4/",
    ("semeval-tweets.tsv.gz", "semeval-tweets.tsv"),
)

_DEV, _TEST = "2016dev", "2016devtest"


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The tweets; what is in dev or test, but for case, links and users, is not in train.

    Args:
        source: the table, or a folder with it. Default: search as in
            ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the table cannot be found.
        DataError: it is damaged, or a row has no text or another label.
    """
    path = locations.fetch(DATA, source)
    parts: dict[str, list[TargetText]] = {_DEV: [], _TEST: []}
    train: list[TargetText] = []
    for line, (part, label, text) in read_columns(path, ("part", "label", "text")):
        if not (text := _plain(text)):
            raise DataError("column 'text' is empty, expected a tweet", path, line)
        try:
            tweet = TargetText.whole(text, target_of_side(label))
        except InputError as error:
            raise DataError(str(error), path, line) from None
        parts.get(part.strip(), train).append(tweet)
    return distinct_splits(Splits(train, parts[_DEV], parts[_TEST]))


def _plain(text: str) -> str:
    plain = text.replace('\\"', '"')
    if plain != text and plain.endswith("\\"):
        plain = plain[:-1] + '"'
    return plain.strip()
