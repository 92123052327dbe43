"""From a message to an alarm, an event and a dead letter, as the REST interface shows them."""

import base64

import pytest

from installation import Failure
from patience import read_topic, until
from wire import admitted


def test_an_alarm_is_raised_and_cleared_and_each_event_comes_once(serving):
    made = serving.call("POST", "/devices", {"name": "oven"})
    serving.call("POST", "/rules", {"name": "hot", "kind": "threshold", "device": "oven",
                                    "metric": "t", "direction": "above", "raise_at": 80,
                                    "clear_at": 70, "severity": "critical"})
    with admitted(serving.mqtt(), made) as wire:
        for number, value in enumerate([20, 90, 75, 85, 95, 75]):
            wire.publish(made["topic"], b'{"t": %d}' % value, number + 1)
        opened = until(lambda: serving.items("/alarms?state=open"), 5, "the alarm")
        assert [(alarm["rule"], alarm["device"]) for alarm in opened] == [("hot", "oven")]
        wire.publish(made["topic"], b'{"t": 60}', 9)
    until(lambda: not serving.items("/alarms?state=open"), 5, "the end of the alarm")
    ended = serving.items("/alarms?state=all")
    assert len(ended) == 1 and ended[0]["cleared_at"]
    serving.kill("alarms")

    def events():
        return [record["event"]["type"] for record in read_topic(serving, "events")]

    until(lambda: len(events()) >= 2, 10, "the events")
    until(serving.healthy)
    assert events() == ["alarm.raised", "alarm.cleared"]


def test_what_cannot_be_read_is_kept_whole_with_its_reason(serving):
    made = serving.call("POST", "/devices", {"name": "odd"})
    sent = [b"\x00\xff not JSON", b'{"t": ']
    with admitted(serving.mqtt(), made) as wire:
        for number, payload in enumerate(sent):
            wire.publish(made["topic"], payload, number + 1)
    kept = until(lambda: len(found := serving.items("/dead-letters?device=odd")) == 2 and found)
    assert {letter["stage"] for letter in kept} == {"parse"}
    assert all(letter["reason"] for letter in kept)
    assert all(letter["text"]["en"] == letter["reason"] for letter in kept)
    payloads = [base64.b64decode(serving.call("GET", f"/dead-letters/{letter['id']}")["payload"])
                for letter in reversed(kept)]
    assert payloads == sent


def test_a_token_of_another_company_sees_nothing(serving):
    serving.call("POST", "/companies", {"name": "rival", "title": "Rival"})
    serving.call("POST", "/devices?company=acme", {"name": "private"})
    token = serving.call("POST", "/tokens?company=rival",
                         {"title": "test", "access": "owner"})["token"]
    theirs = serving.data / "run" / "token"
    own = theirs.read_text()
    try:
        theirs.write_text(token)
        until(lambda: serving.call("GET", "/session")["company"] == "rival")
        for path in ["/devices", "/series", "/alarms?state=all", "/dead-letters", "/rules"]:
            assert serving.items(path) == [], path
        assert [company["name"] for company in serving.items("/companies")] == ["rival"]
        for path in ["/devices/private", "/devices?company=acme", "/alarms/1"]:
            with pytest.raises(Failure, match=": 404 "):
                serving.call("GET", path)
        with pytest.raises(Failure, match=": 404 "):
            serving.call("POST", "/devices/private/commands?company=acme", {"payload": "x"})
    finally:
        theirs.write_text(own)
