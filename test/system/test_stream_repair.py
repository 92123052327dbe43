"""A flipped byte of the stream: cauce says so and does not start, `cauce stream repair` mends it,
and every message that was not damaged is in the lake exactly once."""

import json

import pytest

from installation import Installation
from patience import cauce, read_topic, until
from wire import admitted

FIRST, SECOND = range(0, 40), range(40, 50)


@pytest.fixture
def company(pytestconfig, tmp_path):
    made = Installation(pytestconfig.cauce_program, tmp_path / "data", 0, 0)
    # Long enough for a kill before the lake has taken anything.
    made.config = tmp_path / "cauce.toml"
    made.config.write_text('[lake]\nwindow = "5s"\n')
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


def publish(installation, device, numbers):
    """One message a frame of the stream: each is acknowledged before the next is sent."""
    with admitted(installation.mqtt(), device) as wire:
        for number in numbers:
            wire.publish(device["topic"], b'{"t": %d}' % number, number + 1)


def repair(installation, *words):
    return cauce(installation.program, "stream", "repair", "--data", installation.data, *words)


def verify(installation):
    return cauce(installation.program, "stream", "verify", "--data", installation.data)


def payloads_in_lake(installation):
    """By position, as SQL finds them. Late messages go there when their window is over."""
    done = cauce(installation.program, "query", "--data", installation.data, "--format", "json",
                 "SELECT position, decode(payload) AS payload FROM lake ORDER BY position")
    assert done.returncode == 0, done.stderr
    return [(row["position"], json.loads(row["payload"])["t"]) for row in json.loads(done.stdout)]


def group(installation, topic, name):
    done = cauce(installation.program, "stream", "describe", "--topic", topic, "--format", "json",
                 "--data", installation.data)
    groups = json.loads(done.stdout)[0]["groups"]
    return next((found["position"] for found in groups if found["group"] == name), 0)


def flip(segment, payload):
    content = bytearray(segment.read_bytes())
    content[content.index(payload)] ^= 0x01
    segment.write_bytes(content)


def test_a_flipped_byte_costs_its_message_alone(company):
    device = company.call("POST", "/devices", {"name": "d"})
    publish(company, device, FIRST)
    stored = {json.loads(record["payload"])["t"]: record["position"]
              for record in read_topic(company, "raw") if record["kind"] == "message"}
    assert sorted(stored) == list(FIRST)
    end = max(stored.values()) + 1
    in_service = repair(company)
    assert in_service.returncode == 1 and "cauce serve" in in_service.stderr
    company.kill_everything()
    assert group(company, "raw", "lake") <= stored[17]
    segment = next((company.data / "stream" / "raw" / "0").glob("*.seg"))
    flip(segment, b'{"t": 17}')

    refused = cauce(company.program, "serve", "--data", company.data, "--role", "gateway",
                    "--mqtt-port", "0", "--ingest-port", "0")
    assert refused.returncode == 1
    assert "cauce stream repair" in refused.stderr and str(segment) in refused.stderr
    doctor = cauce(company.program, "doctor", "--data", company.data)
    lines = doctor.stdout.splitlines()
    assert any(line.startswith("wrong    topic raw") and "cauce stream repair" in line
               for line in lines)
    assert not any(line.startswith("wrong    time of messages") for line in lines)

    before = segment.read_bytes()
    asked = repair(company)
    assert asked.returncode == 0, asked.stderr
    line = next(line for line in asked.stdout.splitlines() if line.startswith("damaged"))
    assert str(segment) in line and f"position {stored[17]} is lost" in line
    assert "group lake" in line and "nowhere else" in line
    assert "--yes" in asked.stdout and segment.read_bytes() == before
    done = repair(company, "--yes")
    assert done.returncode == 0, done.stderr
    assert f"position {stored[17]} is lost" in done.stdout
    aside = next(segment.parent.glob("*.damaged"))
    assert str(aside) in done.stdout and b'"t": 17}' in aside.read_bytes()
    sound = verify(company)
    assert sound.returncode == 0, sound.stdout
    gap = next(line for line in sound.stdout.splitlines() if line.startswith("gap"))
    assert f"position {stored[17]} is lost" in gap and str(aside) in gap
    again = repair(company, "--yes")
    assert again.returncode == 0 and "nothing is damaged" in again.stdout

    company.start()
    publish(company, device, SECOND)
    numbers = [number for number in [*FIRST, *SECOND] if number != 17]
    until(lambda: group(company, "raw", "lake") > end, 90, "the lake's batch")
    until(lambda: len(payloads_in_lake(company)) == len(numbers), 90, "all messages in the lake")
    in_lake = payloads_in_lake(company)
    assert [number for _, number in in_lake] == numbers
    assert {number: position for position, number in in_lake if number in FIRST} == \
        {number: position for number, position in stored.items() if number != 17}
    assert all(position >= end for position, number in in_lake if number in SECOND)
    log = (company.data / "cauce.log").read_text(errors="replace")
    passed = f"passed over positions {stored[17]} to {stored[17]}"
    assert log.count(f"lake: {passed}") == 1
    # Which may have decoded it before the kill.
    assert log.count(f"decode: {passed}") <= 1


def test_a_partition_that_was_moved_away_is_not_begun_anew(company):
    device = company.call("POST", "/devices", {"name": "d"})
    publish(company, device, FIRST)
    until(lambda: group(company, "raw", "decode") >= 40, 30, "decode's cursor")
    company.stop()
    read = group(company, "raw", "decode")
    partition = company.data / "stream" / "raw" / "0"
    partition.rename(partition.parent / "elsewhere")
    refused = cauce(company.program, "serve", "--data", company.data, "--role", "gateway",
                    "--mqtt-port", "0", "--ingest-port", "0")
    assert refused.returncode == 1
    assert "have read up to position" in refused.stderr and "stream repair" in refused.stderr
    done = repair(company, "--yes")
    assert done.returncode == 0, done.stderr
    company.start()
    publish(company, device, SECOND)
    records = read_topic(company, "raw")
    assert min(record["position"] for record in records) >= read
