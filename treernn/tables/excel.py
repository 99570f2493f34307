"""Excel workbooks: the first sheet, read as Excel would save it as CSV."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from treernn.errors import DataError, InputError, one_line
from treernn.optional import require
from treernn.stores import on_disk
from treernn.tables.lines import Record
from treernn.tables.names import distinct
from treernn.tables.outside import FREE, MAX_RATIO

OTHER_SPREADSHEETS = (".xls", ".xlsb", ".ods", ".numbers")

MAX_ROWS, MAX_CELL = 1 << 20, 32_767
"""Rows of a sheet, and characters of a cell, that Excel has."""

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # of old .xls files, and of encrypted ones
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SHEETS = "xl/worksheets/"
_MIDNIGHT = datetime.time()
# Excel writes characters that XML does not have, and a text that looks so, by their numbers.
_NUMBERED = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_NUMBER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


@contextlib.contextmanager
def open_excel(
    path: str | os.PathLike[str],
) -> Iterator[tuple[tuple[str, ...], Iterator[Record], int]]:
    """Open a workbook.

    Cells are texts: numbers without needless digits, dates as ``2026-01-31``, formulas as the
    values that were stored with them, empty cells as empty texts. Rows without a value are skipped,
    and so are cells beside the named columns.

    Yields:
        The columns, the records, whose numbers are those of Excel, and the number of the last row,
        or 0 if it is unknown.

    Raises:
        MissingPackageError: openpyxl is not installed.
        InputError: the file cannot be read, or its first sheet has no header, or a bad one.
    """
    openpyxl = require("openpyxl", "excel")
    with contextlib.ExitStack() as stack:
        try:
            local = stack.enter_context(on_disk(path))
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({one_line(error)})") from None
        _check_file(local, str(path))
        # Opened here: of a damaged workbook openpyxl would leave the file open.
        file = stack.enter_context(local.open("rb"))
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except Exception as error:  # zipfile, XML and openpyxl raise errors of many kinds
            raise InputError(f"{path}: not an Excel workbook, or damaged ({error})") from None
        stack.callback(book.close)
        if not book.worksheets:
            raise InputError(f"{path}: has no sheet with cells")
        sheet = book.worksheets[0]
        last_row = sheet.max_row or 0
        sheet.reset_dimensions()  # some programs write wrong ones, and cells would be lost
        rows = _rows(sheet, str(path))
        _, header = next(rows, (0, []))
        while header and not header[-1].strip():
            header.pop()
        if not header:
            raise InputError(f"{path}: the first sheet, {sheet.title}, is empty")
        letter = openpyxl.utils.get_column_letter
        names = [name or letter(place) for place, name in enumerate(header, 1)]
        columns = distinct(names, str(path))
        width = len(columns)
        records = (
            Record(
                number,
                number,
                dict(zip(columns, (*cells[:width], *[""] * (width - len(cells))), strict=True)),
                unit="row",
            )
            for number, cells in rows
        )
        yield columns, records, last_row


def _check_file(path: Path, name: str) -> None:
    """Raise ``InputError`` unless it is a file that can be a workbook."""
    if path.is_dir():
        raise InputError(f"{name}: is a folder, expected a file")
    try:
        with path.open("rb") as file:
            old = file.read(4) == _COMPOUND_FILE
            encrypted = old and _ENCRYPTED in file.read()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from None
    if encrypted:
        raise InputError(f"{name}: protected by a password, save it without one")
    if old:
        raise InputError(f"{name}: an old Excel file (.xls), save it as .xlsx or CSV")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except Exception:  # zipfile raises errors of many kinds
        raise InputError(f"{name}: not an Excel workbook, or damaged") from None
    # Sheets are read row by row, all else is held in memory.
    held = sum(each.file_size for each in members if not each.filename.startswith(_SHEETS))
    if held > max(FREE, MAX_RATIO * path.stat().st_size):
        raise InputError(f"{name}: unpacks to {held:,} bytes, as a decompression bomb does")


def _rows(sheet: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the texts of each row that has a value."""
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MAX_ROWS:  # openpyxl makes all rows up to a number in the file
                raise ValueError(f"a sheet has at most {MAX_ROWS:,} rows")
            cells = [_text(value) for value in row]
            if any(cells):
                yield number, cells
    except Exception as error:
        raise DataError(f"cannot be read on after row {number} ({error})", name) from None


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _NUMBERED.sub(lambda match: chr(int(match[1], 16)), value)
        case bool():
            return str(value).upper()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime.datetime() if value.time() == _MIDNIGHT:
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(" ", "seconds")
    return str(value)


def write_excel(header: Sequence[str], rows: Iterable[Sequence[Any]], out: Path) -> None:
    """Write a workbook of one sheet; texts are never formulas.

    Raises:
        InputError: there are more rows than Excel has.
    """
    openpyxl = require("openpyxl", "excel")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("scored")

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        numbered = _TO_NUMBER.sub(lambda match: f"_x{ord(match[0]):04X}_", value[:MAX_CELL])
        made = openpyxl.cell.WriteOnlyCell(sheet, numbered[:MAX_CELL])
        made.data_type = "s"
        return made

    with contextlib.closing(sheet):
        sheet.append([cell(name) for name in header])
        for number, row in enumerate(rows, 2):
            if number > MAX_ROWS:
                problem = f"more than {MAX_ROWS - 1:,} rows, which Excel cannot hold; use .csv"
                raise InputError(problem)
            sheet.append([cell(value) for value in row])
    with out.open("wb") as file:
        book.save(file)
