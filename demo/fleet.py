"""The devices of a demo: from source CSVs to companies, devices and encrypted messages."""

import csv
import datetime
import json
import math
import pathlib
import random
import re
import secrets
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mqtt_publisher import Message

COMPANY = "demo"
REPEATS = 600
LATE = 1500
LATE_BY_MOST = 2000  # messages
WRONG_KEY_ID = 7


def finite(text):
    value = float(text) if re.fullmatch(r"[-+0-9.eE]+", text.strip()) else math.nan
    if not math.isfinite(value):
        raise ValueError(f"\"{text}\" is not a finite number")
    return value


def rfc3339(text):
    """The time as cauce wants it. Without a zone it is UTC; a bare number is seconds since 1970."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        moment = datetime.datetime.fromtimestamp(float(text), datetime.timezone.utc)
    else:
        try:
            moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            raise ValueError(f"\"{text}\" is not a time; write 2026-11-21T23:48:40Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def check_names(device, metric):
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", device):
        raise ValueError(f"\"{device}\" is no device name: letters, digits, _ - . and at most 64")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}", metric):
        raise ValueError(f"\"{metric}\" is no metric: letters, digits, _ - . / and at most 128")


class Fleet:
    """What the source files say: devices, their types, and their messages in order of time."""

    def __init__(self, sources: pathlib.Path, types: dict):
        self.types = types
        self.measured = {}  # device -> [(time text, {metric: value})], as the files have them
        for path in sorted(sources.glob("*.csv")):
            self._read(path)
        if not self.measured:
            raise ValueError(f"{sources} holds no CSV with the columns device,time,metric,value")

    def _read(self, path):
        with open(path, newline="") as file:
            rows = csv.DictReader(file)
            missing = {"device", "time", "metric", "value"} - set(rows.fieldnames or [])
            if missing:
                raise ValueError(f"{path} lacks the column {', '.join(sorted(missing))}; "
                                 "columns are device,time,metric,value")
            for line, row in enumerate(rows, 2):
                if row["value"] == "":
                    continue  # nothing was measured
                try:
                    value, time = finite(row["value"]), rfc3339(row["time"])
                    check_names(row["device"], row["metric"])
                except ValueError as fault:
                    raise ValueError(f"{path}:{line}: {fault}") from None
                messages = self.measured.setdefault(row["device"], {})
                messages.setdefault(time, {})[row["metric"]] = value

    def device_settings(self, device):
        return self.types.get("devices", {}).get(device, {})

    def readings(self):
        return sum(len(values) for messages in self.measured.values()
                   for values in messages.values())

    def message_count(self):
        return sum(len(messages) for messages in self.measured.values())


def rules_of(fleet):
    """The demo's alarm rules, for the devices that it brings."""
    # The detector watches every number of every device, with its default sensitivity.
    rules = [{"name": "unusual", "kind": "anomaly", "severity": "warning"}]
    if "freezer-8" in fleet.measured:
        rules.append({"name": "thawing", "kind": "threshold", "device_type": "freezer",
                      "metric": "temperature", "direction": "above", "raise_at": -5,
                      "clear_at": -15, "severity": "critical"})
    if "freezer-7" in fleet.measured:
        rules.append({"name": "silent", "kind": "silence", "device": "freezer-7",
                      "duration_seconds": 5, "severity": "warning"})
    rules.append({"name": "undecodable", "kind": "undecodable", "count": 10, "duration_seconds": 60,
                  "severity": "critical"})
    return rules


def provision(installation, fleet):
    """Creates company, sites, types, devices and rules. Answers {device: (token, key id, key)}."""
    installation.call("POST", "/companies", {"name": COMPANY, "title": "cauce demo"})
    query = f"?company={COMPANY}"
    known = {name: fleet.device_settings(name) for name in fleet.measured}
    for name, site in fleet.types.get("sites", {}).items():
        if any(settings.get("site") == name for settings in known.values()):
            installation.call("POST", "/sites" + query, {"name": name, **site})
    for name, metrics in fleet.types.get("device_types", {}).items():
        if any(settings.get("type") == name for settings in known.values()):
            mappings = [{"source": source, **mapping} for source, mapping in metrics.items()]
            installation.call("POST", "/device-types" + query, {
                "name": name, "encryption": "aes256gcm", "metrics": mappings})
    credentials = {}
    for name, settings in known.items():
        body = {"name": name, **settings} if settings else {"name": name, "encrypted": True}
        made = installation.call("POST", "/devices" + query, body)
        credentials[name] = (made["token"], made["key_id"], bytes.fromhex(made["key"]))
    for rule in rules_of(fleet):
        installation.call("POST", "/rules" + query, rule)
    return credentials


def sized(text):
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


def seal(device, key_id, key, plaintext):
    """The compact encrypted form, docs/formats/encryption.md."""
    associated = sized(COMPANY) + sized(device) + sized(f"devices/{device}/telemetry")
    nonce = secrets.token_bytes(12)
    return (bytes([1]) + struct.pack(">I", key_id) + nonce +
            AESGCM(key).encrypt(nonce, plaintext, associated))


def messages_of(fleet, credentials):
    """All messages in the order to publish: 600 twice, 1,500 late, as a bad network would."""
    chance = random.Random(2026)
    wrong = set(fleet.types.get("undecodable_devices", []))
    messages = []
    for device, measured in fleet.measured.items():
        _, key_id, key = credentials[device]
        if device in wrong:
            key_id, key = WRONG_KEY_ID, secrets.token_bytes(32)
        for time, values in measured.items():
            plaintext = json.dumps({"time": time, **values}, separators=(",", ":")).encode()
            messages.append(Message(device, seal(device, key_id, key, plaintext)))
    # Not of the freezers: a planted spike that comes late is judged by no alarm, on purpose.
    steady = [index for index, message in enumerate(messages)
              if not message.device.startswith("freezer")]
    few = min(1.0, len(steady) / 30000)
    chosen = chance.sample(steady, int((REPEATS + LATE) * few))
    repeats = set(chosen[:int(REPEATS * few)])
    late = set(chosen[int(REPEATS * few):])
    order = []
    for index, message in enumerate(messages):
        place = index
        if index in late:
            message.kind = "late"
            place += chance.randrange(1, LATE_BY_MOST)
        order.append((place, message))
        if index in repeats:
            again = Message(message.device, message.payload, "repeat")
            order.append((index + chance.randrange(1, 40), again))
    return [message for _, message in sorted(order, key=lambda item: item[0])]
