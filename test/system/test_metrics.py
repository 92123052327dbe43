"""/metrics: valid, complete, documented, without names of devices, and true about what happened."""

import os
import re
import signal
import subprocess
import urllib.request

import pytest

from contract_file import ROOT
from patience import until
from wire import admitted

SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def read(installation):
    with urllib.request.urlopen(installation.url("/metrics"), timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.read().decode()


def parse(text):
    """{family: (type, help, {(sample name, labels): value})}, as strictly as the format asks."""
    families, name = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, help_text = line[7:].partition(" ")
            assert name not in families, f"{name} is described twice"
            assert help_text.endswith("."), line
            families[name] = [None, help_text, {}]
        elif line.startswith("# TYPE "):
            typed, _, kind = line[7:].partition(" ")
            assert typed == name and families[name][0] is None, line
            families[name][0] = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            sample, labels, value = match.groups()
            kind = families[name][0]
            endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert sample in {name + ending for ending in endings}, f"{sample} below {name}"
            key = (sample, frozenset(LABEL.findall(labels or "")))
            assert key not in families[name][2], f"{line} comes twice"
            families[name][2][key] = float(value)
    return families


def value(families, family, sample=None, **labels):
    found = families[family][2]
    return found.get((sample or family, frozenset(labels.items())))


def documented():
    rows = {}
    for line in (ROOT / "docs/operations/metrics.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].startswith("`cauce_"):
            assert cells[0].strip("`") not in rows, cells[0]
            # "stage: identify, decrypt" and "kind of rule" are one label each.
            labels = {part.split()[0] for part in cells[3].split(":")[0].split(",") if part.strip()}
            rows[cells[0].strip("`")] = (cells[1], labels, cells[4])
    return rows


@pytest.fixture(scope="module")
def busy(serving):
    """A cauce through which a reading, an alarm, a dead letter and a refusal have gone."""
    made = serving.call("POST", "/devices", {"name": "metered-device"})
    serving.call("POST", "/rules", {"name": "hot", "kind": "threshold", "metric": "t",
                                    "raise_at": 80})
    with admitted(serving.mqtt(), made) as wire:
        for number, payload in enumerate([b'{"t": 20}', b'{"t": 90}', b"not JSON"]):
            wire.publish(made["topic"], payload, number + 1)
    until(lambda: serving.items("/alarms"), 20, "the alarm")
    until(lambda: serving.items("/series"), 20, "the series")
    until(lambda: value(parse(read(serving)), "cauce_stats_jobs_total", process="flow"), 20,
          "the counters")
    return serving


def test_what_is_served_is_what_is_documented(busy):
    families = parse(read(busy))
    rows = documented()
    assert len(rows) > 30
    assert set(families) == set(rows)
    for name, (kind, labels, _) in rows.items():
        assert families[name][0] == kind, name
        for _, found in families[name][2]:
            names = {label for label, _ in found} - {"le"}
            assert names - {"process"} == labels - {"process"}, (name, found)
        assert (kind == "counter") == name.endswith("_total"), name


def test_histograms_only_grow_and_end_with_their_count(busy):
    for name, (kind, _, samples) in parse(read(busy)).items():
        if kind != "histogram":
            continue
        series = {}
        for (sample, labels), count in samples.items():
            if sample == name + "_bucket":
                bound = dict(labels)["le"]
                rest = frozenset(label for label in labels if label[0] != "le")
                series.setdefault(rest, []).append((float(bound), count))
        assert series, name
        for labels, buckets in series.items():
            counts = [count for _, count in sorted(buckets)]
            assert counts == sorted(counts), (name, labels)
            assert sorted(buckets)[-1] == (float("inf"), samples[(name + "_count", labels)])


def test_the_counters_say_what_happened(busy):
    families = parse(read(busy))
    assert value(families, "cauce_gateway_messages_total", process="gateway") == 3
    assert value(families, "cauce_gateway_acknowledged_total", process="gateway") == 3
    assert value(families, "cauce_gateway_payload_bytes_total", process="gateway") == 26
    assert value(families, "cauce_gateway_acknowledge_seconds",
                 "cauce_gateway_acknowledge_seconds_count", process="gateway") == 3
    assert value(families, "cauce_decode_dead_letters_total", process="flow", stage="parse") == 1
    assert value(families, "cauce_alarms_raised_total", process="alarms", kind="threshold") == 1
    assert value(families, "cauce_alarms_open", process="alarms") == 1
    assert value(families, "cauce_stream_records_total", process="flow", topic="facts") == 2
    assert value(families, "cauce_stream_sync_seconds", "cauce_stream_sync_seconds_count",
                 process="gateway", topic="raw") >= 3
    assert value(families, "cauce_stream_end_position", topic="facts") == 2
    assert value(families, "cauce_api_requests_total", process="api", status="201",
                 route="POST /api/v1/devices") == 1
    for process in ("gateway", "flow", "alarms", "api"):
        assert value(families, "cauce_process_up", process=process) == 1
        assert value(families, "cauce_process_resident_bytes", process=process) > 1 << 20


def test_no_label_names_a_device_or_a_company(busy):
    text = read(busy)
    assert "metered-device" not in text and "acme" not in text


def test_a_process_that_hangs_shows_as_down(busy):
    pid = busy.pid_of("alarms")
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: value(parse(read(busy)), "cauce_process_up", process="alarms") == 0, 15,
              "cauce_process_up 0")
        families = parse(read(busy))
        assert value(families, "cauce_process_up", process="gateway") == 1
        assert "cauce_alarms_open" not in families  # what it said last is no longer true
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: value(parse(read(busy)), "cauce_process_up", process="alarms") == 1, 15, "up")


def test_a_restart_is_counted(busy):
    before = value(parse(read(busy)), "cauce_process_restarts_total", process="alarms")
    busy.kill("alarms")
    until(lambda: value(parse(read(busy)), "cauce_process_restarts_total",
                        process="alarms") == before + 1, 15, "the restart")
    until(busy.healthy, 15, "health")


def test_promtool_accepts_it_where_there_is_one(busy):
    try:
        done = subprocess.run(["promtool", "check", "metrics"], input=read(busy), text=True,
                              capture_output=True)
    except FileNotFoundError:
        pytest.skip("promtool is not installed")
    assert done.returncode == 0, done.stdout + done.stderr
