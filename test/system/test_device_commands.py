"""Commands from REST to the device and back: what is given survives kills and reaches a device that
comes later, what came of it is shown, and what is over is not sent."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

from installation import Failure, Installation
from patience import cauce, until
from wire import PUBACK, Wire5, acknowledge_5


@pytest.fixture
def mortal(pytestconfig, tmp_path):
    """A cauce that can be killed and started again on the same data."""
    made = Installation(pytestconfig.cauce_program, tmp_path / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    made.device = made.call("POST", "/devices", {"name": "valve"})
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
    until(lambda: mortal.deaths() == 1, 30, "the death of the api")
    until(lambda: len(records(mortal)) == 1, 30, "the command in the stream")
    again = asked_again(mortal, "once", body)
    assert mortal.items(PATH)[0]["id"] == again["id"]
    assert len(mortal.items(PATH)) == 1 and len(records(mortal)) == 1


def test_a_withdrawal_whose_api_dies_is_made_at_the_next_start(mortal):
    start_with_failpoint(mortal, "commands.after_withdrawal@1")
    given = mortal.call("POST", PATH, {"payload": "open"})
    with pytest.raises((Failure, OSError)):
        mortal.call("DELETE", f"{PATH}/{given['id']}")
    until(lambda: mortal.deaths() == 1, 30, "the death of the api")
    until(lambda: len(records(mortal)) == 2, 30, "the withdrawal in the stream")
    until(mortal.healthy, 30, "health")
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
    run("send", "valve", "a text\x1b[2J\x9b2J")
    listed = run("list", "valve")
    assert "\x1b" not in listed and "\x9b" not in listed
    assert given["id"] in listed and '{"open":true}' in listed and "a text" in listed
    whole = "a payload of more than the list shows, " * 20 + "."
    long = json.loads(run("send", "valve", whole, "--format", "json"))
    assert whole in run("show", "valve", long["id"]) and whole not in run("list", "valve")
    assert "withdrawn" in run("withdraw", "valve", given["id"])
    refused = cauce(mortal.program, "device", "command", "withdraw", "valve", "c-0000000000000000",
                    "--data", mortal.data)
    assert refused.returncode == 1 and "no such command" in refused.stderr


TOPIC = "devices/valve/commands"


def command(installation, payload, **more):
    return installation.call("POST", PATH, {"payload": payload, **more})["id"]


def shown(installation, name):
    return installation.call("GET", f"{PATH}/{name}")


def becomes(installation, name, state):
    until(lambda: shown(installation, name)["state"] == state, 30, f"{name} {state}")
    return shown(installation, name)


def awake(installation, made=None, qos=1, subscribes=True):
    """A connection of the device, in a new session."""
    made = made or installation.device
    wire = Wire5(installation.mqtt(), made["device"], user=made["device"], password=made["token"])
    if subscribes:
        assert wire.subscribe(TOPIC, qos) == qos
    return wire


def id_of(message):
    return message.properties["correlation"].decode()


def by_http(installation, path, body=None):
    host, port = installation.ingest()
    request = urllib.request.Request(
        f"http://{host}:{port}/api/v1{path}", data=body,
        headers={"Authorization": f"Bearer {installation.device['token']}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def test_a_sleeping_device_gets_what_waits_when_it_wakes(mortal):
    given = [command(mortal, f"number {number}") for number in range(3)]
    host, port = mortal.mqtt()
    made = mortal.device
    heard = subprocess.run(
        ["mosquitto_sub", "-h", host, "-p", str(port), "-u", made["device"], "-P", made["token"],
         "-q", "1", "-t", TOPIC, "-C", "3", "-W", "20"], capture_output=True, text=True, check=True)
    assert heard.stdout == "number 0\nnumber 1\nnumber 2\n"
    for name in given:
        done = becomes(mortal, name, "acknowledged")
        assert done["given_at"] <= done["sent_at"] <= done["acknowledged_at"]


def test_a_device_answers_where_the_command_says(mortal):
    name = command(mortal, {"valve": 1}, expires_in_s=600)
    with awake(mortal) as wire:
        heard = wire.message()
        assert (heard.payload, id_of(heard)) == (b'{"valve":1}', name)
        assert 590 <= heard.properties["message_expiry"] <= 600
        answer_to = heard.properties["response_topic"]
        assert answer_to == f"{TOPIC}/{name}/result"
        becomes(mortal, name, "acknowledged")
        wire.publish(answer_to, b"opening")
        wire.publish(answer_to, b"open" + b"!" * 70_000, packet_id=2, content_type="text/plain")
    until(lambda: (shown(mortal, name)["answer"] or {}).get("bytes") == 70_004, 30, "the answer")
    answered = shown(mortal, name)
    assert answered["state"] == "answered"
    assert answered["answer"]["content_type"] == "text/plain"
    assert answered["answer"]["text"] == "open" + "!" * (65_536 - 4)
    on_screen = cauce(mortal.program, "device", "command", "show", "valve", name, "--data",
                      mortal.data)
    assert f"{answered['answer']['text']}\n" in on_screen.stdout


def test_what_expired_or_was_withdrawn_does_not_reach_the_device(mortal):
    late = command(mortal, "late", expires_in_s=1)
    unwanted = command(mortal, "unwanted")
    assert mortal.call("DELETE", f"{PATH}/{unwanted}")["sent_at"] is None
    becomes(mortal, late, "expired")
    wanted = command(mortal, "wanted")
    with awake(mortal) as wire:
        assert id_of(wire.message()) == wanted
        wire.ping()
    becomes(mortal, wanted, "acknowledged")
    assert [shown(mortal, name)["sent_at"] for name in (late, unwanted)] == [None, None]


def test_what_was_sent_and_withdrawn_says_both_and_does_not_come_again(mortal):
    name = command(mortal, "open")
    with awake(mortal) as wire:
        assert id_of(wire.hear()) == name  # and no PUBACK
        becomes(mortal, name, "sent")
    withdrawn = mortal.call("DELETE", f"{PATH}/{name}")
    assert withdrawn["state"] == "withdrawn" and withdrawn["sent_at"]
    last = command(mortal, "last")
    with awake(mortal) as wire:
        assert id_of(wire.message()) == last


def test_qos_0_is_given_and_a_reason_in_puback_refuses(mortal):
    given = command(mortal, "once")
    with awake(mortal, qos=0) as wire:
        assert wire.message().payload == b"once"
    assert becomes(mortal, given, "given")["left_at"]
    refused = command(mortal, "no")
    with awake(mortal) as wire:
        heard = wire.hear()
        wire.send(acknowledge_5(PUBACK, heard.packet_id, 0x83)).ping()
    assert becomes(mortal, refused, "refused")["acknowledged_at"] is None


def test_a_bridge_takes_no_command_from_its_device(mortal):
    bridge = mortal.call("POST", "/devices", {"name": "bridge", "bridge": True})
    name = command(mortal, "open")
    with awake(mortal, bridge) as wire:
        assert id_of(wire.message()) == name
    until(lambda: shown(mortal, name)["bridged_at"], 30, "what the bridge said")
    assert shown(mortal, name)["state"] == "sent"
    with awake(mortal) as wire:
        assert id_of(wire.message()) == name
    becomes(mortal, name, "acknowledged")


def test_what_waits_in_a_backup_reaches_its_device_from_the_restored_one(mortal, tmp_path):
    name, done = command(mortal, "open"), command(mortal, "done")
    with awake(mortal) as wire:
        first = wire.hear()  # without a PUBACK
        assert id_of(wire.message()) == done
    becomes(mortal, done, "acknowledged")
    places = ("--to", tmp_path / "backup"), ("--from", tmp_path / "backup")
    for word, place, data in (("backup", places[0], mortal.data),
                              ("restore", places[1], tmp_path / "restored")):
        made = cauce(mortal.program, word, *place, "--data", data)
        assert made.returncode == 0 and "not part of a backup" not in made.stderr, made.stderr
    mortal.stop()
    restored = Installation(mortal.program, tmp_path / "restored", 0, 0)
    restored.device = mortal.device
    restored.start()
    try:
        assert shown(restored, done)["state"] == "acknowledged"
        with awake(restored) as wire:
            assert id_of(wire.message()) == name == id_of(first)
            wire.ping()
        becomes(restored, name, "acknowledged")
    finally:
        restored.stop()
    checked = cauce(mortal.program, "doctor", "--data", tmp_path / "restored")
    assert "commands.db" in checked.stdout


def test_a_device_asks_and_answers_by_http(mortal):
    name = command(mortal, "open")
    # The gateway is another process and follows what is durable: it knows a moment later.
    asked = until(lambda: json.loads(by_http(mortal, "/devices/valve/commands"))["commands"],
                  what="the command")
    assert [(item["id"], item["payload"]) for item in asked] == [(name, "open")]
    becomes(mortal, name, "sent")
    by_http(mortal, f"/devices/valve/commands/{name}/result", b"\xffopen")
    answered = becomes(mortal, name, "answered")
    assert answered["answer"]["base64"] == "/29wZW4="
    assert json.loads(by_http(mortal, "/devices/valve/commands"))["commands"] == []


@pytest.mark.parametrize("victims", [("gateway",), ("api",), ("gateway", "api"), ()])
def test_kills_in_between_lose_nothing_and_repeat_nothing(mortal, victims):
    """No victims: everything."""
    def kill():
        if not victims:
            mortal.kill_everything()
            mortal.start()
        before = {victim: mortal.pid_of(victim) for victim in victims}
        for victim in victims:
            mortal.kill(victim)
        until(lambda: all(mortal.pid_of(victim) != before[victim] for victim in victims), 30,
              "new processes")
        until(mortal.healthy, 60, "health")

    given = [command(mortal, number) for number in range(4)]
    withdrawn = given.pop()
    mortal.call("DELETE", f"{PATH}/{withdrawn}")
    kill()
    with awake(mortal) as wire:
        heard = [id_of(wire.message()) for _ in given[:2]]
        third = wire.hear()  # which is not acknowledged
        assert heard + [id_of(third)] == given
        # The gateway has taken both acknowledgements, and writes what it took.
        for name in heard:
            becomes(mortal, name, "acknowledged")
    kill()
    assert shown(mortal, withdrawn)["state"] == "withdrawn"
    last = command(mortal, "last")
    with awake(mortal) as wire:
        assert [id_of(wire.message()) for _ in range(2)] == [given[2], last]
        wire.ping()
    for name in (*given, last):
        becomes(mortal, name, "acknowledged")
