"""kill -9 at random and between each role's write and its commit, under load, 20 rounds.

After all rounds the checker reads the stores: nothing that was acknowledged may be missing, and
facts and statistics must equal the source files.
"""

import os
import random
import time

import pytest

import check
from load import Load

FAILPOINTS = [
    "stream.before_sync@2",
    "stream.after_sync@2",
    "gateway.before_ack@2",
    "lake.before_put",
    "lake.before_commit",
    "lake.after_commit",
    "objects.before_rename",
    "decode.before_append",
    "processing.before_append",
    "recent.before_commit",
    "stats.before_commit",
    "stats.after_commit",
    "alarms.before_commit",
    "alarms.after_commit",
]
RANDOM_KILLS = ["gateway", "flow", "alarms", "api", "everything", "flow"]
IN_FLIGHT_LEAST = 1000


def test_twenty_kills_lose_nothing(installation, tmp_path):
    seed = int(os.environ.get("CAUCE_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    kinds = [("failpoint", name) for name in FAILPOINTS] + [("kill", name) for name in RANDOM_KILLS]
    print(f"\nseed {seed} (CAUCE_SEED repeats it)")
    load = Load(tmp_path, devices=8, messages_each=250)
    installation.start()
    load.provision(installation, rounds=len(kinds))
    backlog_seconds, most_in_flight = [], []
    for number, (kind, name) in enumerate(kinds):
        highest = [0]
        if kind == "failpoint":
            installation.stop()
            os.environ["CAUCE_FAILPOINT"] = name
            installation.start()
            del os.environ["CAUCE_FAILPOINT"]
            victim = None
        else:
            victim = name
        moment = chance.randrange(50, 1500)
        killed = [False]

        def on_progress(acknowledged, in_flight):
            highest[0] = max(highest[0], in_flight)
            if victim and not killed[0] and acknowledged >= moment:
                killed[0] = True
                if victim == "everything":
                    installation.kill_everything()
                    installation.start()
                else:
                    installation.kill(victim)

        load.publish(installation.mqtt(), number, on_progress)
        backlog_seconds.append(installation.wait_until_caught_up("demo", 60))
        most_in_flight.append(highest[0])
        if kind == "failpoint":
            assert installation.deaths() >= 1, f"{name} was never reached: it proves nothing"
        print(f"{number + 1:2} {kind} {name:<26} in flight {highest[0]:5}, backlog zero after "
              f"{backlog_seconds[-1]:.2f} s")
    load.write_ledger()
    report = check.check(data=installation.data, ledger=load.ledger, sources=load.sources,
                         types=None, company="demo")
    print(report.table())
    print(f"acknowledged {load.acknowledged}, resent {load.resent}, lost {report.lost}, "
          f"longest time to an empty backlog {max(backlog_seconds):.2f} s")
    assert min(most_in_flight) >= IN_FLIGHT_LEAST
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
