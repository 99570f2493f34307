"""Sentences about restaurants with the sentiment towards what they name: MAMS (Jiang et al. 2019).

https://github.com/siat-nlp/MAMS-for-ABSA

XML with sentences and their aspect terms, each with a range of characters and one of three classes.
The label is about the term as this sentence sees it, not about what the words of the term mean. In
every sentence two terms differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from xml.parsers import expat

from treernn.corpora import locations
from treernn.corpora.archives import read_files
from treernn.corpora.distinct import distinct_splits
from treernn.corpora.targets import (
    NEUTRAL,
    SpanTarget,
    TargetText,
    target_of_classes,
    target_of_side,
)
from treernn.errors import DataError, InputError, one_line
from treernn.types import Splits

DATA = locations.DataSet(
    "MAMS restaurant sentences",
    "https://github.com/siat-nlp/MAMS-for-ABSA",
    ("mams-atsa.zip",),
)

_NEUTRAL = target_of_classes(NEUTRAL)


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The sentences of ``train.xml``, and those of ``val.xml``: its first half is dev, the second
    test.

    Targets are sets of classes. Each term has one; and the whole sentence, if all terms that it has
    an opinion of agree.

    Args:
        source: an archive or a folder with these files, or a folder with the archive. Default:
            search as in ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the sentences cannot be found.
        DataError: they are damaged, or one of the files is missing.
    """
    path = locations.fetch(DATA, source)
    found = {file.name: read_sentences(content, file) for file, content in read_files(path, ".xml")}
    for name in ("train.xml", "val.xml"):
        if not found.get(name):
            raise DataError(f"no sentences of {name} in it", path)
    held_out = found["val.xml"]
    half = len(held_out) // 2
    return distinct_splits(Splits(found["train.xml"], held_out[:half], held_out[half:]))


def read_sentences(content: bytes, path: Path) -> list[TargetText]:
    """The sentences of a file; see ``load``.

    Args:
        content: of the file.
        path: its name, for errors.

    Raises:
        DataError: it is no such XML, or a term is not in its sentence.
    """
    reader = _Reader(path)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    reader.parser = parser
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise DataError(f"not XML ({one_line(error)})", path, error.lineno) from None
    return reader.sentences


@dataclass
class _Reader:
    """The handlers of a parser, and what they have seen."""

    path: Path
    sentences: list[TargetText] = field(default_factory=list)
    parser: expat.XMLParserType = field(init=False)
    text: str = ""
    in_text: bool = False
    terms: list[tuple[int, SpanTarget]] = field(default_factory=list)

    def error(self, problem: str, line: int | None = None) -> DataError:
        return DataError(problem, self.path, line or self.parser.CurrentLineNumber)

    def doctype(self, *_: object) -> None:
        """Declared entities could expand without end."""
        raise self.error("has a document type, expected sentences only")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sentence":
            self.text, self.terms = "", []
        elif name == "text":
            self.in_text = True
        elif name == "aspectTerm":
            self.terms.append((self.parser.CurrentLineNumber, self.term(attributes)))

    def characters(self, data: str) -> None:
        if self.in_text:
            self.text += data

    def end(self, name: str) -> None:
        if name == "text":
            self.in_text = False
        elif name == "sentence":
            self.sentence()

    def term(self, attributes: dict[str, str]) -> SpanTarget:
        try:
            start, end = int(attributes["from"]), int(attributes["to"])
            return SpanTarget(start, end, target_of_side(attributes["polarity"]))
        except KeyError as error:
            raise self.error(f"a term without {error.args[0]}") from None
        except ValueError:
            raise self.error("from and to of a term must be whole numbers") from None
        except InputError as error:
            raise self.error(str(error)) from None

    def sentence(self) -> None:
        if not self.text.strip():
            raise self.error("a sentence without text")
        for line, term in self.terms:
            if not 0 <= term.start < term.end <= len(self.text):
                problem = f"characters {term.start} to {term.end}"
                raise self.error(f"{problem}, the text has {len(self.text)}", line)
        targets = [term for _, term in self.terms]
        whole = (0, len(self.text))
        opinions = {each.target for each in targets if each.target != _NEUTRAL}
        if len(opinions) == 1 and whole not in {(each.start, each.end) for each in targets}:
            targets.append(SpanTarget(*whole, opinions.pop()))
        self.sentences.append(TargetText(self.text, tuple(targets)))
