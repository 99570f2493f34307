"""Tables of all formats, scored into all formats."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fuzzing.archives import COMPRESS
from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import (
    hostile_text,
    hostile_value,
    json_bytes,
    mutate_bytes,
    mutate_json,
    mutate_text,
)
from fuzzing.targets.texts import scorer, strict
from treernn.scoring.entries import LEVELS, Detail
from treernn.scoring.formats import FORMATS, added_columns
from treernn.scoring.result import Result
from treernn.scoring.rows import open_rows
from treernn.scoring.table import score_part

ROWS = [
    {"id": 1, "text": "A good, long film.", "stars": 4.5},
    {"id": 2, "text": "Bad", "stars": None},
    {"id": 3, "text": 'He said "no"\nand left', "stars": 1.0},
    {"id": 4, "text": "", "stars": 2.0},
]
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "utf-32")
_ENDINGS = {"csv": "csv", "tsv": "tsv", "jsonl": "jsonl", "json": "json", "text": "txt",
            "parquet": "parquet", "excel": "xlsx"}  # fmt: skip


@cache
def prepared() -> tuple[Result, ...]:
    """Some results."""
    return tuple(scorer().score_many(["A good film. But long!", "bad", "I did not like it"]))


def score_many(texts: Sequence[str]) -> list[Result]:
    """Stands in for a scorer, which is another target: results of other texts."""
    empty = Result("", (), None, ("nothing to score",))
    found = prepared()
    return [
        found[zlib.crc32(text.encode("utf-8", "surrogatepass")) % len(found)]
        if text.strip()
        else empty
        for text in texts
    ]


def _values(random: Random) -> list[dict[str, Any]]:
    rows = [dict(row) for row in ROWS]
    if random.random() < 0.5:
        return rows
    for row in rows:
        for name in [*row]:
            if random.random() < 0.2:
                row[name] = hostile_text(random, 4)
        if random.random() < 0.2:
            row[hostile_text(random, 2)] = hostile_value(random)
        if random.random() < 0.1:
            row["text"] = hostile_value(random)
    return rows


def _names(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [*dict.fromkeys(name for row in rows for name in row)]


def _delimited(random: Random, delimiter: str) -> bytes:
    rows = _values(random)
    names = _names(rows)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=random.choice(("\n", "\r\n")))
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return _damaged(random, file.getvalue())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)[:5000].replace("\0", "")


def _damaged(random: Random, text: str) -> bytes:
    if random.random() < 0.5:
        text = mutate_text(random, text)
    data = text.encode(random.choice(_ENCODINGS), "replace")
    return mutate_bytes(random, data) if random.random() < 0.3 else data


def _json_lines(random: Random) -> bytes:
    lines = [json_bytes(random, row) for row in _values(random)]
    return random.choice((b"\n", b"\r\n", b"\n\n")).join(lines)


def _json(random: Random) -> bytes:
    return json_bytes(random, mutate_json(random, _values(random), 1))


def _text(random: Random) -> bytes:
    lines = "\n".join(hostile_text(random, 6) for _ in range(random.randint(0, 5)))
    return _damaged(random, lines)


_TYPES = (pa.large_string(), pa.binary(), pa.date32(), pa.timestamp("ns"), pa.float16(), pa.bool_(),
          pa.decimal128(5, 2), pa.dictionary(pa.int8(), pa.string()), pa.time64("ns"),
          pa.duration("s"), pa.list_(pa.date32()), pa.list_(pa.timestamp("s")), pa.uint64(),
          pa.struct([("a", pa.string()), ("a b", pa.date64())]), pa.map_(pa.string(), pa.int64()),
          pa.list_(pa.string()), pa.null(), pa.timestamp("us", "Europe/Paris"))  # fmt: skip


def _parquet(random: Random) -> bytes:
    texts = [row["text"] for row in ROWS]
    if random.random() < 0.3:
        texts = [hostile_text(random, 5).encode("utf-8", "replace").decode() for _ in texts]
    names, arrays = ["text"], [pa.array(texts, random.choice((pa.string(), pa.large_string())))]
    for _ in range(random.randint(0, 2)):
        type = random.choice(_TYPES)
        names.append(random.choice(("a", "text", "b", "label", "x\u202e\x1b[31m")))
        arrays.append(_array(random, type, len(texts)))
    file = io.BytesIO()
    compression = random.choice(("none", "snappy"))
    try:
        pq.write_table(pa.table(arrays, names), file, compression=compression)
    except pa.ArrowException:  # Arrow holds it, but Parquet does not
        file = io.BytesIO()
        pq.write_table(pa.table(arrays[:1], names[:1]), file)
    data = file.getvalue()
    return mutate_bytes(random, data) if random.random() < 0.5 else data


def _array(random: Random, type: pa.DataType, count: int) -> pa.Array:
    """An array of random bytes of a type, or of nulls."""
    try:
        if pa.types.is_list(type):
            values = _array(random, type.value_type, count)
            return pa.ListArray.from_arrays(pa.array([*range(count + 1)], pa.int32()), values)
        if pa.types.is_string(type):
            parts = random.randbytes(3 * count)
            offsets = pa.array([3 * n for n in range(count + 1)], pa.int32()).buffers()[1]
            return pa.Array.from_buffers(type, count, [None, offsets, pa.py_buffer(parts)])
        plain = type.num_fields == 0 and not pa.types.is_dictionary(type)
        if plain and (width := type.bit_width // 8):
            return pa.Array.from_buffers(
                type, count, [None, pa.py_buffer(random.randbytes(width * count))]
            )
    except (ValueError, pa.ArrowInvalid):
        pass
    return pa.nulls(count, type)


@cache
def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["id", "text", "stars"], *([*row.values()] for row in ROWS)):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _excel(random: Random) -> bytes:
    import zipfile

    source = zipfile.ZipFile(io.BytesIO(_workbook()))
    files = {name: source.read(name) for name in source.namelist()}
    name = random.choice([*files, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"])
    match random.randrange(4):
        case 0 | 1:
            files[name] = mutate_bytes(random, files[name])
        case 2:
            del files[name]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in files.items():
            archive.writestr(zipfile.ZipInfo(each), content)
    data = file.getvalue()
    return mutate_bytes(random, data) if random.random() < 0.2 else data


_MAKE = {"csv": partial(_delimited, delimiter=","), "tsv": partial(_delimited, delimiter="\t"),
         "jsonl": _json_lines, "json": _json, "text": _text, "parquet": _parquet,
         "excel": _excel}  # fmt: skip
_OUT = ("csv", "tsv", "jsonl", "json", "parquet", "excel", "ptb", "root", "probabilities")


def _make_table(random: Random) -> Case:
    kind = random.choice((*_MAKE, "csv", "jsonl", "json", "tsv", "csv", "jsonl"))
    data = _MAKE[kind](random)
    ending = ""
    if kind not in ("parquet", "excel") and random.random() < 0.2:
        ending = random.choice([*COMPRESS])
        data = COMPRESS[ending](data)
        data = mutate_bytes(random, data) if random.random() < 0.5 else data
    options = {
        "name": f"table.{_ENDINGS[kind]}{ending}",
        "out": random.choice(_OUT if random.random() < 0.4 else ("csv", "jsonl", "json", "tsv")),
        "level": random.choice(("review", "review", *LEVELS)),
        "explain": random.random() < 0.1,
        "prefix": random.choice(("", "", "s_", hostile_text(random, 1))),
        "column": random.choice(("text", "text", "TEXT", "id", "")),
        "encoding": random.choice((None, None, None, "utf-8", "latin-1", "utf-16", "cp1252")),
        "max": random.choice((100_000, 10)),
    }
    if options["out"] in ("ptb", "root", "probabilities"):
        options |= {"level": "review", "explain": False}
    return with_options({options["name"]: data}, **options)


def _table(case: Case, folder: Path) -> str:
    options = options_of(case)
    detail = Detail(options["level"], "text", options["explain"])
    format, prefix = options["out"], options["prefix"]
    added = added_columns(format, prefix, detail)
    out = folder / f"out.{_ENDINGS.get(format, format)}"
    with open_rows(
        folder / options["name"],
        options["column"],
        max_characters=options["max"],
        reserved=added,
        encoding=options["encoding"],
    ) as table:
        detail = Detail(options["level"], table.column, options["explain"])
        writer = FORMATS[format](None, table.columns, prefix, detail)
        parts, rows, failed = [], 0, 0
        for chunk in table.chunks(2, 1000):
            part = score_part(Stub(), writer, chunk)
            rows += len(chunk.rows)
            failed += part.failed
            parts.append(folder / f"part-{len(parts)}")
            parts[-1].write_bytes(part.data)
        writer.join(parts, out)
    _check_output(out, format, detail, prefix, rows, added)
    return "result, with errors of rows" if failed else "result"


class Stub:
    """A scorer with them."""

    score_many = staticmethod(score_many)


def _check_output(
    out: Path, format: str, detail: Detail, prefix: str, rows: int, added: Sequence[str]
) -> None:
    """Check that the file has each row, and is read as it was written."""
    reviews = detail.level == "review"
    match format:
        case "json":
            values = strict(out.read_bytes())
        case "jsonl":
            values = [strict(line) for line in out.read_bytes().split(b"\n")[:-1]]
        case "csv" | "tsv":
            text = out.read_bytes().decode("utf-8")
            delimiter = "," if format == "csv" else "\t"
            lines = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
            assert {len(line) for line in lines} == {len(lines[0])}, "cells of a row"
            values = lines[1:]
        case "parquet":
            table = pq.read_table(out)
            table.validate()
            values = [None] * table.num_rows
        case "excel":
            with open_rows(out, prefix + "label", "excel") as again:
                values = [*again.rows]
        case _:
            out.read_bytes().decode("utf-8")
            return
    if reviews:
        assert len(values) == rows, f"{len(values)} of {rows} rows"
    else:
        assert len(values) >= rows, "rows are missing"
    if format in ("json", "jsonl"):
        names = [name for name in added if not name.endswith("sentences")]
        assert all(name in value for value in values for name in names if name.isascii())


TARGETS = (
    Target("tables", _make_table, _table, quick=800, share=15, may_write=True, prepare=prepared),
)
