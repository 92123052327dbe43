#!/usr/bin/python3
"""The subscriber behind a broker: writes what it gets to a file, syncs, and only then acknowledges.

    subscriber.py --host HOST --port PORT --output FILE [--filter TOPICS] [--client-id NAME]

What a careful programmer would put behind an MQTT broker, without its usual mistakes: QoS 1, a
persistent session, a row for each message (topic, payload in hex), fdatasync before the PUBACK, so
that the broker keeps what is not on disk here yet. Reconnects for ever. A torn last row, as kill -9
may leave one, is cut off at the start: it was never acknowledged, so it comes again.
"""

import argparse
import os
import socket
import struct
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
RECONNECT_SECONDS = 0.05


def text(value):
    encoded = value.encode()
    return struct.pack(">H", len(encoded)) + encoded


def packet(first, body):
    length, prefix = len(body), bytearray([first])
    while True:
        length, digit = divmod(length, 128)
        prefix.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(prefix) + body


def packets(received):
    """Takes the whole packets from the front of `received`; answers [(first byte, body)]."""
    found, at = [], 0
    while True:
        length, shift, body = 0, 0, at + 1
        while body < len(received) and shift < 28:
            digit = received[body]
            length |= (digit & 0x7F) << shift
            shift, body = shift + 7, body + 1
            if digit < 0x80:
                break
        else:
            break  # the length is not whole yet
        if len(received) - body < length:
            break
        found.append((received[at], bytes(received[body:body + length])))
        at = body + length
    del received[:at]
    return found


def row_of(first, body):
    """Answers (packet id or None, the row) of a PUBLISH."""
    (length,) = struct.unpack_from(">H", body)
    topic, at, packet_id = body[2:2 + length].decode(), 2 + length, None
    if first & 0x06:
        packet_id, at = body[at:at + 2], at + 2
    return packet_id, f"{topic},{body[at:].hex()}\n"


def open_output(path):
    """For appending, with a torn last row cut off."""
    output = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    size = whole = os.fstat(output).st_size
    while whole > 0:
        start = max(0, whole - 4096)
        end = os.pread(output, whole - start, start).rfind(b"\n")
        whole = start if end < 0 else start + end + 1
        if end >= 0:
            break
    if whole < size:
        os.ftruncate(output, whole)
    os.lseek(output, 0, os.SEEK_END)
    return output


def connect(arguments):
    connection = socket.create_connection((arguments.host, arguments.port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Flags 0: clean session off, so that the broker keeps what comes while nobody is here.
    hello = text("MQTT") + bytes([4, 0]) + struct.pack(">H", 0) + text(arguments.client_id)
    connection.sendall(packet(CONNECT, hello))
    wanted = struct.pack(">H", 1) + text(arguments.filter) + bytes([1])
    connection.sendall(packet(SUBSCRIBE, wanted))
    connection.settimeout(None)
    return connection


def serve(connection, output):
    """Until the broker closes the connection."""
    received = bytearray()
    while chunk := connection.recv(1 << 18):
        received += chunk
        rows, answers = [], bytearray()
        for first, body in packets(received):
            kind = first & 0xF0
            if kind == CONNACK and body[1] != 0:
                raise SystemExit(f"subscriber.py: refused with return code {body[1]}")
            if kind == SUBACK:
                print("subscribed", flush=True)
            if kind == PUBLISH:
                packet_id, row = row_of(first, body)
                rows.append(row)
                if packet_id is not None:
                    answers += bytes([PUBACK, 2]) + packet_id
        if rows:
            whole = "".join(rows).encode()
            while whole:
                whole = whole[os.write(output, whole):]
            os.fdatasync(output)
        connection.sendall(answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--filter", default="devices/+/telemetry")
    parser.add_argument("--client-id", default="subscriber")
    arguments = parser.parse_args()
    output = open_output(arguments.output)
    while True:
        try:
            with connect(arguments) as connection:
                serve(connection, output)
        except OSError:
            pass
        time.sleep(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()
