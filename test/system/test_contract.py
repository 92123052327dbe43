"""The server tested against contract/openapi.yaml: every operation and every answer it documents,
with data of all kinds, each answer held against its schema. What is documented and not asked here
fails, and so does what is answered and not documented."""

import dataclasses
import http.client
import json
import os
import signal
import socket
import urllib.parse

import jsonschema
import pytest

from contract_file import FILE, check_answer, check_schema, document, operations
from installation import Installation
from patience import until
from wire import admitted

TOO_LARGE = b'{"name": "' + b"x" * (256 << 10) + b'"}'


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    value: object


class Client:
    """Asks by operation; keeps what was asked and every way in which an answer differed."""

    def __init__(self, installation):
        self.doc = document()
        self.operations = operations(self.doc)
        self.address = installation.addresses()["http"]
        self.seen = set()
        self.differences = []
        self.requests = 0

    def send(self, method, target, body, headers):
        connection = http.client.HTTPConnection(self.address["host"], self.address["port"],
                                                timeout=20)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def ask(self, name, expected, body=None, bearer=None, query=None, headers=None, **parameters):
        operation = self.operations[name]
        self.requests += 1
        given = f"test-{self.requests}"
        target = operation.path
        for key, value in parameters.items():
            target = target.replace("{" + key + "}", urllib.parse.quote(str(value), safe=""))
        assert "{" not in target, target
        if query:
            target += "?" + urllib.parse.urlencode(query)
        sent = {"X-Request-Id": given, **(headers or {})}
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        status, received, content = self.send(operation.method, target, raw, sent)
        value = None
        try:
            assert status == expected, f"{status} instead of {expected}: {content[:300]}"
            assert received.get("X-Request-Id") == given, "the id of the request did not come back"
            assert status in operation.responses, f"{status} is not documented"
            value = check_answer(self.doc, operation.responses[status], received, content)
            if status >= 400 and received["Content-Type"] == "application/problem+json":
                assert (value["status"], value["instance"]) == (status, given)
            if status < 300 and operation.body:
                check_schema(self.doc, operation.body, body)
            self.seen.add((name, status))
        except (AssertionError, jsonschema.ValidationError) as difference:
            sentence = str(difference).splitlines()[0]
            self.differences.append(f"{operation.method} {target} ({name}): {sentence}")
            value = json.loads(content) if b"{" == content[:1] else value
        return Answer(status, received, value)


class Story:
    """A company with one of everything, made and read through the interface alone."""

    def __init__(self, installation):
        self.installation = installation
        self.client = Client(installation)
        self.ask = self.client.ask
        self.owner = (installation.data / "run" / "token").read_text().strip()
        self.tokens = {}
        self.places = {"device": "pump-1", "rule": "hot", "company": "acme", "metric": "a/t"}

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
        self.own("create_rule", 201, body={"name": "hot", "kind": "threshold", "metric": "a/t",
                                           "raise_at": 80, "clear_at": 70})
        self.own("create_rule", 201, body={"name": "odd", "kind": "undecodable", "count": 1,
                                           "duration_seconds": 60})
        self.own("create_rule", 201, body={"name": "quiet", "kind": "silence",
                                           "duration_seconds": 3, "severity": "info"})
        with admitted(self.installation.mqtt(), made.value) as wire:
            for number, value in enumerate([20, 90, 95, 60, 85]):
                wire.publish(made.value["topic"], b'{"t": %d}' % value, number + 1)
            wire.publish(made.value["topic"], b"not JSON", 9)
            wire.publish(made.value["topic"], b"neither", 10)
        until(lambda: self.kinds() == {"threshold", "undecodable", "silence"}, 30, "alarms")
        until(lambda: self.installation.items("/series?company=acme"), 30, "series")

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
        self.own("show_rule", rule="hot")
        for name in ("show_points", "show_aggregates", "show_series_alarms"):
            self.pages(name, places={key: self.places[key]
                                     for key in ("company", "device", "metric")})
        alarms = self.own("list_alarms", query={"state": "all"}).value["items"]
        for alarm in alarms:
            self.own("show_alarm", alarm=alarm["id"])
        self.places["alarm"] = alarms[0]["id"]
        self.places["letter"] = self.own("list_dead_letters").value["items"][0]["id"]
        self.own("show_dead_letter", letter=self.places["letter"])
        for name in ("show_page", "show_health", "show_metrics"):
            self.ask(name, 200)
        self.ask("show_contract", 200)

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
        self.own("change_rule", rule="hot", body={"raise_at": 85})
        self.own("renew_token", device="safe")
        self.own("send_command", 202, device="pump-1", body={"payload": {"valve": 1}})
        page = {"X-Requested-With": "cauce"}
        opened = self.ask("open_session", 201, {"token": self.owner}, headers=page)
        assert opened.headers["Set-Cookie"].startswith("cauce_token=")
        link = (self.installation.data / "run" / "owner-link").read_text()
        key = link.partition("?key=")[2].strip()
        assert self.ask("open_session", 201, {"key": key}).value["token"]
        self.ask("close_session", 204, headers=page)
        self.ask("close_session", 204)

    def refuse(self):
        for name, operation in self.client.operations.items():
            if operation.path.startswith("/api/") and name != "show_contract":
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
        body = b"{}" if operation.method in ("POST", "PATCH") else None
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
        elif status == 413:
            self.ask(name, 413, TOO_LARGE, strong, **places)

    def repeat(self):
        bodies = {"create_site": {"name": "yard"}, "create_device_type": {"name": "fan"},
                  "create_device": {"name": "fan-1"}, "create_token": {"title": "more"},
                  "create_rule": {"name": "calm", "kind": "silence", "duration_seconds": 600},
                  "create_company": {"name": "third"}, "send_command": {"payload": "x"},
                  "renew_token": {}}
        for name, body in bodies.items():
            operation = self.client.operations[name]
            token = self.owner if name == "create_company" else self.tokens["owner"]
            places = {"device": "safe"} if "{device}" in operation.path else {}
            good = min(status for status in operation.responses)
            key = {"Idempotency-Key": f"key-{name}"}
            first = self.ask(name, good, body, token, headers=key, **places)
            again = self.ask(name, good, body, token, headers=key, **places)
            assert again.value == first.value and again.headers["Idempotency-Replayed"] == "true"
            self.ask(name, 422, {**body, "area": "x"}, token, headers=key, **places)
            if 409 in operation.responses:
                self.ask(name, 409, body, token, **places)

    def collide(self):
        late = {"If-Match": '"0"'}
        self.own("change_device", 412, device="pump-1", body={}, headers=late)
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


@pytest.fixture(scope="module")
def story(pytestconfig, tmp_path_factory):
    data = tmp_path_factory.mktemp("contract") / "data"
    installation = Installation(pytestconfig.cauce_program, data, 0, 0)
    installation.start()
    told = Story(installation)
    try:
        for chapter in (told.make, told.read, told.reach_the_limits, told.change, told.refuse,
                        told.repeat, told.collide, told.fall_ill):
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
    documented = {(name, status) for name, operation in story.client.operations.items()
                  for status in operation.responses}
    assert documented - story.client.seen == set()


def test_the_contract_is_served_as_it_lies_in_the_tree(story):
    assert story.ask("show_contract", 200).value == FILE.read_text()


def test_a_wrong_method_names_the_right_ones(story):
    doc = story.client.doc
    refused = doc["components"]["responses"]["MethodNotAllowed"]
    for path, item in doc["paths"].items():
        target = path.replace("{", "").replace("}", "")
        status, headers, body = story.client.send("PUT", target, b"{}", {})
        assert status == 405, path
        check_answer(doc, refused, headers, body)
        assert set(headers["Allow"].split(", ")) == {method.upper() for method in item}, path


def test_what_is_no_http_or_too_large_gets_a_problem_too(story):
    doc = story.client.doc
    status, headers, body = story.client.send("GET", "/healthz", None, {"X": "x" * (17 << 10)})
    assert status == 431
    check_answer(doc, doc["components"]["responses"]["HeadersTooLarge"], headers, body)
    address = story.client.address
    with socket.create_connection((address["host"], address["port"]), timeout=10) as raw:
        raw.sendall(b"this is no HTTP\r\n\r\n")
        answer = http.client.HTTPResponse(raw)
        answer.begin()
        assert answer.status == 400
        check_answer(doc, doc["components"]["responses"]["BadRequest"],
                     dict(answer.getheaders()), answer.read())


def test_an_unknown_path_gets_a_problem(story):
    doc = story.client.doc
    for target in ("/api/v1/nothing", "/nothing"):
        status, headers, body = story.client.send("GET", target, None, {})
        assert status == 404
        check_answer(doc, doc["components"]["responses"]["NotFound"], headers, body)


def test_a_request_id_that_could_do_harm_is_not_taken_over(story):
    for given in ("x" * 65, "a b", 'a"b'):
        _, headers, _ = story.client.send("GET", "/healthz", None, {"X-Request-Id": given})
        assert headers["X-Request-Id"] != given
