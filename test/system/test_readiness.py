"""What a service manager is told by the sd_notify protocol."""

import os
import socket
import subprocess

import pytest

from installation import Installation


@pytest.mark.parametrize("abstract", [False, True])
def test_ready_when_all_processes_work_and_stopping_before_they_end(program, tmp_path, abstract):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f"cauce-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        manager.bind("\0" + name if abstract else name)
        manager.settimeout(30)
        serving = subprocess.Popen(
            [program, "serve", "--data", tmp_path / "data", "--mqtt-port", "0", "--http-port", "0"],
            env={**os.environ, "NOTIFY_SOCKET": "@" + name if abstract else name},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert manager.recv(100) == b"READY=1"
            installation = Installation(program, tmp_path / "data", 0, 0)
            assert installation.call("GET", "/session")["access"] == "owner"
            serving.terminate()
            assert manager.recv(100) == b"STOPPING=1"
            assert serving.wait(15) == 0
        finally:
            serving.kill()
            serving.wait()


def test_not_ready_while_a_process_cannot_start(program, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(2)
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "alarms.db").write_bytes(b"no database at all" * 100)
        serving = subprocess.Popen(
            [program, "serve", "--data", tmp_path / "data", "--mqtt-port", "0", "--http-port", "0"],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with pytest.raises(TimeoutError):
                manager.recv(100)
            assert serving.poll() is None
        finally:
            serving.kill()
            serving.wait()
