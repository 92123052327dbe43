"""The commands that manage a running cauce: tables for people, JSON for programs."""

import json

from patience import cauce


def run(serving, *words, **options):
    done = cauce(serving.program, *words, "--data", serving.data, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(serving, *words, **options):
    done = cauce(serving.program, *words, "--data", serving.data, **options)
    assert done.returncode == 1 and done.stdout == ""
    return done.stderr


def table(text):
    """The rows of a printed table, by the words of its head."""
    head, *rows = text.splitlines()
    starts = [head.index(word) for word in head.split()] + [None]
    cells = [[line[start:end].strip() for start, end in zip(starts, starts[1:])] for line in rows]
    return [dict(zip(head.split(), row)) for row in cells]


def test_companies_and_sites_are_made_and_listed(serving):
    run(serving, "company", "add", "zeta", "--title", "Café Zeta")
    assert {"name": "zeta", "title": "Café Zeta"} in table(run(serving, "company", "list"))
    made = json.loads(run(serving, "site", "add", "plant", "--company", "zeta", "--time-zone",
                          "Europe/Madrid", "--format", "json"))
    assert made["time_zone"] == "Europe/Madrid" and made["company"] == "zeta"
    listed = table(run(serving, "site", "list", "--company", "zeta"))
    assert listed == [{"name": "plant", "title": "plant", "time_zone": "Europe/Madrid"}]
    assert "several companies" in refused(serving, "site", "list")
    assert "exists already" in refused(serving, "company", "add", "zeta")


def test_devices_are_listed_shown_disabled_and_get_new_tokens(serving):
    company = ("--company", "acme")
    run(serving, "device", "add", "m1", "--no-wait", *company)
    assert [row["name"] for row in table(run(serving, "device", "list", *company))] == ["m1"]
    run(serving, "device", "disable", "m1", *company)
    shown = json.loads(run(serving, "device", "show", "m1", "--format", "json", *company))
    assert shown["enabled"] is False
    run(serving, "device", "enable", "m1", *company)
    assert "enabled      true" in run(serving, "device", "show", "m1", *company)
    first = json.loads(run(serving, "device", "token", "m1", "--format", "json", *company))
    assert first["token"] in first["publish"]
    assert first["token"] not in run(serving, "device", "token", "m1", *company)
    assert "no such device" in refused(serving, "device", "show", "none", *company)
