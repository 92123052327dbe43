"""The server tested against contract/openapi.yaml: every operation and every answer it documents,
with data of all kinds, each answer held against its schema. What is documented and not asked here
fails, and so does what is answered and not documented."""

import base64
import gzip
import http.client
import json
import os
import signal
import socket
import time

import pytest

from authority import Authority
from contract_charts import draw
from contract_commands import command_a_device
from contract_file import FILE, Client, check_answer
from installation import Installation
from patience import until
from wire import admitted

TOO_LARGE = b'{"name": "' + b"x" * (256 << 10) + b'"}'
BATCH = "application/vnd.cauce.batch+json"
PASSWORD = "correct horse battery"
TAKE_FILES = ("create_data_set", "create_version", "load_data", "continue_upload")
OWN_PAGE = {"X-Requested-With": "cauce"}

# For each operation that makes something, a body that is good.
NEW = {"create_site": {"name": "yard"}, "create_device_type": {"name": "fan"},
       "create_device": {"name": "fan-1"}, "create_token": {"title": "more"},
       "create_rule": {"name": "calm", "kind": "silence", "duration_seconds": 600},
       "create_company": {"name": "third"}, "send_command": {"payload": "x"}, "renew_token": {},
       "create_user": {"name": "carl@acme.example", "password": PASSWORD}, "create_owner_link": {},
       "begin_upload": {"bytes": 10}}


class Story:
    """A company with one of everything, made and read through the interface alone."""

    def __init__(self, installation):
        self.installation = installation
        self.client = Client(installation)
        self.ask = self.client.ask
        self.owner = (installation.data / "run" / "token").read_text().strip()
        self.tokens = {}
        self.places = {"device": "pump-1", "rule": "hot", "company": "acme", "metric": "a/t",
                       "type": "motor", "user": "ana@acme.example"}

    def own(self, name, expected=200, access="operator", **asked):
        return self.ask(name, expected, bearer=self.tokens[access], **asked)

    def make(self):
        for company in ("acme", "rival"):
            self.ask("create_company", 201, {"name": company, "title": company}, self.owner)
        for access in ("viewer", "operator", "owner"):
            made = self.ask("create_token", 201, {"title": access, "access": access}, self.owner,
                            {"company": "acme"})
            self.tokens[access] = made.value["token"]
        self.own("create_site", 201, body={"name": "plant", "time_zone": "Europe/Madrid"})
        self.own("create_device_type", 201, body={
            "name": "motor", "metrics": [{"source": "t", "metric": "a/t", "unit": "Cel"}]})
        made = self.own("create_device", 201, body={"name": "pump-1", "type": "motor",
                                                    "site": "plant", "area": "hall 2"})
        self.own("create_device", 201, body={"name": "safe", "encrypted": True})
        self.own("create_device_type", 201, body={"name": "lists", "format": "senml"})
        self.sender = self.own("create_device", 201, body={"name": "sender", "bridge": True}).value
        self.own("create_rule", 201, body={"name": "hot", "kind": "threshold", "metric": "a/t",
                                           "raise_at": 80, "clear_at": 70})
        self.own("create_rule", 201, body={"name": "odd", "kind": "undecodable", "count": 1,
                                           "duration_seconds": 60})
        self.own("create_rule", 201, body={"name": "quiet", "kind": "silence", "device": "pump-1",
                                           "duration_seconds": 3, "severity": "info"})
        self.own("create_rule", 201, body={"name": "new", "kind": "anomaly", "device": "sender"})
        with admitted(self.installation.mqtt(), made.value) as wire:
            for number, value in enumerate([20, 90, 95, 60, 85]):
                wire.publish(made.value["topic"], b'{"t": %d}' % value, number + 1)
            wire.publish(made.value["topic"], b"not JSON", 9)
            wire.publish(made.value["topic"], b"neither", 10)
        began = int(time.time()) - 500
        usual = [20 + number % 7 / 10 for number in range(400)]
        self.ask("send_messages", 200, bearer=self.sender["token"], device="sender", body=[
            {"ts": began + number, "temperature": value}
            for number, value in enumerate([*usual, 90, 95])])
        until(lambda: self.kinds() == {"threshold", "undecodable", "silence", "anomaly"}, 30,
              "alarms")
        until(lambda: len(self.installation.items("/series?company=acme")) == 2, 30, "series")
        report = "/reports/daily-site-summary?company=acme"
        until(lambda: {row["site"] for row in self.installation.call("GET", report)["items"]} ==
              {"", "plant"}, 30, "the report")

    def kinds(self):
        alarms = self.installation.items("/alarms?state=all&company=acme")
        return {alarm["kind"] for alarm in alarms}

    def read(self):
        for name in ("show_session", "show_overview", "list_companies", "list_sites",
                     "list_device_types", "list_devices", "list_series", "list_alarms",
                     "list_rules", "list_dead_letters", "count_dead_letters"):
            self.own(name, access="viewer")
        self.ask("show_session", 200, bearer=self.owner)
        self.ask("show_overview", 200, bearer=self.owner, query={"company": "acme"})
        self.own("list_tokens", access="owner")
        self.pages("list_devices")
        self.pages("list_companies", bearer=self.owner)
        self.pages("list_alarms", state="all")
        self.pages("list_dead_letters")
        self.pages("list_rules")
        self.own("show_device", device="pump-1")
        for device in ("safe", "pump-1", "sender"):
            self.own("show_ledger", access="viewer", device=device)
        self.own("show_rule", rule="hot")
        for name in ("show_points", "show_aggregates", "show_series_alarms"):
            self.pages(name, places=self.series_places())
        self.read_windows()
        self.read_reports()
        alarms = self.own("list_alarms", query={"state": "all"}).value["items"]
        for alarm in alarms:
            self.own("show_alarm", alarm=alarm["id"])
        self.places["alarm"] = alarms[0]["id"]
        self.places["letter"] = self.own("list_dead_letters").value["items"][0]["id"]
        self.own("show_dead_letter", letter=self.places["letter"])
        for name in ("show_page", "show_health", "show_metrics"):
            self.ask(name, 200)
        self.ask("show_contract", 200)

    def series_places(self):
        return {key: self.places[key] for key in ("company", "device", "metric")}

    def read_windows(self):
        places = self.series_places()
        for resolution in ("1m", "15m", "1h", "1d", "minute", "hour"):
            shown = self.own("show_aggregates", query={"resolution": resolution}, **places).value
            is_day = resolution == "1d"
            assert shown["resolution"] == resolution
            assert shown["time_zone"] == ("Europe/Madrid" if is_day else "UTC")
            assert shown["items"] and all(("day" in item) == is_day for item in shown["items"])
        self.pages("show_aggregates", places=places, resolution="1d")
        for limit, status in ((1000, 200), (1001, 400)):
            self.own("show_aggregates", status, query={"resolution": "1d", "limit": limit},
                     **places)
        self.own("show_aggregates", 400, query={"resolution": "2m"}, **places)

    def read_reports(self):
        report = "show_daily_site_summary"
        rows = self.own(report, access="viewer").value["items"]
        csv = {"Accept": "text/csv"}
        for asked in ({"query": {"format": "csv"}}, {"headers": csv}):
            head, *lines = self.own(report, **asked).value.split("\r\n")
            assert head.split(",") == list(rows[0]) and len(lines) == len(rows) + 1
        assert self.own(report, query={"format": "json"}, headers=csv).value["items"] == rows
        site, day = rows[-1]["site"], rows[-1]["day"]
        one = self.own(report, query={"site": site, "from": day, "to": day}).value["items"]
        assert one == [row for row in rows if (row["site"], row["day"]) == (site, day)]
        self.own(report, 404, query={"site": "nowhere"})
        for wrong in ({"format": "xml"}, {"from": "yesterday"}, {"from": "1970-01-01"},
                      {"from": "2026-11-22", "to": "2026-11-21"}):
            self.own(report, 400, query=wrong)

    def pages(self, name, bearer=None, places=None, **query):
        """Walks a list item by item: each page ends where the next begins."""
        whole = self.ask(name, 200, bearer=bearer or self.tokens["viewer"], query=query,
                         **(places or {})).value["items"]
        found, after = [], None
        for _ in range(len(whole) + 1):
            asked = {**query, "limit": 1, **({"after": after} if after else {})}
            page = self.ask(name, 200, bearer=bearer or self.tokens["viewer"], query=asked,
                            **(places or {})).value
            found += page["items"]
            after = page["next"]
            if after is None:
                break
        if found != whole or len(whole) < 1:
            self.client.differences.append(f"{name}: pages of 1 differ from the whole list")

    def reach_the_limits(self):
        """`limit` at its ends and beyond them, and a cursor that no page gave."""
        for name, operation in self.client.operations.items():
            places = {key: value for key, value in self.places.items()
                      if "{" + key + "}" in operation.path}
            for limit, status in ((1, 200), (operation.limit_max, 200), (0, 400),
                                  (operation.limit_max + 1, 400)):
                if operation.limit_max:
                    self.own(name, status, "owner", query={"limit": limit}, **places)
            if "after" in operation.query:
                self.own(name, 400, "owner", query={"after": "?"}, **places)

    def change(self):
        self.own("change_device", device="pump-1", body={"area": "hall 3"})
        tag = self.own("show_device", device="pump-1").headers["ETag"]
        self.own("change_device", device="pump-1", body={"enabled": True},
                 headers={"If-Match": tag})
        self.own("change_device", device="sender", body={"bridge": False})
        self.own("change_device_type", type="motor", body={"sequence": "n"})
        self.own("change_rule", rule="hot", body={"raise_at": 85})
        self.own("change_rule", rule="new", body={"raise_at": 0.5, "metric": "temperature"})
        self.own("show_rule", rule="new")
        for score in (0, 1.1):
            self.own("change_rule", 400, rule="new", body={"raise_at": score})
        self.own("renew_token", device="safe", body={"keep_earlier": True})
        self.own("change_device", device="safe", body={
            "earlier_token": False, "certificates_since": "2026-11-22T00:00:00Z"})
        self.own("change_device", 400, device="safe", body={"earlier_token": True})
        for status, body in ((200, {}), (200, {"key": "00" * 64, "keep_earlier": True}),
                             (400, {"key": "00" * 15}), (413, TOO_LARGE)):
            self.own("give_shared_key", status, device="safe", body=body)
        for status, query in ((204, {"identity": "acme/safe/2"}), (204, {}), (404, {})):
            self.own("end_shared_key", status, device="safe", query=query)
        authority = Authority(self.installation.data.parent / "authority").file.read_text()
        self.ask("change_company", 200, {"authority": authority}, self.owner, company="acme")
        self.ask("change_company", 409, {"authority": authority}, self.owner, company="rival")
        self.ask("change_company", 400, {"authority": "none"}, self.owner, company="acme")
        self.ask("change_company", 200, {"title": "Acme", "authority": ""}, self.owner,
                 company="acme")
        command_a_device(self)
        opened = self.ask("open_session", 201, {"token": self.owner}, headers=OWN_PAGE)
        assert opened.headers["Set-Cookie"].startswith("cauce_token=")
        link = (self.installation.data / "run" / "owner-link").read_text()
        key = link.partition("?key=")[2].strip()
        assert self.ask("open_session", 201, {"key": key}).value["token"]
        self.ask("close_session", 204, headers=OWN_PAGE)
        self.ask("close_session", 204)

    def sign_in(self):
        """Users made by owners, of whom each signs in, changes the password and goes."""
        root = {"name": "Root@example", "password": PASSWORD, "access": "owner"}
        made = self.ask("create_user", 201, {**root, "whole_installation": True}, self.owner).value
        assert (made["name"], made["company"]) == ("root@example", None)
        for name in ("ana@acme.example", "bea"):
            self.own("create_user", 201, access="owner", body={"name": name, "password": PASSWORD})
        self.pages("list_users", bearer=self.tokens["owner"])
        self.ask("list_users", 200, bearer=self.owner, query={"company": "acme"})
        self.own("create_user", 403, access="owner", body={**root, "whole_installation": True})
        self.own("create_user", 400, access="owner", body={"name": "c", "password": "x" * 201})
        opened = self.ask("open_session", 201, {"user": "BEA", "password": PASSWORD}).value
        assert opened["title"] == "bea" and opened["access"] == "viewer"
        self.own("change_user", access="owner", user="bea", body={"access": "operator"})
        session = self.ask("show_session", 200, bearer=opened["token"]).value
        assert (session["company"], session["access"]) == ("acme", "operator")
        for own_page in ({}, OWN_PAGE):
            signed = self.ask("open_session", 201, {"user": "bea", "password": PASSWORD},
                              headers=own_page)
            assert ("token" in signed.value) == ("Set-Cookie" not in signed.headers)
        change = {"password": PASSWORD, "new_password": "quite another one"}
        renewed = self.ask("change_password", 200, change, opened["token"]).value
        self.ask("change_password", 401, change, opened["token"])
        self.ask("change_password", 403, change, renewed["token"])
        short = {"password": "quite another one", "new_password": "short"}
        self.ask("change_password", 400, short, renewed["token"])
        self.ask("change_password", 400, change, self.owner)
        self.ask("close_session", 204, bearer=renewed["token"])
        self.ask("show_session", 401, bearer=renewed["token"])
        for user in ("nobody", "root@example"):
            self.own("change_user", 404, access="owner", user=user, body={"enabled": False})
            self.own("remove_user", 404, access="owner", user=user)
        self.own("change_user", access="owner", user="bea", body={"enabled": False})
        self.ask("open_session", 403, {"user": "bea", "password": "quite another one"})
        self.own("remove_user", 204, access="owner", user="bea")
        self.ask("create_owner_link", 403, {}, self.tokens["owner"])
        link = self.ask("create_owner_link", 201, bearer=self.owner).value
        assert self.ask("open_session", 201, {"key": link["key"]}).value["company"] is None

    def guess(self):
        """A password until no more attempts are left, from whatever address."""
        ana = {"user": self.places["user"], "password": PASSWORD}
        token = self.ask("open_session", 201, ana).value["token"]
        for number in range(10):
            self.ask("open_session", 403, {**ana, "password": f"wrong {number}"},
                     headers={"X-Forwarded-For": f"192.0.2.{number}"})
        self.ask("open_session", 429, ana)
        self.ask("change_password", 429, {"password": PASSWORD, "new_password": PASSWORD}, token)

    def send_at_both_ports(self):
        """The gateway's own, and the api's, which hands on."""
        pair = base64.b64encode(f"sender:{self.sender['token']}".encode()).decode()
        lines = "application/x-ndjson"
        for at in (self.client.address, self.installation.ingest()):
            def send(status, body, media="application/json", bearer=self.sender["token"],
                     **asked):
                headers = {"Content-Type": media, **asked.pop("headers", {})}
                return self.ask("send_messages", status, body, bearer, headers=headers, at=at,
                                device="sender", **asked).value

            assert send(200, {"t": 21.5}) == {"accepted": 1}
            assert send(200, [{"n": "t", "u": "Cel", "v": 1}], "application/senml+json")
            assert send(200, b'{"t": 1}\n\n{"t": 2}\n', lines) == {"accepted": 2}
            assert send(200, {"messages": [{"payload": {"t": 3}}, {"payload_base64": "AQ=="}]},
                        BATCH) == {"accepted": 2}
            assert send(200, {"messages": [{"payload": 1}] * 1000}, BATCH) == {"accepted": 1000}
            assert send(200, b"\x00\xff", "application/octet-stream") == {"accepted": 1}
            assert send(200, {"t": 4}, bearer=None, headers={"Authorization": f"Basic {pair}"})
            send(413, {"messages": [{"payload": 1}] * 1001}, BATCH)
            send(413, b"x" * ((1 << 20) + 1), "text/plain")
            assert send(200, b"1\n" * 1001, lines) == {"accepted": 1001}
            packed = {"Content-Encoding": "gzip"}
            assert send(200, gzip.compress(b"1\n2\n"), lines, headers=packed) == {"accepted": 2}
            stored = send(413, b"1\n2\n" + b"x" * ((1 << 20) + 1), lines)
            assert (stored["accepted"], stored["line"]) == (2, 2)
            send(400, b"no gzip", lines, headers=packed)
            for body, media in ((b"", "text/plain"), (b"\n", lines), ({"messages": []}, BATCH),
                                ({"messages": [{}]}, BATCH), (b"{", BATCH)):
                send(400, body, media)
            for bearer in (None, "wrong", self.owner):
                send(401, {}, bearer=bearer)
            send(405, None, method="PUT")
            send(415, {}, headers={"Content-Encoding": "br"})

    def send_too_much(self):
        """Batches until the device's rate, which is lowered for these tests, is over."""
        body = json.dumps({"messages": [{"payload": 1}] * 1000}).encode()
        for at in (self.client.address, self.installation.ingest()):
            def send():
                status, headers, _ = self.client.send(
                    "POST", "/api/v1/devices/sender/messages", body,
                    {"Authorization": f"Bearer {self.sender['token']}", "Content-Type": BATCH}, at)
                return status == 429 and headers
            headers = until(send)
            assert 1 <= int(headers["Retry-After"]) <= 10
            self.ask("send_messages", 429, {"t": 1}, self.sender["token"], at=at, device="sender")
            until(lambda: not send())

    def refuse(self):
        for name, operation in self.client.operations.items():
            if operation.access == "device":
                continue
            guarded = operation.path.startswith("/api/") or operation.access != "nobody"
            if guarded and name not in ("show_contract", "show_metrics"):
                for status in self.refusals_of(operation):
                    self.refuse_with(name, operation, status)
        proxy = {"X-Forwarded-For": "192.0.2.1"}
        self.ask("show_metrics", 401, headers=proxy)
        self.ask("show_metrics", 403, bearer=self.tokens["owner"], headers=proxy)
        self.ask("open_session", 403, {"token": "wrong"})

    @staticmethod
    def refusals_of(operation):
        """What must be possible by the kind of operation, whether or not it is documented."""
        yield 400
        if operation.access != "nobody":
            yield 401
        if operation.access in ("operator", "owner"):
            yield 403
        if "company" in operation.query or "{company}" in operation.path:
            yield 404
        if operation.method in ("POST", "PATCH"):
            yield 413

    def refuse_with(self, name, operation, status):
        places = {key: value for key, value in {**self.places, "token": "0" * 16}.items()
                  if "{" + key + "}" in operation.path}
        body = NEW.get(name, {}) if operation.method in ("POST", "PATCH") else None
        strong = self.tokens["owner"]
        if status == 400:
            self.ask(name, 400, body, strong, {"colour": "red"}, **places)
        elif status == 401:
            self.ask(name, 401, body, None, **places)
            self.ask(name, 401, body, "no-such-token", **places)
        elif status == 403:
            self.ask(name, 403, body, self.tokens["viewer"], **places)
        elif status == 404 and "company" in places:
            self.ask(name, 404, body, self.owner, **{**places, "company": "nowhere"})
        elif status == 404:
            self.ask(name, 404, body, self.owner, {"company": "nowhere"}, **places)
            self.ask(name, 404, body, self.tokens["owner"], {"company": "rival"}, **places)
        elif status == 413 and name in TAKE_FILES:
            self.ask(name, 413, b"x", strong, headers={"Content-Length": str(100 << 30)}, **places)
        elif status == 413:
            self.ask(name, 413, TOO_LARGE, strong, **places)

    def repeat(self):
        of_the_installation = ("create_company", "create_owner_link")
        for name, body in NEW.items():
            operation = self.client.operations[name]
            token = self.owner if name in of_the_installation else self.tokens["owner"]
            places = {"device": "safe"} if "{device}" in operation.path else {}
            good = min(status for status in operation.responses)
            key = {"Idempotency-Key": f"key-{name}"}
            first = self.ask(name, good, body, token, headers=key, **places)
            again = self.ask(name, good, body, token, headers=key, **places)
            assert again.value == first.value and again.headers["Idempotency-Replayed"] == "true"
            self.ask(name, 422, {**body, "area": "x"}, token, headers=key, **places)
            if 409 in operation.responses and name != "send_command":
                self.ask(name, 409, body, token, **places)
        key = {"Idempotency-Key": "key-of-one-company"}
        user = {"name": "dora", "password": PASSWORD}
        self.ask("create_user", 201, user, self.owner, {"company": "acme"}, key)
        self.ask("create_user", 422, user, self.owner, {"company": "rival"}, key)

    def collide(self):
        late = {"If-Match": '"0"'}
        self.own("change_device", 412, device="pump-1", body={}, headers=late)
        self.own("change_device_type", 412, type="motor", body={}, headers=late)
        self.own("change_rule", 412, rule="hot", body={}, headers=late)
        self.own("remove_rule", 412, rule="hot", headers=late)
        self.own("remove_rule", 204, rule="odd")
        made = self.own("create_token", 201, access="owner", body={
            "title": "short", "expires_at": "2099-01-01T00:00:00+01:00"}).value
        self.own("remove_token", 204, access="owner", token=made["id"])

    def fall_ill(self):
        pid = self.installation.pid_of("alarms")
        os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: not self.installation.healthy(), 15, "a 503 of /healthz")
            self.ask("show_health", 503)
        finally:
            os.kill(pid, signal.SIGCONT)
        self.lose_the_gateway()

    def lose_the_gateway(self):
        """It dies while it has a message that the api handed on."""
        pid = self.installation.pid_of("gateway")
        self.ask("send_messages", 200, {"t": 5}, self.sender["token"], device="sender")

        def kill():
            self.client.send("GET", "/healthz", None, {})  # comes after what was handed on
            os.kill(pid, signal.SIGKILL)

        os.kill(pid, signal.SIGSTOP)
        self.ask("send_messages", 503, {"t": 6}, self.sender["token"], device="sender",
                 meanwhile=kill)
        until(self.installation.healthy, 30, "health")


@pytest.fixture(scope="module")
def story(pytestconfig, tmp_path_factory):
    data = tmp_path_factory.mktemp("contract") / "data"
    installation = Installation(pytestconfig.cauce_program, data, 0, 0)
    usual = installation.config.read_text()
    installation.config = data.parent / "contract.toml"
    installation.config.write_text(f"{usual}\n[limits.device]\nmessages_per_second = 4000\n")
    installation.start()
    told = Story(installation)
    try:
        for chapter in (told.make, told.read, lambda: draw(told), told.reach_the_limits,
                        told.change, told.sign_in, told.send_at_both_ports, told.send_too_much,
                        told.refuse, told.repeat, told.collide, told.guess, told.fall_ill):
            try:
                chapter()
            except Exception as failure:  # a later request needed what an earlier one did not get
                raise AssertionError("\n".join(told.client.differences)) from failure
        yield told
    finally:
        installation.stop()


def test_every_answer_is_as_the_contract_says(story):
    assert story.client.differences == []


def test_every_operation_and_documented_status_was_asked_for(story):
    documented = {(name, status, media) for name, operation in story.client.operations.items()
                  for status, response in operation.responses.items()
                  for media in response.get("content", {None: None})}
    assert documented - story.client.seen == set()


def test_the_contract_is_served_as_it_lies_in_the_tree(story):
    assert story.ask("show_contract", 200).value == FILE.read_text()


def test_a_wrong_method_names_the_right_ones(story):
    doc = story.client.doc
    usual = doc["components"]["responses"]["MethodNotAllowed"]
    for path, item in doc["paths"].items():
        refused = item.get("post", {"responses": {}})["responses"].get("405", usual)
        target = path.replace("{", "").replace("}", "")
        wrong = "PATCH" if "put" in item else "PUT"
        status, headers, body = story.client.send(wrong, target, b"{}", {})
        assert status == 405, path
        check_answer(doc, refused, headers, body)
        assert set(headers["Allow"].split(", ")) == {method.upper() for method in item}, path


def test_what_is_no_http_or_too_large_gets_a_problem_too(story):
    doc = story.client.doc
    status, *told = story.client.send("GET", "/healthz", None, {"X": "x" * (17 << 10)})
    assert status == 431
    check_answer(doc, doc["components"]["responses"]["HeadersTooLarge"], *told)
    with socket.create_connection(story.client.address, timeout=10) as raw:
        raw.sendall(b"this is no HTTP\r\n\r\n")
        (answer := http.client.HTTPResponse(raw)).begin()
        assert answer.status == 400
        refused = doc["components"]["responses"]["BadRequest"]
        check_answer(doc, refused, dict(answer.getheaders()), answer.read())


def test_an_unknown_path_gets_a_problem(story):
    missing = story.client.doc["components"]["responses"]["NotFound"]
    for target in ("/api/v1/nothing", "/nothing"):
        status, *told = story.client.send("GET", target, None, {})
        assert status == 404
        check_answer(story.client.doc, missing, *told)


def test_a_request_id_that_could_do_harm_is_not_taken_over(story):
    for given in ("x" * 65, "a b", 'a"b'):
        _, headers, _ = story.client.send("GET", "/healthz", None, {"X-Request-Id": given})
        assert headers["X-Request-Id"] != given
