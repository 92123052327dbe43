"""The demo's messages once more, into Debian's mosquitto with a subscriber script behind it.

Same bytes, same order, same devices, same pace, and kill -9 while as many messages are in flight:
of broker and subscriber at once, of the broker alone and of the subscriber alone, each in a run of
its own on an empty broker; and of both with a database that is saved after every change. Devices
send again what was not acknowledged, as they do for cauce. Lost is what was acknowledged to a
device and is in no row of the subscriber's file after everything runs again and the queue is empty.
Configuration and subscriber are in bench/peers.
"""

import collections
import csv
import dataclasses
import getpass
import hashlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

from installation import Failure
from mqtt_publisher import Message, Publisher

PEERS = pathlib.Path(__file__).resolve().parent.parent / "bench" / "peers"
CONFIGURATION = PEERS / "mosquitto.conf"
SUBSCRIBER = PEERS / "subscriber.py"
EVERY_CHANGE = "autosave_on_changes true"
KILL_AT = 0.5
IN_FLIGHT_LEAST = 200
START_SECONDS = 30
DRAIN_SECONDS = 120
LAST_DEVICE = "the-last"


@dataclasses.dataclass(frozen=True)
class Run:
    """What is killed, and what is added to the configuration."""

    name: str
    kill: str
    settings: str = ""
    messages_max: int | None = None


RUNS = (Run("everything", "everything"), Run("broker", "broker"), Run("subscriber", "subscriber"),
        # Each change writes the whole database again: with all messages it takes many minutes.
        Run("every change", "everything", EVERY_CHANGE, messages_max=3000))


@dataclasses.dataclass
class Outcome:
    """What one run came to."""

    acknowledged: int
    lost: int
    per_second: float  # acknowledged


def find_mosquitto():
    path = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Failure("--compare needs the broker mosquitto; script/setup --peers installs it")
    return path


def version_of(mosquitto):
    told = subprocess.run([mosquitto, "-h"], capture_output=True, text=True).stdout
    found = re.search(r"mosquitto version (\S+)", told)
    return found.group(1) if found else "of an unknown version"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return holder.getsockname()[1]


class Broker:
    """mosquitto and the subscriber script, in a directory of their own."""

    def __init__(self, mosquitto, directory, settings):
        self.mosquitto, self.directory = mosquitto, directory
        self.port = free_port()
        self.rows = directory / "subscriber.csv"
        self.broker = self.subscriber = None
        directory.mkdir(parents=True)
        self.configuration = directory / "mosquitto.conf"
        self.configuration.write_text(
            f"{CONFIGURATION.read_text()}\n{settings}\nlistener {self.port} 127.0.0.1\n"
            f"persistence_location {directory}/\nuser {getpass.getuser()}\n")

    def start_broker(self):
        with open(self.directory / "mosquitto.log", "ab") as log:
            self.broker = subprocess.Popen([self.mosquitto, "-c", self.configuration],
                                           stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.broker.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Failure(f"mosquitto did not start; see {self.directory / 'mosquitto.log'}")

    def start_subscriber(self):
        command = [sys.executable, SUBSCRIBER, "--port", str(self.port), "--output", self.rows]
        self.subscriber = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.subscriber.stdout.readline() != "subscribed\n":
            raise Failure(f"{SUBSCRIBER} could not subscribe")

    def kill(self, what):
        """Both die before either starts again, as all of cauce's processes do."""
        if what in ("everything", "broker"):
            self.broker.kill()
        if what in ("everything", "subscriber"):
            self.subscriber.kill()
            self.subscriber.wait()
            self.subscriber.stdout.close()
        if what in ("everything", "broker"):
            self.broker.wait()
            self.start_broker()
        if what in ("everything", "subscriber"):
            self.start_subscriber()

    def stop(self):
        for process in (self.subscriber, self.broker):
            if process is not None:
                process.kill()
                process.wait()
                if process.stdout:
                    process.stdout.close()

    def received(self):
        """How often each payload is in the subscriber's file, by its SHA-256, and the topics."""
        payloads, topics = collections.Counter(), set()
        if self.rows.exists():
            for row in self.rows.read_text().splitlines():
                topic, payload = row.split(",")
                payloads[hashlib.sha256(bytes.fromhex(payload)).hexdigest()] += 1
                topics.add(topic)
        return payloads, topics

    def drain(self):
        """Until a last message has come through: a session's queue is first in, first out."""
        last = Publisher(("127.0.0.1", self.port), {LAST_DEVICE: "none"},
                         [Message(LAST_DEVICE, b"the last one")])
        last.run()
        deadline = time.monotonic() + DRAIN_SECONDS
        while f"devices/{LAST_DEVICE}/telemetry" not in self.received()[1]:
            if time.monotonic() > deadline:
                raise Failure(f"the subscriber got no last message within {DRAIN_SECONDS} s; "
                              f"see {self.directory}")
            time.sleep(0.2)


class Killer:
    """Kills once, when the share is reached and enough is in flight."""

    def __init__(self, broker, what, total):
        self.broker, self.what, self.at = broker, what, KILL_AT * total
        self.in_flight = None

    def __call__(self, acknowledged, in_flight):
        if self.in_flight is None and acknowledged >= self.at and in_flight >= IN_FLIGHT_LEAST:
            self.in_flight = in_flight
            self.broker.kill(self.what)


def write_messages(path, messages):
    """The bytes that the devices sent, in the order in which they did."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows((message.device, message.kind, message.payload.hex())
                         for message in messages)


def read_messages(path):
    if not path.exists():
        raise Failure("the data of the earlier demo holds no messages to send again; "
                      "use --fresh with --compare")
    with open(path, newline="") as file:
        return [Message(device, bytes.fromhex(payload), kind)
                for device, kind, payload in csv.reader(file)]


def lost_of(messages, received):
    """How many acknowledged messages have no row of their own; the checker counts so for cauce."""
    acknowledged = collections.Counter(hashlib.sha256(message.payload).hexdigest()
                                       for message in messages if message.acknowledged_at > 0)
    return sum(max(0, count - received[sha256]) for sha256, count in acknowledged.items())


def run_once(mosquitto, directory, messages, run, window, pace):
    broker = Broker(mosquitto, directory, run.settings)
    try:
        broker.start_broker()
        broker.start_subscriber()
        killer = Killer(broker, run.kill, len(messages))
        publisher = Publisher(("127.0.0.1", broker.port),
                              {message.device: "any" for message in messages}, messages,
                              window=window, on_progress=killer, pace=pace)
        publisher.run()
        if killer.in_flight is None:
            raise Failure(f"nothing was killed: never were {IN_FLIGHT_LEAST} messages in flight")
        broker.drain()
        lost = lost_of(messages, broker.received()[0])
        return Outcome(publisher.acknowledged, lost, publisher.acknowledged / publisher.seconds)
    finally:
        broker.stop()


def run_all(directory, messages_file, window_of, pace):
    """Answers (version of mosquitto, {name of the run: Outcome})."""
    mosquitto = find_mosquitto()
    shutil.rmtree(directory, ignore_errors=True)
    outcomes = {}
    for run in RUNS:
        messages = read_messages(messages_file)[:run.messages_max]
        window = window_of(len({message.device for message in messages}))
        place = directory / run.name.replace(" ", "-")
        outcomes[run.name] = run_once(mosquitto, place, messages, run, window, pace)
    return version_of(mosquitto), outcomes


def table(version, outcomes, acknowledged, lost):
    """`acknowledged` and `lost` are cauce's, by the checker, over all its kills in one run."""

    def line(who, acknowledged, lost, remark=""):
        count = f"{lost:>6,} lost" if lost else "nothing lost"
        return f"      {who:<34} {acknowledged:>8,} acknowledged, {count:>12}{remark}"

    def of(name, who, remark=""):
        return line(who, outcomes[name].acknowledged, outcomes[name].lost, remark)

    configuration = CONFIGURATION.relative_to(PEERS.parent.parent)
    slow = outcomes["every change"].per_second
    return "\n".join([
        f"\n      THE SAME MESSAGES, mosquitto {version} + subscriber script, "
        "same kill of everything",
        of("everything", "mosquitto", f"  (configuration: {configuration})"),
        line("cauce", acknowledged, lost, "  (three kills in one run)"),
        "      and, each in a run of its own:",
        of("broker", "mosquitto, broker killed alone"),
        of("subscriber", "mosquitto, subscriber killed alone"),
        of("every change", "mosquitto, everything killed",
           f"  ({EVERY_CHANGE}: {slow:,.0f} messages/s)"),
    ])
