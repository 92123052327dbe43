"""bench/ingest notices what is missing; what it cannot notice, its ratios would hide."""

import importlib.machinery
import importlib.util
import pathlib
import struct
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import gateway_runs  # noqa: E402


def bench(name):
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "bench" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


ingest, latency = bench("ingest"), bench("latency")


def ledger_of(path, *messages):
    path.write_bytes(b"".join(struct.pack("<II", *message) for message in messages))
    return path


def payload_of(connection, message):
    return b"LOAD" + struct.pack("<II", connection, message) + b"and so on"


def test_an_acknowledged_message_that_is_not_stored_is_missing(tmp_path):
    ledger = ledger_of(tmp_path / "ledger", (1, 1), (1, 2), (2, 1))
    stored = {gateway_runs.identity(payload_of(1, 1)), gateway_runs.identity(payload_of(2, 1))}
    assert gateway_runs.missing(ledger, stored) == 1
    assert gateway_runs.missing(ledger, stored | {gateway_runs.identity(payload_of(1, 2))}) == 0


def test_what_others_published_is_no_message_of_the_load():
    assert gateway_runs.identity(b'{"t":21.5,"h":3}') is None


def test_readings_name_themselves():
    stored = gateway_runs.identity(b'{"message":"0100000002000000","temperature":21.5}')
    assert stored == struct.pack("<II", 1, 2)


def test_a_ledger_that_names_a_message_twice_proves_nothing(tmp_path):
    with pytest.raises(gateway_runs.Failure, match="twice"):
        gateway_runs.missing(ledger_of(tmp_path / "ledger", (1, 1), (1, 1)), set())


def test_ratios_are_of_medians():
    def run(rate, cpu):
        return {"messages_per_second": rate, "broker_cpu_us_per_message": cpu}

    runs = {"cauce": [run(10, 4), run(90, 1), run(30, 2)], "cauce, all roles": [run(15, 4)] * 3,
            "mosquitto": [run(15, 8)] * 3}
    assert ingest.ratios(runs) == {
        "cauce / mosquitto": {"messages_per_second": 2, "cpu_per_message": 0.25},
        "cauce, all roles / mosquitto": {"messages_per_second": 1, "cpu_per_message": 0.5}}


def test_a_group_commit_waits_for_the_sync_after_the_one_that_runs():
    # Syncs of 10, 30 and 20 ms; a message each 10 ms. The first comes as the first sync begins.
    assert latency.waits_with([10, 30, 20], 100) == [40, 50, 40, 30]


def test_a_goal_that_the_baseline_misses_too_is_told_so():
    def verdict(met, baseline_p99_ms):
        return latency.verdict({"met": met, "goal_p50_ms": 2, "goal_p99_ms": 9,
                                "baseline": {"p50_ms": 1, "p99_ms": baseline_p99_ms}})

    assert verdict(True, 10) == "met"
    assert verdict(False, 8) == "**not met**"
    assert verdict(False, 10) == "**not met**, nor by the baseline"
