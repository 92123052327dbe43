"""Files that people upload: every way in which one can be written, sent, broken off and lost."""

import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import threading
import urllib.parse

import pytest

from patience import until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EDGE = ROOT.parent / "shared/data/charts/csv_edge"
needs_edge_cases = pytest.mark.skipif(not EDGE.is_dir(), reason=f"{EDGE} is absent")
BOUNDARY = "----------------7d1c"


class Api:
    """Raw requests with a token; answers are (status, value)."""

    def __init__(self, installation):
        self.installation = installation
        self.patience_seconds = 60
        self.token = (installation.data / "run" / "token").read_text().strip()

    def connect(self):
        address = self.installation.addresses()["http"]
        return http.client.HTTPConnection(address["host"], address["port"],
                                          timeout=self.patience_seconds)

    def ask(self, method, path, body=None, query=None, headers=None, token=None):
        connection = self.connect()
        if query:
            path += "?" + urllib.parse.urlencode(query)
        try:
            connection.request(method, path, body, {
                "Authorization": f"Bearer {token or self.token}", **(headers or {})},
                encode_chunked="Transfer-Encoding" in (headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            is_json = "json" in (answer.headers.get("Content-Type") or "")
            return answer.status, json.loads(content) if is_json else content
        finally:
            connection.close()

    def upload(self, content, **query):
        return self.ask("POST", "/api/v1/datasets", content, {"company": "acme", **query})

    def sets(self):
        return self.ask("GET", "/api/v1/datasets", query={"company": "acme"})[1]["items"]

    def files(self):
        """Everything that an upload may leave behind."""
        places = (self.installation.data / "scratch/uploads",
                  self.installation.data / "objects/datasets")
        return [file for place in places for file in place.rglob("*") if file.is_file()]


@pytest.fixture
def api(installation):
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    return Api(installation)


def form(content, name='x.csv', **fields):
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
             for key, value in fields.items()]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
                 f'filename="{name}"\r\nContent-Type: text/csv\r\n\r\n')
    return "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@needs_edge_cases
def test_every_awkward_file_is_read_or_refused_as_it_should_be(api):
    cases = json.loads((EDGE / "expected.json").read_text())
    assert len(cases) > 15
    for name, case in cases.items():
        expected = case["expected"]
        status, value = api.upload((EDGE / f"{name}.csv").read_bytes(), name=name)
        if "error" in expected:
            empty = name == "empty_file"
            assert status == (400 if empty else 422), (name, value)
            assert empty or expected["error"] in value["detail"], (name, value)
            continue
        assert status == 201, (name, value)
        assert [column["name"] for column in value["columns"]] == expected["columns"], name
        if "types" in expected:
            assert [column["type"] for column in value["columns"]] == expected["types"], name
        if "rows" in expected:
            assert value["rows"] == len(expected["rows"]), name


def test_what_came_is_kept_byte_by_byte_raw_chunked_and_as_a_form(api):
    content = b"a,b\r\n1,x\r\n2,\"y\r\nz\"\r\n" * 2000
    content = b"a,b\r\n" + content.replace(b"a,b\r\n", b"")
    digest = hashlib.sha256(content).hexdigest()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    status, raw = api.upload(content)
    assert status == 201 and raw["versions"][0]["sha256"] == digest
    status, formed = api.ask("POST", "/api/v1/datasets", form(content, name="Coches"),
                             {"company": "acme"}, kind)
    assert status == 201 and formed["versions"][0]["sha256"] == digest
    assert formed["name"] == "x.csv" or formed["name"] == "Coches"
    status, chunked = api.ask("POST", "/api/v1/datasets", iter([content[:5], content[5:]]),
                              {"company": "acme"}, {"Transfer-Encoding": "chunked"})
    assert status == 201 and chunked["versions"][0]["sha256"] == digest


def test_garbage_is_refused_in_words_and_leaves_nothing(api):
    for content in (b"\x00\x01\x02\xff" * 1000, os.urandom(100_000), b'a,b\n"1,2\n',
                    b"a,b\n1,2\n1,2,3\n", b"," * (2 << 20)):
        status, value = api.upload(content)
        if status == 201:  # random bytes may be a column of text; that is no fault
            api.ask("DELETE", f"/api/v1/datasets/{value['id']}", query={"company": "acme"})
            continue
        assert status == 422 and len(value["detail"]) > 20, value
        assert isinstance(value["errors"], list) and value["error_count"] >= 0
    assert api.sets() == []
    until(lambda: api.files() == [], what="what was refused goes with its request")


def test_the_wrong_cell_is_named_by_line_column_and_value(api):
    rows = [f"{number},{number / 2}" for number in range(5000)]
    rows[3000] = "3000,n/k"
    status, value = api.upload(("id,weight\n" + "\n".join(rows)).encode())
    if status == 201:  # the column is text then, and says so
        assert value["columns"][1]["type"] == "text"
    else:
        assert value["errors"][0] == {"line": 3002, "column": "weight", "value": "n/k"}


def test_a_stranger_is_refused_before_the_body_is_taken(api):
    other = api.ask("POST", "/api/v1/companies", json.dumps({"name": "rival", "title": "R"}))
    assert other[0] == 201
    made = api.ask("POST", "/api/v1/tokens", json.dumps({"title": "t", "access": "owner"}),
                   {"company": "rival"})[1]
    head = ("POST /api/v1/datasets?company=acme HTTP/1.1\r\nHost: x\r\n"
            "Content-Length: 1000000000\r\nExpect: 100-continue\r\n")
    for authorization, status in (("", b"401"), ("Authorization: Bearer no\r\n", b"401"),
                                  (f"Authorization: Bearer {made['token']}\r\n", b"404")):
        address = api.installation.addresses()["http"]
        with socket.create_connection((address["host"], address["port"]), timeout=10) as raw:
            raw.sendall((head + authorization + "\r\n").encode())
            assert raw.recv(1000).split(b" ")[1] == status
    assert api.files() == []


def begin(api, content, cut):
    """An upload of which only the first bytes are sent."""
    connection = api.connect()
    connection.putrequest("POST", "/api/v1/datasets?company=acme")
    connection.putheader("Authorization", f"Bearer {api.token}")
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    connection.send(content[:cut])
    return connection


def test_a_client_that_goes_and_a_kill_leave_nothing_half(api):
    content = b"a,b\n" + b"1,2\n" * 500_000
    connection = begin(api, content, 1 << 20)
    until(api.files, what="the file of the upload")
    connection.close()
    until(lambda: not api.files(), what="its end")

    kept = api.upload(b"a\n1\n")[1]["id"]
    connection = begin(api, content, 1 << 20)
    until(lambda: len(api.files()) > 4, what="the file of the upload")
    api.installation.kill("api")
    until(lambda: [one["id"] for one in api.sets()] == [kept], 30, "the api")
    connection.close()
    assert len(api.files()) == 4  # the file, its columns, its summary, the set
    assert api.ask("GET", f"/api/v1/datasets/{kept}", query={"company": "acme"})[0] == 200


def test_an_upload_in_pieces_goes_on_after_a_kill(api):
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(20_000))
    status, begun = api.ask("POST", "/api/v1/uploads", json.dumps({"bytes": len(content)}),
                            {"company": "acme"})
    assert status == 201
    path = f"/api/v1/uploads/{begun['id']}"
    half = len(content) // 2
    assert api.ask("PUT", path, content[:half], {"company": "acme", "offset": 0})[0] == 200
    connection = api.connect()
    connection.putrequest("PUT", f"{path}?company=acme&offset={half}")
    connection.putheader("Authorization", f"Bearer {api.token}")
    connection.putheader("Content-Length", str(len(content) - half))
    connection.endheaders()
    connection.send(content[half:half + 50_000])

    def offset():
        return api.ask("GET", path, query={"company": "acme"})[1]["offset"]

    until(lambda: offset() > half, what="the piece")
    api.installation.kill("api")
    connection.close()
    there = until(offset, 30, "the api")
    assert half <= there <= half + 50_000
    wrong = api.ask("PUT", path, b"x", {"company": "acme", "offset": 0})
    assert wrong[0] == 409 and wrong[1]["offset"] == there
    status, made = api.ask("PUT", path, content[there:], {"company": "acme", "offset": there})
    assert status == 201 and made["rows"] == 20_000
    assert made["versions"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert not list((api.installation.data / "scratch/uploads").rglob("*.part"))


def test_a_large_upload_takes_no_memory(api):
    pid = api.installation.pid_of("api")

    def resident():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status[status.index("VmHWM:"):].split()[1]) >> 10  # MiB

    before = resident()
    text = b"abc" * 20
    line = b"".join(b"%d,%d,%b\n" % (n % 977, n % 13, text) for n in range(10_000))
    count = (300 << 20) // len(line)

    def pieces():
        yield b"a,b,c\n"
        for _ in range(count):
            yield line

    status, value = api.ask("POST", "/api/v1/datasets", pieces(), {"company": "acme"},
                            {"Transfer-Encoding": "chunked"})
    assert status == 201 and value["rows"] == count * 10_000
    assert resident() - before < 200, f"{before} MiB before, {resident()} MiB after"


def test_hostile_names_come_back_as_they_are_and_nowhere_else(api):
    for name in ("<script>alert(1)</script>", "../../etc/passwd", "ñ\u202eevil", "😀" * 50,
                 "'; DROP TABLE x; --"):
        status, value = api.upload(b"a\n1\n", name=name)
        assert status == 201 and value["name"] == name
    kinds = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    status, value = api.ask("POST", "/api/v1/datasets",
                            form(b"a\n1\n", name="..%2f..%2fx.c%00sv"), {"company": "acme"}, kinds)
    assert status == 201
    folder = api.installation.data / "objects/datasets/acme"
    names = {file.name for file in folder.rglob("*") if file.is_file()}
    assert all(set(name) <= set("0123456789abcdefghijklmnopqrstuvwxyz.") for name in names), names


def test_uploads_of_many_at_once_are_all_kept(api):
    answers = []

    def send(number):
        answers.append(api.upload(b"a\n" + b"%d\n" % number * 1000, name=str(number)))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [201] * 16
    assert {one["name"] for one in api.sets()} == {str(number) for number in range(16)}


def test_stopping_in_the_middle_of_an_upload_takes_no_time(api):
    connection = begin(api, b"a\n" * 1_000_000, 1000)
    os.kill(api.installation.process.pid, signal.SIGTERM)
    assert api.installation.process.wait(15) == 0
    connection.close()
