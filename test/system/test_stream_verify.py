"""`cauce stream verify` and `cauce stream describe`, beside a running cauce and without one."""

import json
import re
import shutil

import pytest

from patience import cauce, messages, until
from test_commands import table
from wire import admitted

TOPICS = ["raw", "readings", "facts", "events", "commands"]


@pytest.fixture(scope="module")
def filled(serving):
    """A device `d` that sent 50 values, all of them facts and in the lake by now."""
    made = serving.call("POST", "/devices", {"name": "d"})
    with admitted(serving.mqtt(), made) as wire:
        for number in range(50):
            wire.publish(made["topic"], b'{"t": %d}' % number, number + 1)
    until(lambda: rows(serving, "facts")["facts"]["end"] >= 50)
    until(lambda: any(group["group"] == "lake" and group["position"] >= 50
                      for group in rows(serving, "raw")["raw"]["groups"]))
    return serving


def stream(installation, *words):
    return cauce(installation.program, "stream", *words, "--data", installation.data)


def rows(installation, *topics):
    words = [word for topic in topics for word in ("--topic", topic)]
    done = stream(installation, "describe", "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return {row["topic"]: row for row in json.loads(done.stdout)}


def position_of(stored, number):
    return next(message["position"] for message in stored
                if message["payload"] == '{"t": %d}' % number)


def test_a_running_stream_is_sound_and_described(filled):
    for _ in range(20):
        done = stream(filled, "verify")
        assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith(" 0 wrong")
    assert "GB/s" in done.stdout
    for topic in ["raw", "readings", "facts"]:
        assert f"{topic}, partition 0" in done.stdout
    described = rows(filled)
    stored = messages(filled, "d")
    assert described["raw"]["first"] == 0
    assert described["raw"]["end"] > stored[-1]["position"]
    assert described["raw"]["first_at"] <= described["raw"]["last_at"]
    assert described["raw"]["last_at"] >= stored[-1]["received_at"]
    assert described["raw"]["segments"] == 1 and described["raw"]["format"] == "1"
    assert described["readings"]["format"] == described["facts"]["format"] == "2"
    assert {"lake", "decode"} <= {group["group"] for group in described["raw"]["groups"]}
    partitions, groups = stream(filled, "describe").stdout.split("\n\n")
    assert {row["topic"] for row in table(partitions)} == set(described)
    assert {"topic": "raw", "partition": "0", "group": "lake"}.items() <= next(
        row for row in table(groups) if (row["topic"], row["group"]) == ("raw", "lake")).items()


def test_an_unknown_topic_and_a_missing_directory_are_named(filled, tmp_path):
    for command in ["verify", "describe"]:
        done = stream(filled, command, "--topic", "row")
        assert done.returncode == 1
        for topic in ["row", *TOPICS]:
            assert topic in done.stderr
        missing = cauce(filled.program, "stream", command, "--data", tmp_path / "typo")
        assert missing.returncode == 1 and str(tmp_path / "typo") in missing.stderr


def test_a_stopped_stream_is_sound_and_each_damage_is_named(filled, tmp_path):
    stored = messages(filled, "d")
    filled.stop()
    done = stream(filled, "verify")
    assert done.returncode == 0, done.stdout
    data = tmp_path / "data"
    shutil.copytree(filled.data / "stream", data / "stream")
    segment = next((data / "stream" / "raw" / "0").glob("*.seg"))
    content = bytearray(segment.read_bytes())
    for number in [7, 30]:
        content[content.index(b'{"t": %d}' % number)] ^= 0x01
    segment.write_bytes(content)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    done = cauce(filled.program, "stream", "verify", "--data", data)
    assert done.returncode == 1
    assert "damaged in 2 places" in done.stderr and "positions are lost" in done.stderr
    assert "restore from a backup, or stop cauce and run: cauce stream repair" in done.stderr
    wrong = [line for line in done.stdout.splitlines() if line.startswith("wrong    topic raw")]
    for number in [7, 30]:
        frame = content.rindex(b"CFRM", 0, content.index(b': %d}' % number))
        line = next(line for line in wrong if f"offset {frame} " in line)
        assert str(segment) in line and "so their messages are in the lake" in line
        lost = re.search(r"positions? (\d+)(?: to (\d+))? (?:is|are) lost", line)
        first, last = int(lost[1]), int(lost[2] or lost[1])
        assert first <= position_of(stored, number) <= last
    assert "ok       readings, partition 0" in done.stdout
    only = cauce(filled.program, "stream", "verify", "--data", data, "--topic", "readings")
    assert only.returncode == 0 and "raw" not in only.stdout
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
