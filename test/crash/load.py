"""Sources, devices and a publisher for the crash tests: real bytes in, a ledger out."""

import csv
import dataclasses
import datetime
import pathlib

import fleet
from mqtt_publisher import Publisher

WINDOW = 250
EPOCH = datetime.datetime(2026, 11, 18)


@dataclasses.dataclass
class Load:
    """Devices with one value a second; `rounds` of them are published one after the other."""

    directory: pathlib.Path
    devices: int = 8
    messages_each: int = 250

    def __post_init__(self):
        self.sources = self.directory / "sources"
        self.ledger = self.directory / "ledger.csv"
        self.sources.mkdir(parents=True)
        self.acknowledged = self.resent = 0
        self.credentials = None

    def provision(self, installation, rounds):
        """Writes the source files of all rounds and makes the devices."""
        for device in range(self.devices):
            name = f"pump-{device}"
            with open(self.sources / f"{name}.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["device", "time", "metric", "value"])
                for second in range(rounds * self.messages_each):
                    time = EPOCH + datetime.timedelta(seconds=second)
                    writer.writerow([name, f"{time:%Y-%m-%dT%H:%M:%SZ}", "pressure",
                                     (second * 37 + device) % 1009 / 8])
        self.fleet = fleet.Fleet(self.sources, {})
        self.credentials = fleet.provision(installation, self.fleet)
        self.by_device = {name: [] for name in self.fleet.measured}
        for message in fleet.messages_of(self.fleet, self.credentials):
            self.by_device[message.device].append(message)
        self.rounds = rounds
        self.published = []

    def messages_of_round(self, number):
        chosen = []
        for messages in self.by_device.values():
            share = len(messages) // self.rounds
            end = None if number == self.rounds - 1 else (number + 1) * share
            chosen += messages[number * share:end]
        return chosen

    def publish(self, address, number, on_progress=None):
        """Publishes one round with WINDOW messages of each device in flight; adds to the ledger."""
        tokens = {device: token for device, (token, _, _) in self.credentials.items()}
        publisher = Publisher(address, tokens, self.messages_of_round(number),
                              window=WINDOW, on_progress=on_progress)
        try:
            publisher.run()
        finally:
            self.published += publisher.messages
            self.acknowledged += publisher.acknowledged
            self.resent += publisher.resent
        return publisher

    def write_ledger(self):
        whole = Publisher(("", 0), {name: "" for name in self.credentials}, self.published)
        whole.write_ledger(self.ledger)
