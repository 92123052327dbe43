"""`cauce serve`: starting, being refused, stopping."""

import json
import os
import pathlib
import signal
import socket
import subprocess

from installation import Installation
from patience import cauce, messages, until
from wire import admitted

PORTS = ["--mqtt-port", "0", "--http-port", "0", "--ingest-port", "0"]


def processes_of(installation):
    content = json.loads((installation.data / "run" / "processes.json").read_text())
    return [process["pid"] for process in content["processes"]]


def runs(pid):
    """Whether the process lives; one that only waits to be buried does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_needs_no_argument_and_stops_when_asked(program, tmp_path):
    serving = subprocess.Popen([program, "serve", *PORTS], cwd=tmp_path, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    installation = Installation(program, tmp_path / "cauce-data", 0, 0)
    try:
        until(installation.healthy)
        pids = processes_of(installation)
        assert len(pids) == 4 and all(map(runs, pids))
        mqtt_port, url = installation.mqtt()[1], installation.url("/")
        ingest_port = installation.ingest()[1]
        serving.send_signal(signal.SIGTERM)
        printed = serving.communicate(timeout=10)[0]
        assert serving.returncode == 0
        assert not any(map(runs, pids))
        assert f"mqtt  127.0.0.1:{mqtt_port}" in printed
        assert f"http  {url}" in printed
        assert f"ingest http://127.0.0.1:{ingest_port}/api/v1/devices/" in printed
        # Nobody shall take what listens there next for this cauce.
        assert not (installation.data / "run" / "addresses.json").exists()
        assert list(tmp_path.iterdir()) == [installation.data]
        assert installation.data.stat().st_mode & 0o777 == 0o700
    finally:
        serving.kill()


def test_a_stopped_process_does_not_delay_the_end(installation):
    installation.start()
    os.kill(installation.pid_of("flow"), signal.SIGSTOP)
    installation.process.terminate()
    assert installation.process.wait(10) == 0


def test_killing_the_supervisor_leaves_no_orphan(installation):
    installation.start()
    pids = processes_of(installation)
    installation.kill_everything()
    until(lambda: not any(map(runs, pids)), what="the end of all processes")


def test_a_port_in_use_names_its_holder_and_the_flag(program, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for flag in PORTS[::2]:
            ports = [*PORTS, flag, str(port)]
            ports = [word for pair in dict(zip(ports[::2], ports[1::2])).items() for word in pair]
            done = cauce(program, "serve", "--data", tmp_path / "data", *ports)
            assert done.returncode == 1
            assert f"port {port} is taken by" in done.stderr
            assert f"(pid {os.getpid()})" in done.stderr and flag in done.stderr


def test_a_directory_serves_once(installation):
    installation.start()
    words = ["serve", "--data", installation.data, *PORTS]
    rivals = [subprocess.Popen([installation.program, *words, *more], stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
              for more in ([], ["--role", "gateway"])]
    holders = [installation.process.pid, installation.pid_of("gateway")]
    for rival, holder in zip(rivals, holders):
        sentence = rival.communicate(timeout=20)[1]
        assert rival.returncode == 1
        assert f"(pid {holder})" in sentence
    assert installation.healthy()


def test_roles_run_by_hand_work_together(program, tmp_path):
    installation = Installation(program, tmp_path / "data", 0, 0)
    started = []
    log = open(tmp_path / "roles.log", "ab")
    try:
        for roles in ["api", "gateway", "lake,decode", "processing,stats", "alarms"]:
            started.append(subprocess.Popen(
                [program, "serve", "--data", installation.data, *PORTS, "--role", roles],
                stdout=log, stderr=log))
            if roles in ("api", "gateway"):  # both say where they listen in one file
                until(lambda: installation.addresses()["mqtt" if roles == "gateway" else "http"])
        until(installation.healthy)
        installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
        made = installation.call("POST", "/devices", {"name": "m"})
        with admitted(installation.mqtt(), made) as wire:
            wire.publish(made["topic"], b'{"t": 21.5}')
        assert len(messages(installation, "m")) == 1
        until(lambda: installation.call("GET", "/devices/m")["last_values"][0]["value"] == 21.5)
        for process in started:
            process.terminate()
        assert [process.wait(10) for process in started] == [0] * len(started)
    finally:
        for process in started:
            process.kill()
        log.close()


def test_what_is_unknown_is_named_with_what_is_allowed(program, tmp_path):
    config = tmp_path / "cauce.toml"
    for content, sentence in [("[mqtt]\nprot = 1\n", ':2: there is no setting "mqtt.prot"'),
                              ("[mqtt]\nport = 70000\n", "a whole number from 0 to 65535"),
                              ("[mqtt\n", "cauce.toml:"),
                              ('[log]\nlevel = "loud"\n', '"notice", "warning" or "error"')]:
        config.write_text(content)
        done = cauce(program, "serve", "--data", tmp_path / "data", "--config", config)
        assert done.returncode == 1 and sentence in done.stderr
    role = cauce(program, "serve", "--data", tmp_path / "data", "--role", "gatewya")
    assert role.returncode == 1 and '"gatewya"' in role.stderr
    for known in ["gateway", "lake", "decode", "processing", "stats", "alarms", "api"]:
        assert known in role.stderr
    for words in [["serve", "--mqtt-port", "70000"], ["sreve"], ["serve", "--prot", "1"], [],
                  ["query"], ["stream", "read"], ["device", "add"]]:
        assert cauce(program, *words, cwd=tmp_path).returncode == 2, words
    extra = cauce(program, "doctor", "--prot", "1", "--host", "h", cwd=tmp_path)
    assert extra.returncode == 2 and "not expected: --prot 1 --host h\n" in extra.stderr
    assert not (tmp_path / "data").exists()


def test_other_addresses_than_loopback_need_a_flag(program, tmp_path):
    config = tmp_path / "cauce.toml"
    config.write_text('[mqtt]\nhost = "0.0.0.0"\n')
    words = ["serve", "--data", tmp_path / "data", "--config", config, *PORTS]
    plain = cauce(program, *words)
    assert plain.returncode == 1 and "--allow-plaintext" in plain.stderr
    everybody = cauce(program, *words, "--open", "--allow-plaintext")
    assert everybody.returncode == 1 and "loopback only" in everybody.stderr
