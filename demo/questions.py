"""Asks cauce for what it computes only when it is asked, and writes the answers down for the
checker: days of every series, and the report of every site."""

import json
import subprocess
import time
import urllib.parse

from installation import Failure

REPORT = "daily-site-summary"
DIMENSIONS_SECONDS = 30


def days_of(installation, company):
    """One answer for each series, its pages put together."""
    answers = []
    for series in installation.items(f"/series?company={company}"):
        path = f"/series/{company}/{series['device']}/{urllib.parse.quote(series['metric'])}"
        answer = installation.call("GET", f"{path}/aggregates?resolution=1d&limit=1")
        answer["items"] = installation.items(f"{path}/aggregates?resolution=1d")
        answers.append(answer)
    return answers


def report_of(installation, company, *words):
    """What `cauce report` prints, as a list of rows."""
    done = subprocess.run([installation.program, "report", REPORT, "--data", installation.data,
                           "--company", company, "--format", "json", *words],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(done.stderr.strip())
    return json.loads(done.stdout)


def wait_for_dimensions(installation, company):
    """Until the tables of the warehouse know every site: they follow within five seconds."""
    sites = len(installation.items(f"/sites?company={company}"))
    deadline = time.monotonic() + DIMENSIONS_SECONDS
    while time.monotonic() < deadline:
        done = subprocess.run([installation.program, "query",
                               f"SELECT count(*) AS n FROM sites WHERE company = '{company}'",
                               "--data", installation.data, "--format", "json"],
                              capture_output=True, text=True)
        if done.returncode == 0 and json.loads(done.stdout)[0]["n"] == sites:
            return
        time.sleep(0.2)
    raise Failure(f"the warehouse does not know the {sites} sites after {DIMENSIONS_SECONDS} s")


def write_answers(installation, company, target, first_day):
    """days.json and report.json, the latter from `first_day` on."""
    target.mkdir(parents=True, exist_ok=True)
    wait_for_dimensions(installation, company)
    (target / "days.json").write_text(json.dumps(days_of(installation, company)))
    (target / "report.json").write_text(
        json.dumps(report_of(installation, company, "--from", first_day)))
