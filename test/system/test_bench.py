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

loader = importlib.machinery.SourceFileLoader("ingest", str(ROOT / "bench" / "ingest"))
ingest = importlib.util.module_from_spec(importlib.util.spec_from_loader("ingest", loader))
loader.exec_module(ingest)


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


def test_a_ledger_that_names_a_message_twice_proves_nothing(tmp_path):
    with pytest.raises(gateway_runs.Failure, match="twice"):
        gateway_runs.missing(ledger_of(tmp_path / "ledger", (1, 1), (1, 1)), set())


def test_ratios_are_of_medians():
    def run(rate, cpu):
        return {"messages_per_second": rate, "broker_cpu_us_per_message": cpu}

    runs = {"cauce": [run(10, 4), run(90, 1), run(30, 2)], "mosquitto": [run(15, 8)] * 3}
    assert ingest.ratios(runs) == {"messages_per_second": 2, "cpu_per_message": 0.25}
