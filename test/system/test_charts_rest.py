"""Charts over REST: what is drawn, the addresses that stay, the links that end, many at once."""

import concurrent.futures
import json
import random
import re
import urllib.parse
import xml.etree.ElementTree

import pytest

from patience import cauce, until
from test_datasets import Api

CARS = (b"mpg,weight,origin\n18,3504,USA\n15,3693,USA\n30,2130,Japan\n27,2200,Japan\n"
        b"25,2672,Europe\n")
ACME = {"company": "acme"}
# One of each kind that is drawn.
WHOLE = {
    "scatter": {"x": "weight", "y": "mpg", "color": "origin"},
    "bar": {"x": "origin", "y": "mpg"},
    "box": {"y": "mpg", "by": "origin"},
    "density": {"x": "mpg"},
    "histogram": {"x": "mpg"},
    "ecdf": {"x": "mpg", "by": "origin"},
    "line": {"x": "weight", "y": "mpg", "color": "origin"},
    "heat": {"x": "origin", "y": "weight"},
    "pairs": {"columns": "mpg,weight", "color": "origin"},
}


@pytest.fixture
def api(installation):
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    return Api(installation)


@pytest.fixture
def cars(api):
    return api.upload(CARS, name="Cars")[1]["id"]


def draw(api, kind, dataset, **options):
    return api.ask("GET", f"/api/v1/charts/{kind}", query={**ACME, "dataset": dataset, **options})


def pin(api, dataset, kind, **options):
    status, chart = api.ask("POST", "/api/v1/charts", json.dumps(
        {"kind": kind, "dataset": dataset, "options": options}), ACME)
    assert status == 201, chart
    return chart


def test_every_kind_is_drawn_in_every_format(api, cars):
    begins = {"png": b"\x89PNG", "svg": b"<", "pdf": b"%PDF", "json": None}
    for kind, options in WHOLE.items():
        for picture, begin in begins.items():
            status, content = draw(api, kind, cars, format=picture, **options)
            assert status == 200, content
            assert begin is None or content.startswith(begin), (kind, picture)
    numbers = draw(api, "scatter", cars, format="json", x="weight", y="mpg")[1]
    assert numbers["n"] == 5


def test_an_address_shows_the_same_after_new_versions_a_restart_and_a_kill(api, cars):
    chart = pin(api, cars, "bar", x="origin", y="mpg", width=400)
    before = api.ask("GET", chart["urls"]["svg"], query=ACME)
    assert before[0] == 200
    api.ask("POST", f"/api/v1/datasets/{cars}/versions", b"origin,mpg\nUSA,1\n", ACME)
    assert api.ask("GET", chart["urls"]["svg"], query=ACME) == before
    api.installation.kill("api")
    until(lambda: api.ask("GET", chart["urls"]["svg"], query=ACME) == before, 30, "the address")
    api.installation.stop()
    api.installation.start()
    again = Api(api.installation)
    assert again.ask("GET", chart["urls"]["svg"], query=ACME) == before
    assert pin(again, cars, "bar", x="origin", y="mpg", width=400)["id"] != chart["id"]


def test_a_link_needs_no_token_and_cannot_be_changed(api, cars):
    chart = pin(api, cars, "histogram", x="mpg")
    link = urllib.parse.urlsplit(chart["links"]["png"])
    connection = api.connect()

    def follow(query, path=link.path):
        connection.request("GET", f"{path}?{query}")
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    status, content, headers = follow(link.query)
    assert status == 200 and content.startswith(b"\x89PNG")
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert follow(link.query.replace("acme", "rival"))[0] == 401
    assert follow(re.sub("until=[0-9]+", "until=1999999999", link.query))[0] == 401
    assert follow(link.query, link.path.replace(".png", ".svg"))[0] == 401
    assert follow("")[0] == 401
    connection.close()


def test_two_hundred_charts_at_once_are_all_drawn(api, cars):
    def one(number):
        return draw(api, "histogram", cars, x="mpg", width=300 + number, format="svg")

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(one, range(200)))
    assert [status for status, _ in answers].count(200) == 200
    assert len({content for _, content in answers}) == 200


def test_another_company_sees_no_chart(api, cars):
    api.ask("POST", "/api/v1/companies", json.dumps({"name": "rival", "title": "R"}))
    made = api.ask("POST", "/api/v1/tokens", json.dumps({"title": "t", "access": "owner"}),
                   {"company": "rival"})[1]
    chart = pin(api, cars, "histogram", x="mpg")
    for query in (ACME, {}):
        assert api.ask("GET", chart["urls"]["png"], query=query, token=made["token"])[0] == 404
        asked = {**query, "dataset": cars, "x": "mpg"}
        assert api.ask("GET", "/api/v1/charts/histogram", query=asked,
                       token=made["token"])[0] == 404


def test_hostile_titles_and_columns_stay_text(api):
    evil = '"><script>alert(1)</script>'
    names = [evil, "a" * 900, "\u202eright to left", "😀"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    dataset = api.upload((header + "\n1,2,3,4\n5,6,7,8\n").encode(), name=evil)[1]["id"]
    for title in (evil, "]]>", "&amp;", "x" * 10_000, "שלום", "é"):
        status, content = draw(api, "scatter", dataset, format="svg", title=title, x=evil,
                               y="a" * 900)
        assert status == 200, content
        tree = xml.etree.ElementTree.fromstring(content)
        assert not [node for node in tree.iter() if node.tag.lower().endswith("script")]
        assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]


def test_requests_of_any_kind_are_answered_and_never_with_a_fault_of_ours(api, cars):
    chance = random.Random(4)
    names = ["x", "y", "color", "by", "aggregate", "bandwidth", "bins", "cells", "title", "theme",
             "locale", "width", "height", "ratio", "where", "x-scale", "period", "format",
             "bars", "trend", "marks", "direction", "size", "shape", "columns", "version",
             "from", "series", "colour"]
    values = ["mpg", "weight", "origin", "", "0", "-1", "3", "1e308", "nan", "64x48", "0x0", "dark",
              "es", "log", "mpg > 20", "mpg >", "\x00", "é" * 300, "png", "svg", "month", "median",
              "violin", "strip", "upright", "mpg,weight"]
    seen = set()
    for _ in range(300):
        kind = chance.choice(list(WHOLE))
        options = dict(chance.choice([WHOLE[kind], {}]))
        options.update({chance.choice(names): chance.choice(values)
                        for _ in range(chance.randrange(1, 5))})
        status, value = draw(api, kind, cars, **options)
        assert status in (200, 400, 404, 422), (kind, options, value)
        assert status == 200 or len(value["detail"]) > 10, (kind, options, value)
        seen.add(status)
    assert {200, 400, 422} <= seen


def test_the_original_front_end_finds_its_calls(api):
    boundary = "x"
    body = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="cars.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n" + CARS + b"\r\n--x--\r\n")
    status, loaded = api.ask("POST", "/dataload", body, ACME,
                             {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    assert status == 200 and loaded["response"].startswith("/api/v1/datasets/")
    assert api.ask("GET", "/datacols", query=ACME)[1] == {"response": ["mpg", "weight", "origin"]}
    for path, query in {"/scatterplot": {"x": "weight", "y": "mpg", "c": "origin"},
                        "/barplot": {"x": "origin", "y": "mpg"}, "/densityplot": {},
                        "/boxplot": {}}.items():
        status, value = api.ask("GET", path, query={**ACME, **query})
        assert status == 200, (path, value)
        connection = api.connect()
        connection.request("GET", value["response"])
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read().startswith(b"\x89PNG"), path
        connection.close()


def test_a_removed_chart_stays_away_after_a_restart_and_its_links_end(api, cars):
    goes, stays = pin(api, cars, "histogram", x="mpg"), pin(api, cars, "bar", x="origin")
    listed = api.ask("GET", "/api/v1/charts", query=ACME)[1]["items"]
    assert [one["id"] for one in listed] == [stays["id"], goes["id"]]
    assert api.ask("DELETE", f"/api/v1/charts/{goes['id']}", query=ACME)[0] == 204
    api.installation.kill("api")
    until(lambda: api.ask("GET", stays["urls"]["png"], query=ACME)[0] == 200, 30, "the other")
    connection = api.connect()
    for links, status in ((goes["links"], 401), (stays["links"], 200)):
        connection.request("GET", links["png"])
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()
    listed = api.ask("GET", "/api/v1/charts", query={**ACME, "dataset": cars})[1]["items"]
    assert [one["id"] for one in listed] == [stays["id"]]


def test_the_command_line_and_rest_recommend_the_same(api, cars, tmp_path):
    (tmp_path / "cars.csv").write_bytes(CARS)
    done = cauce(api.installation.program, "chart", "recommend", "--data", tmp_path / "cars.csv")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["recommendations"]
    status, asked = api.ask("GET", f"/api/v1/datasets/{cars}/recommendations", query=ACME)
    assert (status, asked) == (200, told)
    refused = cauce(api.installation.program, "chart", "recommend", "--data",
                    tmp_path / "cars.csv", "--x", "mpg")
    assert refused.returncode == 1 and "--data" in refused.stderr


def test_a_private_data_set_is_for_its_owner_and_stays_so_after_a_kill(api):
    def colleague(title):
        return api.ask("POST", "/api/v1/tokens", json.dumps(
            {"title": title, "access": "operator"}), ACME)[1]["token"]

    ana, bea = colleague("ana"), colleague("bea")
    owned = api.ask("POST", "/api/v1/datasets", CARS, ACME, token=ana)[1]["id"]
    path = f"/api/v1/datasets/{owned}"
    chart = pin(api, owned, "histogram", x="mpg")
    private = json.dumps({"sharing": "private"})
    assert api.ask("PATCH", path, private, ACME, token=bea)[0] == 403
    assert api.ask("PATCH", path, private, ACME, token=ana)[1]["sharing"] == "private"
    drawn = {**ACME, "dataset": owned, "x": "mpg"}
    ways = [(path, ACME), (f"{path}/recommendations", ACME), (chart["urls"]["png"], ACME),
            ("/api/v1/charts/histogram", drawn), ("/datacols", ACME), ("/boxplot", ACME)]

    def answers(token):
        return [api.ask("GET", way, query=query, token=token)[0] for way, query in ways]

    for _ in range(2):
        assert answers(ana) == answers(api.token) == [200] * len(ways)
        assert answers(bea) == [404] * len(ways)
        assert api.ask("GET", "/api/v1/datasets", query=ACME, token=bea)[1]["items"] == []
        assert api.ask("GET", "/api/v1/charts", query=ACME, token=bea)[1]["items"] == []
        api.installation.kill("api")
        until(lambda: api.ask("GET", path, query=ACME)[0] == 200, 30, "the data set")
    connection = api.connect()
    connection.request("GET", chart["links"]["png"])
    assert connection.getresponse().status == 200
    connection.close()
