"""The demo's charts: tables that everybody knows, uploaded and drawn, and its own sensors' series.

Tables are of vega-datasets; what is JSON there becomes a CSV first, and that is said. Each chart
is asked for over REST, as the page /draw does, and written into `demo-output/` as PNG and SVG.
"""

import csv
import json
import pathlib
import urllib.parse

KINDS_OF_TABLES = ("scatter", "bar", "density", "box")

# File -> for each of the four kinds what is drawn.
TABLES = {
    "cars.json": {
        "scatter": {"x": "Horsepower", "y": "Miles_per_Gallon", "color": "Origin"},
        "bar": {"x": "Origin", "y": "Miles_per_Gallon"},
        "density": {"x": "Miles_per_Gallon", "by": "Origin"},
        "box": {"y": "Horsepower", "by": "Cylinders"},
    },
    "penguins.json": {
        "scatter": {"x": "Flipper Length (mm)", "y": "Body Mass (g)", "color": "Species"},
        "bar": {"x": "Island", "aggregate": "count"},
        "density": {"x": "Beak Length (mm)", "by": "Species"},
        "box": {"y": "Body Mass (g)", "by": "Species"},
    },
    "movies.json": {
        "scatter": {"x": "Rotten Tomatoes Rating", "y": "IMDB Rating"},
        "bar": {"x": "Major Genre", "y": "Worldwide Gross", "aggregate": "median"},
        "density": {"x": "Running Time min"},
        "box": {"y": "IMDB Rating", "by": "Major Genre"},
    },
    "flights-20k.json": {
        "scatter": {"x": "distance", "y": "delay", "y-scale": "symlog"},
        "bar": {"x": "origin", "y": "delay"},
        "density": {"x": "delay", "x-scale": "symlog"},
        "box": {"y": "distance", "by": "origin", "where": "origin in ATL, DFW, LAX, ORD, PHX"},
    },
    "seattle-weather.csv": {
        "scatter": {"x": "date", "y": "temp_max", "color": "weather"},
        "bar": {"x": "date", "y": "precipitation", "period": "month", "aggregate": "sum",
                "top": "0"},
        "density": {"x": "wind", "by": "weather"},
        "box": {"y": "temp_max", "by": "weather"},
    },
    "birdstrikes.csv": {
        "scatter": {"x": "Speed IAS in knots", "y": "Cost Total $", "y-scale": "symlog"},
        "bar": {"x": "Phase of flight", "aggregate": "count"},
        "density": {"x": "Speed IAS in knots", "by": "Wildlife Size"},
        "box": {"y": "Speed IAS in knots", "by": "Phase of flight"},
    },
    "zipcodes.csv": {
        "scatter": {"x": "longitude", "y": "latitude"},
        "bar": {"x": "state", "aggregate": "count"},
        "density": {"x": "latitude"},
        "box": {"y": "latitude", "by": "state", "where": "state in AK, CA, FL, NY, TX, WA"},
    },
}

# Of a series the columns are `time` and `value`.
OF_A_SERIES = {
    "scatter": {"x": "time", "y": "value"},
    "bar": {"x": "time", "y": "value", "period": "day", "top": "0"},
    "density": {"x": "value"},
    "box": {"y": "value"},
    "histogram": {"x": "value"},
    "line": {"x": "time", "y": "value"},
    "ecdf": {"x": "value"},
}


def as_csv(source: pathlib.Path, target: pathlib.Path):
    """A JSON list of flat objects as CSV; answers its number of rows."""
    rows = json.loads(source.read_text())
    names = list(dict.fromkeys(name for row in rows for name in row))
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


class Gallery:
    def __init__(self, installation, company, output: pathlib.Path):
        self.installation, self.company, self.output = installation, company, output
        self.drawn = []  # (name, path of the link)
        output.mkdir(parents=True, exist_ok=True)

    def add(self, name, kind, of, options):
        """Gives a chart its address and writes its pictures."""
        chart = self.installation.call("POST", f"/charts?company={self.company}",
                                       {"kind": kind, **of, "options": options})
        for form in ("png", "svg"):
            picture = self.installation.fetch(chart["links"][form])
            (self.output / f"{name}.{form}").write_bytes(picture)
        self.drawn.append((name, chart["links"]["png"]))

    def add_table(self, file: pathlib.Path, source: str):
        name = file.stem
        query = urllib.parse.urlencode({"company": self.company, "name": name})
        table = self.installation.upload(f"/datasets?{query}", file)
        for kind in KINDS_OF_TABLES:
            self.add(f"{name}-{kind}", kind, {"dataset": table["id"]},
                     {**TABLES[source][kind], "source": "vega-datasets, " + file.name})
        return table["rows"]

    def add_series(self, device, metric, first, last):
        series = {"series": f"{device}/{metric}", "from": first, "to": last}
        for kind, options in OF_A_SERIES.items():
            self.add(f"{device}-{metric}-{kind}", kind, series, options)


def draw_all(installation, company, tables, output: pathlib.Path, series, say):
    """`tables`: the directory of TABLES, None without them; `series`: device, metric, first and
    last time. Answers name and path of a link for each chart."""
    gallery = Gallery(installation, company, output)
    converted = output / "tables"
    converted.mkdir(parents=True, exist_ok=True)
    for source in TABLES if tables else ():
        file = tables / source
        note = ""
        if file.suffix == ".json":
            file = converted / f"{file.stem}.csv"
            as_csv(tables / source, file)
            note = f", converted from {source}"
        rows = gallery.add_table(file, source)
        say(f"      {file.name:<22}{rows:>7,} rows{note}")
    gallery.add_series(*series)
    return gallery.drawn
