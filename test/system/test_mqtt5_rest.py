"""MQTT 5.0, chapters 2, 3.12 to 3.15, 4.2, 4.12, 4.13 and 6, and where 3.1.1 goes another way.

The number in a test's name is that of the statement of the standard (mqtt_311: of 3.1.1). Not
tested: 4.12.0-2, 4.12.0-3, 4.12.0-4, 4.12.0-5, 4.12.1-1, 4.12.1-2, 3.15.2-1, 3.15.2-2 and 3.15.2-3,
because no authentication method is known here; 6.0.0-3, which a client keeps; 3.14.2-4, because no
DISCONNECT has that property; 1.5.5-1, which binds who sends. 2.2.1-1, 2.2.1-2, 2.2.1-5 and 2.2.1-6
are looked at by every test that takes a packet apart.
"""

import base64
import os
import struct

import pytest

from installation import Installation
from wire import (ACCEPTED, CONNACK, PINGRESP, PUBLISH, PUBREC, SUBACK, UNSUBACK, Wire,
                  Wire5, block, connect_5, connect_packet, disconnect_5, identified, packet,
                  property_bytes, publish_5, publish_packet, subscribe_5, text)

PINGREQ = b"\xC0\0"


ENDED = {
    "mqtt_2_1_2_type_0": (b"\0\0", 0x82),
    "mqtt_2_1_2_connack_from_a_client": (b"\x20\3\0\0\0", 0x82),
    "mqtt_2_1_2_suback_from_a_client": (b"\x90\4\0\1\0\0", 0x82),
    "mqtt_2_1_2_unsuback_from_a_client": (b"\xB0\4\0\1\0\0", 0x82),
    "mqtt_2_1_2_pingresp_from_a_client": (b"\xD0\0", 0x82),
    "mqtt_2_1_3_1_pingreq_with_flags": (b"\xC1\0", 0x81),
    "mqtt_3_12_pingreq_with_a_body": (b"\xC0\1x", 0x81),
    "mqtt_3_14_1_1_disconnect_with_flags": (b"\xE2\0", 0x81),
    "mqtt_3_14_2_disconnect_longer_than_its_fields": (packet(0xE0, b"\0\0x"), 0x81),
    "mqtt_3_14_2_2_2_expiry_that_connect_did_not_have": (disconnect_5(session_expiry=1), 0x82),
    "mqtt_3_14_2_2_2_session_expiry_twice": (
        packet(0xE0, b"\0" + block(2 * property_bytes("session_expiry", 0))), 0x82),
    "mqtt_3_14_2_2_3_reason_string_not_utf_8": (disconnect_5(reason_string=b"\xff"), 0x81),
    "mqtt_3_14_2_2_5_server_reference_from_a_client": (disconnect_5(server_reference="x"), 0x82),
    "mqtt_3_15_1_1_auth_with_flags": (b"\xF1\0", 0x82),
    "mqtt_4_12_0_7_auth_without_a_method": (packet(0xF0, b"\x18\0"), 0x82),
    "mqtt_4_12_1_authenticating_again_without_a_method": (
        packet(0xF0, b"\x19" + block(property_bytes("authentication_method", "m"))), 0x82),
    "mqtt_3_2_2_15_a_packet_over_our_maximum": (b"\x30\xff\xff\xff\x7f", 0x95),
}


@pytest.mark.parametrize("case", ENDED)
def test_a_packet_that_ends_the_connection(join, case):
    content, reason = ENDED[case]
    assert join().send(content).is_ended_with(reason)


def test_mqtt_2_1_4_a_length_without_end_closes(join):
    # Where the next packet begins is not known, so nothing can be said.
    assert join().send(b"\x30\xff\xff\xff\xff\1").is_closed()


def test_mqtt_3_12_4_1_each_pingreq_is_answered(join):
    client = join()
    client.send(3 * PINGREQ)
    assert [client.packet() for _ in range(3)] == 3 * [(0xD0, b"")]


@pytest.mark.parametrize("content", [
    b"\xE0\0", disconnect_5(0), disconnect_5(0x04), disconnect_5(0x80), disconnect_5(0x81),
    disconnect_5(0x93), disconnect_5(0x99), packet(0xE0, b"\0"),
    disconnect_5(0, session_expiry=0, reason_string="bye", user=[("a", "b"), ("a", "b")])])
def test_mqtt_3_14_4_a_goodbye_is_not_answered(join, content):
    assert join().send(content).is_closed()


@pytest.mark.parametrize("reason", [0x01, 0x8B, 0x8D, 0x8E, 0xFF])
def test_mqtt_3_14_2_1_a_goodbye_of_another_reason_leaves_the_will(join, fresh, reason):
    ear = join()
    ear.subscribe(fresh)
    client = join(will=(fresh, b"will", 0, {}))
    assert client.send(disconnect_5(reason)).is_closed()
    assert ear.message().payload == b"will"


def test_mqtt_3_14_4_1_nothing_behind_a_goodbye_is_taken(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    client = join()
    client.send(publish_5(fresh, b"before", 1) + disconnect_5() + publish_5(fresh, b"behind", 1, 2))
    # It did not wait for PUBACK: it may come or not.
    assert client.hear() is None or client.hear() is None
    join().publish(fresh, b"last")
    assert ear.payloads_until(b"last") == [b"before"]


def test_mqtt_3_14_2_2_2_a_goodbye_can_shorten_the_session(join, fresh):
    first = join(fresh, session_expiry=60)
    assert first.send(disconnect_5(session_expiry=0)).is_closed()
    second = join(fresh, clean=False, session_expiry=60)
    assert not second.connack.present
    assert second.send(disconnect_5(session_expiry=30)).is_closed()
    assert join(fresh, clean=False).connack.present


def test_mqtt_3_14_2_2_and_3_14_4_1_2_our_goodbye_is_the_last_word(join, fresh):
    client = join(fresh, session_expiry=60)
    client.subscribe(fresh)
    client.send(b"\xF0\0" + PINGREQ + publish_5(fresh, b"behind", 1))
    goodbye = client.hear()
    assert goodbye.kind == 14 and "session_expiry" not in goodbye.properties
    assert client.hear() is None
    # The session goes on, without what stood behind the error.
    back = join(fresh, clean=False)
    assert back.connack.present
    back.ping()


def test_mqtt_4_2_0_1_packets_come_in_pieces_and_together(join, fresh):
    client = join()
    for byte in subscribe_5([(fresh, 0)]) + publish_5(fresh, b"slow"):
        client.send(bytes([byte]))
    assert client.hear().kind == SUBACK
    assert client.message().payload == b"slow"
    client.send(b"".join(publish_5(fresh, b"%d" % number) for number in range(100)) + PINGREQ)
    heard = [client.hear() for _ in range(101)]
    assert [message.payload for message in heard if message.kind == PUBLISH] == [
        b"%d" % number for number in range(100)]


def test_mqtt_4_13_1_1_and_4_13_2_1_an_error_of_one_client_is_no_other_s(join, fresh):
    undisturbed = join()
    undisturbed.subscribe(fresh)
    for content, reason in ENDED.values():
        assert join().send(content).is_ended_with(reason)
    undisturbed.send(publish_5(fresh, b"on"))
    assert undisturbed.message().payload == b"on"


def test_mqtt_4_13_1_1_what_stood_before_an_error_is_taken(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    client = join()
    client.send(publish_5(fresh, b"before", 1, 5) + publish_5("a/#"))
    # DISCONNECT does not wait for the disk, as PUBACK does: the client sends its message again.
    assert client.is_ended_with(0x81)
    assert ear.message().payload == b"before"


class WebSocket(Wire):
    """MQTT in frames of RFC 6455 of at most 125 bytes."""

    def __init__(self, address, protocols="mqtt"):
        super().__init__(address)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                            f"Sec-WebSocket-Version: 13\r\n"
                            f"Sec-WebSocket-Protocol: {protocols}\r\n\r\n".encode())
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            self.head += self.socket.recv(1)

    def send(self, content, opcode=2):
        # The mask is four times 0, which changes nothing.
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(content)]) + bytes(4) + content)
        return self

    def frame(self):
        """(opcode, content), or None."""
        head = self._take(2)
        if head is None:
            return None
        length = head[1] if head[1] < 126 else struct.unpack(">H", self._take(2))[0]
        return head[0] & 0x0F, self._take(length)


@pytest.fixture(scope="module")
def web(pytestconfig, tmp_path_factory):
    """Where a cauce takes WebSocket from everybody."""
    place = tmp_path_factory.mktemp("web")
    made = Installation(pytestconfig.cauce_program, place / "data", 0, 0)
    made.config = place / "cauce.toml"
    made.config.write_text("[mqtt.websocket]\nport = 0\n")
    made.ports.append("--open")
    made.start()
    address = made.addresses()["websocket"]
    yield address["host"], address["port"]
    made.stop()


def test_mqtt_6_0_0_4_the_subprotocol_is_mqtt(web):
    with WebSocket(web, "other, mqtt") as wire:
        assert wire.head.startswith(b"HTTP/1.1 101 ")
        assert b"\r\nsec-websocket-protocol: mqtt\r\n" in wire.head.lower()


def test_mqtt_6_0_0_1_only_binary_frames(web):
    with WebSocket(web) as wire:
        wire.send(connect_5("c"))
        opcode, content = wire.frame()
        assert (opcode, content[0] >> 4) == (2, CONNACK)
        wire.send(PINGREQ, opcode=1)
        frame = wire.frame()
        assert frame is None or frame[0] == 8


def test_mqtt_6_0_0_2_packets_span_and_share_frames(web):
    with WebSocket(web) as wire:
        content = connect_5("c") + PINGREQ + subscribe_5([("t", 0)])
        for at in range(0, len(content), 7):
            wire.send(content[at:at + 7])
        heard = b""
        while len(heard) < 16 + 2 + 6:
            heard += wire.frame()[1]
        assert (heard[0], heard[16:18], heard[18]) == (0x20, b"\xD0\0", 0x90)


@pytest.fixture
def old(opened, fresh):
    """A client of 3.1.1 whose session ends with its connection."""
    with Wire(opened.mqtt()) as wire:
        assert wire.connect("", client=fresh) == ACCEPTED
        yield wire


def subscribe_311(wire, filter_, qos):
    return wire.send(packet(0x82, b"\0\1" + text(filter_) + bytes([qos]))).next()


OLD_ENDED = {
    "mqtt_311_3_3_1_4_qos_3": packet(0x36, text("t") + b"\0\1"),
    "mqtt_311_3_8_3_4_no_options_but_qos": packet(0x82, b"\0\1" + text("a") + b"\x04"),
    "mqtt_311_3_14_1_1_disconnect_with_flags": b"\xE1\0",
    "mqtt_311_3_14_disconnect_with_a_reason": disconnect_5(0),
    "mqtt_311_2_2_1_no_auth": b"\xF0\0",
    "mqtt_311_3_4_puback_with_a_reason": packet(0x40, b"\0\1\0"),
    "mqtt_311_4_7_3_1_empty_topic": publish_packet("", b"1"),
}


@pytest.mark.parametrize("case", OLD_ENDED)
def test_mqtt_311_an_error_closes_without_a_word(old, case):
    assert old.send(OLD_ENDED[case]).is_closed()


def test_mqtt_311_answers_have_no_reasons_and_no_properties(old, fresh):
    assert subscribe_311(old, fresh, 2) == (SUBACK, b"\0\1\2")
    # 3.9.3: whatever the reason, the return code is 0x80.
    assert subscribe_311(old, "$share//a", 1) == (SUBACK, b"\0\1\x80")
    unsubscribe = packet(0xA2, b"\0\2" + text(fresh) + text("nothing"))
    assert old.send(unsubscribe).next() == (UNSUBACK, b"\0\2")
    old.publish(fresh, b"1", 7)
    old.send(publish_packet(fresh, b"1", 2, 8))
    assert old.next() == (PUBREC, b"\0\x08")


def test_mqtt_311_3_3_1_9_a_message_is_not_retained_for_who_subscribed(old, join, fresh):
    subscribe_311(old, fresh, 1)
    join().publish(fresh, b"kept", 1, retain=True, user=("a", "b"), message_expiry=100)
    first, body = old.packet()
    # What only 5.0 has is left out.
    assert (first, body) == (0x32, text(fresh) + identified(1) + b"kept")
    assert subscribe_311(old, fresh, 0) == (SUBACK, b"\0\1\0")
    assert old.packet() == (0x31, text(fresh) + b"kept")


def test_mqtt_311_3_1_3_8_no_client_id_needs_a_clean_session(opened):
    head = text("MQTT") + b"\4"
    with Wire(opened.mqtt()) as wire:
        wire.send(packet(0x10, head + b"\0\0\x3c" + text("")))
        assert wire.next() == (CONNACK, b"\0\2") and wire.is_closed()
    with Wire(opened.mqtt()) as wire:
        assert wire.send(packet(0x10, head + b"\2\0\x3c" + text(""))).next() == (CONNACK, b"\0\0")


def test_mqtt_311_3_1_2_22_no_password_without_a_user_name(opened):
    with Wire(opened.mqtt()) as wire:
        wire.send(packet(0x10, text("MQTT") + b"\4\x42\0\x3c" + text("c") + text("p")))
        assert wire.is_closed()
    # 5.0 allows it.
    with Wire5(opened.mqtt(), "c", password="p") as wire:
        wire.ping()


def test_mqtt_311_3_1_4_2_who_is_taken_over_is_closed_without_a_word(opened, old, fresh):
    with Wire(opened.mqtt()) as wire:
        assert wire.connect("", client=fresh) == ACCEPTED
        assert old.is_closed()
        assert wire.send(PINGREQ).next() == (PINGRESP, b"")


def test_mqtt_311_and_5_are_one_client_by_their_id(opened, join, fresh):
    with join(fresh, session_expiry=60) as first:
        first.subscribe(fresh)
    with Wire(opened.mqtt()) as wire:
        wire.send(connect_packet(client=fresh).replace(b"MQTT\4\2", b"MQTT\4\0"))
        assert wire.next() == (CONNACK, b"\1\0")
        join().publish(fresh, b"heard")
        assert wire.next()[0] == PUBLISH


def test_mqtt_311_3_1_2_24_keep_alive_0_is_none(opened, fresh):
    # 5.0 is told 60 s; 3.1.1 has no way to be told, and keeps what it asked for.
    with Wire(opened.mqtt()) as wire:
        assert wire.connect("", client=fresh, keep_alive=0) == ACCEPTED
        assert wire.is_quiet_for(0.2)
        assert wire.send(PINGREQ).next() == (PINGRESP, b"")
