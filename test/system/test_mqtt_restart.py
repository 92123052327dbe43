"""MQTT sessions over a kill -9: what waited, what was half-way, retained messages and wills."""

import struct
import subprocess

import pytest

from installation import Installation
from test_mqtt_sessions import Client, make_device
from wire import (CONNACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, Wire, identified, packet,
                  publish_packet, text)

CONNECT, SUBSCRIBE, DUP = 0x10, 0x82, 8


@pytest.fixture
def mortal(pytestconfig, tmp_path):
    """A cauce that can be killed and started again on the same data."""
    made = Installation(pytestconfig.cauce_program, tmp_path / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


def die_and_rise(installation):
    installation.kill_everything()
    installation.start()


class Kept(Wire):
    """A connection by MQTT 3.1.1 whose session stays; `present` is what CONNACK says of it."""

    def __init__(self, installation, made, will=None):
        super().__init__(installation.mqtt())
        flags = 0xC0 | (0 if will is None else 0x0C)
        body = text("MQTT") + bytes([4, flags]) + struct.pack(">H", 60) + text(made["device"])
        body += b"".join(text(part) for part in will or ())
        self.send(packet(CONNECT, body + text(made["device"]) + text(made["token"])))
        kind, answer = self.next()
        assert (kind, answer[1]) == (CONNACK, 0)
        self.present = answer[0] == 1

    def subscribe(self, filter_, qos):
        self.send(packet(SUBSCRIBE, identified(9) + text(filter_) + bytes([qos])))
        assert self.next() == (SUBACK, identified(9) + bytes([qos]))

    def answer(self, kind, packet_id):
        # PUBREL alone has flags.
        return self.send(packet(kind << 4 | (2 if kind == PUBREL else 0), identified(packet_id)))

    def hear(self, kind, packet_id):
        assert self.next() == (kind, identified(packet_id))

    def message(self):
        """(packet id, payload) of the next PUBLISH of QoS 2."""
        kind, body = self.next()
        assert kind == PUBLISH
        size = 2 + struct.unpack(">H", body[:2])[0]
        return struct.unpack(">H", body[size:size + 2])[0], body[size + 2:]


@pytest.mark.parametrize("version", [4, 5])
def test_what_waited_comes_after_a_kill(mortal, version):
    made, bridge = make_device(mortal, "speaks"), make_device(mortal, "sleeps", bridge=True)
    with Client(mortal, bridge, version, keep=True) as ear:
        assert not ear.present
        ear.subscribe(made["topic"])
    with Client(mortal, made, version) as mouth:
        for number in range(50):
            mouth.publish(made["topic"], f'{{"t": {number}}}')
    die_and_rise(mortal)
    with Client(mortal, made, version) as mouth:
        for number in range(50, 100):
            mouth.publish(made["topic"], f'{{"t": {number}}}')
    die_and_rise(mortal)
    with Client(mortal, bridge, version, keep=True) as ear:
        assert ear.present
        assert [ear.next().payload for _ in range(100)] == [
            b'{"t": %d}' % number for number in range(100)]


def test_a_command_waits_for_mosquitto_sub_over_a_kill(mortal):
    made = make_device(mortal, "pump")

    def listen(*more):
        host, port = mortal.mqtt()
        return subprocess.run(
            ["mosquitto_sub", "-h", host, "-p", str(port), "-u", made["device"], "-P",
             made["token"], "-i", "pump", "-c", "-q", "1", "-t", "devices/pump/commands", *more],
            capture_output=True, text=True, timeout=20)

    assert listen("-E").returncode == 0
    die_and_rise(mortal)
    mortal.call("POST", "/devices/pump/commands", {"payload": {"open": True}})
    die_and_rise(mortal)
    assert listen("-C", "1").stdout == '{"open":true}\n'


def test_what_was_acknowledged_by_subscribers_does_not_come_again(mortal):
    made, bridge = make_device(mortal, "speaks"), make_device(mortal, "hears", bridge=True)
    with Kept(mortal, bridge) as ear, Client(mortal, made, 4) as mouth:
        ear.subscribe(made["topic"], 2)
        mouth.publish(made["topic"], "1", 2)
        assert ear.message() == (1, b"1")
        ear.answer(PUBREC, 1).hear(PUBREL, 1)
        ear.answer(PUBCOMP, 1)
        mouth.publish(made["topic"], "2", 2)
        assert ear.message() == (2, b"2")
    die_and_rise(mortal)
    with Kept(mortal, bridge) as ear:
        assert ear.present
        heard = [ear.next()]
        # That the first exchange is over may not have been written yet.
        if heard[0] == (PUBREL, identified(1)):
            heard = [ear.answer(PUBCOMP, 1).next()]
        assert heard[0][1].endswith(identified(2) + b"2")
        ear.answer(PUBREC, 2).hear(PUBREL, 2)
        assert ear.answer(PUBCOMP, 2).is_quiet_for(0.5)


def test_qos_2_to_a_subscriber_goes_on_under_its_id(mortal):
    made, bridge = make_device(mortal, "speaks"), make_device(mortal, "hears", bridge=True)
    with Kept(mortal, bridge) as ear, Client(mortal, made, 4) as mouth:
        ear.subscribe(made["topic"], 2)
        for payload in ("1", "2", "3"):
            mouth.publish(made["topic"], payload, 2)
        assert [ear.message() for _ in range(3)] == [(1, b"1"), (2, b"2"), (3, b"3")]
        # Of the second we hear no answer to PUBREL; the third has got none to its PUBLISH.
        ear.answer(PUBREC, 2).hear(PUBREL, 2)
        die_and_rise(mortal)
    with Kept(mortal, bridge) as ear:
        ear.hear(PUBREL, 2)
        assert [ear.message() for _ in range(2)] == [(1, b"1"), (3, b"3")]
        for packet_id in (1, 3):
            ear.answer(PUBREC, packet_id).hear(PUBREL, packet_id)
            ear.answer(PUBCOMP, packet_id)
        assert ear.answer(PUBCOMP, 2).is_quiet_for(0.5)


def test_qos_2_from_a_device_is_stored_once_between_pubrec_and_pubrel(mortal):
    made, bridge = make_device(mortal, "speaks"), make_device(mortal, "hears", bridge=True)
    with Kept(mortal, bridge) as ear:
        ear.subscribe(made["topic"], 1)
    with Kept(mortal, made) as mouth:
        mouth.send(publish_packet(made["topic"], b"once", 2, 7)).hear(PUBREC, 7)
        mouth.send(publish_packet(made["topic"], b"released", 2, 8)).hear(PUBREC, 8)
        mouth.answer(PUBREL, 8).hear(PUBCOMP, 8)
    die_and_rise(mortal)
    with Kept(mortal, made) as mouth:
        assert mouth.present
        again = bytearray(publish_packet(made["topic"], b"once", 2, 7))
        again[0] |= DUP
        mouth.send(bytes(again)).hear(PUBREC, 7)
        mouth.answer(PUBREL, 7).hear(PUBCOMP, 7)
        # The id that was released is free.
        mouth.send(publish_packet(made["topic"], b"new", 2, 8)).hear(PUBREC, 8)
    with Kept(mortal, bridge) as ear:
        assert [ear.message()[1] for _ in range(3)] == [b"once", b"released", b"new"]
        assert ear.is_quiet_for(0.5)


def test_retained_messages_and_their_removal_stay(mortal):
    made, bridge = make_device(mortal, "state"), make_device(mortal, "watcher", bridge=True)
    with Client(mortal, made, 5) as mouth:
        mouth.publish("devices/state/mode", "on", retain=True)
        mouth.publish("devices/state/gone", "x", retain=True)
        mouth.publish("devices/state/gone", "", retain=True)
    die_and_rise(mortal)
    with Client(mortal, bridge, 5) as ear:
        ear.subscribe("devices/+/#")
        message = ear.next()
        assert (message.topic, message.payload, message.retain) == (
            "devices/state/mode", b"on", True)
        assert ear.messages.empty()


def test_who_was_connected_when_we_died_leaves_his_will(mortal):
    made, bridge = make_device(mortal, "mourned"), make_device(mortal, "heir", bridge=True)
    with Client(mortal, bridge, 5, keep=True) as ear:
        ear.subscribe("devices/mourned/state")
    with Kept(mortal, made, will=("devices/mourned/state", "gone")):
        die_and_rise(mortal)
    die_and_rise(mortal)
    with Client(mortal, bridge, 5, keep=True) as ear:
        assert ear.next().payload == b"gone"
        with Client(mortal, made, 5) as mouth:
            mouth.publish("devices/mourned/state", "back")
        # The will came once.
        assert ear.next().payload == b"back"


def test_who_shares_goes_on_sharing(mortal):
    made = make_device(mortal, "speaks")
    workers = [make_device(mortal, f"worker-{number}", bridge=True) for number in range(2)]
    for worker in workers:
        with Client(mortal, worker, 5, keep=True) as ear:
            ear.subscribe("$share/group/" + made["topic"])
    die_and_rise(mortal)
    ears = [Client(mortal, worker, 5, keep=True) for worker in workers]
    with Client(mortal, made, 5) as mouth:
        for number in range(20):
            mouth.publish(made["topic"], str(number))
    heard = [[int(ear.next().payload) for _ in range(10)] for ear in ears]
    assert sorted(heard[0] + heard[1]) == list(range(20))
    for ear in ears:
        ear.__exit__()


def test_a_damaged_file_of_sessions_is_passed_over_and_two_are_named(mortal):
    made = make_device(mortal, "state")
    with Client(mortal, made, 5) as mouth:
        mouth.publish("devices/state/mode", "on", retain=True)
    die_and_rise(mortal)
    mortal.stop()
    files = sorted((mortal.data / "sessions").glob("sessions-*"))
    assert len(files) == 2

    def damage(file):
        file.write_bytes(file.read_bytes()[:-1])

    damage(files[1])
    mortal.start()
    with Client(mortal, make_device(mortal, "watcher", bridge=True), 5) as ear:
        ear.subscribe("devices/+/#")
        assert ear.next().payload == b"on"
    mortal.stop()
    for file in (mortal.data / "sessions").glob("sessions-*"):
        damage(file)
    ended = subprocess.run(
        [mortal.program, "serve", "--data", mortal.data, *mortal.ports, "--role", "gateway"],
        capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "begin anew" in ended.stdout + ended.stderr
