"""Nothing listens beyond this machine unless somebody says that he accepts plaintext."""

import pathlib
import subprocess

import pytest

from installation import Installation
from patience import cauce, until

PORTS = ["--mqtt-port", "0", "--http-port", "0"]


def listening(pid):
    """The addresses on which this process listens, as the kernel says it."""
    inodes = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    addresses = set()
    for table in ["tcp", "tcp6"]:
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                addresses.add(words[1].rpartition(":")[0])
    return addresses


def test_every_listener_is_on_loopback_by_default(installation):
    installation.start()
    pids = [installation.process.pid] + [installation.pid_of(name)
                                         for name in ["gateway", "flow", "alarms", "api"]]
    assert set().union(*map(listening, pids)) == {"0100007F"}


@pytest.mark.parametrize("listener", ["mqtt", "http"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_another_address_is_refused_with_both_ways_out(program, tmp_path, listener, host):
    config = tmp_path / "cauce.toml"
    config.write_text(f'[{listener}]\nhost = "{host}"\n')
    for roles in [[], ["--role", "gateway,api"]]:
        done = cauce(program, "serve", "--data", tmp_path / "data", "--config", config, *PORTS,
                     *roles)
        assert done.returncode == 1
        assert f'"{host}"' in done.stderr
        assert "mqtt.tls" in done.stderr and "--allow-plaintext" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["127.example.org", "1.2.3", "localhost.example.org"])
def test_a_name_that_looks_like_loopback_is_not_taken_for_it(program, tmp_path, host):
    config = tmp_path / "cauce.toml"
    config.write_text(f'[http]\nhost = "{host}"\n')
    done = cauce(program, "serve", "--data", tmp_path / "data", "--config", config, *PORTS)
    assert done.returncode == 1
    assert "numeric address" in done.stderr or "--allow-plaintext" in done.stderr


def test_the_explicit_word_opens_it(program, tmp_path):
    config = tmp_path / "cauce.toml"
    config.write_text('allow_plaintext = true\n[mqtt]\nhost = "0.0.0.0"\n')
    made = Installation(program, tmp_path / "data", 0, 0)
    serving = subprocess.Popen([program, "serve", "--data", made.data, "--config", config, *PORTS],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(made.healthy)
        assert "00000000" in listening(made.pid_of("gateway"))
        assert listening(made.pid_of("api")) == {"0100007F"}
    finally:
        serving.terminate()
        serving.wait(15)
