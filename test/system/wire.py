"""MQTT 3.1.1 byte by byte, so that a test can also say what no proper client would."""

import socket
import struct

ACCEPTED, BAD_PROTOCOL, BAD_IDENTIFIER, UNAVAILABLE, NOT_AUTHORISED = 0, 1, 2, 3, 5
CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13


def text(value):
    encoded = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(encoded)) + encoded


def packet(first, body=b""):
    length, prefix = len(body), bytearray([first])
    while True:
        length, digit = divmod(length, 128)
        prefix.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(prefix) + body


def connect_packet(user="", password="", client="", keep_alive=60, level=4):
    flags = 0x02 | (0x80 if user else 0) | (0x40 if password else 0)
    body = text("MQTT") + bytes([level, flags]) + struct.pack(">H", keep_alive)
    body += b"\x00" if level == 5 else b""
    body += text(client or user)
    body += (text(user) if user else b"") + (text(password) if password else b"")
    return packet(0x10, body)


def publish_packet(topic, payload, qos=1, packet_id=1):
    body = text(topic) + (struct.pack(">H", packet_id) if qos else b"") + payload
    return packet(0x30 | qos << 1, body)


class Wire:
    """One connection. `next` answers (type, body), or None when the other side has closed."""

    def __init__(self, address, seconds=10):
        self.socket = socket.create_connection(address, timeout=seconds)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, content):
        self.socket.sendall(content)
        return self

    def _take(self, count):
        while len(self.received) < count:
            try:
                part = self.socket.recv(1 << 16)
            except ConnectionError:
                part = b""
            if not part:
                return None
            self.received += part
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def next(self):
        first = self._take(1)
        if first is None:
            return None
        length, shift = 0, 0
        while True:
            digit = self._take(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                return first[0] >> 4, self._take(length)

    def connect(self, user="", password="", **options):
        """Answers the CONNACK's return code."""
        kind, body = self.send(connect_packet(user, password, **options)).next()
        assert kind == CONNACK
        return body[1]

    def publish(self, topic, payload, packet_id=1):
        """Publishes with QoS 1 and waits for the PUBACK."""
        kind, body = self.send(publish_packet(topic, payload, 1, packet_id)).next()
        assert (kind, body) == (PUBACK, struct.pack(">H", packet_id))

    def is_closed(self):
        return self.next() is None

    def is_quiet_for(self, seconds):
        self.socket.settimeout(seconds)
        try:
            return self.received == b"" and self.socket.recv(1) == b"never"
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(10)


def admitted(address, credentials, **options):
    """A connection of the device that `POST /devices` made."""
    wire = Wire(address)
    assert wire.connect(credentials["device"], credentials["token"], **options) == ACCEPTED
    return wire
