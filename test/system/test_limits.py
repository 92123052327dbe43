"""Limits of devices, with real clients: what is over them comes later or is told, and nothing is
lost."""

import json
import subprocess
import threading
import time
import urllib.request

import paho.mqtt.client as paho
import pytest

from installation import Installation
from patience import cauce, log_of, messages, until

PER_SECOND = 100


@pytest.fixture(scope="module")
def limited(pytestconfig, tmp_path_factory):
    directory = tmp_path_factory.mktemp("limited")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = directory / "cauce.toml"
    made.config.write_text(f"[limits.device]\nmessages_per_second = {PER_SECOND}\n"
                           "connections = 2\npayload_bytes = 2000\n")
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


def metric(installation, start, holds=""):
    with urllib.request.urlopen(installation.url("/metrics"), timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines
               if line.startswith(start) and holds in line)


def test_a_device_that_publishes_too_fast_is_slowed_and_loses_nothing(limited):
    made = limited.call("POST", "/devices", {"name": "fast"})
    count = 5 * PER_SECOND
    acknowledged = threading.Semaphore(0)
    client = paho.Client("fast")
    client.username_pw_set("fast", made["token"])
    client.max_inflight_messages_set(20)
    client.on_publish = lambda *_: acknowledged.release()
    client.connect(*limited.mqtt())
    client.loop_start()
    began = time.monotonic()
    for number in range(count):
        client.publish(made["topic"], json.dumps({"n": number}), 1)
    for _ in range(count):
        assert acknowledged.acquire(timeout=20)
    took = time.monotonic() - began
    client.disconnect()
    client.loop_stop()
    # A second's worth comes at once; how much later the last ones are is the machine's.
    assert took >= 0.9 * (count / PER_SECOND - 1)
    assert [json.loads(message["payload"])["n"] for message in messages(limited, "fast")] == \
        list(range(count))
    assert f"limits.device.messages_per_second is {PER_SECOND}" in log_of(limited)
    until(lambda: metric(limited, "cauce_gateway_limited_total", "device.messages_per_second") >= 1)


def test_curl_is_told_when_to_come_again(limited):
    made = limited.call("POST", "/devices", {"name": "curled"})
    host, port = limited.ingest()
    url = f"http://{host}:{port}/api/v1/devices/curled/messages"
    batch = json.dumps({"messages": [{"payload": 1}] * (3 * PER_SECOND)})

    def post(body, media):
        done = subprocess.run(["curl", "-sS", "-i", "-u", f"curled:{made['token']}", "-H",
                               f"Content-Type: {media}", "-d", body, url], capture_output=True,
                              text=True, timeout=20)
        return done.stdout

    assert post(batch, "application/vnd.cauce.batch+json").startswith("HTTP/1.1 200")
    refused = post("1", "application/json")
    assert refused.startswith("HTTP/1.1 429") and "Retry-After: " in refused
    assert f"limits.device.messages_per_second is {PER_SECOND}" in refused
    # curl's own --retry waits as long as it is told.
    done = subprocess.run(["curl", "-sS", "--retry", "5", "-u", f"curled:{made['token']}", "-d",
                           "1", url], capture_output=True, text=True, timeout=30)
    assert '{"accepted": 1}' in done.stdout
    assert len(messages(limited, "curled")) == 3 * PER_SECOND + 1


def test_one_connection_too_many_is_refused_and_named(limited):
    made = limited.call("POST", "/devices", {"name": "many"})
    host, port = limited.mqtt()

    def subscriber(number):
        return subprocess.Popen(["mosquitto_sub", "-h", host, "-p", str(port), "-u", "many", "-P",
                                 made["token"], "-i", f"many-{number}", "-t",
                                 "devices/many/commands"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    running = [subscriber(number) for number in range(2)]
    try:
        until(lambda: metric(limited, "cauce_gateway_connections") >= 2)
        refused = subscriber(3)
        assert refused.wait(10) != 0
        until(lambda: "limits.device.connections is 2" in log_of(limited))
    finally:
        for client in running:
            client.terminate()
            client.wait()


def test_a_payload_over_the_limit_is_told_by_each_protocol(limited):
    made = limited.call("POST", "/devices", {"name": "large"})
    host, port = limited.mqtt()

    def publish(version, size):
        return subprocess.run(["mosquitto_pub", "-d", "-h", host, "-p", str(port), "-u", "large",
                               "-P", made["token"], "-V", version, "-q", "1", "-t", made["topic"],
                               "-m", "x" * size], capture_output=True, text=True, timeout=20)

    assert publish("mqttv5", 2000).returncode == 0
    assert "Quota exceeded" in publish("mqttv5", 2001).stderr
    # CONNACK says how long a packet may be, and the client does not even send a longer one.
    assert "sending PUBLISH" not in publish("mqttv5", 60_000).stdout
    publish("mqttv311", 2001)
    until(lambda: "payload of 2001 bytes; limits.device.payload_bytes is 2000" in log_of(limited))
    host, port = limited.ingest()
    done = subprocess.run(["curl", "-sS", "-i", "-u", f"large:{made['token']}", "-d", "x" * 2001,
                           f"http://{host}:{port}/api/v1/devices/large/messages"],
                          capture_output=True, text=True, timeout=20)
    assert done.stdout.startswith("HTTP/1.1 413")
    assert "The body has 2001 bytes, limits.device.payload_bytes is 2000." in done.stdout
    assert len(messages(limited, "large")) == 1
    until(lambda: metric(limited, "cauce_gateway_limited_total", "device.payload_bytes") >= 3)


def publish_all(installation, made, client_id, numbers):
    """Publishes them as fast as the client may; returns when all are acknowledged."""
    acknowledged = threading.Semaphore(0)
    client = paho.Client(client_id)
    client.username_pw_set(made["device"], made["token"])
    client.max_inflight_messages_set(200)
    client.on_publish = lambda *_: acknowledged.release()
    client.connect(*installation.mqtt())
    client.loop_start()
    for number in numbers:
        client.publish(made["topic"], str(number), 1)
    for _ in numbers:
        assert acknowledged.acquire(timeout=30)
    client.disconnect()
    client.loop_stop()


# That nobody waits for a timer, gateway_test says: here the disk decides how long it takes.
def test_with_few_in_flight_connections_take_turns_and_nothing_is_lost(program, tmp_path):
    made = Installation(program, tmp_path / "data", 0, 0)
    made.config = tmp_path / "cauce.toml"
    made.config.write_text("[limits.device]\nin_flight = 10\n")
    made.start()
    try:
        made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
        device = made.call("POST", "/devices", {"name": "busy"})
        clients = [threading.Thread(target=publish_all, args=(
            made, device, f"busy-{first}", range(first, first + 2000))) for first in (0, 2000)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert sorted(int(message["payload"]) for message in messages(made, "busy")) == \
            list(range(4000))
        until(lambda: metric(made, "cauce_gateway_limited_total", "device.in_flight") >= 1)
    finally:
        made.stop()


def test_a_device_has_limits_of_its_own_while_they_are_set(installation):
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    made = installation.call("POST", "/devices", {"name": "own"})
    host, port = installation.ingest()

    def post(count):
        body = json.dumps({"messages": [{"payload": 1}] * count})
        done = subprocess.run(["curl", "-sS", "-i", "-u", f"own:{made['token']}", "-H",
                               "Content-Type: application/vnd.cauce.batch+json", "-d", body,
                               f"http://{host}:{port}/api/v1/devices/own/messages"],
                              capture_output=True, text=True, timeout=20)
        return done.stdout

    def limit(*words):
        done = cauce(installation.program, "device", "limits", "own", "--data", installation.data,
                     *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert post(500).startswith("HTTP/1.1 200")
    assert post(500).startswith("HTTP/1.1 200")
    assert "10" in limit("--messages-per-second", "10")
    # The gateway follows within 100 ms; from then on it takes a second's worth and no more.
    until(lambda: post(20).startswith("HTTP/1.1 429"))
    refused = post(1)
    assert "Retry-After: " in refused
    assert "the device's own messages_per_second is 10" in refused
    # By MQTT it is not read until it may; nothing is lost.
    client = threading.Thread(target=publish_all, args=(installation, made, "own", range(500)))
    client.start()
    until(lambda: "the device's own messages_per_second is 10" in log_of(installation))
    assert "default" in limit("--messages-per-second", "default")
    client.join(10)
    assert not client.is_alive()
    assert post(500).startswith("HTTP/1.1 200")
    done = cauce(installation.program, "company", "limits", "acme", "--payload-bytes", "10",
                 "--data", installation.data)
    assert done.returncode == 0, done.stderr
    wrong = cauce(installation.program, "company", "limits", "acme", "--payload-bytes", "1 MiB",
                  "--data", installation.data)
    assert wrong.returncode != 0
    assert '--payload-bytes is "1 MiB": it takes 1 to 1048576, or default' in wrong.stderr
    until(lambda: post(1).startswith("HTTP/1.1 200") and
          "HTTP/1.1 413" in subprocess.run(
              ["curl", "-sS", "-i", "-u", f"own:{made['token']}", "-d", "12345678901",
               f"http://{host}:{port}/api/v1/devices/own/messages"], capture_output=True,
              text=True, timeout=20).stdout)
