"""The log as JSON: each line of standard error is one object with the documented members."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from contract_file import ROOT
from installation import Installation
from patience import cauce, until
from wire import Wire, admitted

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
ALWAYS = {"time", "process", "level", "thread", "message"}
LEVELS = ["detail", "notice", "warning", "error"]


def documented_members():
    text = (ROOT / "docs/operations/logs.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+`,? ?)+) \|", text, re.M)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


class Logged:
    """A cauce whose standard error is read as it is, apart from what it prints for people."""

    def __init__(self, program, data, level="detail"):
        self.installation = Installation(program, data, 0, 0)
        data.mkdir(parents=True)
        self.config = data / "cauce.toml"
        self.config.write_text(f'[log]\nformat = "json"\nlevel = "{level}"\n')
        self.path = data / "stderr"
        with open(self.path, "wb") as log, open(data / "stdout", "wb") as printed:
            self.installation.process = subprocess.Popen(
                [program, "serve", "--data", data, "--config", self.config, "--mqtt-port", "0",
                 "--http-port", "0"], stdout=printed, stderr=log)
        until(self.installation.healthy, 30, "health")

    def text(self):
        return self.path.read_text()

    def lines(self):
        # The last one may be half written.
        return [json.loads(line) for line in self.text().split("\n")[:-1]]


@pytest.fixture(scope="module")
def logged(pytestconfig, tmp_path_factory):
    made = Logged(pytestconfig.cauce_program, tmp_path_factory.mktemp("logged") / "data")
    made.installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.installation.stop()


def ask(installation, path, **headers):
    request = urllib.request.Request(installation.url(path), headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["X-Request-Id"]


def test_every_line_of_a_run_is_one_documented_object(logged):
    installation = logged.installation
    made = installation.call("POST", "/devices", {"name": "chatty"})
    with admitted(installation.mqtt(), made) as wire:
        wire.publish(made["topic"], b'{"t": 1}')
        wire.publish(made["topic"], b"\xff\x00 not JSON", 2)
    with Wire(installation.mqtt()) as stranger:
        stranger.connect('"quoted"\u2028', "\u00f1\\")
    with Wire(installation.mqtt()) as noise:
        noise.send(b"\x10\xff\xff\xff\xff\xff").next()
    installation.kill("alarms")
    until(lambda: any(line["process"] == "cauce" and line.get("child") == "alarms"
                      and line["exit"] == "killed by signal 9" for line in logged.lines()),
          10, "the line about the restart")
    until(installation.healthy, 15, "health")
    everybody = {"gateway", "flow", "alarms", "api", "cauce"}
    until(lambda: {line["process"] for line in logged.lines()} >= everybody, 15, "all to speak")
    lines = logged.lines()
    assert len(lines) > 10
    assert documented_members() >= ALWAYS
    for line in lines:
        assert ALWAYS <= set(line) <= documented_members(), line
        assert TIME.fullmatch(line["time"]) and line["level"] in LEVELS, line
        assert all(isinstance(member, str) and member for member in line.values()), line
    assert any(line.get("device") == "chatty" and line.get("company") == "acme" for line in lines)
    # What a reader may search for is said, not only possible.
    unseen = documented_members() - {member for line in lines for member in line}
    assert unseen <= {"group"}, unseen


def test_a_request_is_one_line_with_the_id_of_its_answer(logged):
    given = ask(logged.installation, "/healthz", **{"X-Request-Id": "my-own-id"})
    made = ask(logged.installation, "/healthz")
    assert given == "my-own-id" and made != given

    def line_of(request):
        found = [line for line in logged.lines() if line.get("request_id") == request]
        return found if found else None

    for request in (given, made):
        (line,) = until(lambda: line_of(request), 5, "the line of the request")
        assert (line["method"], line["path"], line["status"]) == ("GET", "/healthz", "200")
        assert float(line["milliseconds"]) >= 0
        assert request in line["message"]


def test_a_path_cannot_forge_a_line(logged):
    try:
        ask(logged.installation, "/a%0A%7B%22level%22:%22error%22%7D%22")
    except urllib.error.HTTPError as refused:
        request = refused.headers["X-Request-Id"]
    (line,) = until(lambda: [line for line in logged.lines()
                             if line.get("request_id") == request], 5, "the line")
    assert line["status"] == "404" and line["level"] == "detail"
    assert "\n" not in line["path"]


def test_no_secret_is_in_the_log_however_much_it_says(logged):
    installation = logged.installation
    made = installation.call("POST", "/devices", {"name": "secretive", "encrypted": True})
    token = installation.call("POST", "/tokens", {"title": "dashboard"})["token"]
    with admitted(installation.mqtt(), made) as wire:
        wire.publish(made["topic"], b"the-payload-itself")
    with Wire(installation.mqtt()) as stranger:
        stranger.connect("secretive", "a-wrong-token-that-was-tried")
    ask(installation, "/healthz?token=in-the-query-by-mistake")
    text = logged.text()
    link = (installation.data / "run" / "owner-link").read_text().partition("?key=")[2].strip()
    for secret in (made["token"], made["key"], token, link, "the-payload-itself",
                   "a-wrong-token-that-was-tried", "in-the-query-by-mistake",
                   (installation.data / "run" / "token").read_text(),
                   (installation.data / "secret" / "master.key").read_text().strip()):
        assert secret and secret not in text


def test_a_start_that_fails_is_one_object_too(program, tmp_path):
    config = tmp_path / "cauce.toml"
    config.write_text('[log]\nformat = "json"\n[http]\nhost = "0.0.0.0"\n')
    done = cauce(program, "serve", "--data", tmp_path / "data", "--config", config)
    assert done.returncode == 1
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert line["level"] == "error" and "unencrypted" in line["message"]


def test_an_unknown_format_is_refused_by_name(program, tmp_path):
    config = tmp_path / "cauce.toml"
    config.write_text('[log]\nformat = "xml"\n')
    done = cauce(program, "serve", "--data", tmp_path / "data", "--config", config)
    assert done.returncode == 1
    assert '"log.format" must be "text" or "json"' in done.stderr
