"""Backups taken at random moments, under load and between kills; each is restored and judged.

A restored cauce gets the messages that were not acknowledged when its backup began, as devices
would send them again. Then the checker reads its stores: every message that was acknowledged before
the backup is there without having been sent again, nothing counts twice, facts and statistics equal
the source files. So it is whole, and it goes on.
"""

import os
import random
import signal
import subprocess
import threading
import time

import check
from installation import Installation
from load import WINDOW, Load
from mqtt_publisher import Message, Publisher

BACKUPS = 4
PACE = 1500
# Few in flight, so that messages arrive all the time and not in bursts.
FEW = 16
VICTIMS = ["gateway", "flow", "alarms", "api"]


def cauce(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def back_up(installation, target):
    """Answers when it began and how long it took."""
    began = time.monotonic()
    cauce(installation.program, "backup", "--data", installation.data, "--to", target)
    return began, time.monotonic() - began


def restore(program, target, data):
    cauce(program, "restore", "--from", target, "--data", data)
    restored = Installation(program, data, 0, 0)
    restored.start()
    return restored


class Killer(threading.Thread):
    """kill -9 of one process after the other, until it is stopped."""

    def __init__(self, installation, chance):
        super().__init__(daemon=True)
        self.installation, self.chance = installation, chance
        self.kills = 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(self.chance.uniform(0.2, 1.0)):
            try:
                pid = self.installation.pid_of(self.chance.choice(VICTIMS))
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    self.kills += 1
            except (OSError, ValueError, StopIteration):
                pass  # it is just being started again

    def stop(self):
        self.stopping.set()
        self.join()


def judge(program, load, target, began, directory):
    """Restores, sends again what was not acknowledged before the backup, and asks the checker."""
    restored = restore(program, target, directory / "data")
    try:
        whole, again = [], []
        for message in load.published:
            if 0 < message.acknowledged_at < began:
                whole.append(message)
            else:
                again.append(Message(message.device, message.payload, message.kind))
        tokens = {device: token for device, (token, _, _) in load.credentials.items()}
        Publisher(restored.mqtt(), tokens, again, window=WINDOW).run()
        restored.wait_until_caught_up("demo", 90)
        ledger = directory / "ledger.csv"
        Publisher(("", 0), tokens, whole + again).write_ledger(ledger)
        report = check.check(data=restored.data, ledger=ledger, sources=load.sources, types=None,
                             company="demo")
        print(f"\nbackup with {len(whole):,} of {len(load.published):,} messages acknowledged")
        print(report.table())
        assert report.lost == 0
        assert report.failed_stages == []
        return len(whole)
    finally:
        restored.stop()


def test_backups_under_load_and_kills_restore_what_was_acknowledged(program, installation,
                                                                    tmp_path):
    seed = int(os.environ.get("CAUCE_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    print(f"\nseed {seed} (CAUCE_SEED repeats it)")
    load = Load(tmp_path, devices=8, messages_each=2500)
    installation.start()
    load.provision(installation, rounds=1)
    tokens = {device: token for device, (token, _, _) in load.credentials.items()}
    publisher = Publisher(installation.mqtt(), tokens, load.messages_of_round(0), window=FEW,
                          pace=PACE)
    publishing = threading.Thread(target=publisher.run, daemon=True)
    killer = Killer(installation, chance)
    publishing.start()
    killer.start()
    taken = []
    try:
        for number in range(BACKUPS):
            time.sleep(chance.uniform(0.5, 2.5))
            # The last goes where the one before it lies.
            target = tmp_path / f"backup-{min(number, BACKUPS - 2)}"
            taken.append((target, *back_up(installation, target)))
            print(f"backup {number + 1}: {publisher.acknowledged:,} acknowledged, "
                  f"{killer.kills} kills so far, took {taken[-1][2]:.1f} s")
    finally:
        killer.stop()
    publishing.join(120)
    load.published = publisher.messages
    assert publisher.acknowledged == len(publisher.messages)
    assert killer.kills > 0
    installation.stop()
    latest = {target: began for target, began, _ in taken}
    for number, (target, began) in enumerate(latest.items()):
        acknowledged = judge(program, load, target, began, tmp_path / f"restored-{number}")
        assert 0 < acknowledged < len(load.published), "a backup before or after all proves little"


def quantile(spans, part):
    return sorted(spans)[int(len(spans) * part)] * 1000


def test_ingest_goes_on_during_a_backup(installation, tmp_path):
    load = Load(tmp_path, devices=8, messages_each=3000)
    installation.start()
    load.provision(installation, rounds=1)
    tokens = {device: token for device, (token, _, _) in load.credentials.items()}
    publisher = Publisher(installation.mqtt(), tokens, load.messages_of_round(0), window=FEW,
                          pace=PACE)
    publishing = threading.Thread(target=publisher.run, daemon=True)
    publishing.start()
    time.sleep(2)
    spans = []
    while len(spans) < 3:
        began, took = back_up(installation, tmp_path / f"backup-{len(spans)}")
        spans.append((began, began + took))
        time.sleep(1)
    assert publishing.is_alive(), "the backups came after the load"
    publishing.join(120)
    assert publisher.acknowledged == len(publisher.messages)

    def is_inside(message):
        return any(began <= message.sent_at < end for began, end in spans)

    inside = [m.acknowledged_at - m.sent_at for m in publisher.messages if is_inside(m)]
    outside = [m.acknowledged_at - m.sent_at for m in publisher.messages if not is_inside(m)]
    seconds = sum(end - began for began, end in spans)
    rest = publisher.seconds - seconds
    print(f"\nmessages per second: {len(outside) / rest:,.0f} without a backup, "
          f"{len(inside) / seconds:,.0f} during one ({seconds:.1f} s of three)")
    print(f"from publish to PUBACK: median {quantile(outside, 0.5):.1f} ms, 99 % within "
          f"{quantile(outside, 0.99):.1f} ms without; median {quantile(inside, 0.5):.1f} ms, 99 % "
          f"within {quantile(inside, 0.99):.1f} ms during")
    assert max(inside) < 5, "a backup stopped ingest"
