"""The ledger of a device, from its messages over MQTT to the words that say what is wrong."""

import datetime
import json
import subprocess

import pytest

from installation import Failure
from patience import cauce, until
from wire import admitted


def publish(serving, made, *payloads):
    """With a real client, one connection for all."""
    host, port = serving.mqtt()
    subprocess.run(["mosquitto_pub", "-h", host, "-p", str(port), "-u", made["device"], "-P",
                    made["token"], "-q", "1", "-t", made["topic"], "-l"],
                   input="".join(payload + "\n" for payload in payloads), text=True, check=True,
                   timeout=30)


def message(number, behind=0):
    """As a device sends it whose clock is so many seconds behind."""
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=behind)
    return json.dumps({"ts": time.isoformat(), "seq": number, "t": 21.5})


def ledger(serving, device):
    return serving.call("GET", f"/devices/{device}/ledger")


def counted(serving, device, messages):
    def whole():
        found = ledger(serving, device)
        return found["total"]["messages"] == messages and found
    return until(whole, 20, f"{messages} messages of {device} in the ledger")


def codes(found):
    return [finding["code"] for finding in found["findings"]]


@pytest.fixture(scope="module", autouse=True)
def counting(serving):
    serving.call("POST", "/device-types", {"name": "counting", "sequence": "seq"})


def make(serving, name, kind="counting"):
    return serving.call("POST", "/devices", {"name": name, "type": kind})


def test_a_gap_a_duplicate_and_a_wrong_clock_are_told(serving):
    made = make(serving, "lossy")
    twice = message(5, behind=3600)
    publish(serving, made, message(1, behind=3600), message(2, behind=3600), twice, twice,
            message(9, behind=3600), message(7, behind=3600), "not JSON")
    found = counted(serving, "lossy", 7)
    total = found["total"]
    assert (total["missing"], total["late"], total["duplicates"]) == (5, 1, 1)
    assert (total["dead_letters"], total["readings"], total["restarts"]) == (1, 12, 0)
    assert [(gap["from"], gap["to"]) for gap in found["sequence"]["gaps"]] == [
        (3, 4), (6, 6), (8, 8)]
    assert 3599 < found["clock"]["typical_seconds"] < 3660
    assert found["hours"][-1]["messages"] == found["days"][-1]["messages"] == 7
    assert codes(found) == ["undecodable", "missing", "duplicates", "clock_behind"]
    sentences = [finding["text"] for finding in found["findings"]]
    assert sentences[1]["en"].startswith("4 messages are missing (36 %); the last ones are 8 to 8")
    assert sentences[1]["es"].startswith("Faltan 4 mensajes (36 %); los últimos son del 8 al 8")
    assert sentences[3]["en"] == "Its clock is behind, or it sends late: by 60 min."


def test_a_device_that_is_well_has_no_findings_and_one_that_never_sent_says_so(serving):
    made = make(serving, "well")
    found = ledger(serving, "well")
    assert codes(found) == ["never_seen"] and found["last_seen"] is None
    publish(serving, made, *(message(number) for number in range(10)))
    found = counted(serving, "well", 10)
    assert codes(found) == [] and found["sequence"]["last"] == 9
    assert found["total"]["missing"] == 0 and found["first_seen"] <= found["last_seen"]


def test_the_value_that_counts_may_be_named_later(serving):
    serving.call("POST", "/device-types", {"name": "plain"})
    made = make(serving, "later", "plain")
    publish(serving, made, message(1), message(5))
    found = counted(serving, "later", 2)
    assert found["sequence"] is None and codes(found) == ["gaps_unknown"]
    assert found["total"]["missing"] is None
    done = cauce(serving.program, "device-type", "sequence", "plain", "seq", "--company", "acme",
                 "--data", serving.data)
    assert done.returncode == 0, done.stderr
    assert "seq counts messages" in done.stdout
    until(lambda: publish(serving, made, message(9)) or
          ledger(serving, "later")["sequence"] is not None, 20, "the value that counts")
    publish(serving, made, message(12))
    found = until(lambda: (found := ledger(serving, "later"))["total"]["missing"] and found)
    assert found["total"]["missing"] == 2 and codes(found)[0] == "missing"


def test_what_was_counted_survives_a_kill_and_counts_once(serving):
    made = make(serving, "killed")
    sent = 0
    with admitted(serving.mqtt(), made) as wire:
        for round_ in range(5):
            for _ in range(200):
                wire.publish(made["topic"], message(sent).encode(), sent % 60000 + 1)
                sent += 1
            # With what was just acknowledged not yet counted, or counted and not yet kept.
            killed = serving.pid_of("flow")
            serving.kill("flow")
            until(lambda: serving.pid_of("flow") not in (0, killed), 30, "another flow")
            assert ledger(serving, "killed")["total"]["messages"] <= sent
    found = counted(serving, "killed", sent)
    assert found["total"]["readings"] == 2 * sent
    for zero in ("missing", "late", "repeated", "restarts", "duplicates", "dead_letters"):
        assert found["total"][zero] == 0, zero
    assert sum(hour["messages"] for hour in found["hours"]) == sent
    serving.stop()
    serving.start()
    assert counted(serving, "killed", sent)["total"] == found["total"]


def test_the_command_prints_it(serving):
    made = make(serving, "printed")
    publish(serving, made, message(1), message(4))
    counted(serving, "printed", 2)
    done = cauce(serving.program, "device", "ledger", "printed", "--company", "acme", "--data",
                 serving.data)
    assert done.returncode == 0, done.stderr
    assert "2 messages are missing (50 %); the last ones are 2 to 3" in done.stdout
    assert "missing numbers of seq" in done.stdout
    as_json = cauce(serving.program, "device", "ledger", "printed", "--company", "acme",
                    "--format", "json", "--data", serving.data)
    assert json.loads(as_json.stdout)["total"]["missing"] == 2


def test_a_token_of_another_company_sees_no_ledger(serving):
    make(serving, "private")
    serving.call("POST", "/companies", {"name": "rival", "title": "Rival"})
    with pytest.raises(Failure, match=": 404 "):
        serving.call("GET", "/devices/private/ledger?company=rival")
