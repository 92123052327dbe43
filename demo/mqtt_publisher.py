"""Publishes over MQTT 3.1.1 with QoS 1, one connection for each device, and keeps a ledger.

Knows nothing of cauce but the protocol. A connection that breaks is made again, and what was not
acknowledged is sent again with DUP set (MQTT 3.1.1 section 4.4), so a message may arrive twice, but
the ledger says of each whether its PUBACK came.
"""

import collections
import csv
import dataclasses
import hashlib
import selectors
import socket
import struct
import time

CONNECT, CONNACK, PUBLISH, PUBACK = 0x10, 0x20, 0x32, 0x40
DUP = 0x08
RECONNECT_SECONDS = 0.05
STALLED_SECONDS = 60


@dataclasses.dataclass
class Message:
    device: str
    payload: bytes
    kind: str = "original"  # "repeat": sent before; "late": sent out of its order
    sent_at: float = 0.0
    acknowledged_at: float = 0.0
    sends: int = 0


def _text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack(">H", len(encoded)) + encoded


def _packet(first: int, body: bytes) -> bytes:
    length, prefix = len(body), bytearray([first])
    while True:
        length, digit = divmod(length, 128)
        prefix.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(prefix) + body


class Device:
    """One device's connection: a queue of messages and a window of those not acknowledged."""

    def __init__(self, name, token, messages, window):
        self.name, self.token, self.window = name, token, window
        self.waiting = collections.deque(messages)
        self.in_flight = collections.OrderedDict()  # packet id -> Message
        self.next_id = 1
        self.socket = None
        self.admitted = False
        self.received = bytearray()
        self.unsent = bytearray()
        self.retry_at = 0.0
        self.topic = _text(f"devices/{name}/telemetry")

    def done(self):
        return not self.waiting and not self.in_flight

    def connect(self, address):
        self.socket = socket.create_connection(address, timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.admitted = False
        self.received.clear()
        body = _text("MQTT") + bytes([4, 0xC2]) + struct.pack(">H", 60)
        body += _text(self.name) + _text(self.name) + _text(self.token)
        self.unsent[:] = _packet(CONNECT, body)

    def publish(self, packet_id, message, flags=0):
        body = self.topic + struct.pack(">H", packet_id) + message.payload
        self.unsent += _packet(PUBLISH | flags, body)
        message.sends += 1

    def fill_window(self, now):
        while self.admitted and self.waiting and len(self.in_flight) < self.window:
            message = self.waiting.popleft()
            while self.next_id in self.in_flight:
                self.next_id = self.next_id % 65535 + 1
            self.in_flight[self.next_id] = message
            message.sent_at = now
            self.publish(self.next_id, message)
            self.next_id = self.next_id % 65535 + 1


class Publisher:
    """Publishes `messages` in order, device by device at once.

    `tokens` maps device names to tokens. `on_progress(acknowledged, in_flight)` is called when
    the windows are full, before their answers are read. `pace` is the most messages per second over
    all devices; 0 is no limit.
    """

    def __init__(self, address, tokens, messages, window=256, on_progress=None, pace=0):
        by_device = collections.defaultdict(list)
        for message in messages:
            by_device[message.device].append(message)
        self.address = address
        self.messages = messages
        self.devices = [Device(name, tokens[name], queue, window)
                        for name, queue in by_device.items()]
        self.on_progress = on_progress or (lambda acknowledged, in_flight: None)
        self.pace = pace
        self.acknowledged = 0
        self.resent = 0
        self.reconnects = 0
        self.begun = False
        self.most_in_flight = 0
        self.selector = selectors.DefaultSelector()

    def run(self):
        began = self.last_acknowledged_at = time.monotonic()
        while not all(device.done() for device in self.devices):
            now = time.monotonic()
            if now - self.last_acknowledged_at > STALLED_SECONDS:
                raise RuntimeError(f"no PUBACK for {STALLED_SECONDS} s; "
                                   f"{self.acknowledged} of {len(self.messages)} acknowledged")
            # Nobody begins before all are admitted: so all of the windows are in flight at once.
            self.begun = self.begun or all(device.admitted for device in self.devices)
            on_pace = not self.pace or self.acknowledged <= (now - began) * self.pace
            may_send = self.begun and on_pace
            for device in self.devices:
                self._drive(device, now, may_send)
            in_flight = sum(len(device.in_flight) for device in self.devices)
            self.most_in_flight = max(self.most_in_flight, in_flight)
            self.on_progress(self.acknowledged, in_flight)
            for key, events in self.selector.select(0.01):
                self._serve(key.data, events)
        for device in self.devices:
            self._drop(device)
        self.seconds = time.monotonic() - began

    def _drive(self, device, now, may_send):
        if device.socket is None:
            if device.done() or now < device.retry_at:
                return
            try:
                device.connect(self.address)
            except OSError:
                device.socket = None
                device.retry_at = now + RECONNECT_SECONDS
                return
            self.selector.register(device.socket, selectors.EVENT_READ, device)
        if may_send:
            device.fill_window(now)
        if device.unsent:
            self._send(device)

    def _serve(self, device, events):
        if events & selectors.EVENT_READ:
            self._receive(device)
        if device.socket is not None and events & selectors.EVENT_WRITE:
            self._send(device)

    def _send(self, device):
        try:
            sent = device.socket.send(device.unsent)
            del device.unsent[:sent]
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if device.unsent else 0)
            self.selector.modify(device.socket, wanted, device)
        except BlockingIOError:
            self.selector.modify(device.socket, selectors.EVENT_READ | selectors.EVENT_WRITE,
                                 device)
        except OSError:
            self._drop(device)

    def _receive(self, device):
        try:
            received = device.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._drop(device)
            return
        device.received += received
        now = time.monotonic()
        # CONNACK and PUBACK, the only packets a publisher gets, are four bytes long.
        whole = len(device.received) // 4 * 4
        for start in range(0, whole, 4):
            kind, _, third, fourth = device.received[start:start + 4]
            if kind == CONNACK:
                self._admit(device, fourth)
            elif kind == PUBACK:
                self._acknowledge(device, third << 8 | fourth, now)
            else:
                raise RuntimeError(f"{device.name}: unexpected packet 0x{kind:02x}")
        del device.received[:whole]

    def _admit(self, device, return_code):
        if return_code != 0:
            raise RuntimeError(f"{device.name}: CONNACK return code {return_code}")
        device.admitted = True
        for packet_id, message in device.in_flight.items():
            self.resent += 1
            device.publish(packet_id, message, DUP)

    def _acknowledge(self, device, packet_id, now):
        message = device.in_flight.pop(packet_id, None)
        if message is None:
            return  # the answer to the second copy of a message sent again
        message.acknowledged_at = now
        self.acknowledged += 1
        self.last_acknowledged_at = now

    def _drop(self, device):
        if device.socket is None:
            return
        self.selector.unregister(device.socket)
        device.socket.close()
        device.socket = None
        device.unsent.clear()
        device.retry_at = time.monotonic() + RECONNECT_SECONDS
        self.reconnects += 1

    def write_ledger(self, path):
        """One line for each message: device, kind, sha256 of the payload as sent, acknowledged."""
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["device", "kind", "sha256", "sends", "acknowledged"])
            for message in self.messages:
                writer.writerow([message.device, message.kind,
                                 hashlib.sha256(message.payload).hexdigest(), message.sends,
                                 int(message.acknowledged_at > 0)])

    def latency_ms(self, quantile):
        spans = sorted(m.acknowledged_at - m.sent_at for m in self.messages if m.acknowledged_at)
        return spans[min(len(spans) - 1, int(len(spans) * quantile))] * 1000 if spans else 0.0
