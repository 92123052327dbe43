"""Devices and bridges that subscribe: mosquitto_sub and paho, by both versions."""

import queue
import subprocess

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from patience import until
from wire import Wire, admitted, connect_packet


def make_device(installation, name, **fields):
    return installation.call("POST", "/devices", {"name": name, **fields})


class Client:
    """A paho client; `next` waits for the next message."""

    def __init__(self, installation, made, version, client_id=None, keep=False):
        self.version, self.messages = version, queue.Queue()
        options = {} if version == 5 else {"clean_session": not keep}
        self.paho = paho.Client(client_id or made["device"], protocol=version, **options)
        self.paho.username_pw_set(made["device"], made["token"])
        self.paho.on_message = lambda client, data, message: self.messages.put(message)
        self.connected, self.subscribed = queue.Queue(), queue.Queue()
        self.paho.on_connect = lambda client, data, flags, *rest: self.connected.put(flags)
        self.paho.on_subscribe = lambda *arguments: self.subscribed.put(arguments)
        start = {}
        if version == 5:
            start = {"clean_start": not keep, "properties": Properties(PacketTypes.CONNECT)}
            start["properties"].SessionExpiryInterval = 60 if keep else 0
        self.paho.connect(*installation.mqtt(), **start)
        self.paho.loop_start()
        self.present = self.connected.get(timeout=10)["session present"] == 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.paho.disconnect()
        self.paho.loop_stop()

    def subscribe(self, filter_, qos=1):
        self.paho.subscribe(filter_, qos)
        self.subscribed.get(timeout=10)

    def publish(self, topic, payload, qos=1, **options):
        self.paho.publish(topic, payload, qos, **options).wait_for_publish(10)

    def next(self):
        return self.messages.get(timeout=10)


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_bridge_hears_a_device_with_every_qos(serving, version, qos):
    made = make_device(serving, f"heard-{version}-{qos}")
    bridge = make_device(serving, f"ear-{version}-{qos}", bridge=True)
    with Client(serving, bridge, version) as ear, Client(serving, made, version) as mouth:
        ear.subscribe("devices/+/telemetry", 2)
        mouth.publish(made["topic"], '{"t": 1}', qos)
        message = ear.next()
        assert (message.topic, message.payload, message.qos, message.retain) == (
            made["topic"], b'{"t": 1}', qos, False)


@pytest.mark.parametrize("version", [4, 5])
def test_a_session_goes_on_with_what_came_meanwhile(serving, version):
    made = make_device(serving, f"speaks-{version}")
    bridge = make_device(serving, f"sleeps-{version}", bridge=True)
    with Client(serving, bridge, version, keep=True) as ear:
        assert not ear.present
        ear.subscribe(made["topic"])
    with Client(serving, made, version) as mouth:
        for number in range(300):
            mouth.publish(made["topic"], f'{{"t": {number}}}', 1 + number % 2)
    with Client(serving, bridge, version, keep=True) as ear:
        assert ear.present
        assert [ear.next().payload for _ in range(300)] == [
            b'{"t": %d}' % number for number in range(300)]
    with Client(serving, bridge, version) as ear:
        assert not ear.present


def test_a_command_waits_for_mosquitto_sub(serving):
    made = make_device(serving, "pump")
    host, port = serving.mqtt()

    def listen(*more):
        return subprocess.run(
            ["mosquitto_sub", "-h", host, "-p", str(port), "-u", made["device"], "-P",
             made["token"], "-i", "pump", "-c", "-q", "1", "-t", "devices/pump/commands", *more],
            capture_output=True, text=True, timeout=20)

    assert listen("-E").returncode == 0
    serving.call("POST", "/devices/pump/commands", {"payload": {"open": True}})
    assert listen("-C", "1").stdout == '{"open":true}\n'


def test_what_comes_by_http_is_heard_by_mqtt(serving):
    made = make_device(serving, "by-http")
    bridge = make_device(serving, "http-ear", bridge=True)
    with Client(serving, bridge, 5) as ear:
        ear.subscribe(made["topic"])
        subprocess.run(
            ["curl", "-sS", "--fail", "-H", f"Authorization: Bearer {made['token']}", "-H",
             "Content-Type: application/json", "-d", '{"t": 5}',
             serving.url("/api/v1/devices/by-http/messages")], check=True, timeout=20)
        message = ear.next()
        assert message.payload == b'{"t": 5}'
        assert message.properties.ContentType == "application/json"


def test_retained_shared_and_identified(serving):
    made = make_device(serving, "state")
    bridge = make_device(serving, "watcher", bridge=True)
    with Client(serving, made, 5) as mouth, Client(serving, bridge, 5, "a") as one, \
            Client(serving, bridge, 5, "b") as two:
        mouth.publish("devices/state/mode", "on", retain=True)
        identified = Properties(PacketTypes.SUBSCRIBE)
        identified.SubscriptionIdentifier = 77
        one.paho.subscribe("devices/state/mode", options=SubscribeOptions(1),
                           properties=identified)
        one.subscribed.get(timeout=10)
        kept = one.next()
        assert (kept.payload, kept.retain, kept.properties.SubscriptionIdentifier) == (
            b"on", True, [77])
        for client in (one, two):
            client.subscribe("$share/pair/devices/state/turn")
        for number in range(10):
            mouth.publish("devices/state/turn", str(number))
        heard = until(lambda: one.messages.qsize() + two.messages.qsize() == 10 and [
            [int(client.next().payload) for _ in range(client.messages.qsize())]
            for client in (one, two)])
        assert sorted(heard[0] + heard[1]) == list(range(10)) and all(heard)
        mouth.publish("devices/state/mode", "", retain=True)


def test_a_will_is_published_when_the_connection_breaks(serving):
    made = make_device(serving, "mortal")
    bridge = make_device(serving, "heir", bridge=True)
    with Client(serving, bridge, 4) as heir:
        heir.subscribe("devices/mortal/state")
        doomed = paho.Client("mortal", protocol=4)
        doomed.username_pw_set(made["device"], made["token"])
        doomed.will_set("devices/mortal/state", "gone", 1)
        doomed.connect(*serving.mqtt())
        doomed.loop_start()
        until(doomed.is_connected)
        doomed.loop_stop()
        doomed.socket().close()
        assert heir.next().payload == b"gone"


def test_a_disabled_device_comes_back_to_no_session_of_a_bridge_it_was(serving):
    bridge = make_device(serving, "was-bridge", bridge=True)
    with Client(serving, bridge, 4, keep=True) as ear:
        ear.subscribe("devices/+/telemetry")
    serving.call("PATCH", "/devices/was-bridge", {"bridge": False})

    def begins_anew():
        with Wire(serving.mqtt()) as wire:
            wire.send(connect_packet(bridge["device"], bridge["token"]).replace(
                b"MQTT\x04\xc2", b"MQTT\x04\xc0"))
            return wire.next()[1] == b"\0\0"

    until(begins_anew)
    admitted(serving.mqtt(), bridge).socket.close()
