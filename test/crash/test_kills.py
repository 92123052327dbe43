"""kill -9 at random and between each role's write and its commit, under load, 20 rounds.

After all rounds the checker reads the stores: nothing that was acknowledged may be missing, and
facts and statistics must equal the source files.
"""

import os
import random
import time

import pytest

import check
from load import WINDOW, Load

FAILPOINTS = [
    "stream.before_sync@2",
    "stream.after_sync@2",
    "gateway.before_ack@2",
    "lake.before_put",
    "lake.before_commit",
    "lake.after_commit",
    "objects.before_rename",
    "facts.before_commit",
    "decode.after_dead_letters",
    "decode.before_append",
    "processing.before_append",
    "recent.before_commit",
    "stats.before_commit",
    "stats.after_commit",
    "alarms.before_commit",
    "alarms.after_commit",
]
RANDOM_KILLS = ["gateway", "flow", "alarms", "api", "everything", "flow"]
ROUNDS_OF_RANDOM_KILLS = int(os.environ.get("CAUCE_ROUNDS_OF_KILLS", 1))
IN_FLIGHT_LEAST = 1000
DEVICES = 8
FIRST_MOMENT, LAST_MOMENT = 50, 1500
# A killer looks between two reads, and one read may bring the answers to all windows. Fewer than
# 1,000 in flight mean that at most three devices have a full window and the other five have sent
# everything. So long is a round that this is never so at the first look after a killer's moment.
MESSAGES_EACH = (LAST_MOMENT + DEVICES * WINDOW + WINDOW) // 5


class Killer:
    """Kills `victim` once, when `moment` messages are acknowledged and 1,000 more are in flight."""

    def __init__(self, installation, victim, moment):
        self.installation, self.victim, self.moment = installation, victim, moment
        self.in_flight = 0

    def __call__(self, acknowledged, in_flight):
        if self.in_flight or acknowledged < self.moment or in_flight < IN_FLIGHT_LEAST:
            return
        self.in_flight = in_flight
        if self.victim == "everything":
            self.installation.kill_everything()
            self.installation.start()
        else:
            self.installation.kill(self.victim)


def start_with_failpoint(installation, name):
    installation.stop()
    os.environ["CAUCE_FAILPOINT"] = name
    try:
        installation.start()
    finally:
        del os.environ["CAUCE_FAILPOINT"]


def test_kills_lose_nothing(installation, tmp_path):
    seed = int(os.environ.get("CAUCE_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    rounds = [("failpoint", name) for name in FAILPOINTS]
    rounds += [("kill", name) for name in RANDOM_KILLS * ROUNDS_OF_RANDOM_KILLS]
    print(f"\nseed {seed} (CAUCE_SEED repeats it)")
    load = Load(tmp_path, devices=DEVICES, messages_each=MESSAGES_EACH)
    installation.start()
    load.provision(installation, rounds=len(rounds))
    longest = 0.0
    for number, (kind, name) in enumerate(rounds):
        killer = None
        if kind == "failpoint":
            start_with_failpoint(installation, name)
        else:
            killer = Killer(installation, name, chance.randrange(FIRST_MOMENT, LAST_MOMENT))
        publisher = load.publish(installation.mqtt(), number, killer)
        backlog = installation.wait_until_caught_up("demo", 60)
        longest = max(longest, backlog)
        if kind == "failpoint":
            assert installation.deaths() >= 1, f"{name} was never reached: it proves nothing"
        in_flight = killer.in_flight if killer else publisher.most_in_flight
        print(f"{number + 1:2} {kind:<9} {name:<26} {in_flight:5} in flight, backlog zero after "
              f"{backlog:.1f} s")
        assert in_flight >= IN_FLIGHT_LEAST
    load.write_ledger()
    report = check.check(data=installation.data, ledger=load.ledger, sources=load.sources,
                         types=None, company="demo")
    print(report.table())
    print(f"acknowledged {load.acknowledged:,}, resent {load.resent:,}, lost {report.lost:,}, "
          f"longest time to an empty backlog {longest:.1f} s")
    assert report.lost == 0
    assert report.failed_stages == []


@pytest.mark.parametrize("process", ["gateway", "flow", "alarms", "api"])
def test_a_killed_process_comes_back_within_two_seconds(installation, process):
    installation.start()
    before = installation.pid_of(process)
    installation.kill(process)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if installation.pid_of(process) not in (0, before) and installation.healthy():
            return
        time.sleep(0.02)
    raise AssertionError(f"{process} did not come back")
