"""Devices that show a key that they share with cauce, with real clients: mosquitto_pub and
mosquitto_sub, openssl, curl."""

import re
import secrets
import subprocess

import pytest

from authority import Authority
from installation import Installation
from patience import cauce, log_of, log_since, messages, until
from wire import ACCEPTED, connect_packet


@pytest.fixture(scope="module")
def encrypted(pytestconfig, tmp_path_factory):
    directory = tmp_path_factory.mktemp("encrypted")
    certificate, key = Authority(directory / "authority").issue("server")
    config = directory / "cauce.toml"
    config.write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
                      "[mqtt.tls]\nport = 0\n")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = config
    made.start()
    for company in ("acme", "rival"):
        made.call("POST", "/companies", {"name": company, "title": company})
    yield made
    made.stop()


class Device:
    def __init__(self, installation):
        self.installation = installation
        self.name = f"mote-{secrets.token_hex(4)}"
        self.topic = f"devices/{self.name}/telemetry"
        installation.call("POST", "/devices?company=acme", {"name": self.name})

    def give(self, *words, **options):
        """Identity and key, as the command prints them."""
        printed = self.run("shared-key", *words, **options)
        return [re.search(rf"^{word} +(.+)$", printed, re.M)[1] for word in ("identity", "key")]

    def run(self, command, *words, **options):
        done = cauce(self.installation.program, "device", command, self.name, *words,
                     "--company", "acme", "--data", self.installation.data, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self, program, identity, key, *words):
        port = self.installation.addresses()["mqtt_tls"]["port"]
        return [program, "-h", "localhost", "-p", str(port), "--psk-identity", identity,
                "--psk", key, "-q", "1", *words]

    def publish(self, identity, key, payload, *words):
        return subprocess.run(
            self.client("mosquitto_pub", identity, key, "-t", self.topic, "-m", payload, *words),
            capture_output=True, text=True, timeout=20)

    def payloads(self):
        return [message["payload"] for message in messages(self.installation, self.name)]


@pytest.fixture
def device(encrypted):
    return Device(encrypted)


@pytest.mark.parametrize("version", ["tlsv1.2", "tlsv1.3"])
def test_mosquitto_pub_publishes_with_a_shared_key(device, version):
    identity, key = device.give()
    assert identity == f"acme/{device.name}"
    published = device.publish(identity, key, '{"t": 1}', "--tls-version", version)
    assert published.returncode == 0, published.stderr
    assert device.payloads() == ['{"t": 1}']


def test_a_key_that_was_given_in_digits_admits(device):
    identity, key = device.give("--bring-key", input="00ff" * 32 + "\n")
    assert key == "00ff" * 32
    assert device.publish(identity, key, "1").returncode == 0
    assert device.payloads() == ["1"]


def test_another_key_and_another_identity_are_refused(encrypted, device):
    identity, key = device.give()
    for shown in [(identity, "00" * 32), ("acme/nobody", key), ("rival/" + device.name, key),
                  (identity + "/2", key)]:
        assert "TLS error" in device.publish(*shown, "1").stderr
    assert device.payloads() == []
    assert key not in log_of(encrypted)


def test_another_user_name_is_refused_in_words(encrypted, device):
    identity, key = device.give()
    offset = len(log_of(encrypted))
    refused = device.publish(identity, key, "1", "-u", "another")
    assert "not authori" in refused.stderr
    assert f"its shared key ({identity}) is not admitted: the user name is another" in log_since(
        encrypted, offset)
    assert device.publish(identity, key, "2", "-u", device.name).returncode == 0
    assert device.payloads() == ["2"]


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_is_admitted_and_keeps_its_secrets_forward(encrypted, device, version):
    identity, key = device.give()
    port = encrypted.addresses()["mqtt_tls"]["port"]
    command = ["openssl", "s_client", "-connect", f"localhost:{port}", "-psk_identity", identity,
               "-psk", key, version, "-nocommands", "-ign_eof"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    client.stdin.write(connect_packet(client="openssl"))
    client.stdin.flush()
    said = b""
    while ACCEPTED not in said:
        more = client.stdout.read1(65536)
        assert more, said
        said += more
    client.kill()
    client.communicate()
    assert re.search(rb"Server Temp Key: X25519", said)
    assert b"no peer certificate available" in said


def test_a_key_that_ends_closes_its_connection_and_the_next_goes_on(encrypted, device):
    identity, key = device.give()
    offset = len(log_of(encrypted))
    listener = subprocess.Popen(
        ["stdbuf", "-oL",
         *device.client("mosquitto_sub", identity, key, "-i", "listener", "-d", "-t",
                        f"devices/{device.name}/commands")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while "Subscribed" not in listener.stdout.readline():
        assert listener.poll() is None
    next_identity, next_key = device.give("--keep-earlier")
    assert next_identity == identity + "/2"
    for shown in [(identity, key), (next_identity, next_key)]:
        assert device.publish(*shown, "1").returncode == 0
    device.run("end-shared-key", "--identity", identity)
    until(lambda: "key or certificate was revoked" in log_since(encrypted, offset), 1.5)
    assert device.publish(identity, key, "2").returncode != 0
    assert device.publish(next_identity, next_key, "3").returncode == 0
    listener.kill()
    listener.communicate()
    assert device.payloads() == ["1", "1", "3"]
    device.run("end-shared-key")
    until(lambda: device.publish(next_identity, next_key, "4").returncode != 0, 1.5)
