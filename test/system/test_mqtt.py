"""What devices and attackers may say over MQTT, and what they hear and leave behind."""

import re
import subprocess

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from patience import log_of, log_since, messages, until
from wire import (BAD_PROTOCOL, NOT_AUTHORISED, PINGRESP, PUBACK, PUBLISH, SUBACK, Wire, Wire5,
                  admitted, connect_5, connect_packet, packet, publish_5, publish_packet, text)

PAYLOAD_BYTES_MAX = 1 << 20


def make_device(installation, name):
    return installation.call("POST", "/devices", {"name": name})


@pytest.fixture(scope="module")
def steady(serving):
    """A connection that nothing in these tests may disturb, and its device."""
    made = make_device(serving, "steady")
    with admitted(serving.mqtt(), made) as wire:
        yield wire, made


def logged(installation, offset, words):
    return until(lambda: [line for line in log_since(installation, offset).splitlines()
                          if words in line], what=f"a line of the log with \"{words}\"")


MALFORMED_BEFORE_CONNECT = {
    "not MQTT": (b"GET / HTTP/1.1\r\n\r\n", "the first packet is not CONNECT"),
    "reserved flag": (packet(0x10, text("MQTT") + b"\x04\x03\x00\x3c" + text("c")),
                      "reserved flag"),
    "endless length": (b"\x10\xff\xff\xff\xff\x7f", "more than four bytes"),
    "oversized CONNECT": (b"\x10\xff\xff\x7f" + text("MQTT") + b"\x04",
                          "2097151 bytes is over the limit of 16384"),
    "truncated": (packet(0x10, text("MQTT") + b"\x04\x02\x00"), "shorter than its fields"),
}
MALFORMED_AFTER_CONNECT = {
    "second CONNECT": (connect_packet("x", "y"), "a second CONNECT"),
    "packet id 0": (publish_packet("devices/x/telemetry", b"1", 1, 0), "packet id 0"),
    "wildcard": (publish_packet("devices/+/telemetry", b"1"), "wildcard"),
    "QoS 3": (packet(0x36, text("t") + b"\x00\x01"), "QoS 3"),
    "not UTF-8": (packet(0x30, text(b"\xff\xfe")), "not UTF-8"),
    "SUBSCRIBE without filter": (packet(0x82, b"\x00\x01"), "names no topic filter"),
    "reserved type": (b"\xf0\x00", "a client may not send"),
}


def closes(wire, content):
    wire.send(content)
    return wire.is_closed()


@pytest.mark.parametrize("case", MALFORMED_BEFORE_CONNECT)
def test_malformed_first_packets_close_that_connection_with_a_reason(serving, steady, case):
    content, reason = MALFORMED_BEFORE_CONNECT[case]
    offset = len(log_of(serving))
    with Wire(serving.mqtt()) as wire:
        assert closes(wire, content)
    logged(serving, offset, reason)
    steady[0].publish(steady[1]["topic"], b'{"t": 1}')


def test_malformed_later_packets_close_that_connection_with_a_reason(program, tmp_path):
    from installation import Installation
    installation = Installation(program, tmp_path / "data", 0, 0)  # a quiet log: ten lines in 10 s
    installation.start()
    try:
        installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
        made, other = make_device(installation, "x"), make_device(installation, "other")
        with admitted(installation.mqtt(), other) as undisturbed:
            for content, reason in MALFORMED_AFTER_CONNECT.values():
                offset = len(log_of(installation))
                with admitted(installation.mqtt(), made) as wire:
                    assert closes(wire, content)
                line, *more = logged(installation, offset, reason)
                assert "device x of acme" in line and not more
            undisturbed.publish(other["topic"], b'{"t": 1}')
    finally:
        installation.stop()


def test_a_payload_at_the_limit_is_stored_and_one_byte_more_is_refused(serving, steady):
    made = make_device(serving, "large")
    with admitted(serving.mqtt(), made) as wire:
        wire.publish(made["topic"], b"x" * PAYLOAD_BYTES_MAX)
    offset = len(log_of(serving))
    with admitted(serving.mqtt(), made) as wire:
        assert closes(wire, publish_packet(made["topic"], b"x" * (PAYLOAD_BYTES_MAX + 1), 1, 2))
    line = logged(serving, offset, "is over the limit of")[0]
    assert str(PAYLOAD_BYTES_MAX) in line and str(PAYLOAD_BYTES_MAX + 1) in line
    assert [len(message["payload"]) for message in messages(serving, "large")] == [1 << 20]
    steady[0].publish(steady[1]["topic"], b'{"t": 1}')


def test_strangers_cannot_tell_why_they_are_refused(serving):
    known, disabled = make_device(serving, "known"), make_device(serving, "disabled")
    serving.call("PATCH", "/devices/disabled", {"enabled": False})
    offset = len(log_of(serving))

    def answer(user, password):
        with Wire(serving.mqtt()) as wire:
            code = wire.connect(user, password)
            assert wire.is_closed()
            return code

    until(lambda: answer("disabled", disabled["token"]) == NOT_AUTHORISED)
    assert answer("nobody", "wrong") == NOT_AUTHORISED
    assert answer("known", "wrong") == NOT_AUTHORISED
    assert answer("known", disabled["token"]) == NOT_AUTHORISED
    assert answer("", "") == NOT_AUTHORISED
    lines = logged(serving, offset, "not admitted")
    # The log has the name that was claimed, and no more than that.
    shapes = {re.sub(r'^\S+|:\d+:|; it claimed to be device "\w+"$', "", line) for line in lines}
    assert len(shapes) == 1, shapes
    for secret in [known["token"], disabled["token"], known["key"], "wrong"]:
        assert secret not in log_of(serving)


def test_a_device_is_admitted_from_the_moment_it_was_made(serving):
    for number in range(20):
        made = make_device(serving, f"fresh-{number}")
        admitted(serving.mqtt(), made).socket.close()


def test_a_disabled_device_loses_its_connection_within_a_second(serving):
    made = make_device(serving, "revoked")
    with admitted(serving.mqtt(), made) as wire:
        wire.socket.settimeout(1)
        serving.call("PATCH", "/devices/revoked", {"enabled": False})
        assert wire.is_closed()


def test_nobody_publishes_or_listens_under_another_name(serving, steady):
    made = make_device(serving, "mallory")
    for topic in ["devices/steady/telemetry", "devices/mallory", "devices/mallory2/telemetry",
                  "telemetry", "$SYS/x"]:
        with admitted(serving.mqtt(), made) as wire:
            assert closes(wire, publish_packet(topic, b'{"t": 666}')), topic
    assert messages(serving, "mallory") == []
    with admitted(serving.mqtt(), made) as wire:
        for filter_ in ["#", "devices/steady/commands", "devices/+/commands", "$SYS/#"]:
            kind, body = wire.send(packet(0x82, b"\x00\x01" + text(filter_) + b"\x01")).next()
            assert (kind, body) == (SUBACK, b"\x00\x01\x80"), filter_


def test_a_version_that_is_not_spoken_is_told_so(serving):
    with Wire(serving.mqtt()) as wire:
        assert wire.connect("steady", "token", level=6) == BAD_PROTOCOL
        assert wire.is_closed()


@pytest.mark.parametrize("version", ["311", "5"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_mosquitto_pub_publishes_by_both_versions_with_every_qos(serving, version, qos):
    made = make_device(serving, f"mosquitto-{version}-{qos}")
    host, port = serving.mqtt()
    done = subprocess.run(
        ["mosquitto_pub", "-V", version, "-h", host, "-p", str(port), "-u", made["device"], "-P",
         made["token"], "-q", str(qos), "-t", made["topic"], "-m", '{"t": 4}'],
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    until(lambda: [message["payload"] for message in messages(serving, made["device"])]
          == ['{"t": 4}'])


@pytest.mark.parametrize("version", [4, 5])
def test_paho_publishes_by_both_versions_with_every_qos(serving, version):
    made = make_device(serving, f"paho-{version}")
    client = paho.Client(made["device"], protocol=version)
    client.username_pw_set(made["device"], made["token"])
    client.connect(*serving.mqtt())
    client.loop_start()
    try:
        for qos in (0, 1, 2):
            properties = None
            if version == 5:
                properties = Properties(PacketTypes.PUBLISH)
                properties.ContentType = "application/json"
            client.publish(made["topic"], f'{{"t": {qos}}}', qos,
                           properties=properties).wait_for_publish(10)
        stored = until(lambda: len(messages(serving, made["device"])) == 3
                       and messages(serving, made["device"]))
    finally:
        client.loop_stop()
        client.disconnect()
    assert [message["payload"] for message in stored] == ['{"t": 0}', '{"t": 1}', '{"t": 2}']
    assert {message.get("content_type", "") for message in stored} == {
        "application/json" if version == 5 else ""}


def test_a_refusal_of_mqtt_5_has_its_code(serving):
    made = make_device(serving, "careful")
    with Wire(serving.mqtt()) as wire:
        wire.send(connect_5("careful", user=made["device"], password="wrong"))
        assert wire.hear().reason == 0x87 and wire.is_closed()
    with Wire5(serving.mqtt(), "careful", user=made["device"], password=made["token"]) as wire:
        wire.send(publish_5("devices/other/telemetry", b"1", 1, 1))
        assert wire.answer_of(PUBACK, 1) == 0x87
        wire.send(publish_5(made["topic"], b'{"t": 1}', 1, 2))
        assert wire.answer_of(PUBACK, 2) == 0x10  # stored, and nobody subscribed


def test_qos_0_is_stored(serving):
    made = make_device(serving, "careless")
    with admitted(serving.mqtt(), made) as wire:
        wire.send(publish_packet(made["topic"], b'{"t": 7}', 0))
        wire.publish(made["topic"], b'{"t": 8}')
    stored = [message["payload"] for message in messages(serving, "careless")]
    assert stored == ['{"t": 7}', '{"t": 8}']


def test_a_command_arrives_with_qos_1(serving):
    made = make_device(serving, "valve")
    with admitted(serving.mqtt(), made) as wire:
        subscribe = packet(0x82, b"\x00\x01" + text("devices/valve/commands") + b"\x01")
        assert wire.send(subscribe).next() == (SUBACK, b"\x00\x01\x01")
        serving.call("POST", "/devices/valve/commands", {"payload": {"open": True}})
        kind, body = wire.next()
        topic = text("devices/valve/commands")
        assert kind == PUBLISH and body.startswith(topic) and body.endswith(b'{"open":true}')
        packet_id = body[len(topic):len(topic) + 2]
        assert packet_id != b"\x00\x00"
        wire.send(packet(0x40, packet_id))
        assert wire.send(packet(0xC0)).next() == (PINGRESP, b"")


def test_a_client_silent_beyond_its_keep_alive_is_closed(serving):
    made = make_device(serving, "sleepy")
    offset = len(log_of(serving))
    with admitted(serving.mqtt(), made, keep_alive=1) as wire:
        assert wire.is_closed()
    line = logged(serving, offset, "keep-alive of 1 s")[0]
    assert "device sleepy of acme" in line
