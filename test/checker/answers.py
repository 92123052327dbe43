"""Judges what cauce answers when it is asked: days in the time zone of a site, and reports.

The answers are files that somebody else fetched while cauce ran (demo/questions.py); the
expected ones are computed here from the source files, with Python's own time zones.
"""

import collections
import datetime
import json
import math
import types
import zoneinfo

from statistics_of import RELATIVE, aggregate, compare, same_aggregate

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = 900_000_000


class Zone:
    """Calendar days of one zone, by the quarter of an hour in which a value lies."""

    def __init__(self, name):
        self.zone = zoneinfo.ZoneInfo(name)
        self.days = {}

    def day_of(self, time):
        quarter = time - time % QUARTER
        if quarter not in self.days:
            moment = EPOCH + datetime.timedelta(microseconds=quarter)
            self.days[quarter] = moment.astimezone(self.zone).date()
        return self.days[quarter]

    def start_of(self, day):
        """Microseconds since 1970 of the day's midnight."""
        midnight = datetime.datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return (midnight.astimezone(UTC) - EPOCH) // datetime.timedelta(microseconds=1)


def by_day(sources):
    """{(device, metric, day): values by time} in the zone of the device's site."""
    zones = {}
    grouped = collections.defaultdict(list)
    for (device, metric, time), value in sorted(sources.values.items()):
        name = sources.sites.get(device, ("", "UTC"))[1]
        zone = zones.setdefault(name, Zone(name))
        grouped[device, metric, zone.day_of(time)].append(value)
    return grouped, zones


def microseconds(time):
    moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def check_days(stage, directory, sources):
    """days.json: a list of the answers of GET …/aggregates?resolution=1d, one for each series."""
    grouped, zones = by_day(sources)
    expected = {(f"{device}/{metric}", str(day)): aggregate(values)
                for (device, metric, day), values in grouped.items()}
    found = {}
    for answer in json.loads((directory / "days.json").read_text()):
        device, metric = answer["series"]["device"], answer["series"]["metric"]
        if device not in sources.devices:
            continue
        zone = zones.get(answer["time_zone"])
        for item in answer["items"]:
            found[f"{device}/{metric}", item["day"]] = types.SimpleNamespace(**item)
            day = datetime.date.fromisoformat(item["day"])
            start, end = microseconds(item["start"]), microseconds(item["end"])
            next_day = day + datetime.timedelta(days=1)
            if zone is None or (start, end) != (zone.start_of(day), zone.start_of(next_day)):
                stage.faults.append(f"day {device}/{metric} {day}: {item['start']} to "
                                    f"{item['end']} is not this day in {answer['time_zone']}")
    stage.faults += [f"day {fault}" for fault in compare(expected, found, same_aggregate)]
    stage.remark += f", {len(expected):,} days"


def check_report(report, directory, sources):
    """report.json: what `cauce report daily-site-summary --format json` printed."""
    stage = report.add("report", remark="ok: recomputed from the source files")
    grouped = collections.defaultdict(list)
    by_device, zones = by_day(sources)
    for (device, metric, day), values in by_device.items():
        site, zone = sources.sites.get(device, ("", "UTC"))
        grouped[site, str(day), metric, zone].append((device, values))
    hours = collections.defaultdict(set)
    for device, metric, time in sources.values:
        site, zone = sources.sites.get(device, ("", "UTC"))
        day = zones[zone].day_of(time)
        hours[site, str(day), metric, zone].add((time - zones[zone].start_of(day)) // 3_600_000_000)
    expected = {}
    for key, parts in grouped.items():
        values = aggregate([value for _, part in parts for value in part])
        expected[key] = (len(parts), len(hours[key]), values)
    found = {(row["site"], row["day"], row["metric"], row["time_zone"]): row
             for row in json.loads((directory / "report.json").read_text())}
    stage.readings = f"{sum(row['facts'] for row in found.values()):,}"
    stage.faults += compare(expected, found, same_summary)
    stage.remark += f", {len(expected):,} rows of a site, day and metric"


def same_summary(expected, row):
    devices, hours, (count, least, most, mean, _, _, _, p50, p95) = expected
    tolerance = RELATIVE * max(abs(least), abs(most), 1e-300)
    return ((row["devices"], row["hours"], row["facts"], row["min"], row["max"], row["p50"],
             row["p95"]) == (devices, hours, count, least, most, p50, p95) and
            math.isclose(row["mean"], mean, rel_tol=RELATIVE, abs_tol=tolerance))
