"""Reads the topic `raw` as docs/formats/stream.md and records.md describe it."""

import ctypes
import ctypes.util
import dataclasses
import hashlib
import pathlib
import struct

import crc32c

SEGMENT_HEADER, FRAME_HEADER = 128, 72
VERSIONS = (1, 2)
BODY_BYTES_MAX = 64 << 20
MESSAGE, TICK, PARTICULARS, SESSION_CHANGE = 1, 2, 6, 7


class Damage(Exception):
    """What is stored is not what the format says."""


@dataclasses.dataclass
class Message:
    position: int
    company: str
    device: str
    sha256: str


def _head_end(path):
    page = path.read_bytes()
    slots = []
    for offset in (64, 128):
        slot = page[offset:offset + 48]
        sequence, _, end, _, _, checksum = struct.unpack("<6Q", slot)
        if sequence and crc32c.crc32c(slot[:40]) == checksum:
            slots.append((sequence, end))
    if not slots:
        raise Damage(f"{path}: no slot is right")
    return max(slots)[1]


def _texts(position, record):
    """[company, device, topic, content type, payload] as bytes, or None when it is no message."""
    kind, version = record[0], record[1]
    if (kind, version) in [(TICK, 1), (PARTICULARS, 1), (SESSION_CHANGE, 1)]:
        return None
    if (kind, version) != (MESSAGE, 1):
        raise Damage(f"raw position {position}: kind {kind} version {version}")
    at = 10
    texts = []
    for size_format in ("<B", "<B", "<H", "<H", "<I"):
        (length,) = struct.unpack_from(size_format, record, at)
        at += struct.calcsize(size_format)
        texts.append(record[at:at + length])
        at += length
    if at != len(record):
        raise Damage(f"raw position {position}: {len(record) - at} bytes left over")
    return texts


def _decode(position, record):
    texts = _texts(position, record)
    if texts is None:
        return None
    company, device, _, _, payload = texts
    return Message(position, company.decode(), device.decode(),
                   hashlib.sha256(payload).hexdigest())


def _unpacked(packed, length):
    """The `length` bytes that zstd packed; None when they are not."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    body = ctypes.create_string_buffer(length)
    done = zstd.ZSTD_decompress(body, ctypes.c_size_t(length), packed,
                                ctypes.c_size_t(len(packed)))
    return body.raw if done == length else None


def _segment(path, expected_base):
    """Yields (position, record) of all frames, up to the end of the file or zeros up to there."""
    content = path.read_bytes()
    header = content[:SEGMENT_HEADER]
    if len(header) < SEGMENT_HEADER or header[:8] != b"CAUCESEG":
        raise Damage(f"{path}: no segment header")
    if crc32c.crc32c(header[:124]) != struct.unpack_from("<I", header, 124)[0]:
        raise Damage(f"{path}: the segment header's checksum is wrong")
    version, base = struct.unpack_from("<I", header, 8)[0], struct.unpack_from("<Q", header, 16)[0]
    if version not in VERSIONS:
        raise Damage(f"{path}: format version {version}")
    if int(path.stem) != base or (expected_base is not None and base != expected_base):
        raise Damage(f"{path}: begins at {base}, expected {expected_base}")
    salt, at, position = header[124:128], SEGMENT_HEADER, base
    while at + FRAME_HEADER <= len(content):
        frame = content[at:at + FRAME_HEADER]
        if frame[:4] == bytes(4) and not any(content[at:]):
            return
        checksum, length, body_checksum, records = struct.unpack_from("<IIII", frame, 4)
        frame_base = struct.unpack_from("<Q", frame, 24)[0]
        unpacked = struct.unpack_from("<I", frame, 68)[0]
        body = content[at + FRAME_HEADER:at + FRAME_HEADER + length]
        if frame[:4] != b"CFRM" or crc32c.crc32c(salt + frame[8:]) != checksum:
            raise Damage(f"{path}: bad frame header at {at}")
        if len(body) < length or crc32c.crc32c(body) != body_checksum:
            raise Damage(f"{path}: bad frame body at {at}")
        if frame_base != position:
            raise Damage(f"{path}: frame at {at} begins at {frame_base}, expected {position}")
        if unpacked:
            body = _unpacked(body, unpacked) if unpacked <= BODY_BYTES_MAX else None
            if version < 2 or body is None:
                raise Damage(f"{path}: the frame at {at} cannot be unpacked")
        inside = 0
        for _ in range(records):
            (size,) = struct.unpack_from("<I", body, inside)
            yield position, body[inside + 4:inside + 4 + size]
            inside += 4 + size
            position += 1
        at += FRAME_HEADER + length


def _records(directory, end):
    """Yields (position, record) of everything in `raw` before the position `end`, in order."""
    expected = None
    for path in sorted(directory.glob("*.seg")):
        try:
            for position, record in _segment(path, expected):
                if position >= end:
                    break
                yield position, record
                expected = position + 1
        except Damage:
            # A writer at work may leave bytes behind the durable end; only those may be bad.
            if expected is None or expected < end:
                raise
    if (expected or 0) < end:
        raise Damage(f"{directory}: the head says {end} records, the segments hold {expected}")


def _durable(data):
    directory = data / "stream" / "raw" / "0"
    return directory, _head_end(directory / "head")


def read_raw(data: pathlib.Path):
    """Answers (messages by position, one past the last durable position)."""
    directory, end = _durable(data)
    decoded = (_decode(position, record) for position, record in _records(directory, end))
    return {message.position: message for message in decoded if message}, end


def payloads(data: pathlib.Path):
    """Yields the payloads in the order of their positions."""
    for position, record in _records(*_durable(data)):
        texts = _texts(position, record)
        if texts:
            yield texts[4]
