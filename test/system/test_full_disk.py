"""A disk that fills up: nothing acknowledged is lost, and all goes on by itself once there is room.

The disk is a small tmpfs, so root is needed: skipped, visibly, for others.
"""

import contextlib
import os
import subprocess
import threading

import pytest

from installation import Installation
from mqtt_publisher import Message, Publisher
from patience import cauce, log_of, messages, until
from test_health import complains, health
from wire import ACCEPTED, PUBACK, UNAVAILABLE, Wire, admitted, publish_packet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@contextlib.contextmanager
def small_disk(directory, mebibytes):
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "small", directory],
                   check=True)
    try:
        yield directory
    finally:
        until(lambda: subprocess.run(["umount", directory], capture_output=True).returncode == 0)


def fill(disk, percent_free):
    """Takes all but so much of the disk, piece by piece, since others write there at the same
    time; answers the file that holds it."""
    with open(disk / "filler", "wb") as filler:
        size = 0
        while (state := os.statvfs(disk)).f_bavail * 100 > state.f_blocks * percent_free:
            os.posix_fallocate(filler.fileno(), size, 1 << 20)
            size += 1 << 20
    return disk / "filler"


def test_below_five_percent_the_gateway_waits_and_goes_on_by_itself(program, tmp_path):
    with small_disk(tmp_path / "disk", 900) as disk:
        installation = Installation(program, disk / "data", 0, 0)
        installation.start()
        try:
            installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
            made = installation.call("POST", "/devices", {"name": "m"})
            with admitted(installation.mqtt(), made) as wire:
                wire.publish(made["topic"], b'{"t": 1}')
                filler = fill(disk, 3)
                complains(installation, "below 5 %")
                # The gateway looks for itself, once a second.
                until(lambda: "the gateway takes no messages" in log_of(installation))
                with Wire(installation.mqtt()) as other:
                    assert other.connect("m", made["token"], client="other") == UNAVAILABLE
                wire.send(publish_packet(made["topic"], b'{"t": 2}', 1, 2))
                assert wire.is_quiet_for(0.5)
                filler.unlink()
                assert wire.next() == (PUBACK, b"\x00\x02")
            with Wire(installation.mqtt()) as other:
                assert other.connect("m", made["token"]) == ACCEPTED
            assert [m["payload"] for m in messages(installation, "m")] == ['{"t": 1}', '{"t": 2}']
            until(lambda: health(installation) == (200, []))
        finally:
            installation.stop()


def test_a_disk_that_is_full_loses_nothing_acknowledged(program, tmp_path):
    with small_disk(tmp_path / "disk", 48) as disk:
        installation = Installation(program, disk / "data", 0, 0)
        installation.start()
        try:
            installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
            made = installation.call("POST", "/devices", {"name": "m"})
            sent = [Message("m", b'{"time": %d, "t": %d}' % (1_795_000_000 + number, number) +
                            b" " * 200_000) for number in range(300)]
            publisher = Publisher(installation.mqtt(), {"m": made["token"]}, sent, window=50)
            publishing = threading.Thread(target=publisher.run, daemon=True)
            publishing.start()
            complains(installation, "%")
            until(lambda: 0 < publisher.acknowledged < len(sent))
            until(lambda: "nothing is acknowledged until there is room" in log_of(installation))
            subprocess.run(["mount", "-o", "remount,size=2g", disk], check=True)
            publishing.join(30)
            assert publisher.acknowledged == len(sent)
            stored = [message["payload"].rstrip() for message in messages(installation, "m")]
            assert set(stored) == {message.payload.rstrip().decode() for message in sent}

            def in_facts():
                done = cauce(program, "query", "SELECT count(*), sum(value) FROM facts",
                             "--data", installation.data, "--format", "csv")
                return done.stdout.splitlines()[1:] == [f"300,{sum(range(300))}"]

            until(in_facts, 20, "all 300 facts")
            until(lambda: health(installation) == (200, []), 20, "health")
        finally:
            installation.stop()
