"""contract/openapi.yaml, read: operations, references, and what an answer must look like."""

import dataclasses
import json
import pathlib
import re

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "contract" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
NEEDS = {"nobody": "nobody", "viewer": "viewer", "operator_": "operator", "owner": "owner"}
ROW = re.compile(r'\{"([A-Z]+)",\s+"([^"]+)",\s+Need::(\w+),\s+Scope::(\w+),'
                 r'\s+"([^"]*)",\s+(\w+)\},')


@dataclasses.dataclass(frozen=True)
class Operation:
    method: str
    path: str
    name: str
    access: str
    query: frozenset
    limit_max: int  # 0: it takes no limit
    body: dict
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
            body = content.get("application/json", {}).get("schema", {})
            responses = {int(status): resolve(doc, one)
                         for status, one in node["responses"].items()}
            assert node["operationId"] not in found, node["operationId"]
            found[node["operationId"]] = Operation(method.upper(), path, node["operationId"],
                                                   node["x-access"], frozenset(query), limit_max,
                                                   body, responses)
    return found


def rows_of_the_server():
    """What routes.h says, in the words of the contract: (method, path, access, query, name)."""
    text = (ROOT / "src/api/routes.h").read_text()
    table = text[text.index("inline constexpr Route routes[] = {"):]
    table = table[:table.index("\n};")]
    rows = ROW.findall(table)
    assert len(rows) == table.count('{"') and len(rows) > 20, "routes.h is written otherwise now"
    return {(method, pattern.replace("*}", "}"), NEEDS[need],
             frozenset(query.split()) | ({"company"} if scope == "query" else set()), name)
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
    (media, described), = content.items()
    assert headers.get("Content-Type") == media, f"{headers.get('Content-Type')}, not {media}"
    value = json.loads(body) if "json" in media else body.decode()
    check_schema(doc, described["schema"], value)
    return value
