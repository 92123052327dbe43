"""`cauce serve --open`: any client, any topic, one company, and everything else as ever."""

import json
import urllib.request

import pytest

from installation import Installation
from patience import cauce, read_topic, until
from wire import ACCEPTED, Wire


@pytest.fixture
def opened(program, tmp_path):
    made = Installation(program, tmp_path / "data", 0, 0)
    made.ports.append("--open")
    made.start()
    yield made
    made.stop()


def test_any_client_and_topic_is_stored_under_the_company_open(opened):
    for user, topic in [("", "any/thing at all"), ("bench-1", "devices/other/telemetry")]:
        with Wire(opened.mqtt()) as wire:
            assert wire.connect(user, "x" if user else "", client="c") == ACCEPTED
            wire.publish(topic, b"payload")
    with urllib.request.urlopen(opened.url("/healthz"), timeout=5) as answer:
        assert json.load(answer)["open"] is True
    stored = [(record["company"], record["topic"]) for record in read_topic(opened, "raw")
              if record["kind"] == "message"]
    assert stored == [("open", "any/thing at all"), ("open", "devices/other/telemetry")]

    def in_lake():
        done = cauce(opened.program, "query", "SELECT company, count(*) FROM lake GROUP BY ALL",
                     "--data", opened.data, "--format", "csv")
        return done.stdout.splitlines()[1:] == ["open,2"]

    until(in_lake, what="both messages in the lake")
