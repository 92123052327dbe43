"""`cauce device add`: from a name to the first value, with what it prints and nothing else."""

import contextlib
import pathlib
import re
import subprocess
import threading

from installation import Installation
from patience import cauce

ENCRYPTION = pathlib.Path(__file__).resolve().parents[2] / "docs/formats/encryption.md"


@contextlib.contextmanager
def start_adding(installation, *words):
    adding = subprocess.Popen(
        [installation.program, "device", "add", "--data", installation.data, *words],
        stdout=subprocess.PIPE, text=True)
    patience = threading.Timer(20, adding.kill)  # reading what it prints then ends, too
    patience.start()
    try:
        yield adding
    finally:
        patience.cancel()
        adding.kill()
        adding.wait()
        adding.stdout.close()


def printed(adding):
    """What it prints until it waits, by the first word of each line."""
    lines = {}
    for line in adding.stdout:
        word, _, rest = line.strip().partition(" ")
        lines[word] = rest.strip()
        if word == "waiting":
            return lines
    raise AssertionError(f"it ended before it waited: {lines}")


def test_the_printed_line_sends_the_first_message(serving):
    with start_adding(serving, "pump-1") as adding:
        lines = printed(adding)
        assert lines["waiting"].startswith("for the first message …")
        assert lines["token"]
        subprocess.run(lines["publish"], shell=True, check=True, timeout=10)
        received = adding.stdout.read()
        assert re.match(r"received 21\.5\b", received), received
        assert adding.wait(10) == 0


def test_the_printed_line_for_http_sends_it_too(serving):
    with start_adding(serving, "pump-2") as adding:
        line = printed(adding)["or"]
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=10)
        assert done.stdout == '{"accepted": 1}', done.stderr
        received = adding.stdout.read()
        assert re.match(r"received 21\.5\b", received), received
        assert adding.wait(10) == 0


def test_a_device_of_senml_is_shown_lines_in_senml(serving):
    serving.call("POST", "/device-types", {"name": "lists", "format": "senml"})
    for name, word in [("lister-1", "publish"), ("lister-2", "or")]:
        with start_adding(serving, name, "--type", "lists") as adding:
            subprocess.run(printed(adding)[word], shell=True, check=True, timeout=10,
                           stdout=subprocess.DEVNULL)
            received = adding.stdout.read()
            assert re.match(r"received 21\.5\s+t Cel\b", received), received


def test_an_encrypting_device_works_with_the_example_of_the_documentation(serving, tmp_path):
    example = {}
    exec(re.search(r"```python\n(.*?)```", ENCRYPTION.read_text(), re.S)[1], example)
    with start_adding(serving, "cipher-1", "--encrypted") as adding:
        lines = printed(adding)
        key = bytes.fromhex(lines["key"].split()[0])
        key_id = int(re.search(r"key id (\d+)", lines["key"])[1])
        topic = "devices/cipher-1/telemetry"
        payload = example["seal"](key_id, key, "acme", "cipher-1", topic, b'{"t": 21.4}')
        (tmp_path / "payload.bin").write_bytes(payload)
        subprocess.run(lines["publish"], shell=True, check=True, cwd=tmp_path, timeout=10)
        received = adding.stdout.read()
        assert re.match(r"received 21\.4\b", received), received
        assert adding.wait(10) == 0


def test_plaintext_from_an_encrypting_device_is_told_while_waiting(serving):
    with start_adding(serving, "cipher-2", "--encrypted") as adding:
        line = printed(adding)["publish"].replace("-f payload.bin", "-m 21.5")
        subprocess.run(line, shell=True, check=True, timeout=10)
        assert "1 messages arrived that cannot be decoded" in adding.stdout.readline()


def test_a_name_that_exists_is_refused(serving):
    serving.call("POST", "/devices", {"name": "twice"})
    done = cauce(serving.program, "device", "add", "twice", "--data", serving.data)
    assert done.returncode == 1
    assert "A device of this name exists" in done.stderr


def test_where_nothing_runs_it_says_how_to_start(program, tmp_path):
    never = cauce(program, "device", "add", "m1", "--data", tmp_path / "never")
    assert never.returncode == 1
    assert f"start it with: cauce serve --data {tmp_path / 'never'}" in never.stderr
    assert not (tmp_path / "never").exists()
    for end in ["stop", "kill_everything"]:
        installation = Installation(program, tmp_path / end, 0, 0)
        installation.start()
        getattr(installation, end)()
        done = cauce(program, "device", "add", "m1", "--data", installation.data)
        assert done.returncode == 1
        assert f"start it with: cauce serve --data {installation.data}" in done.stderr
