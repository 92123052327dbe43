"""contract/openapi.yaml itself: it says what the server's table of routes says, and is sound."""

import jsonschema
import pytest

from contract_file import (check_schema, document, nodes, operations, resolve, rows_of_the_server)

# Answered outside the table of routes.
BESIDE_THE_TABLE = {("GET", "/", "nobody"), ("GET", "/healthz", "nobody"),
                    ("GET", "/metrics", "owner"), ("GET", "/api/v1/openapi.yaml", "nobody"),
                    ("POST", "/api/v1/devices/{device}/messages", "device")}


@pytest.fixture(scope="module")
def doc():
    return document()


def test_the_contract_has_every_route_of_the_server_and_no_other(doc):
    beside = {row[:2] for row in BESIDE_THE_TABLE}
    documented = {(one.method, one.path, one.access, one.query, one.name)
                  for one in operations(doc).values() if (one.method, one.path) not in beside}
    assert documented == rows_of_the_server()
    assert {(one.method, one.path, one.access) for one in operations(doc).values()
            if (one.method, one.path) in beside} == BESIDE_THE_TABLE


def test_every_reference_leads_somewhere_and_every_component_is_used(doc):
    used = set()
    for node in nodes(doc):
        if "$ref" in node:
            resolve(doc, node)
            used.add(node["$ref"])
    # Answers to any request, which no operation lists.
    used |= {f"#/components/responses/{name}" for name in
             ("MethodNotAllowed", "Timeout", "HeadersTooLarge", "InternalError", "Unavailable",
              "Gone", "InsufficientStorage")}
    used.add("#/components/parameters/request_id")  # of every request
    for kind in ("parameters", "headers", "responses", "schemas"):
        for name in doc["components"][kind]:
            assert f"#/components/{kind}/{name}" in used, f"{kind} {name} is used by nothing"


def test_every_schema_is_one_and_leaves_no_member_open(doc):
    for node in nodes(doc):
        if isinstance(node.get("schema"), dict):
            jsonschema.Draft202012Validator.check_schema(node["schema"])
        if node.get("type") == "object":
            assert node["additionalProperties"] is False, node
            assert set(node["required"]) <= set(node["properties"]), node
    for schema in doc["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_example_fits_its_schema_and_json_has_one(doc):
    seen = 0
    for operation in operations(doc).values():
        for response in operation.responses.values():
            for media, content in response.get("content", {}).items():
                if "example" in content:
                    check_schema(doc, content["schema"], content["example"])
                    seen += 1
                elif operation.name != "show_overview":
                    assert "json" not in media, f"{operation.name} has no example"
    for path in doc["paths"].values():
        for operation in path.values():
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                if "json" in media:
                    check_schema(doc, content["schema"], content["example"])
    assert seen > 100


def test_every_answer_carries_the_id_of_its_request(doc):
    for operation in operations(doc).values():
        for status, response in operation.responses.items():
            assert "X-Request-Id" in response["headers"], (operation.name, status)


def test_every_path_parameter_is_described(doc):
    for path, item in doc["paths"].items():
        for operation in item.values():
            described = {one["name"] for one in
                         (resolve(doc, one) for one in operation.get("parameters", []))
                         if one["in"] == "path"}
            wanted = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
            assert described == wanted, path
