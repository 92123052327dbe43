"""The commands that manage a running cauce: tables for people, JSON for programs."""

import contextlib
import json
import os
import pty
import urllib.error
import urllib.request

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


def signs_in(serving, user, password):
    body = json.dumps({"user": user, "password": password}).encode()
    request = urllib.request.Request(serving.url("/api/v1/session"), data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        assert refusal.code == 403
        return None


def test_a_user_is_made_signs_in_gets_another_password_and_is_removed(serving):
    made = run(serving, "user", "add", "ana@acme.example", "--company", "acme", "--access", "owner",
               "--format", "json", input="correct horse\n")
    assert json.loads(made)["company"] == "acme" and "correct" not in made
    assert signs_in(serving, "ana@acme.example", "wrong horse") is None
    session = signs_in(serving, "ana@acme.example", "correct horse")
    assert session["access"] == "owner" and session["company"] == "acme"
    rows = table(run(serving, "user", "list", "--company", "acme"))
    assert [(row["name"], row["access"]) for row in rows] == [("ana@acme.example", "owner")]
    run(serving, "user", "password", "ana@acme.example", input="battery staple\n")
    assert signs_in(serving, "ana@acme.example", "correct horse") is None
    assert signs_in(serving, "ana@acme.example", "battery staple")
    run(serving, "user", "remove", "ana@acme.example")
    assert signs_in(serving, "ana@acme.example", "battery staple") is None
    assert "no such user" in refused(serving, "user", "remove", "ana@acme.example")


def test_a_bad_password_is_refused_with_the_limit(serving):
    said = refused(serving, "user", "add", "bea", "--company", "acme", input="short\n")
    assert "10 to 200 bytes" in said
    assert "standard input ended" in refused(serving, "user", "add", "bea", "--company", "acme",
                                             input="")


def test_a_prompt_asks_twice_and_shows_nothing_that_is_typed(serving):
    for second, status in [("correct horse", 0), ("correct house", 1)]:
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(serving.program, ["cauce", "user", "add", f"prompted-{status}", "--company",
                                       "acme", "--data", str(serving.data)])
        shown = b""
        for prompt, answer in [(b"new password of", "correct horse"), (b"the same again", second)]:
            while prompt not in shown or not shown.endswith(b": "):
                shown += os.read(terminal, 1024)
            os.write(terminal, answer.encode() + b"\n")
        with contextlib.suppress(OSError):  # the terminal goes with its program
            while part := os.read(terminal, 1024):
                shown += part
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == status
        assert b"correct ho" not in shown
        assert status == 0 or b"differ" in shown


def test_an_owners_link_signs_in_once(serving):
    link = run(serving, "owner-link").splitlines()[0]
    assert link.startswith(serving.url("/?key="))
    body = json.dumps({"key": link.partition("=")[2]}).encode()
    for allowed in [True, False]:
        request = urllib.request.Request(serving.url("/api/v1/session"), data=body, method="POST")
        if allowed:
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert json.loads(answer.read())["access"] == "owner"
            continue
        try:
            urllib.request.urlopen(request, timeout=10)
            raise AssertionError("the link worked twice")
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 403
