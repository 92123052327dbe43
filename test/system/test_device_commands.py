"""Commands of a device over REST and the command line: what is given survives kills, and is sent
once."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

from installation import Failure, Installation
from patience import cauce, until


@pytest.fixture
def mortal(pytestconfig, tmp_path):
    """A cauce that can be killed and started again on the same data."""
    made = Installation(pytestconfig.cauce_program, tmp_path / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    made.call("POST", "/devices", {"name": "valve"})
    yield made
    made.stop()


PATH = "/devices/valve/commands"


def start_with_failpoint(installation, name):
    installation.stop()
    os.environ["CAUCE_FAILPOINT"] = name
    try:
        installation.start()
    finally:
        del os.environ["CAUCE_FAILPOINT"]


def records(installation):
    """What the topic `commands` holds, as the program prints it."""
    done = subprocess.run([installation.program, "stream", "read", "--topic", "commands",
                           "--data", installation.data], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def give(installation, key, body):
    """A POST that may get no answer; the JSON, or None."""
    token = (installation.data / "run" / "token").read_text().strip()
    request = urllib.request.Request(
        installation.url("/api/v1" + PATH), method="POST", data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError:
        raise
    except OSError:
        return None


def asked_again(installation, key, body):
    """The answer of an api that was started again."""
    answers = []

    def answered():
        try:
            answers.append(give(installation, key, body))
        except (urllib.error.HTTPError, KeyError, ValueError):
            return False
        return answers[-1] is not None

    until(answered, 30, "the api")
    return answers[-1]


def test_a_command_whose_api_dies_before_the_stream_has_it_is_sent_and_is_one(mortal):
    start_with_failpoint(mortal, "commands.after_row@1")
    body = {"payload": {"valve": 1}}
    assert give(mortal, "once", body) is None
    mortal.stop()
    assert records(mortal) == []
    mortal.start()
    until(lambda: len(records(mortal)) == 1, 30, "the command in the stream")
    again = asked_again(mortal, "once", body)
    assert mortal.items(PATH)[0]["id"] == again["id"]
    assert len(mortal.items(PATH)) == 1 and len(records(mortal)) == 1


def test_a_withdrawal_whose_api_dies_is_made_at_the_next_start(mortal):
    start_with_failpoint(mortal, "commands.after_withdrawal@1")
    given = mortal.call("POST", PATH, {"payload": "open"})
    with pytest.raises((Failure, OSError)):
        mortal.call("DELETE", f"{PATH}/{given['id']}")
    mortal.stop()
    assert len(records(mortal)) == 1
    mortal.start()
    until(lambda: len(records(mortal)) == 2, 30, "the withdrawal in the stream")
    assert mortal.call("GET", f"{PATH}/{given['id']}")["state"] == "withdrawn"


def test_commands_are_known_after_a_kill_of_everything(mortal):
    given = [mortal.call("POST", PATH, {"payload": number})["id"] for number in range(3)]
    mortal.kill_everything()
    mortal.start()
    listed = mortal.items(PATH)
    assert [command["id"] for command in listed] == given[::-1]
    assert {command["state"] for command in listed} == {"waiting"}


def test_a_command_expires_by_the_clock(mortal):
    given = mortal.call("POST", PATH, {"payload": "now", "expires_in_s": 1})
    until(lambda: mortal.call("GET", f"{PATH}/{given['id']}")["state"] == "expired", 10, "its end")
    with pytest.raises(Failure, match="409"):
        mortal.call("DELETE", f"{PATH}/{given['id']}")


def test_the_command_line_gives_lists_and_withdraws(mortal):
    def run(*words):
        done = cauce(mortal.program, "device", "command", *words, "--data", mortal.data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    given = json.loads(run("send", "valve", '{"open": true}', "--expires-in", "60", "--format",
                           "json"))
    assert given["content_type"] == "application/json" and given["state"] == "waiting"
    assert given["given_by"] == "command line"
    run("send", "valve", "a text")
    listed = run("list", "valve")
    assert given["id"] in listed and '{"open":true}' in listed and "a text" in listed
    assert "withdrawn" in run("withdraw", "valve", given["id"])
    refused = cauce(mortal.program, "device", "command", "withdraw", "valve", "c-0000000000000000",
                    "--data", mortal.data)
    assert refused.returncode == 1 and "no such command" in refused.stderr
