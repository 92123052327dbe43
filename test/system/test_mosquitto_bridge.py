"""Moving over: a real mosquitto passes on what its devices publish, by the configuration that we
ship; only address, name and token are put in."""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import paho.mqtt.client as mqtt
import pytest

from patience import read_topic, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "infra/migration/mosquitto-bridge.conf"
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Mosquitto:
    def __init__(self, folder, address, credentials):
        self.port, self.folder, self.process = free_port(), folder, None
        text = CONFIGURATION.read_text()
        for name, value in [("address", "{}:{}".format(*address)),
                            ("remote_username", credentials["device"]),
                            ("remote_password", credentials["token"])]:
            text, count = re.subn(rf"(?m)^{name} .*$", f"{name} {value}", text)
            assert count == 1, name
        # Before the first `connection`, which begins the bridge's own settings.
        own = (f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n"
               f"persistence_location {folder}/\n")
        (folder / "mosquitto.conf").write_text(own + text)
        self.start()

    def start(self):
        with open(self.folder / "mosquitto.log", "ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", self.folder / "mosquitto.conf", "-v"],
                                            stdout=log, stderr=log)
        until(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() or True)

    def stop(self, signal_number=signal.SIGTERM):
        self.process.send_signal(signal_number)
        self.process.wait(10)

    def publish(self, topic, payloads, qos=1):
        """Publishes and waits until mosquitto has acknowledged all of them."""
        client = mqtt.Client()
        client.max_inflight_messages_set(100)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            sent = [client.publish(topic, payload, qos=qos) for payload in payloads]
            for message in sent:
                message.wait_for_publish(30)
                assert message.is_published()
        finally:
            client.disconnect()
            client.loop_stop()


@contextlib.contextmanager
def bridged(installation, folder):
    installation.start()
    for company in ["acme", "other"]:
        installation.call("POST", "/companies", {"name": company, "title": company})
    installation.call("POST", "/devices?company=acme", {"name": "m1"})
    installation.call("POST", "/devices?company=other", {"name": "foreign"})
    made = installation.call("POST", "/devices?company=acme", {"name": "broker", "bridge": True})
    folder.mkdir()
    broker = Mosquitto(folder, installation.mqtt(), made)
    try:
        yield broker
    finally:
        broker.process.kill()
        broker.process.wait()


def values(first, count):
    return [json.dumps({"n": number}) for number in range(first, first + count)]


def arrived(installation):
    """(company, device, payload) of everything in the stream, each once."""
    return {(record["company"], record["device"], record["payload"])
            for record in read_topic(installation, "raw") if record["kind"] == "message"}


def expected(payloads, device="m1"):
    return {("acme", device, payload) for payload in payloads}


def test_what_mosquitto_acknowledged_arrives_although_cauce_was_away(installation, tmp_path):
    with bridged(installation, tmp_path / "broker") as broker:
        sent = values(0, 20)
        broker.publish("sensors/m1/telemetry", sent)
        until(lambda: arrived(installation) == expected(sent), what="the first messages")
        until(lambda: installation.call("GET", "/devices/m1?company=acme")["last_values"])

        installation.kill_everything()
        away = values(1000, 3000)  # more than mosquitto's own default would keep
        broker.publish("sensors/m1/telemetry", away)
        quiet = values(5000, 100)
        broker.publish("sensors/m1/telemetry", quiet, qos=0)
        installation.start()
        sent += away + quiet
        until(lambda: arrived(installation) == expected(sent), 40, "what waited in mosquitto")

        # Killed while messages are in flight.
        busy = values(10_000, 3000)
        broker.publish("sensors/m1/telemetry", busy[:1500])
        installation.kill("gateway")
        broker.publish("sensors/m1/telemetry", busy[1500:])
        until(lambda: arrived(installation) == expected(sent + busy), 40, "what was in flight")


def test_what_waits_outlives_a_restart_of_mosquitto(installation, tmp_path):
    with bridged(installation, tmp_path / "broker") as broker:
        installation.kill_everything()
        sent = values(0, 500)
        broker.publish("sensors/m1/telemetry", sent)
        broker.stop()
        broker.start()
        installation.start()
        until(lambda: arrived(installation) == expected(sent), 40, "what waited over the restart")


def test_unknown_and_foreign_devices_are_dead_letters_and_hold_up_nobody(installation, tmp_path):
    with bridged(installation, tmp_path / "broker") as broker:
        for device in ["unknown", "foreign", "m1"]:
            broker.publish(f"sensors/{device}/telemetry", values(1, 1))
        until(lambda: installation.call("GET", "/devices/m1?company=acme")["last_values"])
        letters = until(lambda: len(installation.items("/dead-letters?company=acme")) == 2 and
                        installation.items("/dead-letters?company=acme"))
        assert {letter["device"] for letter in letters} == {"unknown", "foreign"}
        assert {letter["stage"] for letter in letters} == {"identify"}
        assert installation.items("/dead-letters?company=other") == []
        assert installation.items("/series?company=other") == []
