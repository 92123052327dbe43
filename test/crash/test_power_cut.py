"""Power cuts: the file system below a running gateway is shut down with nothing flushed.

SIGKILL never tests fdatasync, because the page cache survives it; FS_IOC_SHUTDOWN throws it away.
A loop-mounted ext4 is needed, so root is: skipped, visibly, for others. The same cut with fdatasync
made to do nothing must be caught, or the test would prove nothing.
"""

import base64
import contextlib
import fcntl
import json
import os
import pathlib
import struct
import subprocess
import time

import pytest

from installation import Installation
from load import Load

ROUNDS = int(os.environ.get("CAUCE_POWER_CUTS", 5))
# Sparse. The stream sets 208 MiB aside; health complains when less than 15 % of the disk is free.
DISK_BYTES = 2 << 30
CUT_AFTER = 1500  # acknowledged messages
FS_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
FS_SHUTDOWN_NO_FLUSH = 2      # include/uapi/linux/fs.h: as a power cut
NO_SYNC_SOURCE = """
int fdatasync(int descriptor) { (void)descriptor; return 0; }
int fsync(int descriptor) { (void)descriptor; return 0; }
"""


def can_mount():
    return os.geteuid() == 0 and pathlib.Path("/dev/loop-control").exists()


pytestmark = pytest.mark.skipif(not can_mount(), reason="a power cut needs root and loop devices")


@contextlib.contextmanager
def mounted(image, directory):
    directory.mkdir(exist_ok=True)
    # commit=300: nothing reaches the disk by itself while the test runs.
    subprocess.run(["mount", "-o", "loop,commit=300", image, directory], check=True)
    try:
        yield
    finally:
        for _ in range(100):
            if subprocess.run(["umount", directory], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{directory} cannot be unmounted")


def cut_power(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, FS_IOC_SHUTDOWN, struct.pack("I", FS_SHUTDOWN_NO_FLUSH))
    finally:
        os.close(descriptor)


class PowerCut(Exception):
    """Ends the publisher at the moment of the cut."""


def stored_payloads(installation):
    """The payloads in `raw`, as the program itself reads them."""
    read = subprocess.run(
        [installation.program, "stream", "read", "--data", installation.data, "--topic", "raw"],
        check=True, capture_output=True, text=True)
    lines = map(json.loads, read.stdout.splitlines())
    return {line["payload_base64url"] for line in lines if "payload_base64url" in line}


@contextlib.contextmanager
def nobody_left(installation):
    """Whatever goes wrong, no process of ours keeps the file system busy."""
    try:
        yield
    finally:
        if installation.process and installation.process.poll() is None:
            installation.kill_everything()


def acknowledged_and_lost(program, tmp_path, environment):
    """One cut under load; answers how many were acknowledged, and how many of those are gone."""
    image, directory = tmp_path / "disk.img", tmp_path / "disk"
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    installation = Installation(program, directory / "data", 0, 0)
    load = Load(tmp_path / "load", devices=8, messages_each=400)
    with mounted(image, directory), nobody_left(installation):
        os.environ.update(environment)
        try:
            installation.start()
        finally:
            for name in environment:
                del os.environ[name]
        load.provision(installation, rounds=1)
        if not environment:
            os.sync()  # what people set up before the load is not what is tested here

        def on_progress(acknowledged, in_flight):
            if acknowledged >= CUT_AFTER:
                cut_power(directory)
                installation.kill_everything()
                raise PowerCut

        with contextlib.suppress(PowerCut):
            load.publish(installation.mqtt(), 0, on_progress)
    acknowledged = [message for message in load.published if message.acknowledged_at]
    with mounted(image, directory), nobody_left(installation):
        installation.start()
        stored = stored_payloads(installation)
        installation.stop()
    lost = sum(base64.urlsafe_b64encode(message.payload).decode().rstrip("=") not in stored
               for message in acknowledged)
    return len(acknowledged), lost


@pytest.mark.parametrize("cut", range(ROUNDS))
def test_a_power_cut_loses_nothing_acknowledged(program, tmp_path, cut):
    acknowledged, lost = acknowledged_and_lost(program, tmp_path, {})
    print(f"\ncut {cut + 1}: {acknowledged} acknowledged, {lost} lost")
    assert acknowledged >= CUT_AFTER
    assert lost == 0


def test_a_program_that_does_not_sync_is_caught(program, tmp_path):
    source, library = tmp_path / "no_sync.c", tmp_path / "no_sync.so"
    source.write_text(NO_SYNC_SOURCE)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    acknowledged, lost = acknowledged_and_lost(program, tmp_path, {"LD_PRELOAD": str(library)})
    print(f"\nwithout fdatasync: {acknowledged} acknowledged, {lost} lost")
    assert lost > 0
