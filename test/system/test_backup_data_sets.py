"""Data sets and charts in a backup: made under uploads, restored the same to the byte."""

import contextlib
import http.client
import json
import threading
import urllib.error
import urllib.request

import pytest

from installation import Installation
from patience import cauce, until
from test_charts_rest import ACME, pin
from test_datasets import Api
from wire import admitted

CARS = b"mpg,weight,origin\n18,3504,USA\n15,3693,USA\n30,2130,Japan\n27,2200,Japan\n"


@pytest.fixture
def api(installation):
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    return Api(installation)


def follow(api, link):
    """A link as a browser without any token follows it."""
    with urllib.request.urlopen(api.installation.url(link), timeout=60) as answer:
        return answer.read()


def shown(api, chart):
    """Every picture of an address, and that of its link."""
    pictures = {}
    for format, url in chart["urls"].items():
        status, pictures[format] = api.ask("GET", url, query=ACME)
        assert status == 200, pictures[format]
    assert follow(api, chart["links"]["png"]) == pictures["png"]
    return pictures


def chart_of_series(api):
    device = api.installation.call("POST", "/devices?company=acme", {"name": "m"})
    with admitted(api.installation.mqtt(), device) as wire:
        for number in range(20):
            wire.publish(device["topic"], b'{"t": %d}' % number, number + 1)

    def made():
        status, chart = api.ask("POST", "/api/v1/charts", json.dumps(
            {"kind": "histogram", "series": "m/t", "options": {"x": "value"}}), ACME)
        return chart if status == 201 and chart["rows"] == 20 else None
    return until(made, 30, "a chart of the series")


@contextlib.contextmanager
def uploads_going_on(api):
    """Somebody uploads, draws, renames, brings versions and removes all the time."""
    done, rounds, failures = threading.Event(), [], []

    def work(worker):
        while not done.is_set():
            try:
                turn(api, worker, len(rounds))
                rounds.append(worker)
            except (AssertionError, OSError, http.client.HTTPException) as failure:
                failures.append(failure)
                return

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(rounds) >= 3 or failures, 60, "the first uploads")
        yield rounds
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failures, failures


def turn(api, worker, number):
    rows = b"".join(b"%d,%d,x\n" % (row, row * row) for row in range(2000 + number))
    status, made = api.upload(b"mpg,weight,origin\n" + rows, name=f"w{worker}-{number}")
    assert status == 201, made
    pin(api, made["id"], "histogram", x="mpg")
    path = f"/api/v1/datasets/{made['id']}"
    assert api.ask("PATCH", path, json.dumps({"name": f"v{worker}-{number}"}), ACME)[0] == 200
    assert api.ask("POST", f"{path}/versions", CARS, ACME)[0] == 201
    if number % 2 == 0:
        assert api.ask("DELETE", path, query=ACME)[0] == 204


def restored_from(program, backup, data):
    done = cauce(program, "restore", "--from", backup, "--data", data)
    assert done.returncode == 0, done.stderr
    made = Installation(program, data, 0, 0)
    made.start()
    return made


def test_charts_show_the_same_after_a_restore_of_a_backup_made_under_load(program, api, tmp_path):
    cars = api.upload(CARS, name="Cars")[1]
    api.ask("POST", f"/api/v1/datasets/{cars['id']}/versions", CARS + b"9,9,x\n", ACME)
    charts = [pin(api, cars["id"], "scatter", x="weight", y="mpg", color="origin", width=400),
              pin(api, cars["id"], "bar", x="origin", y="mpg"), chart_of_series(api)]
    before = [shown(api, chart) for chart in charts]
    stays = api.ask("GET", f"/api/v1/datasets/{cars['id']}", query=ACME)[1]
    with uploads_going_on(api) as rounds:
        for _ in range(3):
            begun = len(rounds)
            done = cauce(program, "backup", "--data", api.installation.data, "--to",
                         tmp_path / "backup", timeout=120)
            assert done.returncode == 0, done.stderr
            until(lambda: len(rounds) > begun + 2, 60, "uploads beside the backup")
    verified = cauce(program, "backup", "--verify", tmp_path / "backup")
    assert verified.returncode == 0 and "is whole" in verified.stdout, verified.stderr
    assert not list((tmp_path / "backup").glob("**/charts/figures"))
    api.installation.stop()
    restored = restored_from(program, tmp_path / "backup", tmp_path / "restored")
    try:
        again = Api(restored)
        for chart, pictures in zip(charts, before, strict=True):
            for format, picture in shown(again, chart).items():
                assert picture == pictures[format], format
        assert again.ask("GET", f"/api/v1/datasets/{cars['id']}", query=ACME)[1] == stays
        for one in again.sets():
            for version in range(1, one["version"] + 1):
                status, drawn = again.ask("GET", "/api/v1/charts/histogram", query={
                    **ACME, "dataset": one["id"], "version": version, "x": "mpg"})
                assert status == 200, drawn
        examined = cauce(program, "doctor", "--data", restored.data, "--format", "json")
        wrong = [line for line in json.loads(examined.stdout)
                 if line["check"] in ("data sets", "charts") and line["state"] != "ok"]
        assert wrong == []
        # What the restored one holds goes on: new versions, new charts.
        assert again.ask("POST", f"/api/v1/datasets/{cars['id']}/versions", CARS, ACME)[0] == 201
    finally:
        restored.stop()


def test_a_backup_without_keys_ends_links_and_keeps_addresses(program, api, tmp_path):
    chart = pin(api, api.upload(CARS)[1]["id"], "histogram", x="mpg")
    done = cauce(program, "backup", "--data", api.installation.data, "--to", tmp_path / "b",
                 "--without-key")
    assert done.returncode == 0 and not list((tmp_path / "b").rglob("*.key"))
    assert cauce(program, "restore", "--from", tmp_path / "b", "--data",
                 tmp_path / "r").returncode == 0
    (tmp_path / "r/secret").mkdir(mode=0o700)
    key = (api.installation.data / "secret/master.key").read_bytes()
    (tmp_path / "r/secret/master.key").write_bytes(key)
    (tmp_path / "r/secret/master.key").chmod(0o600)
    restored = Installation(program, tmp_path / "r", 0, 0)
    restored.start()
    try:
        again = Api(restored)
        assert again.ask("GET", chart["urls"]["svg"], query=ACME) == \
            api.ask("GET", chart["urls"]["svg"], query=ACME)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            follow(again, chart["links"]["png"])
    finally:
        restored.stop()


def test_damage_of_an_upload_is_named_by_doctor_and_never_backed_up(program, api, tmp_path):
    cars = api.upload(CARS)[1]["id"]
    chart = pin(api, cars, "histogram", x="mpg")
    api.installation.stop()
    data = api.installation.data
    file = next((data / "objects/datasets").rglob("1"))  # was uploaded without a name
    good = file.read_bytes()

    def back_up():
        return cauce(program, "backup", "--data", data, "--to", tmp_path / "backup")

    def finding(check):
        done = cauce(program, "doctor", "--data", data, "--format", "json")
        findings = {one["check"]: one for one in json.loads(done.stdout)}
        return findings[check]["state"], findings[check]["sentence"]

    assert finding("data sets") == ("ok", "1 in 1 version")
    assert finding("charts") == ("ok", "1 with an address")
    file.write_bytes(good.replace(b"USA", b"USB"))
    done = back_up()
    assert done.returncode == 1 and "is not what was uploaded" in done.stderr
    file.write_bytes(good[:-1])
    state, sentence = finding("data sets")
    assert state == "wrong" and "(another size)" in sentence and "from a backup" in sentence
    file.unlink()
    assert "(missing)" in finding("data sets")[1]
    done = back_up()
    assert done.returncode == 1 and "cauce doctor" in done.stderr
    file.write_bytes(good)
    note = data / f"objects/charts/pins/acme/{chart['id']}.json"
    whole = note.read_bytes()
    note.write_bytes(whole[:-9])
    assert finding("charts")[0] == "wrong" and chart["id"] in finding("charts")[1]
    assert back_up().returncode == 1
    note.write_bytes(whole)
    assert back_up().returncode == 0
