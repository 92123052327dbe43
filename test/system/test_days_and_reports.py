"""Days and reports over days on which clocks change, recomputed from the source files."""

import csv
import datetime
import io
import json
import statistics
import urllib.request

import pytest

import check
import fleet
import questions
from installation import Installation
from mqtt_publisher import Publisher
from patience import cauce, until

STEP = datetime.timedelta(minutes=5)
METRIC = {"thermometer": {"t": {"metric": "temperature", "unit": "Cel"}}}
TYPES = {
    "device_types": METRIC,
    "sites": {"madrid": {"title": "Madrid", "time_zone": "Europe/Madrid"},
              "york": {"title": "New York", "time_zone": "America/New_York"}},
    "devices": {"m-1": {"type": "thermometer", "site": "madrid"},
                "m-2": {"type": "thermometer", "site": "madrid"},
                "y-1": {"type": "thermometer", "site": "york"},
                "nowhere": {"type": "thermometer"}},
}
# Three UTC days around each change: Madrid goes back on 2026-10-25, New York goes forward on
# 2026-03-08 and back on 2026-11-01.
SPANS = {"m-1": ["2026-10-24"], "m-2": ["2026-10-24"], "y-1": ["2026-03-07", "2026-10-31"],
         "nowhere": ["2026-10-24"]}


def write_sources(directory):
    directory.mkdir()
    for number, (device, days) in enumerate(SPANS.items()):
        with open(directory / f"{device}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["device", "time", "metric", "value"])
            for day in days:
                moment = datetime.datetime.fromisoformat(day + "T00:00:00")
                for index in range(3 * 288):
                    value = (index * 7919 + number * 13) % 1009 / 16 - 20
                    writer.writerow([device, (moment + index * STEP).isoformat() + "Z", "t", value])


@pytest.fixture(scope="module")
def told(pytestconfig, tmp_path_factory):
    """A cauce to which the sources were published, and the arguments for the checker."""
    directory = tmp_path_factory.mktemp("days")
    write_sources(directory / "sources")
    (directory / "types.json").write_text(json.dumps(TYPES))
    installation = Installation(pytestconfig.cauce_program, directory / "data", 0, 0)
    try:
        installation.start()
        the_fleet = fleet.Fleet(directory / "sources", TYPES)
        credentials = fleet.provision(installation, the_fleet)
        tokens = {device: token for device, (token, _, _) in credentials.items()}
        messages = fleet.messages_of(the_fleet, credentials)
        publisher = Publisher(installation.mqtt(), tokens, messages, window=250)
        publisher.run()
        publisher.write_ledger(directory / "ledger.csv")
        installation.wait_until_caught_up(fleet.COMPANY, 120)
        questions.write_answers(installation, fleet.COMPANY, directory / "answers", "2026-03-06")
        installation.checked = {
            "data": installation.data, "ledger": directory / "ledger.csv",
            "sources": directory / "sources", "types": directory / "types.json",
            "company": fleet.COMPANY, "answers": directory / "answers"}
        yield installation
    finally:
        installation.stop()


def test_days_and_reports_are_those_of_the_source_files(told):
    report = check.check(**told.checked)
    assert not report.failed_stages, report.table()
    assert "report" in [stage.name for stage in report.stages]
    rows = {(row["site"], row["day"]): row for row in
            json.loads((told.checked["answers"] / "report.json").read_text())}
    # 25, 23 and 25 hours of twelve values each, from two devices at Madrid.
    assert rows["madrid", "2026-10-25"]["facts"] == 2 * 25 * 12
    assert rows["madrid", "2026-10-25"]["hours"] == 25
    assert rows["york", "2026-03-08"]["facts"] == 23 * 12
    assert rows["york", "2026-11-01"]["hours"] == 25
    assert rows["", "2026-10-25"]["hours"] == 24


@pytest.mark.parametrize("file, stage, change", [
    ("days.json", "stats", lambda text: text.replace('"count": 300', '"count": 299', 1)),
    ("days.json", "stats", lambda text: text.replace("Europe/Madrid", "Etc/UTC")),
    ("report.json", "report", lambda text: text.replace('"devices": 2', '"devices": 1', 1)),
    ("report.json", "report", lambda text: text.replace('"day": "2026-10-25"',
                                                        '"day": "2026-10-29"', 1)),
])
def test_the_checker_notices_an_answer_that_is_wrong(told, tmp_path, file, stage, change):
    for name in ("days.json", "report.json"):
        text = (told.checked["answers"] / name).read_text()
        changed = change(text) if name == file else text
        assert (changed != text) == (name == file)
        (tmp_path / name).write_text(changed)
    report = check.check(**{**told.checked, "answers": tmp_path})
    assert report.failed_stages == [stage]


def test_a_report_is_the_same_by_command_and_by_rest(told):
    words = ["--from", "2026-10-24", "--to", "2026-10-26"]
    query = "company=demo&from=2026-10-24&to=2026-10-26"
    by_command = questions.report_of(told, "demo", *words)
    assert by_command == told.call("GET", f"/reports/daily-site-summary?{query}")["items"]
    one = questions.report_of(told, "demo", "--site", "york", *words)
    assert one == [row for row in by_command if row["site"] == "york"] == []
    token = (told.data / "run" / "token").read_text().strip()
    request = urllib.request.Request(
        told.url(f"/api/v1/reports/daily-site-summary?{query}"),
        headers={"Authorization": f"Bearer {token}", "Accept": "text/csv"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert [row["day"] for row in rows] == [row["day"] for row in by_command]
    table = cauce(told.program, "report", "daily-site-summary", "--data", told.data, *words)
    assert table.stdout.splitlines()[0].split()[:4] == ["company", "site", "day", "time_zone"]


def time_microseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1_000_000)


def numbers_of(told, device):
    with open(told.checked["sources"] / f"{device}.csv", newline="") as file:
        return [(row["time"], float(row["value"])) for row in csv.DictReader(file)]


def test_a_chart_of_facts_has_those_of_the_source_files(told):
    span = "from=2026-10-24T06:00:00Z&to=2026-10-26T18:00:00Z"
    drawn = told.call("GET", "/charts/box?company=demo&facts=temperature&y=value&by=device&format="
                      f"json&where=site%20%3D%20madrid&{span}")
    groups = {group["group"]: group for group in drawn["groups"]}
    assert sorted(groups) == ["m-1", "m-2"]
    for device, group in groups.items():
        values = [value for time, value in numbers_of(told, device)
                  if "2026-10-24T06:00:00Z" <= time < "2026-10-26T18:00:00Z"]
        assert (group["n"], group["min"], group["max"]) == \
            (len(values), min(values), max(values))
        assert group["median"] == pytest.approx(statistics.median(values), abs=1e-12)
    # Left out, the span is the last UTC day that has facts: that of the sensor in New York.
    drawn = told.call("GET", "/charts/histogram?company=demo&facts=temperature&x=value&format=json")
    assert drawn["n"] == len([None for time, _ in numbers_of(told, "y-1")
                              if time.startswith("2026-11-02")])


def test_a_chart_of_windows_has_the_days_of_the_site(told):
    drawn = told.call("GET", "/charts/bar?company=demo&series=y-1/temperature&resolution=1d&x=time"
                      "&y=count&aggregate=sum&format=json")
    days = {group["group"]: group["sum"] for group in drawn["groups"]}
    assert days["2026-03-08"] == 23 * 12 and days["2026-11-01"] == 25 * 12
    assert sum(days.values()) == len(numbers_of(told, "y-1"))
    drawn = told.call("GET", "/charts/line?company=demo&series=y-1/temperature&resolution=1h&x=time"
                      "&y=max&format=json")
    hours = {}
    for time, value in numbers_of(told, "y-1"):
        hours.setdefault(time[:13], []).append(value)
    first = time_microseconds("2026-10-02T23:55:00Z")
    wanted = {time_microseconds(hour + ":00:00Z"): max(values) for hour, values in hours.items()}
    points = {point["x"]: point["mean"] for point in drawn["series"][0]["points"] if point["n"]}
    assert points == {time: value for time, value in wanted.items() if time >= first}


def test_dimensions_can_be_asked_and_hold_no_secret(told):
    def rows(sql):
        done = cauce(told.program, "query", sql, "--data", told.data, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert rows("SELECT company, title FROM companies") == \
        [{"company": "demo", "title": "cauce demo"}]
    assert rows("SELECT site, time_zone FROM sites ORDER BY site") == [
        {"site": "madrid", "time_zone": "Europe/Madrid"},
        {"site": "york", "time_zone": "America/New_York"}]
    # Dimensions follow within seconds.
    until(lambda: [row["device"] for row in rows("SELECT device FROM devices ORDER BY device")] ==
          ["m-1", "m-2", "nowhere", "y-1"], what="all devices in the dimensions")
    assert rows("SELECT device_type, encrypted FROM device_types") == \
        [{"device_type": "thermometer", "encrypted": True}]
    columns = {row["column_name"] for table in ("companies", "sites", "devices", "device_types")
               for row in rows(f"DESCRIBE {table}")}
    assert not [name for name in columns if "token" in name or "key" in name or "hash" in name]


@pytest.mark.parametrize("words, text", [
    (["--from", "yesterday"], "yesterday"),
    (["--from", "2026-10-26", "--to", "2026-10-24"], "2026-10-26"),
    (["--from", "1970-01-01", "--to", "2026-10-24"], "4000"),
    (["--site", "atlantis"], "atlantis"),
])
def test_a_report_that_cannot_be_made_says_why(told, words, text):
    done = cauce(told.program, "report", "daily-site-summary", "--data", told.data, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("cauce: ") and text in done.stderr
    assert done.stdout == ""
