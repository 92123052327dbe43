"""Rates of devices, with real clients: what is over them comes later, and nothing is lost."""

import json
import subprocess
import threading
import time
import urllib.request

import paho.mqtt.client as paho
import pytest

from installation import Installation
from patience import log_of, messages, until

PER_SECOND = 100


@pytest.fixture(scope="module")
def limited(pytestconfig, tmp_path_factory):
    directory = tmp_path_factory.mktemp("limited")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = directory / "cauce.toml"
    made.config.write_text(f"[limits.device]\nmessages_per_second = {PER_SECOND}\n"
                           "connections = 2\n")
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
