"""Devices that speak HTTP: what they may send, what they hear, and what of it is stored."""

import base64
import http.client
import json
import pathlib
import re
import secrets
import subprocess

import pytest

from installation import Installation
from patience import log_of, messages, until
from wire import admitted

NDJSON = "application/x-ndjson"
BATCH = "application/vnd.cauce.batch+json"
SENML = "application/senml+json"
ENCRYPTION = pathlib.Path(__file__).resolve().parents[2] / "docs/formats/encryption.md"


def make_device(installation, name, **more):
    return installation.call("POST", "/devices", {"name": name, **more})


class Http:
    """One connection. `post` answers (status, parsed body, headers)."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(*address, timeout=15)

    def post(self, made, body, content_type="application/json", token=None, device=None,
             method="POST", **headers):
        headers = {"Authorization": f"Bearer {token or made['token']}",
                   "Content-Type": content_type, **headers}
        self.connection.request(method, f"/api/v1/devices/{device or made['device']}/messages",
                                body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content), answer.headers


@pytest.fixture(params=["gateway", "api"])
def address(request, serving):
    """Both ports: the gateway's own, and the api's, which hands on."""
    if request.param == "gateway":
        return serving.ingest()
    place = serving.addresses()["http"]
    return place["host"], place["port"]


def payloads(installation, device):
    return [message["payload"] for message in messages(installation, device)]


def last_value(installation, device, metric):
    values = installation.call("GET", f"/devices/{device}")["last_values"]
    return next((value["value"] for value in values if value["metric"] == metric), None)


def test_one_message_a_batch_and_lines_on_one_connection(serving, address):
    made = make_device(serving, f"pump-{secrets.token_hex(4)}")
    device = Http(address)
    assert device.post(made, '{"t": 21.50}')[:2] == (200, {"accepted": 1})
    assert payloads(serving, made["device"]) == ['{"t": 21.50}']
    batch = '{"messages": [{"payload": {"t": 1}}, {"payload": {"t":   2.0}}]}'
    assert device.post(made, batch, BATCH)[:2] == (200, {"accepted": 2})
    assert device.post(made, '{"t": 3}\n\n{"t": 4}\n', NDJSON)[:2] == (200, {"accepted": 2})
    assert payloads(serving, made["device"]) == [
        '{"t": 21.50}', '{"t": 1}', '{"t":   2.0}', '{"t": 3}', '{"t": 4}']
    until(lambda: last_value(serving, made["device"], "t") == 4)


def test_encrypted_messages_come_as_bytes_or_as_a_batch_in_base64(serving, address):
    example = {}
    exec(re.search(r"```python\n(.*?)```", ENCRYPTION.read_text(), re.S)[1], example)
    made = make_device(serving, f"cipher-{secrets.token_hex(4)}", encrypted=True)

    def sealed(plaintext):
        return example["seal"](made["key_id"], bytes.fromhex(made["key"]), made["company"],
                               made["device"], made["topic"], plaintext)

    device = Http(address)
    alone = device.post(made, sealed(b'{"t": 1}'), "application/octet-stream")
    assert alone[:2] == (200, {"accepted": 1})
    batch = {"messages": [{"payload_base64": base64.b64encode(sealed(plaintext)).decode(),
                           "content_type": kind}
                          for plaintext, kind in [(b'{"t": 2}', "application/octet-stream"),
                                                  (b'[{"n": "s", "v": 3}]', SENML)]]}
    assert device.post(made, json.dumps(batch), BATCH)[:2] == (200, {"accepted": 2})
    until(lambda: last_value(serving, made["device"], "t") == 2)
    until(lambda: last_value(serving, made["device"], "s") == 3)


def test_strangers_cannot_tell_why_they_are_refused(serving, address):
    known = make_device(serving, f"known-{secrets.token_hex(4)}")
    disabled = make_device(serving, f"disabled-{secrets.token_hex(4)}")
    serving.call("PATCH", f"/devices/{disabled['device']}", {"enabled": False})

    def answer(device, token):
        status, body, headers = Http(address).post(None, "{}", device=device, token=token)
        return status, body["detail"], headers["WWW-Authenticate"]

    until(lambda: answer(disabled["device"], disabled["token"])[0] == 401)
    answers = {answer(disabled["device"], disabled["token"]), answer("nobody", known["token"]),
               answer(known["device"], "wrong"), answer(known["device"], disabled["token"])}
    assert len(answers) == 1
    assert payloads(serving, known["device"]) == []
    assert not any(secret in log_of(serving) for secret in [known["token"], disabled["token"]])


def test_what_is_too_large_is_refused_whole_with_the_limit(serving, address):
    made = make_device(serving, f"large-{secrets.token_hex(4)}")
    status, body, _ = Http(address).post(made, b"x" * ((1 << 20) + 1), "text/plain")
    assert (status, body["detail"]) == (
        413, "The body has 1048577 bytes, the limit of one message is 1048576.")
    many = {"messages": [{"payload": 1}] * 1001}
    status, body, _ = Http(address).post(made, json.dumps(many), BATCH)
    assert (status, body["detail"]) == (
        413, "The body has more than 1000 messages: send it in parts.")
    assert payloads(serving, made["device"]) == []
    assert Http(address).post(made, b"x" * (1 << 20), "text/plain")[0] == 200
    assert [len(payload) for payload in payloads(serving, made["device"])] == [1 << 20]


def test_a_body_over_4_mib_is_refused_before_it_is_sent(serving):
    made = make_device(serving, "endless")
    done = subprocess.run(
        ["curl", "-sS", "-w", "%{http_code} %{size_upload}", "--data-binary", "@-", "-H",
         f"Authorization: Bearer {made['token']}", "-H", "Expect: 100-continue",
         "http://{}:{}/api/v1/devices/endless/messages".format(*serving.ingest())],
        input=b"x" * ((4 << 20) + 1), capture_output=True, timeout=20)
    answer, _, rest = done.stdout.decode().rpartition("}")
    assert json.loads(answer + "}")["detail"].startswith("The body may have 4194304 bytes at most")
    assert rest.split()[0] == "413"


def test_a_line_that_is_too_long_ends_the_lines_and_is_told(serving, address):
    made = make_device(serving, f"long-{secrets.token_hex(4)}")
    lines = b"1\n2\n" + b"x" * ((1 << 20) + 1) + b"\n4\n"
    status, body, _ = Http(address).post(made, lines, NDJSON)
    assert (status, body["accepted"], body["line"]) == (413, 2, 2)
    assert body["detail"].startswith("Line 3 has more than 1048576 bytes")
    assert payloads(serving, made["device"]) == ["1", "2"]


def test_packed_bodies_by_curl(serving, tmp_path, address):
    made = make_device(serving, f"packed-{secrets.token_hex(4)}")
    lines = "".join(f'{{"t": {number}}}\n' for number in range(1000))
    (tmp_path / "lines").write_text(lines)

    url = "http://{}:{}/api/v1/devices/{}/messages".format(*address, made["device"])

    def send(file, encoding):
        done = subprocess.run(
            ["curl", "-sS", "-u", f"{made['device']}:{made['token']}", "-H",
             f"Content-Type: {NDJSON}", "-H", f"Content-Encoding: {encoding}", "--data-binary",
             f"@{file}", url],
            capture_output=True, text=True, timeout=20)
        return json.loads(done.stdout)

    subprocess.run(["gzip", "-k", tmp_path / "lines"], check=True)
    subprocess.run(["zstd", "-q", tmp_path / "lines"], check=True)
    assert send(tmp_path / "lines.gz", "gzip") == {"accepted": 1000}
    assert send(tmp_path / "lines.zst", "zstd") == {"accepted": 1000}
    assert payloads(serving, made["device"]) == lines.splitlines() * 2
    damaged = bytearray((tmp_path / "lines.gz").read_bytes())
    damaged[len(damaged) // 2] ^= 0x10
    (tmp_path / "damaged").write_bytes(damaged)
    (tmp_path / "short").write_bytes((tmp_path / "lines.zst").read_bytes()[:-9])
    for file, encoding in [("damaged", "gzip"), ("short", "zstd"), ("lines", "gzip")]:
        refused = send(tmp_path / file, encoding)
        assert (refused["status"], refused["accepted"]) == (400, 0), refused
    unknown = Http(address).post(made, "x", **{"Content-Encoding": "br"})
    assert unknown[0] == 415 and unknown[2]["Accept-Encoding"] == "gzip, zstd"
    assert len(payloads(serving, made["device"])) == 2000


def test_curl_streams_lines_without_saying_how_many(serving):
    """Far more than a body may have, while the process stays as small as it is."""
    made = make_device(serving, "streamer")
    line = b'{"t": 1, "note": "' + b"x" * 3000 + b'"}\n'
    count = 9000
    url = "http://{}:{}/api/v1/devices/streamer/messages".format(*serving.ingest())
    command = ["curl", "-sS", "-X", "POST", "-T", "-", "-H", f"Content-Type: {NDJSON}", "-H",
               f"Authorization: Bearer {made['token']}", url]
    done = subprocess.run(command, input=line * count, capture_output=True, timeout=60)
    assert json.loads(done.stdout) == {"accepted": count}, done
    stored = payloads(serving, "streamer")
    assert len(stored) == count and set(stored) == {line.decode().rstrip("\n")}


def test_an_upload_that_breaks_leaves_whole_lines_and_says_so_in_the_log(serving):
    made = make_device(serving, "breaker")
    connection = http.client.HTTPConnection(*serving.ingest(), timeout=10)
    connection.putrequest("POST", "/api/v1/devices/breaker/messages")
    for name, value in [("Content-Type", NDJSON), ("Transfer-Encoding", "chunked"),
                        ("Authorization", f"Bearer {made['token']}")]:
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"6\r\n1\n2\n3 \r\n")
    until(lambda: payloads(serving, "breaker") == ["1", "2"])
    connection.close()
    until(lambda: "stored are 2 messages, up to line 2" in log_of(serving))
    assert payloads(serving, "breaker") == ["1", "2"]


def test_curl_sends_a_large_message_that_expects_to_be_told(serving, tmp_path, address):
    made = make_device(serving, f"curl-{secrets.token_hex(4)}")
    (tmp_path / "payload").write_bytes(b"y" * 300_000)
    for credentials in [["-H", f"Authorization: Bearer {made['token']}"],
                        ["-u", f"{made['device']}:{made['token']}"]]:
        done = subprocess.run(
            ["curl", "-sS", "--fail-with-body", *credentials, "-H", "Expect: 100-continue",
             "--data-binary", f"@{tmp_path / 'payload'}",
             "http://{}:{}/api/v1/devices/{}/messages".format(*address, made["device"])],
            capture_output=True, text=True, timeout=20)
        assert json.loads(done.stdout) == {"accepted": 1}, done
    assert [len(payload) for payload in payloads(serving, made["device"])] == [300_000] * 2


def test_another_method_or_path_is_named(serving):
    made = make_device(serving, "curious")
    status, body, headers = Http(serving.ingest()).post(made, None, method="GET")
    assert (status, headers["Allow"]) == (405, "POST") and body["detail"]
    connection = http.client.HTTPConnection(*serving.ingest(), timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 404
    assert "POST /api/v1/devices/{device}/messages" in json.load(answer)["detail"]


def test_senml_by_mqtt_and_by_http_reads_alike(serving):
    serving.call("POST", "/device-types", {
        "name": "lists", "format": "senml",
        "metrics": [{"source": "temp", "metric": "temperature", "unit": "K", "offset": 273.15}]})
    made = make_device(serving, "lister", type="lists")
    plain = make_device(serving, "plain")
    pack = ('[{{"bn": "{0}:", "bt": 1.79e9, "n": "temp", "u": "Cel", "v": 20}},'
            ' {{"n": "humidity", "u": "%RH", "v": 40.5}}, {{"n": "label", "vs": "east"}}]')
    subprocess.run(["mosquitto_pub", "-h", serving.mqtt()[0], "-p", str(serving.mqtt()[1]), "-u",
                    "lister", "-P", made["token"], "-q", "1", "-t", made["topic"], "-m",
                    pack.format("lister")], check=True, timeout=10)
    assert Http(serving.ingest()).post(plain, pack.format("plain"), SENML)[0] == 200
    until(lambda: last_value(serving, "lister", "label") == "east")
    until(lambda: last_value(serving, "plain", "label") == "east")

    def points(device, metric):
        return serving.call("GET", f"/series/acme/{device}/{metric}/points")["items"]

    kelvin = until(lambda: points("lister", "temperature"))
    assert [(point["time"], point["value"]) for point in kelvin] == [
        ("2026-09-21T14:13:20Z", 293.15)]
    units = {(item["device"], item["metric"]): item["unit"] for item in serving.items("/series")}
    assert units["lister", "temperature"] == "K"
    assert units["lister", "humidity"] == units["plain", "humidity"] == "%RH"
    assert units["plain", "temp"] == "Cel"
    assert Http(serving.ingest()).post(made, '{"temp": 1}')[0] == 200
    letter = until(lambda: serving.items("/dead-letters?device=lister"))[0]
    assert letter["reason"].startswith("a SenML pack is an array of at least one record")


def test_a_device_type_says_all_that_it_declares(serving):
    metrics = [{"source": "t", "metric": "temperature", "unit": "Cel", "scale": 0.1,
                "offset": -40.0}]
    asked = {"name": "complete", "format": "senml", "encryption": "aes256gcm", "metrics": metrics,
             "sequence": "count"}
    made = serving.call("POST", "/device-types", asked)
    shown = next(item for item in serving.items("/device-types") if item["name"] == "complete")
    assert made == shown == {"company": "acme", **asked}


def test_http_goes_on_while_mqtt_is_busy(serving):
    made = make_device(serving, "calm")
    busy = make_device(serving, "busy")
    device = Http(serving.ingest())
    with admitted(serving.mqtt(), busy) as wire:
        for number in range(1, 201):
            wire.publish(busy["topic"], b'{"t": 1}', number)
            if number % 20 == 0:
                assert device.post(made, '{"t": 2}')[0] == 200
    assert len(payloads(serving, "calm")) == 10


def test_open_takes_any_device(program, tmp_path):
    opened = Installation(program, tmp_path / "data", 0, 0)
    opened.ports.append("--open")
    opened.start()
    try:
        connection = http.client.HTTPConnection(*opened.ingest(), timeout=10)
        connection.request("POST", "/api/v1/devices/anybody/messages", "x")
        assert json.load(connection.getresponse()) == {"accepted": 1}
        stored = messages(opened, "anybody")
        assert [(message["company"], message["payload"]) for message in stored] == [("open", "x")]
    finally:
        opened.stop()
