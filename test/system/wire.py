"""MQTT 3.1.1 and 5.0 byte by byte, so that a test can also say what no proper client would."""

import socket
import struct

ACCEPTED, BAD_PROTOCOL, BAD_IDENTIFIER, UNAVAILABLE, NOT_AUTHORISED = 0, 1, 2, 3, 5
CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13


def text(value):
    encoded = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(encoded)) + encoded


def identified(packet_id):
    return struct.pack(">H", packet_id)


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
    body += text(client or user)
    body += (text(user) if user else b"") + (text(password) if password else b"")
    return packet(0x10, body)


def publish_packet(topic, payload, qos=1, packet_id=1):
    body = text(topic) + (identified(packet_id) if qos else b"") + payload
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

    def packet(self):
        """The next packet as (first byte, body), or None."""
        first = self._take(1)
        if first is None:
            return None
        length, shift = 0, 0
        while True:
            digit = self._take(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                return first[0], self._take(length)

    def next(self):
        received = self.packet()
        return None if received is None else (received[0] >> 4, received[1])

    def hear(self):
        """The next packet as one of MQTT 5, or None."""
        received = self.packet()
        return None if received is None else Heard(*received)

    def connect(self, user="", password="", **options):
        """Answers the CONNACK's return code."""
        kind, body = self.send(connect_packet(user, password, **options)).next()
        assert kind == CONNACK
        return body[1]

    def publish(self, topic, payload, packet_id=1):
        """Publishes with QoS 1 and waits for the PUBACK."""
        kind, body = self.send(publish_packet(topic, payload, 1, packet_id)).next()
        assert (kind, body) == (PUBACK, identified(packet_id))

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


# MQTT 5.0: the properties of section 2.2.2.2, by name, each with its number and shape.
PROPERTIES = {
    "payload_format": (0x01, "B"), "message_expiry": (0x02, "I"), "content_type": (0x03, "text"),
    "response_topic": (0x08, "text"), "correlation": (0x09, "text"),
    "identifier": (0x0B, "variable"), "session_expiry": (0x11, "I"),
    "assigned_client": (0x12, "text"), "server_keep_alive": (0x13, "H"),
    "authentication_method": (0x15, "text"), "authentication": (0x16, "text"),
    "request_problems": (0x17, "B"), "will_delay": (0x18, "I"), "request_response": (0x19, "B"),
    "response_information": (0x1A, "text"), "server_reference": (0x1C, "text"),
    "reason_string": (0x1F, "text"), "receive_maximum": (0x21, "H"),
    "alias_maximum": (0x22, "H"), "alias": (0x23, "H"), "maximum_qos": (0x24, "B"),
    "retain_available": (0x25, "B"), "user": (0x26, "pair"), "packet_maximum": (0x27, "I"),
    "wildcards_available": (0x28, "B"), "identifiers_available": (0x29, "B"),
    "shared_available": (0x2A, "B"),
}
NAMES = {number: name for name, (number, _) in PROPERTIES.items()}
PUBREC, PUBREL, PUBCOMP, UNSUBACK, DISCONNECT = 5, 6, 7, 11, 14
NO_LOCAL, AS_PUBLISHED = 0x04, 0x08
ONLY_WHEN_NEW, NO_RETAINED = 0x10, 0x20


def variable(number):
    return packet(0, b"x" * number)[1:-number] if number else b"\0"


def property_bytes(name, value):
    number, shape = PROPERTIES[name]
    if shape == "pair":
        content = text(value[0]) + text(value[1])
    elif shape == "text":
        content = text(value)
    else:
        content = variable(value) if shape == "variable" else struct.pack(">" + shape, value)
    return bytes([number]) + content


def block(content):
    return variable(len(content)) + content


def properties(**values):
    """With their length. A list is the same property several times."""
    return block(b"".join(property_bytes(name, value) for name, given in values.items()
                          for value in (given if isinstance(given, list) else [given])))


def connect_5(client, clean=True, keep_alive=60, will=None, user=None, password=None, **values):
    """`will` is (topic, payload, flags of QoS and retain, its properties)."""
    flags = 0x02 if clean else 0
    payload = text(client)
    if will:
        topic, content, will_flags, particulars = will
        flags |= 0x04 | will_flags
        payload += properties(**particulars) + text(topic) + text(content)
    for bit, value in ((0x80, user), (0x40, password)):
        if value is not None:
            flags |= bit
            payload += text(value)
    return packet(0x10, text("MQTT") + bytes([5, flags]) + identified(keep_alive)
                  + properties(**values) + payload)


def publish_5(topic, payload=b"", qos=0, packet_id=1, retain=False, duplicate=False, **values):
    return packet(0x30 | duplicate << 3 | qos << 1 | retain,
                  text(topic) + (identified(packet_id) if qos else b"") + properties(**values)
                  + payload)


def acknowledge_5(kind, packet_id, reason=None, **values):
    body = identified(packet_id) + (b"" if reason is None else bytes([reason]))
    return packet(kind << 4 | (2 if kind == PUBREL else 0),
                  body + (properties(**values) if values else b""))


def subscribe_5(filters, packet_id=9, **values):
    """`filters` are pairs of a filter and its options."""
    return packet(0x82, identified(packet_id) + properties(**values)
                  + b"".join(text(filter_) + bytes([options]) for filter_, options in filters))


def unsubscribe_5(*filters, packet_id=10, **values):
    return packet(0xA2, identified(packet_id) + properties(**values)
                  + b"".join(map(text, filters)))


def disconnect_5(reason=0, **values):
    return packet(0xE0, bytes([reason]) + properties(**values))


class Heard:
    """One packet of MQTT 5 from the server, taken apart; what it does not have is None."""

    topic = payload = packet_id = reason = reasons = qos = present = None

    def __init__(self, first, body):
        self.kind, self.flags, self.rest = first >> 4, first & 0x0F, body
        self.properties, self.size = {}, len(packet(first, body))
        if self.kind == CONNACK:
            self.acknowledge_flags, self.reason = self._bytes(2)
            self.present = self.acknowledge_flags == 1
            self._take_properties()
        elif self.kind == PUBLISH:
            self._take_publish()
        elif self.kind in (SUBACK, UNSUBACK):
            self.packet_id = self._number(2)
            self._take_properties()
            self.reasons = list(self.rest)
        elif self.kind == DISCONNECT:
            self._take_reason()
        elif self.kind != PINGRESP:
            self.packet_id = self._number(2)
            self._take_reason()

    def _bytes(self, count):
        taken, self.rest = self.rest[:count], self.rest[count:]
        assert len(taken) == count
        return taken

    def _number(self, count):
        return int.from_bytes(self._bytes(count), "big")

    def _variable(self):
        number, shift = 0, 0
        while True:
            digit = self._number(1)
            number |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                return number

    def _take_reason(self):
        self.reason = self._number(1) if self.rest else 0
        if self.rest:
            self._take_properties()

    def _take_publish(self):
        self.qos, self.retain = self.flags >> 1 & 3, bool(self.flags & 1)
        self.duplicate = bool(self.flags & 8)
        self.topic = self._bytes(self._number(2)).decode()
        self.packet_id = self._number(2) if self.qos else None
        self._take_properties()
        self.payload = self.rest

    def _take_properties(self):
        length = self._variable()
        behind = len(self.rest) - length
        assert behind >= 0
        while len(self.rest) > behind:
            name = NAMES[self._number(1)]
            shape = PROPERTIES[name][1]
            if shape == "variable":
                value = self._variable()
            elif shape == "pair":
                value = tuple(self._bytes(self._number(2)).decode() for _ in range(2))
            elif shape == "text":
                value = self._bytes(self._number(2))
                value = value if name == "correlation" else value.decode()
            else:
                value = self._number(struct.calcsize(">" + shape))
            if name in ("user", "identifier"):
                self.properties.setdefault(name, []).append(value)
            else:
                assert name not in self.properties
                self.properties[name] = value
        assert len(self.rest) == behind


class Wire5(Wire):
    """A connection by MQTT 5.0 that was accepted; `hear` answers the next packet, or None."""

    def __init__(self, address, client="", **options):
        super().__init__(address)
        self.early = []
        self.send(connect_5(client, **options))
        self.connack = self.hear()
        assert (self.connack.kind, self.connack.reason) == (CONNACK, 0)

    def subscribe(self, filter_, options=1, **values):
        """Answers the reason that SUBACK has for it."""
        self.send(subscribe_5([(filter_, options)], **values))
        answer = self.hear()
        assert (answer.kind, answer.packet_id) == (SUBACK, 9)
        return answer.reasons[0]

    def publish(self, topic, payload=b"", qos=1, packet_id=1, **options):
        """Publishes and waits for PUBACK, or for PUBREC and PUBCOMP."""
        self.send(publish_5(topic, payload, qos, packet_id, **options))
        if qos == 2:
            assert self.answer_of(PUBREC, packet_id) < 0x80
            self.send(acknowledge_5(PUBREL, packet_id))
        if qos:
            assert self.answer_of(PUBCOMP if qos == 2 else PUBACK, packet_id) < 0x80

    def answer_of(self, kind, packet_id):
        """The reason of the next packet, which is of this kind and id."""
        answer = self.hear()
        assert (answer.kind, answer.packet_id) == (kind, packet_id)
        return answer.reason

    def message(self):
        """The next message, which is answered as its QoS asks."""
        heard = self.early.pop(0) if self.early else self.hear()
        assert heard.kind == PUBLISH, heard.__dict__
        if heard.qos == 1:
            self.send(acknowledge_5(PUBACK, heard.packet_id))
        elif heard.qos == 2:
            self.send(acknowledge_5(PUBREC, heard.packet_id))
            # More messages may come before the release of this one.
            while (released := self.hear()).kind == PUBLISH:
                self.early.append(released)
            assert (released.kind, released.packet_id) == (PUBREL, heard.packet_id)
            self.send(acknowledge_5(PUBCOMP, heard.packet_id))
        return heard

    def payloads_until(self, last):
        """Of the messages up to that one, without it: what came before it, and nothing else did."""
        payloads = []
        while (payload := self.message().payload) != last:
            payloads.append(payload)
        return payloads

    def ping(self):
        """Nothing is on its way to us but the answer."""
        assert self.early == []
        assert self.send(b"\xC0\0").next() == (PINGRESP, b"")

    def is_ended_with(self, reason):
        """Whether the next thing is DISCONNECT with this reason, and then the end."""
        heard = self.hear()
        assert heard is not None and heard.kind == DISCONNECT, heard and heard.__dict__
        assert heard.reason == reason, f"{heard.reason:#04x}"
        return self.is_closed()
