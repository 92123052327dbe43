"""The chapter of the contract's story that uploads files and draws charts of them."""

import urllib.parse

CARS = b"mpg,weight,origin\n18,3504,USA\n30,2130,Japan\n27,2200,Japan\n"


def draw(story):
    """Files of which charts are drawn, in every way."""
    made = story.own("create_data_set", 201, body=CARS, query={"name": "Cars"}).value
    story.places["dataset"] = made["id"]
    story.own("create_data_set", 201, body=CARS, query={"name": "More"})
    story.own("create_data_set", 422, body=b"a,b\n1,2\n1,2,3\n")
    story.own("create_data_set", 400)
    story.pages("list_data_sets")
    story.own("show_data_set", dataset=made["id"])
    story.own("show_data_set", 404, dataset="0" * 32)
    story.own("change_data_set", dataset=made["id"], body={"name": "Coches"})
    story.own("change_data_set", dataset=made["id"], body={"sharing": "private"})
    story.own("change_data_set", 400, dataset=made["id"], body={"sharing": "nobody"})
    story.own("change_data_set", dataset=made["id"], body={"sharing": "company"})
    story.own("change_data_set", 404, dataset="0" * 32, body={"name": "x"})
    second = story.own("create_version", 201, dataset=made["id"], body=CARS + b"1,2,x\n").value
    assert (second["version"], second["rows"]) == (2, 4)
    story.own("create_version", 422, dataset=made["id"], body=b"a,b\n1,2,3\n")
    upload_in_pieces(story)
    draw_charts(story, made["id"])
    use_the_original_calls(story)
    other = story.own("create_data_set", 201, body=CARS).value["id"]
    story.own("remove_data_set", 204, dataset=other)
    story.own("remove_data_set", 404, dataset=other)


def upload_in_pieces(story):
    begun = story.own("begin_upload", 201, body={"bytes": len(CARS), "name": "Pieces"}).value
    place = {"upload": begun["id"]}
    half = story.own("continue_upload", body=CARS[:20], query={"offset": 0}, **place).value
    assert half["offset"] == story.own("show_upload", **place).value["offset"] == 20
    story.own("continue_upload", 409, body=CARS, query={"offset": 0}, **place)
    story.own("continue_upload", 201, body=CARS[20:],
             headers={"Content-Range": f"bytes 20-{len(CARS) - 1}/{len(CARS)}"}, **place)
    story.own("show_upload", 404, **place)
    story.own("begin_upload", 404, body={"bytes": 1, "dataset": "0" * 32})
    wrong = story.own("begin_upload", 201, body={"bytes": 10}).value["id"]
    story.own("continue_upload", 413, body=CARS, query={"offset": 0}, upload=wrong)
    story.own("continue_upload", 422, body=b"a,b\n1,2,3\n", query={"offset": 0},
             upload=wrong)
    story.places["upload"] = story.own("begin_upload", 201, body={"bytes": 9}).value["id"]
    gone = story.own("begin_upload", 201, body={"bytes": 9}).value["id"]
    story.own("remove_upload", 204, upload=gone)


def draw_charts(story, dataset):
    asked = {"dataset": dataset, "x": "weight", "y": "mpg", "color": "origin"}
    for picture in ("png", "svg", "pdf", "json", "vega-lite"):
        drawn = story.own("show_chart", access="viewer", chart="scatter",
                         query={**asked, "format": picture})
        story.own("show_chart", 304, chart="scatter", query={**asked, "format": picture},
                 headers={"If-None-Match": drawn.headers["ETag"]})
    story.own("show_chart", chart="scatter", query={**asked, "facet": "origin"})
    story.own("show_chart", 422, chart="scatter", query={**asked, "facet": "orign"})
    story.own("show_chart", 422, chart="scatter", query={**asked, "y": "gallons"})
    story.own("show_chart", chart="histogram",
             query={"series": "sender/temperature", "x": "value", "format": "json"})
    for kind, more in {"line": {"x": "weight", "y": "mpg", "color": "origin"},
                       "ecdf": {"x": "mpg", "by": "origin"},
                       "pairs": {"columns": "mpg,weight", "color": "origin"},
                       "density": {"x": "weight", "y": "mpg"},
                       "heat": {"x": "origin", "y": "weight", "color": "mpg"},
                       "histogram": {"x": "mpg", "by": "origin"},
                       "bar": {"x": "origin", "color": "weight", "bars": "shares",
                               "aggregate": "count", "direction": "upright"},
                       "box": {"y": "mpg", "by": "origin", "marks": "violin"},
                       "scatter": {"x": "weight", "y": "mpg", "trend": "linear", "size": "mpg",
                                   "shape": "origin"}}.items():
        for picture in ("svg", "json"):
            story.own("show_chart", chart=kind,
                      query={"dataset": dataset, "format": picture, **more})
    chart = {"kind": "bar", "dataset": dataset,
             "options": {"x": "origin", "y": "mpg", "where": ["mpg > 2"], "width": 400,
                         "annotate": ["y = 30: Target", "y = 10 to 20: Usual"],
                         "palette": "#d95f02", "order": "name", "y-unit": "mi/gal",
                         "footer": "Draft", "highlight": "USA"}}
    key = {"Idempotency-Key": "a-chart"}
    made = story.own("create_chart", 201, body=chart, headers=key).value
    again = story.own("create_chart", 201, body=chart, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    story.own("create_chart", 422, body={**chart, "kind": "box"}, headers=key)
    story.own("create_chart", 422, body={**chart, "options": {"x": "gallons"}})
    story.own("create_chart", 404, body={**chart, "dataset": "0" * 32})
    story.own("show_chart", access="viewer", chart=made["id"] + ".png")
    link = urllib.parse.urlsplit(made["links"]["svg"])
    signed = dict(urllib.parse.parse_qsl(link.query))
    story.ask("show_chart", 200, chart=made["id"] + ".svg", query=signed)
    story.ask("show_chart", 401, chart=made["id"] + ".svg", query={**signed, "until": "2"})
    story.places["chart"] = made["id"] + ".svg"
    keep_and_remove(story, dataset, chart)


def keep_and_remove(story, dataset, chart):
    found = story.own("recommend_charts", access="viewer", dataset=dataset).value
    for one in found["recommendations"]:
        story.own("create_chart", 201, body={"kind": one["kind"], "dataset": dataset,
                                             "options": one["options"]})
    story.own("recommend_charts", 404, dataset="0" * 32)
    story.pages("list_charts")
    story.own("list_charts", access="viewer", query={"dataset": dataset})
    story.own("list_charts", 404, query={"dataset": "0" * 32})
    goes = story.own("create_chart", 201,
                     body={**chart, "options": {"x": "origin", "width": 300}}).value
    story.own("remove_chart", 204, chart=goes["id"])
    story.own("remove_chart", 404, chart=goes["id"])
    story.own("show_chart", 404, chart=goes["id"] + ".png")


def use_the_original_calls(story):
    story.own("load_data", body=CARS)
    story.own("load_data", 422, body=b"a,b\n1,2,3\n")
    story.own("list_columns")
    story.own("plot_scatter", query={"x": "weight", "y": "mpg", "c": "origin"})
    story.own("plot_scatter", 422, query={"x": "gallons", "y": "mpg"})
    story.own("plot_bar", query={"x": "origin", "y": "mpg"})
    story.own("plot_bar", 422, query={"x": "gallons"})
    for name in ("plot_density", "plot_box"):
        story.own(name)
