"""Reads the recent store as docs/formats/recent.md describes it, with Debian's python3-lmdb."""

import dataclasses
import math
import pathlib
import re
import struct

import lmdb

POINTS, MINUTE, HOUR, QUARTER = 1, 2, 3, 5


@dataclasses.dataclass
class Aggregate:
    count: int
    min: float
    max: float
    mean: float
    deviation: float
    first: float
    last: float
    p50: float
    p95: float


def read_recent(data: pathlib.Path, company: str):
    """Answers {kind: {(series without the company, window start in µs): Aggregate}} and the number
    of points."""
    windows, points = {MINUTE: {}, QUARTER: {}, HOUR: {}}, 0
    prefix = f"{company}/".encode()
    for month in sorted((data / "recent").iterdir()):
        if not re.fullmatch(r"\d{4}-\d{2}", month.name):
            continue
        environment = lmdb.open(str(month), readonly=True, max_dbs=0)
        with environment.begin() as transaction:
            for key, value in transaction.cursor():
                known = key[0] == POINTS or key[0] in windows
                if not known or key[9:9 + len(prefix)] != prefix:
                    continue
                start = struct.unpack(">Q", key[1:9])[0]
                series = key[9 + len(prefix):].decode()
                if key[0] == POINTS:
                    points += _count_points(value)
                else:
                    windows[key[0]][series, start] = _aggregate(value)
        environment.close()
    return windows, points


def _aggregate(value):
    count, least, most, *others = struct.unpack("<Q6d", value[:56])
    sketch = _sketch(value[80:])
    if sum(number for _, number in sketch) != count:
        raise ValueError(f"a sketch holds other than the {count} numbers of its aggregate")
    percentiles = [min(max(_percentile(sketch, count, percent), least), most)
                   for percent in (50, 95)]
    return Aggregate(count, least, most, *others, *percentiles)


def _sketch(content):
    """The buckets of docs/formats/recent.md as (what the bucket answers, count), by that value."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    zeros, signs = varint(), []
    for _ in range(2):
        buckets, index = [], -51_100
        for _ in range(varint()):
            index += varint()
            buckets.append((_answer(index), varint() + 1))
            index += 1
        signs.append(buckets)
    if at != len(content):
        raise ValueError(f"{len(content) - at} bytes are left over behind a sketch")
    negative, positive = signs
    return [(-value, count) for value, count in reversed(negative)] + [(0.0, zeros)] + positive


def _answer(index):
    octave, place = divmod(index, 50)
    low, high = 50 + place, 51 + place
    return math.ldexp(2 * low * high / (low + high) / 50, octave)


def _percentile(sketch, count, percent):
    wanted = -(-count * percent // 100)
    for value, number in sketch:
        if wanted <= number:
            return value
        wanted -= number
    raise ValueError("a sketch holds fewer numbers than its aggregate")


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
