"""Sentences with the sentiment towards their aspect terms, in the XML of SemEval.

That of 2014 (task 4), which MAMS has too::

    <sentence><text>Great food.</text><aspectTerms>
      <aspectTerm term="food" polarity="positive" from="6" to="10"/></aspectTerms></sentence>

and that of 2015 and 2016, with ``<Opinion target="food" polarity="positive" from="6" to="10"/>``. A
term without a place in the text (``NULL``) is left out, and so is one of both sides (``conflict``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from xml.parsers import expat

from treernn.corpora.annotations import read_annotations
from treernn.corpora.annotations.reading import is_export
from treernn.corpora.spans import read_spans
from treernn.corpora.targets import (
    NEUTRAL,
    SpanTarget,
    TargetText,
    target_of_classes,
    target_of_side,
)
from treernn.errors import DataError, InputError, MissingDataError, one_line
from treernn.tables.source import open_source

_NEUTRAL = target_of_classes(NEUTRAL)
_TERMS = {"aspectTerm": "term", "Opinion": "target"}


def read_labelled_targets(path: str | PathLike[str]) -> list[TargetText]:
    """Read texts with labelled targets from a file: XML, JSON lines with ``spans``, or what Label
    Studio, Prodigy or doccano exported.

    Args:
        path: its ending, ``.xml`` or another, and its first entry say which; see
            ``treernn.corpora.spans`` for the second, and ``treernn.corpora.annotations``.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is damaged; or a target is not in its text, with the line.
    """
    file = Path(path)
    if file.suffix.lower() != ".xml":
        return (
            [*read_annotations(path, targets=True).texts] if is_export(path) else read_spans(path)
        )
    if not file.exists():
        raise MissingDataError(f"{file}: no such file")
    with open_source(file) as source:
        found = read_sentences(source.file.read(), file)
    if not found:
        raise DataError("no sentences in it", file)
    return found


def read_sentences(content: bytes, path: Path) -> list[TargetText]:
    """The sentences of a file.

    A whole sentence has a label too, if all terms that it has an opinion of agree.

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
        elif name in _TERMS and attributes.get(_TERMS[name]) != "NULL":
            found = self.term(attributes)
            if found is not None:
                self.terms.append((self.parser.CurrentLineNumber, found))

    def characters(self, data: str) -> None:
        if self.in_text:
            self.text += data

    def end(self, name: str) -> None:
        if name == "text":
            self.in_text = False
        elif name == "sentence":
            self.sentence()

    def term(self, attributes: dict[str, str]) -> SpanTarget | None:
        try:
            start, end = int(attributes["from"]), int(attributes["to"])
            if attributes["polarity"].strip().lower() == "conflict":
                return None
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
