"""Devices that show certificates instead of tokens, and tokens that are changed without an outage,
with real clients: mosquitto_pub, curl, openssl."""

import contextlib
import json
import socket
import ssl
import subprocess
import time

import pytest

from authority import Authority
from installation import Installation
from patience import cauce, log_of, log_since, messages, until
from wire import ACCEPTED, NOT_AUTHORISED, Wire, connect_packet


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("server"), "Server Authority")


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("acme"), "Acme Devices")


@pytest.fixture(scope="module")
def encrypted(pytestconfig, tmp_path_factory, server):
    directory = tmp_path_factory.mktemp("encrypted")
    certificate, key = server.issue("server")
    config = directory / "cauce.toml"
    config.write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
                      "[mqtt.tls]\nport = 0\n[gateway.http.tls]\nport = 0\n")
    made = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    made.config = config
    made.start()
    for company in ("acme", "rival"):
        made.call("POST", "/companies", {"name": company, "title": company})
    yield made
    made.stop()


@pytest.fixture(scope="module")
def trusted(encrypted, acme):
    run(encrypted, "company", "authority", "acme", acme.file)


def run(installation, *words):
    done = cauce(installation.program, *words, "--data", installation.data)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_device(installation, name):
    return installation.call("POST", "/devices?company=acme", {"name": name})


def port_of(installation, door):
    return installation.addresses()[door]["port"]


def publishes(installation, server, files, device, *words):
    certificate, key = files
    done = subprocess.run(
        ["mosquitto_pub", "-h", "localhost", "-p", str(port_of(installation, "mqtt_tls")),
         "--cafile", server.file, "--cert", certificate, "--key", key, "-q", "1", "-i", device,
         "-t", f"devices/{device}/telemetry", "-m", '{"t": 1}', *words],
        capture_output=True, timeout=20)
    return done.returncode == 0


def connection(installation, server, files):
    context = ssl.create_default_context(cafile=server.file)
    context.load_cert_chain(*files)
    address = ("localhost", port_of(installation, "mqtt_tls"))
    return context.wrap_socket(socket.create_connection(address, 10), server_hostname="localhost")


def test_a_certificate_publishes_by_mqtt_and_by_http(encrypted, server, acme, trusted):
    make_device(encrypted, "mote-1")
    files = acme.issue("mote-1")
    assert publishes(encrypted, server, files, "mote-1")
    assert publishes(encrypted, server, files, "mote-1", "-u", "mote-1")
    url = f"https://localhost:{port_of(encrypted, 'ingest_tls')}/api/v1/devices/mote-1/messages"
    done = subprocess.run(["curl", "-sS", "--cacert", server.file, "--cert", files[0], "--key",
                           files[1], "-d", '{"t": 2}', url], capture_output=True, timeout=20)
    assert json.loads(done.stdout) == {"accepted": 1}, done
    assert [message["payload"] for message in messages(encrypted, "mote-1")] == \
        ['{"t": 1}', '{"t": 1}', '{"t": 2}']


def test_who_is_not_admitted_is_named_in_the_log_and_told_nothing(encrypted, server, acme, trusted,
                                                                  tmp_path):
    make_device(encrypted, "guarded")
    stranger = Authority(tmp_path / "stranger", "Acme Devices")
    offset = len(log_of(encrypted))
    for files, why in [(stranger.issue("guarded"), "the authority did not sign it"),
                       (acme.issue("nobody"), 'acme has no device "nobody"'),
                       (acme.issue("guarded", days=0), "expired"),
                       (server.issue("elsewhere"), "no company has the authority")]:
        with connection(encrypted, server, files) as client:
            client.sendall(connect_packet(client="x"))
            assert client.recv(4) == b"\x20\x02\x00" + bytes([NOT_AUTHORISED])
        until(lambda: why in log_since(encrypted, offset), what=why)
    assert messages(encrypted, "guarded") == []


def test_the_same_authority_serves_one_company(encrypted, acme, trusted):
    done = cauce(encrypted.program, "company", "authority", "rival", acme.file, "--data",
                 encrypted.data)
    assert done.returncode == 1 and "another company has it" in done.stderr


def test_revoked_certificates_end_the_connection_within_a_second(encrypted, server, acme, trusted):
    make_device(encrypted, "taken")
    files = acme.issue("taken")
    with connection(encrypted, server, files) as client:
        client.sendall(connect_packet(client="taken"))
        assert client.recv(4) == b"\x20\x02\x00" + bytes([ACCEPTED])
        run(encrypted, "device", "revoke-certificates", "taken", "--company", "acme")
        client.settimeout(1)
        with contextlib.suppress(ConnectionError):
            assert client.recv(1) == b""
    assert not publishes(encrypted, server, files, "taken")
    time_of_revocation = time.time()
    until(lambda: time.time() > time_of_revocation + 1)  # certificates count whole seconds
    assert publishes(encrypted, server, acme.issue("taken"), "taken")


def test_two_tokens_admit_a_device_until_the_earlier_is_ended(encrypted):
    made = make_device(encrypted, "rolled")
    about = ("--company", "acme")
    shown = run(encrypted, "device", "token", "rolled", "--keep-earlier", *about)
    next_token = shown.split()[1]
    assert made["token"] not in log_of(encrypted) and next_token not in log_of(encrypted)
    with Wire(encrypted.mqtt()) as old, Wire(encrypted.mqtt()) as new:
        assert until(lambda: old.connect("rolled", made["token"], client="old") == ACCEPTED)
        assert new.connect("rolled", next_token, client="new") == ACCEPTED
        old.socket.settimeout(1)
        run(encrypted, "device", "end-earlier-token", "rolled", *about)
        assert old.is_closed()
        new.publish(made["topic"], b"1")
    with Wire(encrypted.mqtt()) as old:
        assert old.connect("rolled", made["token"]) == NOT_AUTHORISED
