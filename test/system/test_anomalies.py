"""An anomaly from a message to `cauce alarms`, over a kill; and the demo's table of alarms."""

import json

from patience import cauce, until
from wire import admitted

STEADY = [20 + index % 7 / 10 for index in range(400)]


def readings(values, first):
    """One message of these temperatures, five seconds apart."""
    return json.dumps([{"ts": 1_795_000_000 + 5 * (first + index), "temperature": value}
                       for index, value in enumerate(values)]).encode()


def test_what_was_learned_survives_a_kill_and_the_alarm_says_what_is_unusual(serving):
    made = serving.call("POST", "/devices", {"name": "boiler"})
    rule = serving.call("POST", "/rules", {"name": "unusual", "kind": "anomaly"})
    assert (rule["raise_at"], rule["duration_seconds"], rule["metric"]) == (0.8, 600, "")
    with admitted(serving.mqtt(), made) as wire:
        wire.publish(made["topic"], readings(STEADY, 0), 1)
        until(lambda: any(one["device"] == "boiler" for one in serving.items("/series")))
        serving.kill("alarms")
        wire.publish(made["topic"], readings([90, 95, 91], len(STEADY)), 2)
        opened = until(lambda: serving.items("/alarms?device=boiler"), 10, "the alarm")
    assert [(alarm["rule"], alarm["kind"], alarm["metric"]) for alarm in opened] == \
        [("unusual", "anomaly", "temperature")]
    assert opened[0]["feature"] == "value" and 0.8 <= opened[0]["score"] <= 1
    assert opened[0]["text"]["en"] == "temperature 95, 74 above anything in 33 min 20 s"
    assert opened[0]["text"]["es"] == \
        "temperature 95, 74 por encima de todo lo visto en 33 min 20 s"


def test_alarms_are_listed_for_people_and_for_programs(serving):
    made = serving.call("POST", "/devices", {"name": "kettle"})
    serving.call("POST", "/rules", {"name": "hot", "kind": "threshold", "device": "kettle",
                                    "metric": "t", "raise_at": 80, "clear_at": 70})
    with admitted(serving.mqtt(), made) as wire:
        wire.publish(made["topic"], b'{"t": 90}', 1)
        until(lambda: serving.items("/alarms?device=kettle"), 10, "the alarm")
        words = ("alarms", "--data", serving.data, "--device", "kettle")
        listed = cauce(serving.program, *words)
        assert listed.returncode == 0, listed.stderr
        head, *rows = listed.stdout.splitlines()
        assert head.split() == ["id", "raised_at", "state", "severity", "device", "rule", "text"]
        assert len(rows) == 1 and "t 90, above 80 since" in rows[0]
        wire.publish(made["topic"], b'{"t": 60}', 2)
        until(lambda: not serving.items("/alarms?device=kettle"), 10, "the end of the alarm")
        wire.publish(made["topic"], b'{"t": 91}', 3)
        until(lambda: serving.items("/alarms?device=kettle"), 10, "the next alarm")
    assert len(cauce(serving.program, *words).stdout.splitlines()) == 2
    done = cauce(serving.program, *words, "--state", "all", "--format", "json")
    alarms = json.loads(done.stdout)
    assert [alarm["state"] for alarm in alarms] == ["open", "cleared"]
    assert alarms == serving.items("/alarms?device=kettle&state=all")
    one = cauce(serving.program, *words, "--state", "all", "--alarms", "1")
    assert len(one.stdout.splitlines()) == 2
    assert "more than these 1 alarms" in one.stderr


def test_without_a_running_cauce_alarms_says_so(program, tmp_path):
    done = cauce(program, "alarms", "--data", tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert "cauce" in done.stderr


def alarm(number, device, since, **members):
    return {"id": number, "device": device, "since": since, "kind": "anomaly", "metric": "humidity",
            "text": {"en": f"humidity {number}"}, **members}


KNOWN = {"labelled": [{"device": "mote-1", "metric": "humidity", "label": "steam",
                       "from": "2026-11-21T10:00:00Z", "to": "2026-11-21T10:09:40Z"}],
         "spikes": {"freezer-8": ["2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"]}}


def test_the_demo_fails_when_a_label_or_a_spike_has_no_alarm():
    from alarm_table import AlarmTable
    spikes = [alarm(2, "freezer-8", "2026-11-21T10:00:00Z", kind="threshold"),
              alarm(3, "freezer-8", "2026-11-21T11:00:00Z", kind="threshold")]
    found = alarm(1, "mote-1", "2026-11-21T10:00:05Z")
    whole = AlarmTable([found, *spikes], KNOWN)
    assert whole.missing == [] and whole.unlabelled == []
    assert "labelled found 1 of 1; 0 alarms have no label" in whole.text()
    assert "freezer-8       2 spikes of 2" in whole.text()
    assert AlarmTable([found, spikes[0]], KNOWN).missing == ["freezer-8: 1 spikes"]
    for other in ({"since": "2026-11-21T09:59:59Z"}, {"since": "2026-11-21T10:09:41Z"},
                  {"device": "mote-2"}, {"metric": "temperature"}, {"kind": "threshold"}):
        table = AlarmTable([{**found, **other}, *spikes], KNOWN)
        assert table.missing == ["mote-1 humidity (steam from 2026-11-21T10:00:00Z)"]
        assert "labelled found 0 of 1" in table.text()


def test_alarms_without_a_label_are_listed_to_a_limit_and_counted():
    from alarm_table import UNLABELLED_SHOWN_MAX, AlarmTable
    for count, more in ((UNLABELLED_SHOWN_MAX, False), (UNLABELLED_SHOWN_MAX + 1, True)):
        alarms = [alarm(number, "mote-3", "2026-11-21T10:00:00Z") for number in range(count)]
        text = AlarmTable(alarms, KNOWN).text()
        assert f"{count} alarms have no label:" in text
        assert text.count("mote-3") == UNLABELLED_SHOWN_MAX
        assert ("… and 1 more: cauce alarms --state all --company demo" in text) is more
