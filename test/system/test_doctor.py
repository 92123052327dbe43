"""`cauce doctor`: every fault here is made for real, and must be named with what mends it."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import time

import crc32c
import pytest

from installation import Installation
from patience import cauce, until
from test_full_disk import fill, small_disk
from wire import admitted


def examined(program, data, *words):
    """The findings by check, as --format json gives them; and the exit status."""
    done = cauce(program, "doctor", "--data", data, "--format", "json", *words)
    findings = json.loads(done.stdout)
    assert done.returncode == int(any(item["state"] == "wrong" for item in findings)), done.stderr
    return {item["check"]: (item["state"], item["sentence"]) for item in findings}


def free_ports(directory):
    """A configuration whose ports nobody holds."""
    config = directory / "free.toml"
    config.write_text("[mqtt]\nport = 0\n[http]\nport = 0\n[gateway.http]\nport = 0\n")
    return ["--config", config]


@pytest.fixture(scope="module")
def sound(pytestconfig, tmp_path_factory):
    """A data directory with something in every store; stopped."""
    made = Installation(pytestconfig.cauce_program, tmp_path_factory.mktemp("data") / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    device = made.call("POST", "/devices", {"name": "m"})
    with admitted(made.mqtt(), device) as wire:
        for number in range(20):
            wire.publish(device["topic"], b'{"t": %d}' % number, number + 1)
    until(lambda: made.call("GET", "/devices/m")["last_values"])
    until(lambda: list((made.data / "objects" / "facts").glob("**/*.parquet")))
    until(lambda: list((made.data / "objects" / "lake").glob("**/*.parquet")))
    made.stop()
    return made.data


@pytest.fixture
def patient(sound, tmp_path):
    """A copy of it that a test may damage."""
    shutil.copytree(sound, tmp_path / "data")
    os.chmod(tmp_path / "data", 0o700)
    return tmp_path / "data"


def put_log_away(path):
    """As whoever closes a database last does: everything is then in the one file."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def snapshot_of(data):
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()
            and path.name != "lock.mdb"}


def test_nothing_is_wrong_with_a_stopped_cauce_and_nothing_is_changed(program, patient, tmp_path):
    for path in [*patient.glob("*.db"), patient / "business" / "business.db"]:
        put_log_away(path)
    before = snapshot_of(patient)
    findings = examined(program, patient, *free_ports(tmp_path))
    assert not [check for check, (state, _) in findings.items() if state == "wrong"], findings
    for check in ["disk space", "sync", "clock", "rights", "master key", "port mqtt", "system",
                  "open files", "memory", "libduckdb", "topic raw", "objects of lake", "recent",
                  "objects of facts", "business/business.db", "jobs.db", "alarms.db"]:
        assert check in findings
    assert re.fullmatch(r"positions 0 to \d+", findings["topic raw"][1])
    assert snapshot_of(patient) == before
    text = cauce(program, "doctor", "--data", patient, *free_ports(tmp_path)).stdout
    assert text.splitlines()[-1].endswith("0 wrong")


def test_a_running_cauce_is_recognised_and_asked(program, installation):
    installation.start()
    findings = examined(program, installation.data)
    assert "cauce serve" in findings["serving"][1]
    assert f"pid {installation.process.pid}" in findings["serving"][1]
    port = installation.mqtt()[1]
    assert findings["port mqtt"] == ("ok", f"127.0.0.1:{port} is held by this cauce")
    assert findings["health"][0] == "ok"
    assert {f"process {name}" for name in ["gateway", "flow", "alarms", "api"]} <= findings.keys()
    installation.kill("alarms")
    until(lambda: "killed by signal 9" in examined(program, installation.data)["process alarms"][1])
    os.kill(installation.pid_of("flow"), 19)
    until(lambda: examined(program, installation.data)["process flow"][0] == "wrong")
    # Who is paused may hold a lock that the api waits for: then it says that it cannot look.
    until(lambda: re.search("flow|has not looked",
                            examined(program, installation.data)["health"][1]))
    os.kill(installation.pid_of("flow"), 18)


def test_a_held_port_names_who_holds_it(program, patient, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "cauce.toml"
        config.write_text(f"[mqtt]\nport = {port}\n[http]\nport = 0\n")
        state, sentence = examined(program, patient, "--config", config)["port mqtt"]
        assert state == "wrong" and f"pid {os.getpid()}" in sentence and "--mqtt-port" in sentence


def test_a_library_that_cannot_be_loaded_is_named_and_the_rest_goes_on(
        program, patient, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "libduckdb.so").write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(damaged))
    findings = examined(program, patient, *free_ports(tmp_path))
    state, sentence = findings["libduckdb"]
    assert state == "wrong" and "libduckdb.so: file too short" in sentence
    assert sentence.endswith("run script/setup, or install the package again")
    assert findings["jobs.db"][0] == "ok"
    refused = cauce(program, "query", "SELECT 1", "--data", patient)
    assert refused.returncode == 1 and "cannot load DuckDB" in refused.stderr


def test_rights_and_owners(program, patient, tmp_path):
    words = free_ports(tmp_path)
    key = patient / "secret" / "master.key"
    key.chmod(0o644)
    state, sentence = examined(program, patient, *words)["master key"]
    assert state == "wrong" and f"chmod 600 {key}" in sentence
    key.rename(tmp_path / "key")
    state, sentence = examined(program, patient, *words)["master key"]
    assert state == "wrong" and "missing" in sentence
    shutil.move(tmp_path / "key", key)
    key.chmod(0o600)
    patient.chmod(0o755)
    assert examined(program, patient, *words)["rights"][0] == "warning"
    patient.chmod(0o700)
    (patient / "jobs.db").chmod(0o400)
    state, sentence = examined(program, patient, *words)["rights"]
    assert state == "wrong" and "jobs.db" in sentence and "chmod" in sentence
    (patient / "jobs.db").chmod(0o600)
    if os.geteuid() == 0:
        os.chown(patient / "alarms.db", 1234, 1234)
        state, sentence = examined(program, patient, *words)["rights"]
        assert state == "wrong" and "alarms.db" in sentence and "chown -R 0:0" in sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="changing the owner needs root")
def test_another_user_is_told_who_the_owner_is(program, patient, tmp_path):
    os.chown(patient, 1234, 1234)
    # Root without root's power over files is a user like any other.
    powers = "-dac_override,-dac_read_search"
    done = subprocess.run(["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}", program,
                           "doctor", "--data", patient, *free_ports(tmp_path)],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if " rights " in line)
    assert line.startswith("wrong") and "id 1234" in line


def flip(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def test_damage_is_named_by_store_and_place(program, patient, tmp_path):
    words = free_ports(tmp_path)
    segment = next((patient / "stream" / "raw" / "0").glob("*.seg"))
    flip(segment, 128 + 72 + 10)
    lake = sorted((patient / "objects" / "lake").glob("**/*.parquet"))[0]
    lake.unlink()
    facts = sorted((patient / "objects" / "facts").glob("**/*.parquet"))[0]
    facts.write_bytes(facts.read_bytes()[:-1])
    # What the log still holds would hide the damage, rightly.
    put_log_away(patient / "alarms.db")
    with open(patient / "alarms.db", "r+b") as database:
        database.seek(4096)
        database.write(b"\xff" * 4096)
    month = next((patient / "recent").glob("20*")) / "data.mdb"
    month.write_bytes(b"\xff" * 16384)
    findings = examined(program, patient, *words)
    for check, word in [("topic raw", str(segment)), ("objects of lake", "(missing)"),
                        ("objects of facts", "(another size)"), ("alarms.db", "alarms.db"),
                        ("recent", "recent")]:
        assert findings[check][0] == "wrong" and word in findings[check][1], findings[check]
    assert "restore from a backup" in findings["topic raw"][1]
    for check in ["topic readings", "jobs.db", "business/business.db"]:
        assert findings[check][0] == "ok"


def test_a_damaged_manifest_is_named(program, patient, tmp_path):
    entry = sorted((patient / "objects" / "lake" / "_log").glob("*.json"))[0]
    flip(entry, 40)
    state, sentence = examined(program, patient, *free_ports(tmp_path))["objects of lake"]
    assert state == "wrong" and entry.name in sentence


def test_a_message_from_the_future_means_a_wrong_clock(program, tmp_path):
    partition = tmp_path / "data" / "stream" / "raw" / "0"
    partition.mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    future = int((time.time() + 86400 * 365) * 1_000_000)
    # One tick, as docs/formats/stream.md and records.md have it.
    header = struct.pack("<8sIIQq", b"CAUCESEG", 1, 0, 0, 0) + bytes([3]) + b"raw"
    header += bytes(124 - len(header))
    header += struct.pack("<I", crc32c.crc32c(header))
    record = struct.pack("<BBq", 2, 1, future)
    body = struct.pack("<I", len(record)) + record
    rest = struct.pack("<IIIIQqQQQII", len(body), crc32c.crc32c(body), 1, 1, 0, future, 128, 0, 0,
                       0, 0)
    frame = b"CFRM" + struct.pack("<I", crc32c.crc32c(header[124:128] + rest)) + rest
    (partition / f"{0:020}.seg").write_bytes(header + frame + body)
    slot = struct.pack("<5Q", 1, 0, 1, 0, len(header + frame + body))
    slot += struct.pack("<Q", crc32c.crc32c(slot))
    head = bytearray(4096)
    head[:8] = b"CAUCEHD1"
    head[128:176] = slot
    (partition / "head").write_bytes(head)
    findings = examined(program, tmp_path / "data", *free_ports(tmp_path))
    assert findings["topic raw"] == ("ok", "position 0")
    state, sentence = findings["time of messages"]
    assert state == "wrong" and "clock" in sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_and_one_of_memory(program, tmp_path):
    with small_disk(tmp_path / "disk", 64) as disk:
        (disk / "data").mkdir(mode=0o700)
        findings = examined(program, disk / "data", *free_ports(tmp_path))
        assert findings["disk space"][0] == "ok"
        assert findings["file system"][0] == "warning" and "tmpfs" in findings["file system"][1]
        fill(disk, 10)
        assert examined(program, disk / "data")["disk space"][0] == "warning"
        (disk / "filler").unlink()
        fill(disk, 1)
        assert examined(program, disk / "data")["disk space"][0] == "wrong"
        rest = os.open(disk / "rest", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(rest, bytes(4096))
        os.close(rest)
        state, sentence = examined(program, disk / "data")["sync"]
        assert state == "wrong" and "No space left on device" in sentence


def test_few_open_files_are_warned_of(program, patient, tmp_path):
    done = subprocess.run(["prlimit", "--nofile=256", program, "doctor", "--data", patient,
                           *free_ports(tmp_path)], capture_output=True, text=True, timeout=30,
                          check=False)
    line = next(line for line in done.stdout.splitlines() if "open files" in line)
    assert line.startswith("warning") and "LimitNOFILE" in line


def test_a_directory_that_is_not_there_and_settings_that_are_none(program, tmp_path):
    config = tmp_path / "cauce.toml"
    config.write_text("[mqtt]\nprot = 1\n")
    findings = examined(program, tmp_path / "absent", "--config", config)
    assert findings["configuration"][0] == "wrong" and "mqtt.prot" in findings["configuration"][1]
    assert findings["data directory"][0] == "wrong"
    assert not pathlib.Path(tmp_path / "absent").exists()


def test_a_newer_format_is_not_called_damage(program, patient, tmp_path):
    month = next((patient / "recent").glob("20*"))
    done = subprocess.run(["/usr/bin/python3", "-c", "import lmdb, struct, sys\n"
                           "environment = lmdb.open(sys.argv[1])\n"
                           "with environment.begin(write=True) as transaction:\n"
                           "    transaction.put(bytes(1), struct.pack('<I', 99))\n", month],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    state, sentence = examined(program, patient, *free_ports(tmp_path))["recent"]
    assert state == "wrong" and "version 99" in sentence
