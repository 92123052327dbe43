"""Devices that speak CoAP, with libcoap's coap-client and with datagrams of our own."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess

import pytest

from installation import Installation
from patience import log_of, messages, until

CLIENT = "coap-client-notls"


@pytest.fixture(scope="module")
def coap(pytestconfig, tmp_path_factory):
    directory = tmp_path_factory.mktemp("coap")
    config = directory / "cauce.toml"
    config.write_text("[coap]\nport = 0\n[limits.device]\nmessages_per_second = 200\n")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = config
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


@pytest.fixture
def device(coap):
    return coap.call("POST", "/devices", {"name": f"mote-{secrets.token_hex(4)}"})


def url(coap, device, token=None):
    place = coap.addresses()["coap"]
    token = device["token"] if token is None else token
    return (f"coap://{place['host']}:{place['port']}/devices/{device['device']}/telemetry"
            f"?token={token}")


def client(*words):
    """What it prints, refusals on standard error among it."""
    done = subprocess.run([CLIENT, "-B", "20", *words], capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def payloads(coap, device):
    return [message["payload"] for message in messages(coap, device["device"])]


def option(delta, value):
    """For values of less than 269 bytes and deltas of less than 13."""
    length = len(value)
    if length < 13:
        return bytes([delta << 4 | length]) + value
    return bytes([delta << 4 | 13, length - 13]) + value


def request(device, message_id, payload, kind=0):
    path = option(11, b"devices") + option(0, device["device"].encode()) + option(0, b"telemetry")
    query = option(4, b"token=" + device["token"].encode())
    return (bytes([0x42 | kind << 4, 2]) + message_id.to_bytes(2, "big") + b"tk" + path + query
            + b"\xff" + payload)


class Datagrams:
    def __init__(self, coap):
        place = coap.addresses()["coap"]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(10)
        self.socket.connect((place["host"], place["port"]))

    def ask(self, datagram):
        self.socket.send(datagram)
        return self.socket.recv(2048)


def test_coap_client_posts_and_is_answered(coap, device):
    assert client("-m", "post", "-t", "json", "-e", '{"t":21.5}', url(coap, device)) == ""
    assert client("-m", "post", "-N", "-e", '{"t":22}', url(coap, device)) == ""
    assert payloads(coap, device) == ['{"t":21.5}', '{"t":22}']
    stored = messages(coap, device["device"])
    assert stored[0]["content_type"] == "application/json"

    def value():
        values = coap.call("GET", f"/devices/{device['device']}")["last_values"]
        return values and values[0]["value"]
    until(lambda: value() == 22)


@pytest.mark.parametrize("size", [1024, 64])
def test_coap_client_sends_a_large_message_in_blocks(coap, device, tmp_path, size):
    payload = b"".join(b"%07d\n" % number for number in range(2500))
    (tmp_path / "payload").write_bytes(payload)
    assert client("-m", "post", "-t", "binary", "-b", str(size), "-f",
                  str(tmp_path / "payload"), url(coap, device)) == ""
    assert payloads(coap, device) == [payload.decode()]


def test_who_is_not_admitted_is_told_by_coap_client(coap, device):
    refused = client("-m", "post", "-e", "1", url(coap, device, "wrong"))
    assert refused.startswith("4.01") and "are not admitted" in refused
    nobody = {"device": "nobody", "token": device["token"]}
    assert client("-m", "post", "-e", "1", url(coap, nobody)) == refused
    assert client("-m", "get", url(coap, device)).startswith("4.05")
    assert client("-m", "post", "-e", "1", url(coap, device).replace("telemetry", "x")).startswith(
        "4.04")
    assert payloads(coap, device) == []
    assert device["token"] not in log_of(coap)
    assert "a request by CoAP: not admitted" in log_of(coap)


def test_a_large_message_beyond_the_limit_is_refused_at_its_first_block(coap, device, tmp_path):
    (tmp_path / "payload").write_bytes(b"x" * ((1 << 20) + 1))
    refused = client("-m", "post", "-b", "1024", "-f", str(tmp_path / "payload"),
                     url(coap, device))
    assert refused.startswith("4.13") and "1048576" in refused
    assert payloads(coap, device) == []


def test_copies_are_answered_and_stored_once(coap, device):
    datagrams = Datagrams(coap)
    first = datagrams.ask(request(device, 7, b"1"))
    assert first == bytes([0x62, 0x44, 0, 7]) + b"tk"
    assert [datagrams.ask(request(device, 7, b"1")) for _ in range(5)] == [first] * 5
    assert datagrams.ask(request(device, 8, b"2"))[:4] == bytes([0x62, 0x44, 0, 8])
    assert payloads(coap, device) == ["1", "2"]


def test_what_is_acknowledged_by_coap_survives_a_kill(coap, device):
    datagrams = Datagrams(coap)
    for number in range(100):
        assert datagrams.ask(request(device, number, b"%d" % number))[1] == 0x44
    processes = json.loads((coap.data / "run" / "processes.json").read_text())["processes"]
    gateway = next(process for process in processes if process["name"] == "gateway")
    os.kill(gateway["pid"], signal.SIGKILL)
    until(lambda: client("-m", "post", "-B", "2", "-e", "after", url(coap, device)) == "")
    stored = payloads(coap, device)
    assert stored[:100] == [str(number) for number in range(100)]
    assert set(stored[100:]) == {"after"}


def test_over_the_rate_it_is_said_how_long_to_wait(coap, device):
    datagrams = Datagrams(coap)
    codes = [datagrams.ask(request(device, number, b"1"))[1] for number in range(600)]
    assert codes.count(0x9D) > 0
    assert len(payloads(coap, device)) == codes.count(0x44)
    assert re.search(r"refused: limits\.device\.messages_per_second is 200", log_of(coap))


def test_a_door_of_ip_6_answers_by_it(pytestconfig, tmp_path):
    (tmp_path / "cauce.toml").write_text('[coap]\nhost = "::1"\nport = 0\n')
    made = Installation(pytestconfig.cauce_program, tmp_path / "data", 0, 0)
    made.config = tmp_path / "cauce.toml"
    made.start()
    try:
        made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
        device = made.call("POST", "/devices", {"name": "mote-6"})
        port = made.addresses()["coap"]["port"]
        place = f"coap://[::1]:{port}/devices/mote-6/telemetry?token={device['token']}"
        assert client("-m", "post", "-e", "21.5", place) == ""
        assert payloads(made, device) == ["21.5"]
    finally:
        made.stop()
