"""`cauce stream read`, beside a running cauce and without one."""

import json

import pytest

from patience import cauce, messages, read_topic
from wire import admitted


@pytest.fixture(scope="module")
def filled(serving):
    """A device `d` that sent 0, 1 … 4 and one payload that is no text."""
    made = serving.call("POST", "/devices", {"name": "d"})
    with admitted(serving.mqtt(), made) as wire:
        for number in range(5):
            wire.publish(made["topic"], b'{"t": %d}' % number, number + 1)
        wire.publish(made["topic"], b"\xff\x00", 6)
    return serving


def stream_read(installation, *words, **options):
    return cauce(installation.program, "stream", "read", "--data", installation.data, *words,
                 **options)


def test_records_are_read_whole_or_as_payload_while_cauce_serves(filled):
    stored = messages(filled, "d")
    assert [json.loads(message["payload"])["t"] for message in stored[:5]] == [0, 1, 2, 3, 4]
    assert stored[5]["payload_base64url"] == "_wA"
    assert {message["company"] for message in stored} == {"acme"}
    payloads = stream_read(filled, "--topic", "raw", "--format", "payload", text=False).stdout
    assert payloads == b"".join(b'{"t": %d}\n' % number for number in range(5)) + b"\xff\x00\n"


def test_reading_begins_at_a_position_or_a_time(filled):
    stored = messages(filled, "d")
    third = stored[2]
    for start in [str(third["position"]), third["received_at"]]:
        read = read_topic(filled, "raw", "--from", start)
        assert third in read
        assert read[0]["position"] >= stored[0]["position"]
    assert read_topic(filled, "raw", "--from", str(third["position"]), "--records", "1") == [third]
    assert read_topic(filled, "raw", "--from", "2099-01-01T00:00:00Z") == []
    assert read_topic(filled, "raw", "--from", str(10**9)) == []


@pytest.mark.parametrize("start", ["yesterday", "-1", "12x", "99999999999999999999"])
def test_a_start_that_is_neither_is_refused(filled, start):
    done = stream_read(filled, "--topic", "raw", f"--from={start}")
    assert done.returncode == 1
    assert start in done.stderr and "position or a time" in done.stderr


def test_an_unknown_topic_and_a_missing_directory_are_named(filled, tmp_path):
    unknown = stream_read(filled, "--topic", "row")
    assert unknown.returncode in (1, 2)
    for topic in ["row", "raw", "readings", "facts", "events", "commands"]:
        assert topic in unknown.stderr
    missing = cauce(filled.program, "stream", "read", "--data", tmp_path / "typo", "--topic", "raw")
    assert missing.returncode == 1
    assert f"there is no directory {tmp_path / 'typo'}" in missing.stderr
    assert not (tmp_path / "typo").exists()


def test_a_stopped_cauce_is_read_too_and_damage_names_file_and_offset(filled):
    before = messages(filled, "d")
    filled.stop()
    assert messages(filled, "d") == before
    segment = next((filled.data / "stream" / "raw" / "0").glob("*.seg"))
    content = bytearray(segment.read_bytes())
    at = content.index(b'{"t": 2}')
    content[at] ^= 0x01
    segment.write_bytes(content)
    done = stream_read(filled, "--topic", "raw")
    assert done.returncode == 1
    assert str(segment) in done.stderr
    frame = content.rindex(b"CFRM", 0, at)
    assert str(frame) in done.stderr, f"the damaged frame begins at {frame}: {done.stderr}"
    assert '{"t": 3}' not in done.stdout
