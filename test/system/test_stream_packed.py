"""Segments of both versions, read by a reader that shares no code with cauce."""

import hashlib
import pathlib

import pytest

import stream_file
from patience import cauce, messages, until
from wire import admitted

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "contract" / "golden"


@pytest.mark.parametrize("version", [1, 2])
def test_the_golden_segments_hold_the_same_records(version, tmp_path):
    path = tmp_path / "00000000000000000000.seg"
    path.write_bytes(bytes.fromhex((GOLDEN / f"segment_{version}.hex").read_text()))
    expected = [b"first", b"", b"third"]
    expected += [b"freezer-7 temperature -18.%d Cel" % number for number in range(40)]
    assert list(stream_file._segment(path, 0)) == list(enumerate(expected))


def test_a_packed_body_that_is_damaged_is_not_read(tmp_path):
    path = tmp_path / "00000000000000000000.seg"
    content = bytearray.fromhex((GOLDEN / "segment_2.hex").read_text())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(stream_file.Damage, match="bad frame body"):
        list(stream_file._segment(path, 0))


def test_all_topics_packed_survive_a_kill_and_go_on_unpacked(installation, tmp_path):
    packed = tmp_path / "packed.toml"
    packed.write_text(installation.config.read_text() + '\n[stream]\ncompress = "all"\n')
    plain, installation.config = installation.config, packed
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    made = installation.call("POST", "/devices", {"name": "d"})
    body = b'{"t": %d, "note": "' + b"warm and dry " * 200 + b'"}'
    with admitted(installation.mqtt(), made) as wire:
        for number in range(200):
            wire.publish(made["topic"], body % number, number + 1)
    installation.kill("gateway")
    sent = {hashlib.sha256(body % number).hexdigest() for number in range(200)}

    def stored():
        return {message.sha256 for message in stream_file.read_raw(installation.data)[0].values()}

    assert sent <= stored()
    until(lambda: len(messages(installation, "d")) == 200)
    installation.stop()
    segment = installation.data / "stream" / "raw" / "0" / ("0" * 20 + ".seg")
    assert segment.stat().st_size < 200 * len(body) / 4
    installation.config = plain
    installation.start()
    with admitted(installation.mqtt(), made) as wire:
        wire.publish(made["topic"], body % 200, 1)
    assert hashlib.sha256(body % 200).hexdigest() in stored() and sent <= stored()
    installation.stop()
    done = cauce(installation.program, "stream", "verify", "--data", installation.data)
    assert done.returncode == 0, done.stdout


def test_segments_of_a_version_to_come_are_refused_and_not_touched(program, tmp_path):
    directory = tmp_path / "data" / "stream" / "raw" / "0"
    directory.mkdir(parents=True)
    content = bytearray.fromhex((GOLDEN / "segment_2.hex").read_text())
    content[8] = 4
    content[124:128] = stream_file.crc32c.crc32c(bytes(content[:124])).to_bytes(4, "little")
    segment = directory / "00000000000000000000.seg"
    segment.write_bytes(content)
    done = cauce(program, "stream", "verify", "--data", tmp_path / "data", "--topic", "raw")
    assert done.returncode == 1
    assert f"{segment} has format version 4; this program reads versions up to 3" in done.stderr
    assert segment.read_bytes() == content
