"""Devices that speak CoAP by DTLS with a key that they share with cauce, with real clients:
libcoap's coap-client over OpenSSL and over GnuTLS, and openssl s_client."""

import re
import secrets
import subprocess

import pytest

from installation import Installation
from patience import cauce, log_of, log_since, messages, until

CLIENTS = ["coap-client-openssl", "coap-client-gnutls"]


@pytest.fixture(scope="module")
def sealed(pytestconfig, tmp_path_factory):
    directory = tmp_path_factory.mktemp("sealed")
    config = directory / "cauce.toml"
    config.write_text("[coaps]\nport = 0\n")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = config
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "acme"})
    yield made
    made.stop()


class Device:
    def __init__(self, installation):
        self.installation = installation
        self.name = f"mote-{secrets.token_hex(4)}"
        made = installation.call("POST", "/devices?company=acme", {"name": self.name})
        self.token = made["token"]
        printed = self.run("shared-key")
        self.identity, self.key, self.text = [
            re.search(rf"^{word} +(.+)$", printed, re.M)[1]
            for word in ("identity", "key", "as text")]

    def run(self, command, *words):
        done = cauce(self.installation.program, "device", command, self.name, *words,
                     "--company", "acme", "--data", self.installation.data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def url(self, device=None, query=""):
        place = self.installation.addresses()["coaps"]
        return (f"coaps://{place['host']}:{place['port']}/devices/{device or self.name}/telemetry"
                f"{query}")

    def post(self, *words, program=CLIENTS[0], identity=None, key=None, url=None, seconds=20):
        """What the client prints, refusals on standard error among it."""
        done = subprocess.run(
            [program, "-B", str(seconds), "-m", "post", "-u", identity or self.identity, "-k",
             key or self.text, *words, url or self.url()],
            capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    def payloads(self):
        return [message["payload"] for message in messages(self.installation, self.name)]


@pytest.fixture
def device(sealed):
    return Device(sealed)


@pytest.mark.parametrize("program", CLIENTS)
def test_coap_client_posts_with_a_shared_key_and_no_token(device, program):
    assert device.post("-t", "json", "-e", '{"t":21.5}', program=program) == ""
    assert device.post("-N", "-e", '{"t":22}', program=program) == ""
    assert device.payloads() == ['{"t":21.5}', '{"t":22}']
    assert messages(device.installation, device.name)[0]["content_type"] == "application/json"


@pytest.mark.parametrize("program", CLIENTS)
def test_coap_client_sends_a_large_message_in_blocks_by_dtls(device, tmp_path, program):
    payload = "".join("%07d\n" % number for number in range(2500))
    (tmp_path / "payload").write_text(payload)
    assert device.post("-t", "binary", "-b", "1024", "-f", str(tmp_path / "payload"),
                       program=program) == ""
    assert device.payloads() == [payload]


def test_another_device_and_a_wrong_token_are_refused_in_words(sealed, device):
    other = Device(sealed)
    for url in [device.url(device=other.name), device.url(query="?token=wrong")]:
        assert device.post("-e", "1", url=url).startswith("4.01")
    assert device.post("-e", "1", url=device.url(query=f"?token={device.token}")) == ""
    assert device.payloads() == ["1"] and other.payloads() == []


def test_another_key_and_another_identity_make_no_session(sealed, device):
    offset = len(log_of(sealed))
    device.post("-e", "1", key="another key of some bytes", seconds=2)
    device.post("-e", "1", identity="acme/nobody", seconds=2)
    assert device.payloads() == []
    until(lambda: log_since(sealed, offset).count("it was not over in time") == 2, 15)
    written = log_since(sealed, offset)
    assert f"it named the key of {device.identity}" in written
    assert "it named the key of acme/nobody" in written
    assert device.text not in written and device.key not in written
    assert device.post("-e", "2") == ""


def post_packet(device, message_id, payload):
    def option(delta, value):
        length = len(value)
        if length < 13:
            return bytes([delta << 4 | length]) + value
        return bytes([delta << 4 | 13, length - 13]) + value
    path = option(11, b"devices") + option(0, device.name.encode()) + option(0, b"telemetry")
    return bytes([0x42, 2]) + message_id.to_bytes(2, "big") + b"tk" + path + b"\xff" + payload


class Session:
    """A DTLS session of openssl s_client that stays open."""

    def __init__(self, device, *words):
        place = device.installation.addresses()["coaps"]
        self.client = subprocess.Popen(
            ["openssl", "s_client", "-dtls1_2", "-connect", f"{place['host']}:{place['port']}",
             "-psk_identity", device.identity, "-psk", device.key, "-nocommands", "-ign_eof",
             *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = b""

    def send(self, packet):
        self.client.stdin.write(packet)
        self.client.stdin.flush()

    def read_until(self, text):
        while text not in self.said:
            more = self.client.stdout.read1(65536)
            assert more, self.said
            self.said += more

    def end(self):
        self.client.kill()
        self.client.communicate()


@pytest.mark.parametrize("cipher, secrecy", [
    (None, b"Server Temp Key: X25519"), ("DHE-PSK-AES128-GCM-SHA256", b"Server Temp Key: DH"),
    ("PSK-AES128-CCM8", b"Cipher is PSK-AES128-CCM8")])
def test_openssl_sends_by_dtls_and_keeps_its_secrets_forward(device, cipher, secrecy):
    session = Session(device, *(["-cipher", cipher] if cipher else []))
    session.read_until(b"Secure Renegotiation")
    session.send(post_packet(device, 7, b"21.5"))
    session.read_until(bytes([0x62, 0x44, 0, 7]) + b"tk")
    session.end()
    assert secrecy in session.said
    assert device.payloads() == ["21.5"]


def test_a_key_that_ends_ends_its_session(sealed, device):
    session = Session(device)
    session.read_until(b"Secure Renegotiation")
    session.send(post_packet(device, 1, b"1"))
    session.read_until(bytes([0x62, 0x44, 0, 1]) + b"tk")
    offset = len(log_of(sealed))
    device.run("end-shared-key")
    until(lambda: "its DTLS session ended: its device was disabled or removed, or its key ended"
          in log_since(sealed, offset), 1.5)
    until(lambda: session.client.poll() is not None, 5)
    session.end()
    device.post("-e", "2", seconds=2)
    assert device.payloads() == ["1"]


