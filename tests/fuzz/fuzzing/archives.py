"""Archives, arrays and tensors with faults in their structure."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from random import Random
from typing import Any

import numpy as np

from fuzzing.mutations import NUMBERS, hostile_text, mutate_bytes, mutate_json

COMPRESS = {"": bytes, ".gz": lambda data: gzip.compress(data, 1, mtime=0),
            ".bz2": bz2.compress, ".xz": lambda data: lzma.compress(data, preset=0)}  # fmt: skip

_NAMES = ("../../outside", "/tmp/outside", "a/../../b", "", "x" * 300, "a\0b", "ü\udcff", "con")


def zip_of(random: Random, files: dict[str, bytes], hostile: bool = True) -> bytes:
    """A zip archive, as a rule with a fault."""
    buffer = io.BytesIO()
    names: set[str] = set()
    fault = random.randrange(8) if hostile else 9
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            if fault == 0 and random.random() < 0.3:
                name = name.rpartition("/")[0] + random.choice(_NAMES)
            if "\ud800" <= max(name, default="") <= "\udfff":
                name = "surrogate"
            if name in names:  # Python warns
                continue
            names.add(name)
            archive.writestr(zipfile.ZipInfo(name), content, method)
    data = buffer.getvalue()
    if fault in (1, 2):  # encrypted, or an unknown method, in all headers
        for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            parts = data.split(magic)
            field = struct.pack("<H", 1 if fault == 1 else random.choice((1, 6, 12, 93, 99)))
            at += 0 if fault == 1 else 2
            parts[1:] = [part[: at - 4] + field + part[at - 2 :] for part in parts[1:]]
            data = magic.join(parts)
    elif fault in (3, 4, 5):
        data = mutate_bytes(random, data)
    elif fault == 6:  # sizes and checksums of the directory
        at = data.rfind(b"PK\x01\x02") + random.randrange(10, 46)
        data = data[:at] + random.randbytes(2) + data[at + 2 :]
    return data


def tar_of(random: Random, files: dict[str, bytes], hostile: bool = True) -> bytes:
    """A tar archive of any compression, as a rule with a fault."""
    buffer = io.BytesIO()
    fault = random.randrange(7) if hostile else 9
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if fault == 0 and random.random() < 0.3:
                info.name = random.choice(_NAMES[:5]) + name
            if fault == 1 and random.random() < 0.5:
                info.type = random.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE,
                                           tarfile.CHRTYPE, tarfile.DIRTYPE))  # fmt: skip
                info.linkname = random.choice((name, *files, "/secret", "../secret/file", "gone"))
                content = b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    data = buffer.getvalue()
    if fault in (2, 3):
        data = mutate_bytes(random, data)
    data = COMPRESS[random.choice([*COMPRESS])](data)
    return mutate_bytes(random, data) if fault in (4, 5) else data


def npy_of(random: Random, array: np.ndarray, hostile: bool = True) -> bytes:
    """A ``.npy`` file, as a rule with a fault in its header, its numbers or its bytes."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    data = buffer.getvalue()
    size = struct.unpack("<H", data[8:10])[0]
    header, content = data[10 : 10 + size].decode(), data[10 + size :]
    match random.randrange(7) if hostile else 9:
        case 0 | 1:
            dtypes = ("'<f4'", "'|O'", "'<U3'", "'|b1'", "'<c8'", "'<f2'", "'>f8'", "'<M8[s]'",
                      "[('a', '<f4')]", "'|V4'", "5", "'x'", "None")  # fmt: skip
            shape = str(array.shape)
            shapes = ("(2,)", "(True, 2)", "(-1, 4)", "()", "(0, 0)", "(2, 2", "[2, 2]", "(2.0, 2)",
                      f"({random.choice(NUMBERS)}, 2)", "(" * random.choice((5, 500)), "None",
                      "(3037000500, 3037000500)", "(1,) * 10")  # fmt: skip
            if random.random() < 0.5:
                header = header.replace("'<f4'", random.choice(dtypes))
            else:
                header = header.replace(shape, random.choice(shapes))
        case 2:
            header = mutate_bytes(random, header.encode()).decode("latin-1")
        case 3:
            number = random.choice((float("nan"), float("inf"), 3e38, -1e-45))
            at = random.randrange(0, max(1, len(content) - 3), 4)
            content = content[:at] + struct.pack("<f", number) + content[at + 4 :]
        case 4:
            version = random.choice((b"\x01\0", b"\x02\0", b"\x03\0", b"\x09\0"))
            return data[:6] + version + data[8:]
        case 5:
            return mutate_bytes(random, data)
    encoded = header.encode("latin-1", "replace")[:65_000]
    return data[:8] + struct.pack("<H", len(encoded)) + encoded + content


def safetensors_of(random: Random, data: bytes, hostile: bool = True) -> bytes:
    """A safetensors file, as a rule with a fault in its header, its numbers or its bytes."""
    size = struct.unpack("<Q", data[:8])[0]
    header, content = json.loads(data[8 : 8 + size]), data[8 + size :]
    match random.randrange(7) if hostile else 9:
        case 0 | 1:
            header = mutate_json(random, header)
        case 2:
            header = _other_type(random, header)
        case 3 | 4:
            count = random.choice((1, 1, 4, 30))
            for _ in range(count):
                at = random.randrange(0, max(1, len(content) - 3), 4)
                number = random.choice((float("nan"), float("inf"), -3e38, 3.4e38, 1e-45, 1e9))
                content = content[:at] + struct.pack("<f", number) + content[at + 4 :]
        case 5:
            return mutate_bytes(random, data)
        case 6:
            sizes = (0, 1, size - 1, size + 1, len(data), 2**31, 2**63, 2**64 - 1)
            return struct.pack("<Q", random.choice(sizes)) + data[8:]
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + content


def _other_type(random: Random, header: dict[str, Any]) -> dict[str, Any]:
    """One tensor with another type, shape or name."""
    names = [name for name in header if name != "__metadata__"]
    if not names:
        return header
    name = random.choice(names)
    entry = header[name]
    match random.randrange(4):
        case 0:
            entry["dtype"] = random.choice(("F16", "BF16", "F64", "I8", "U8", "I64", "F8_E4M3",
                                            "F8_E5M2", "BOOL", "C64", "F4", "x"))  # fmt: skip
        case 1:
            shape = entry["shape"]
            shapes = ([], [0], [1], [10**9, 10**9], [2**62, 4], shape[::-1], [*shape, 1])
            entry["shape"] = random.choice(shapes)
        case 2:
            header[random.choice((hostile_text(random, 2), "weight", *names))] = header.pop(name)
        case 3:
            entry["data_offsets"] = header[random.choice(names)]["data_offsets"]
    return header
