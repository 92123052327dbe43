"""contract/openapi.yaml, read: operations, references, what an answer must look like, and a client
that holds every answer against it."""

import dataclasses
import http.client
import json
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "contract" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
NEEDS = {"nobody": "nobody", "viewer": "viewer", "operator_": "operator", "owner": "owner"}
ROW = re.compile(r'\{"([A-Z]+)",\s+"([^"]+)",\s+Need::(\w+),\s+Scope::(\w+),'
                 r'\s+((?:"[^"]*"\s*)+),\s+(\w+)(?:,\s+Extra::\w+)?\},')


@dataclasses.dataclass(frozen=True)
class Operation:
    method: str
    path: str
    name: str
    access: str
    query: frozenset
    limit_max: int  # 0: it takes no limit
    bodies: dict  # the schema of each Content-Type that it takes
    responses: dict


def document():
    return yaml.safe_load(FILE.read_text())


def resolve(doc, node):
    while isinstance(node, dict) and set(node) == {"$ref"}:
        found = doc
        assert node["$ref"].startswith("#/"), node
        for key in node["$ref"][2:].split("/"):
            found = found[key]
        node = found
    return node


def operations(doc):
    found = {}
    for path, item in doc["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            parameters = [resolve(doc, one) for one in node.get("parameters", [])]
            query = {one["name"] for one in parameters if one["in"] == "query"}
            limit_max = max((one["schema"]["maximum"] for one in parameters
                             if one["name"] == "limit"), default=0)
            content = node.get("requestBody", {}).get("content", {})
            bodies = {media: one["schema"] for media, one in content.items()}
            responses = {int(status): resolve(doc, one)
                         for status, one in node["responses"].items()}
            assert node["operationId"] not in found, node["operationId"]
            found[node["operationId"]] = Operation(method.upper(), path, node["operationId"],
                                                   node["x-access"], frozenset(query), limit_max,
                                                   bodies, responses)
    return found


def rows_of_the_server():
    """What routes.h says, in the words of the contract: (method, path, access, query, name)."""
    text = (ROOT / "src/api/routes.h").read_text()
    table = text[text.index("inline constexpr Route routes[] = {"):]
    table = table[:table.index("\n};")]
    rows = ROW.findall(table)
    assert len(rows) == table.count('{"') and len(rows) > 20, "routes.h is written otherwise now"
    return {(method, pattern.replace("*}", "}"), NEEDS[need],
             frozenset(query.replace('"', " ").split()) |
             ({"company"} if scope == "query" else set()), name)
            for method, pattern, need, scope, query, name in rows}


def nodes(node):
    """Every mapping below `node`, itself included."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def check_schema(doc, schema, value):
    """Raises jsonschema.ValidationError when `value` does not fit."""
    resolver = jsonschema.RefResolver("", doc)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(value)


def check_answer(doc, response, headers, body):
    """Raises AssertionError or ValidationError unless the answer is as `response` documents it."""
    for name, header in response["headers"].items():
        header = resolve(doc, header)
        value = headers.get(name)
        assert value is not None or not header.get("required"), f"the header {name} is missing"
        if value is not None:
            check_schema(doc, header["schema"], value)
    content = response.get("content", {})
    if not content:
        assert body == b"" and headers.get("Content-Type") is None, "a body that is not documented"
        return None
    media = headers.get("Content-Type")
    assert media in content, f"{media}, not {' or '.join(content)}"
    is_binary = media in ("image/png", "application/pdf")
    text = body.decode("latin-1" if is_binary else "utf-8")
    value = json.loads(text) if "json" in media else text
    check_schema(doc, content[media]["schema"], value)
    return value


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
        address = installation.addresses()["http"]
        self.address = (address["host"], address["port"])
        self.seen = set()
        self.differences = []
        self.requests = 0

    def send(self, method, target, body, headers, at=None, meanwhile=None):
        connection = http.client.HTTPConnection(*(at or self.address), timeout=20)
        try:
            connection.request(method, target, body, headers)
            if meanwhile:
                meanwhile()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def ask(self, name, expected, body=None, bearer=None, query=None, headers=None, method=None,
            at=None, meanwhile=None, **parameters):
        """`at`: not the api's port; `meanwhile` is called before the answer is read."""
        operation = self.operations[name]
        method = method or operation.method
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
        status, received, content = self.send(method, target, raw, sent, at, meanwhile)
        value = None
        try:
            assert status == expected, f"{status} instead of {expected}: {content[:300]}"
            assert received.get("X-Request-Id") == given, "the id of the request did not come back"
            assert status in operation.responses, f"{status} is not documented"
            value = check_answer(self.doc, operation.responses[status], received, content)
            if status >= 400 and received["Content-Type"] == "application/problem+json":
                assert (value["status"], value["instance"]) == (status, given)
            if status < 300 and operation.bodies and not isinstance(body, bytes):
                media = sent.get("Content-Type", "application/json")
                check_schema(self.doc, operation.bodies[media], body)
            self.seen.add((name, status, received.get("Content-Type")))
        except (AssertionError, jsonschema.ValidationError) as difference:
            sentence = str(difference).splitlines()[0]
            self.differences.append(f"{method} {target} ({name}): {sentence}")
            value = json.loads(content) if b"{" == content[:1] else value
        return Answer(status, received, value)
