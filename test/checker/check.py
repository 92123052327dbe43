#!/usr/bin/python3
"""Proves from the source files what became of them. Shares no code with cauce and asks it nothing.

    check.py --data DIR --ledger FILE --sources DIR [--types FILE] [--company NAME]
             [--answers DIR]

It reads the source CSVs (device,time,metric,value), the publisher's ledger of acknowledgements and
the stores as docs/formats describes them, and recomputes: every acknowledged message is in the
stream and in the lake, each position of the stream once and with the same bytes; distinct (series,
time) are equal in the facts; every minute, quarter of an hour and hour is equal in the recent
store. What cauce computes only when it is asked, days and reports, is judged from the files below
--answers that somebody else asked for. Exit status 1 names the stages that failed.
"""

import argparse
import collections
import csv
import dataclasses
import datetime
import json
import math
import pathlib
import sqlite3
import sys

from parquet_files import DuckDB, list_of, manifest_objects
from answers import check_days, check_report
from recent_file import HOUR, MINUTE, QUARTER, read_recent
from statistics_of import aggregate, compare, same_aggregate
from stream_file import Damage, read_raw

UTC = datetime.timezone.utc
SPANS = {MINUTE: ("minute", 60_000_000), QUARTER: ("quarter", 900_000_000),
         HOUR: ("hour", 3_600_000_000)}
EXAMPLES = 3


@dataclasses.dataclass
class Stage:
    name: str
    messages: str = ""
    readings: str = ""
    remark: str = ""
    faults: list = dataclasses.field(default_factory=list)


class Report:
    def __init__(self):
        self.stages = []
        self.lost = 0

    def add(self, name, **values):
        stage = Stage(name, **values)
        self.stages.append(stage)
        return stage

    @property
    def failed_stages(self):
        return [stage.name for stage in self.stages if stage.faults]

    def table(self):
        lines = [f"      {'':<24}{'messages':>10} {'readings':>10}"]
        for stage in self.stages:
            remark = stage.remark if not stage.faults else "FAILED"
            line = f"      {stage.name:<24}{stage.messages:>10} {stage.readings:>10}  {remark}"
            lines.append(line.rstrip())
            lines += [f"          {fault}" for fault in stage.faults[:EXAMPLES]]
            if len(stage.faults) > EXAMPLES:
                lines.append(f"          … and {len(stage.faults) - EXAMPLES} more")
        lines.append(f"      {'ACKNOWLEDGED AND LOST':<24}{self.lost:>10,}")
        return "\n".join(lines)


def microseconds(time):
    """Since 1970. A time without a zone is UTC; a bare number is seconds since 1970."""
    try:
        moment = datetime.datetime.fromtimestamp(float(time), UTC)
    except ValueError:
        moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=UTC)
    return since // datetime.timedelta(microseconds=1)


class Sources:
    """What must come out, from the source files alone."""

    def __init__(self, directory, types):
        self.types = types
        self.undecodable = set(types.get("undecodable_devices", []))
        self.values = {}  # (device, metric of facts, µs) -> value of facts
        self.devices = set()
        self.sites = {}  # device -> (site, time zone)
        for device, settings in types.get("devices", {}).items():
            site = settings.get("site", "")
            zone = types.get("sites", {}).get(site, {}).get("time_zone", "UTC")
            self.sites[device] = (site, zone)
        for path in sorted(pathlib.Path(directory).glob("*.csv")):
            with open(path, newline="") as file:
                for row in csv.DictReader(file):
                    if row["value"] != "":
                        self._add(row["device"], row["time"], row["metric"], float(row["value"]))

    def _add(self, device, time, metric, value):
        self.devices.add(device)
        if device in self.undecodable:
            return
        device_type = self.types.get("devices", {}).get(device, {}).get("type")
        mapping = self.types.get("device_types", {}).get(device_type, {}).get(metric, {})
        if mapping:
            value = value * mapping.get("scale", 1) + mapping.get("offset", 0)
            metric = mapping["metric"]
        self.values[device, metric, microseconds(time)] = value


def read_ledger(path):
    acknowledged, repeats, rows = collections.Counter(), 0, 0
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            rows += 1
            if row["acknowledged"] == "1":
                acknowledged[row["sha256"]] += 1
                repeats += row["kind"] == "repeat"
    return acknowledged, repeats, rows


def missing_from(acknowledged, stored):
    """How many acknowledged messages have no stored copy of their own."""
    return sum(max(0, count - stored.get(sha256, 0)) for sha256, count in acknowledged.items())


def check_stream(report, data, company, devices, acknowledged, repeats):
    total = sum(acknowledged.values())
    report.add("acknowledged", messages=f"{total:,}",
               remark=f"incl. {repeats:,} deliberate repeats" if repeats else "")
    stage = report.add("stream")
    try:
        everything, _ = read_raw(data)
    except (Damage, OSError) as damage:
        stage.faults.append(str(damage))
        return {}
    messages = {position: message for position, message in everything.items()
                if message.company == company and message.device in devices}
    stage.messages = f"{len(messages):,}"
    lost = missing_from(acknowledged, collections.Counter(m.sha256 for m in messages.values()))
    if lost:
        stage.faults.append(f"{lost:,} acknowledged messages are not in the stream")
    more = len(messages) - total
    stage.remark = f"+{more:,} on disk whose PUBACK a kill took, sent again" if more > 0 else ""
    return messages


def check_lake(report, data, company, messages, acknowledged, sources):
    stage = report.add("lake")
    try:
        paths, stage.faults = manifest_objects(data, "lake")
        database = DuckDB()
        rows = list(database.rows(
            "SELECT position, device, sha256(payload), plaintext IS NOT NULL, "
            "coalesce(len(json_keys(decode(plaintext))), 0) "
            f"FROM read_parquet({list_of(paths)}) WHERE company = '{company}'")) if paths else []
    except (Damage, OSError) as damage:
        stage.faults.append(str(damage))
        report.lost = sum(acknowledged.values())
        return
    rows = [row for row in rows if row[1] in sources.devices]
    stage.messages, stage.remark = f"{len(rows):,}", "ok: same bytes, each position once"
    seen = collections.Counter(int(row[0]) for row in rows)
    stage.faults += [f"position {position} is there {count} times"
                     for position, count in seen.items() if count > 1]
    stage.faults += [f"position {position} of the stream is not in the lake"
                     for position in messages.keys() - seen.keys()]
    stage.faults += [f"position {row[0]} has other bytes than in the stream" for row in rows
                     if int(row[0]) in messages and messages[int(row[0])].sha256 != row[2]]
    lost = missing_from(acknowledged, collections.Counter(row[2] for row in rows))
    report.lost = lost
    if lost:
        stage.faults.insert(0, f"{lost:,} acknowledged messages are not in the lake")
    check_decoded(report, data, company, rows, sources)


def check_decoded(report, data, company, rows, sources):
    undecodable = {int(row[0]) for row in rows if row[1] in sources.undecodable}
    stage = report.add("dead letters", messages=f"-{len(undecodable):,}")
    database = sqlite3.connect(f"file:{data}/dead_letters.db?mode=ro", uri=True)
    letters = {row[0] for row in database.execute(
        "SELECT position FROM dead_letters WHERE company = ?", (company,))}
    database.close()
    if undecodable != letters:
        stage.faults.append(f"{len(undecodable - letters):,} undecodable messages are no dead "
                            f"letters, {len(letters - undecodable):,} dead letters are none")
    decoded = [row for row in rows if row[1] not in sources.undecodable]
    stage = report.add("decoded", messages=f"{len(decoded):,}")
    readings = sum(int(row[4]) - 1 for row in decoded if row[3] == "true")
    unopened = sum(row[3] != "true" for row in decoded)
    if unopened:
        stage.faults.append(f"{unopened:,} messages have no plaintext in the lake")
    stage.readings = f"{readings:,}"
    merged = readings - len(sources.values)
    report.add("repeats merged", readings=f"-{merged:,}")


def check_facts(report, data, company, sources):
    stage = report.add("facts", remark="ok: equal to the source files")
    try:
        paths, stage.faults = manifest_objects(data, "facts")
        rows = DuckDB().rows(
            "SELECT device, metric, epoch_us(time), "
            "arg_max(value, (partition, position, value_index, replay)) "
            f"FROM read_parquet({list_of(paths)}) WHERE company = '{company}' "
            "GROUP BY ALL") if paths else []
        facts = {(device, metric, int(time)): float(value) for device, metric, time, value in rows
                 if device in sources.devices}
    except (Damage, OSError, ValueError) as damage:
        stage.faults.append(str(damage))
        return
    stage.readings = f"{len(facts):,}"
    stage.faults += compare(sources.values, facts, lambda left, right: left == right)


def check_statistics(report, data, company, sources, answers):
    stage = report.add("stats", remark="ok: recomputed from the source files")
    try:
        windows, points = read_recent(data, company)
    except Exception as damage:  # lmdb raises errors of its own
        stage.faults.append(f"the recent store cannot be read: {damage}")
        return
    of_sources = len(sources.values)
    stage.readings = f"{of_sources:,}"
    for kind, (name, span) in SPANS.items():
        grouped = collections.defaultdict(list)
        for (device, metric, time), value in sorted(sources.values.items()):
            grouped[f"{device}/{metric}", time - time % span].append(value)
        expected = {key: aggregate(values) for key, values in grouped.items()}
        found = {key: value for key, value in windows[kind].items()
                 if key[0].split("/")[0] in sources.devices}
        faults = compare(expected, found, same_aggregate)
        stage.faults += [f"{name} {fault}" for fault in faults]
        stage.remark += f", {len(expected):,} {name}s"
    if answers:
        check_days(stage, answers, sources)
    if points < of_sources:
        stage.faults.append(f"{points:,} points are kept, {of_sources:,} expected")


def check(data, ledger, sources, types=None, company="demo", answers=None):
    data = pathlib.Path(data)
    declared = json.loads(pathlib.Path(types).read_text()) if types else {}
    expected = Sources(sources, declared)
    acknowledged, repeats, rows = read_ledger(ledger)
    report = Report()
    messages = check_stream(report, data, company, expected.devices, acknowledged, repeats)
    check_lake(report, data, company, messages, acknowledged, expected)
    check_facts(report, data, company, expected)
    check_statistics(report, data, company, expected, answers)
    if answers:
        check_report(report, answers, expected)
    unacknowledged = rows - sum(acknowledged.values())
    if unacknowledged:
        report.stages[0].faults.append(f"{unacknowledged:,} messages were never acknowledged: what "
                                       "became of them cannot be judged")
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--sources", required=True)
    parser.add_argument("--types")
    parser.add_argument("--company", default="demo")
    parser.add_argument("--answers", type=pathlib.Path)
    arguments = parser.parse_args()
    report = check(**vars(arguments))
    print(report.table())
    if report.failed_stages:
        print(f"FAILED at: {', '.join(report.failed_stages)}")
    return 1 if report.failed_stages else 0


if __name__ == "__main__":
    sys.exit(main())
