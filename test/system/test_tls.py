"""Encrypted doors and WebSocket, with real clients: mosquitto_pub, paho-mqtt, curl, openssl."""

import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import paho.mqtt.client as paho
import pytest

from authority import Authority
from installation import Installation
from patience import cauce, log_of, log_since, messages, until
from wire import connect_packet

CONNECT_SPAN_MAX = 10  # mqtt::Limits::connect_span_max, seconds


def config_of(certificate, key):
    doors = ["mqtt.tls", "mqtt.websocket", "mqtt.websocket.tls", "gateway.http.tls", "http.tls"]
    listens = "".join(f"[{door}]\nport = 0\n" for door in doors)
    return f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n{listens}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def encrypted(pytestconfig, tmp_path_factory, authority):
    """A cauce with every door open, whose certificate lies in files of its own."""
    directory = tmp_path_factory.mktemp("encrypted")
    certificate, key = authority.issue("server")
    for source, name in [(certificate, "tls.crt"), (key, "tls.key")]:
        shutil.copy(source, directory / name)
    (directory / "tls.key").chmod(0o600)
    config = directory / "cauce.toml"
    config.write_text(config_of(directory / "tls.crt", directory / "tls.key"))
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = config
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


@pytest.fixture
def device(encrypted, request):
    name = re.sub("[^a-z0-9]+", "-", request.node.name)[-60:].strip("-")
    return encrypted.call("POST", "/devices", {"name": name})


def port_of(installation, door):
    return installation.addresses()[door]["port"]


def payloads(installation, device):
    return [message["payload"] for message in messages(installation, device["device"])]


@pytest.mark.parametrize("version", ["tlsv1.2", "tlsv1.3"])
def test_mosquitto_pub_publishes_by_tls(encrypted, authority, version):
    made = encrypted.call("POST", "/devices", {"name": version.replace(".", "-")})
    subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(port_of(encrypted, "mqtt_tls")),
                    "--cafile", authority.file, "--tls-version", version, "-u", made["device"],
                    "-P", made["token"], "-q", "1", "-t", made["topic"], "-m", '{"t": 1}'],
                   check=True, timeout=20)
    assert payloads(encrypted, made) == ['{"t": 1}']


def test_a_client_that_trusts_another_authority_is_named_in_the_log(encrypted, device, tmp_path):
    offset = len(log_of(encrypted))
    stranger = Authority(tmp_path / "stranger", "Stranger")
    done = subprocess.run(["mosquitto_pub", "-h", "localhost", "-p",
                           str(port_of(encrypted, "mqtt_tls")), "--cafile", stranger.file, "-u",
                           device["device"], "-P", device["token"], "-q", "1", "-t",
                           device["topic"], "-m", "1"], capture_output=True, timeout=20)
    assert done.returncode != 0
    until(lambda: "the TLS handshake failed: tlsv1 alert unknown ca" in
          log_since(encrypted, offset))
    assert device["token"] not in log_of(encrypted)


@pytest.mark.parametrize("door", ["ingest_tls", "http_tls"])
def test_a_failed_handshake_of_https_is_in_the_log_too(encrypted, door, tmp_path):
    offset = len(log_of(encrypted))
    stranger = Authority(tmp_path / "stranger", "Stranger")
    done = subprocess.run(["curl", "-s", "--cacert", stranger.file,
                           f"https://localhost:{port_of(encrypted, door)}/"],
                          capture_output=True, timeout=20)
    assert done.returncode == 60
    until(lambda: "the TLS handshake failed: tlsv1 alert unknown ca" in
          log_since(encrypted, offset))


@pytest.mark.parametrize("door, transport", [("mqtt_tls", "tcp"), ("websocket", "websockets"),
                                             ("websocket_tls", "websockets")])
def test_paho_publishes_large_and_small_and_hears_commands(encrypted, authority, door, transport):
    made = encrypted.call("POST", "/devices", {"name": f"paho-{door.replace('_', '-')}"})
    commands = f"devices/{made['device']}/commands"
    heard, acknowledged, subscribed = [], [], threading.Event()
    client = paho.Client(made["device"], transport=transport)
    client.username_pw_set(made["device"], made["token"])
    if door.endswith("tls"):
        client.tls_set(str(authority.file))
    client.on_message = lambda _client, _data, message: heard.append(message.payload)
    client.on_publish = lambda _client, _data, packet: acknowledged.append(packet)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("localhost", port_of(encrypted, door))
    client.loop_start()
    try:
        client.subscribe(commands, 1)
        assert subscribed.wait(10)
        sizes = [1, 125, 126, 1000, 65_535, 65_536, 300_000, 1 << 20]
        for size in sizes:
            client.publish(made["topic"], b"x" * size, 1)
        until(lambda: len(acknowledged) == len(sizes), 20)
        assert [len(payload) for payload in payloads(encrypted, made)] == sizes
        encrypted.call("POST", f"/devices/{made['device']}/commands", {"payload": {"set": 7}})
        until(lambda: heard)
        assert json.loads(heard[0]) == {"set": 7}
    finally:
        client.disconnect()
        client.loop_stop()


def test_curl_sends_and_the_page_is_there_by_https(encrypted, authority, device):
    def curl(*words):
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "--cacert", authority.file,
                               *words], capture_output=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ingest = f"https://localhost:{port_of(encrypted, 'ingest_tls')}"
    path = f"/api/v1/devices/{device['device']}/messages"
    bearer = ["-H", f"Authorization: Bearer {device['token']}"]
    large = json.dumps({"text": "y" * 900_000})
    assert json.loads(curl(*bearer, "-d", '{"t": 2}', ingest + path)) == {"accepted": 1}
    done = subprocess.run(["curl", "-sS", "--cacert", authority.file, *bearer, "--data-binary",
                           "@-", ingest + path], input=large.encode(), capture_output=True,
                          timeout=20)
    assert json.loads(done.stdout) == {"accepted": 1}, done
    assert payloads(encrypted, device) == ['{"t": 2}', large]
    api = f"https://localhost:{port_of(encrypted, 'http_tls')}"
    assert b"<html" in curl(api + "/")
    assert json.loads(curl(api + "/healthz"))["status"] == "ok"


def test_a_cookie_that_came_by_https_never_goes_in_the_clear(encrypted, authority):
    token = (encrypted.data / "run" / "token").read_text().strip()

    def cookie(*words):
        done = subprocess.run(["curl", "-sS", "-D", "-", "-o", "/dev/null", "-X", "POST",
                               "-H", "X-Requested-With: cauce", "-d", json.dumps({"token": token}),
                               *words], capture_output=True, timeout=20, text=True)
        lines = [line for line in done.stdout.splitlines()
                 if line.lower().startswith("set-cookie: ")]
        assert len(lines) == 1, done
        return lines[0]

    by_tls = f"https://localhost:{port_of(encrypted, 'http_tls')}/api/v1/session"
    assert "; Secure" in cookie("--cacert", str(authority.file), by_tls)
    assert "; Secure" not in cookie(encrypted.url("/api/v1/session"))


def test_openssl_finds_no_version_and_no_cipher_that_is_weak(encrypted):
    def shakes_hands(*words):
        done = subprocess.run(["openssl", "s_client", "-connect",
                               f"localhost:{port_of(encrypted, 'mqtt_tls')}", "-brief", *words],
                              input=b"", capture_output=True, timeout=20)
        return b"CONNECTION ESTABLISHED" in done.stderr, done.stderr.decode()

    assert shakes_hands("-tls1_3")[0] and shakes_hands("-tls1_2")[0]
    assert not shakes_hands("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")[0]
    assert not shakes_hands("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")[0]
    assert "Peer Temp Key" in shakes_hands("-tls1_2")[1] or "Server Temp Key" in \
        shakes_hands("-tls1_2")[1]


STALLS = [("mqtt_tls", b""), ("mqtt_tls", b"\x16\x03\x01"), ("websocket_tls", b""),
          ("websocket", b""), ("websocket", b"GET /mqtt HTTP/1.1\r\n")]


def test_handshakes_that_stall_or_drip_end_in_time(encrypted):
    offset = len(log_of(encrypted))
    began = time.monotonic()
    waiting = []
    for door, opening in STALLS:
        waiting.append(socket.create_connection(("localhost", port_of(encrypted, door)), 20))
        waiting[-1].sendall(opening)
    # A slow loris: one byte more every half second gains no time.
    with socket.create_connection(("localhost", port_of(encrypted, "websocket")), 20) as dripping:
        dripping.settimeout(0.5)
        dripping.sendall(b"GET /")
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 20:
                dripping.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    if dripping.recv(1) == b"":
                        break
        assert CONNECT_SPAN_MAX - 1 <= time.monotonic() - began <= CONNECT_SPAN_MAX + 4
    for stalled in waiting:
        assert stalled.recv(1) == b""
        stalled.close()
    assert time.monotonic() - began <= CONNECT_SPAN_MAX + 4
    until(lambda: log_since(encrypted, offset).count(f"no CONNECT within {CONNECT_SPAN_MAX} s") ==
          len(STALLS) + 1)


@pytest.mark.parametrize("door", ["mqtt_tls", "websocket", "websocket_tls", "ingest_tls"])
def test_garbage_is_closed_at_once_and_disturbs_nobody(encrypted, authority, device, door):
    context = ssl.create_default_context(cafile=authority.file)
    address = ("localhost", port_of(encrypted, "mqtt_tls"))
    with context.wrap_socket(socket.create_connection(address, 10),
                             server_hostname="localhost") as steady:
        steady.sendall(connect_packet(device["device"], device["token"]))
        assert steady.recv(4) == b"\x20\x02\x00\x00"
        for content in [b"\x10\x0cMQTT", b"\x16\x03\x01\x00\x04zzzz\r\n\r\n", b"\r\n\r\n\r\n\r\n",
                        os.urandom(20_000)]:
            with socket.create_connection(("localhost", port_of(encrypted, door)), 10) as stranger:
                with contextlib.suppress(ConnectionError):
                    stranger.sendall(content)
                    while stranger.recv(4096):
                        pass
        steady.sendall(b"\xc0\x00")
        assert steady.recv(2) == b"\xd0\x00"


def test_a_certificate_that_was_replaced_is_shown_without_a_restart(encrypted, authority):
    directory = encrypted.config.parent

    def shown():
        context = ssl.create_default_context(cafile=authority.file)
        address = ("localhost", port_of(encrypted, "mqtt_tls"))
        with context.wrap_socket(socket.create_connection(address, 10),
                                 server_hostname="localhost") as client:
            return dict(item[0] for item in client.getpeercert()["subject"])["commonName"]

    offset = len(log_of(encrypted))
    assert shown() == "server"
    replaced = dict(zip(["tls.crt", "tls.key"], authority.issue("renewed")))
    for name, source in replaced.items():
        shutil.copy(source, directory / "new")
        os.rename(directory / "new", directory / name)
    until(lambda: shown() == "renewed")
    until(lambda: "new certificate: CN=renewed" in log_since(encrypted, offset))
    (directory / "tls.key").write_text("half")
    until(lambda: "the new certificate is not taken, the old one stays" in
          log_since(encrypted, offset))
    assert shown() == "renewed"
    shutil.copy(replaced["tls.key"], directory / "tls.key")
    (directory / "tls.key").chmod(0o600)


def examined(program, tmp_path, certificate, key):
    config = tmp_path / "cauce.toml"
    config.write_text(config_of(certificate, key) + '[mqtt]\nport = 0\n')
    done = cauce(program, "doctor", "--data", tmp_path / "none", "--format", "json", "--config",
                 config)
    return {item["check"]: (item["state"], item["sentence"]) for item in json.loads(done.stdout)}


def test_doctor_and_start_name_what_is_wrong_with_a_certificate(program, authority, tmp_path):
    certificate, key = authority.issue("doctored")
    other = authority.issue("other")[1]
    state, sentence = examined(program, tmp_path, certificate, key)["certificate"]
    assert state == "ok" and "CN=doctored, for localhost, 127.0.0.1, until " in sentence
    state, sentence = examined(program, tmp_path, certificate, other)["certificate"]
    assert state == "wrong" and "this key does not belong to the certificate in" in sentence
    started = cauce(program, "serve", "--role", "gateway", "--data", tmp_path / "none", "--config",
                    tmp_path / "cauce.toml", "--mqtt-port", "0", "--ingest-port", "0")
    assert started.returncode != 0 and str(other) in started.stderr
    state, sentence = examined(program, tmp_path, tmp_path / "absent", key)["certificate"]
    assert state == "wrong" and "No such file" in sentence
    ending = authority.issue("ending", days=13)
    state, sentence = examined(program, tmp_path, *ending)["certificate"]
    assert state == "warning" and "ends on" in sentence
    past = authority.issue("past", days=0)
    until(lambda: examined(program, tmp_path, *past)["certificate"][0] == "wrong")
    assert "expired on" in examined(program, tmp_path, *past)["certificate"][1]
    key.chmod(0o644)
    assert examined(program, tmp_path, certificate, key)["private key"][0] == "warning"


def test_other_addresses_need_encryption_or_the_word_of_the_operator(program, authority, tmp_path):
    certificate, key = authority.issue("public")
    key.chmod(0o600)
    config = tmp_path / "cauce.toml"

    def finding(text):
        config.write_text(text)
        done = cauce(program, "doctor", "--data", tmp_path / "none", "--config", config)
        return [line for line in done.stdout.splitlines() if "configuration" in line][-1]

    files = f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
    assert finding(files + '[mqtt.tls]\nhost = "0.0.0.0"\nport = 0\n').startswith("ok")
    assert "unencrypted" in finding(files + '[mqtt.websocket]\nhost = "0.0.0.0"\nport = 0\n')
    assert "tls.certificate" in finding('[mqtt.tls]\nport = 0\n')
