"""Reads the recent store as docs/formats/recent.md describes it, with Debian's python3-lmdb."""

import dataclasses
import pathlib
import re
import struct

import lmdb

POINTS, MINUTE, HOUR = 1, 2, 3


@dataclasses.dataclass
class Aggregate:
    count: int
    min: float
    max: float
    mean: float
    deviation: float
    first: float
    last: float


def read_recent(data: pathlib.Path, company: str):
    """Answers {kind: {(series without the company, window start in µs): Aggregate}} and the number
    of points."""
    windows, points = {MINUTE: {}, HOUR: {}}, 0
    prefix = f"{company}/".encode()
    for month in sorted((data / "recent").iterdir()):
        if not re.fullmatch(r"\d{4}-\d{2}", month.name):
            continue
        environment = lmdb.open(str(month), readonly=True, max_dbs=0)
        with environment.begin() as transaction:
            for key, value in transaction.cursor():
                if key[0] not in (POINTS, MINUTE, HOUR) or key[9:9 + len(prefix)] != prefix:
                    continue
                start = struct.unpack(">Q", key[1:9])[0]
                series = key[9 + len(prefix):].decode()
                if key[0] == POINTS:
                    points += _count_points(value)
                else:
                    windows[key[0]][series, start] = Aggregate(*struct.unpack("<Q6d", value[:56]))
        environment.close()
    return windows, points


def _count_points(value):
    at = count = 0
    while at < len(value):
        kind = value[at + 4] & 0x0F
        at += 4 + 21
        if kind == 0:
            at += 8
        elif kind == 1:
            at += 1
        else:
            at += 4 + struct.unpack_from("<I", value, at)[0]
        count += 1
    return count
