"""A chart as a specification of Vega-Lite: valid by the schema that the npm package carries,
compiled and drawn by Vega, and made of the figures alone."""

import json

import jsonschema
import pytest

from npm import node, packages
from patience import cauce

ASKED = {
    "points": ("scatter", "--x", "length", "--y", "weight", "--color", "species"),
    "tinted": ("scatter", "--x", "length", "--y", "weight", "--color", "year"),
    "size-and-shape": ("scatter", "--x", "length", "--y", "weight", "--size", "year", "--shape",
                       "species"),
    "cells": ("scatter", "--x", "length", "--y", "weight", "--cells", "12x9"),
    "log": ("scatter", "--x", "length", "--y", "weight", "--y-scale", "log"),
    "bar": ("bar", "--x", "species", "--y", "weight", "--y-unit", "g"),
    "upright": ("bar", "--x", "species", "--y", "weight", "--color", "year", "--direction",
                "upright"),
    "box": ("box", "--y", "weight", "--by", "species"),
    "violin": ("box", "--y", "weight", "--by", "species", "--marks", "violin"),
    "strip": ("box", "--y", "weight", "--by", "species", "--marks", "strip"),
    "counts": ("box", "--y", "weight", "--by", "species", "--marks", "strip", "--bins", "20"),
    "density": ("density", "--x", "length", "--by", "species"),
    "density-of-two": ("density", "--x", "length", "--y", "weight"),
    "pairs": ("pairs", "--columns", "length,weight,year", "--color", "species"),
    "pairs by species": ("pairs", "--columns", "length,weight", "--facet", "species"),
    "pairs in cells": ("pairs", "--columns", "length,weight", "--facet", "species", "--cells",
                       "9x9"),
    "histogram": ("histogram", "--x", "length", "--bins", "12"),
    "dates": ("histogram", "--x", "day"),
    "parts": ("bar", "--x", "species", "--color", "year", "--bars", "shares"),
    "bins-by-group": ("histogram", "--x", "length", "--by", "species"),
    "shares": ("ecdf", "--x", "length", "--by", "species"),
    "line": ("line", "--x", "day", "--y", "weight", "--color", "species"),
    "heat": ("heat", "--x", "species", "--y", "year"),
    "panels": ("density", "--x", "length", "--by", "species", "--facet", "year"),
    "panels-of-bars": ("bar", "--x", "species", "--facet", "year", "--palette", "#d95f02"),
}
DRAW = """
const vega = require('vega'), lite = require('vega-lite');
const warned = [];
const logger = {warn: (...words) => warned.push(words.join(' ')), info() {}, debug() {},
                error: (...words) => warned.push(words.join(' ')), level() { return this; }};
const spec = JSON.parse(require('fs').readFileSync(process.argv[1]));
const view = new vega.View(vega.parse(lite.compile(spec, {logger}).spec), {renderer: 'none'});
view.toSVG().then(svg => console.log(JSON.stringify({svg, warned})));
"""


@pytest.fixture(scope="module")
def vega():
    return packages("vega-lite", "vega-lite@5.23.0", "vega@5.33.0")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    lines = ["species,length,weight,year,day"]
    for row in range(240):
        length = 180 + 10 * (row % 3) + (row * 37 % 50) / 4
        lines.append(f"{('Adelie', 'Gentoo', 'Chinstrap')[row % 3]},{length},{20 * length},"
                     f"{2007 + row % 2},2026-{1 + row % 12:02}-{1 + row % 28:02}")
    file = tmp_path_factory.mktemp("vega") / "penguins.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def spec_of(program, file, asked, out, *more):
    numbers = out.with_suffix(".numbers")
    done = cauce(program, "chart", *ASKED[asked], "--data", file, "--out", out, "--statistics",
                 numbers, *more)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text()), json.loads(numbers.read_text())


@pytest.mark.parametrize("asked", ASKED)
def test_the_specification_is_valid_and_drawn(program, vega, file, tmp_path, asked):
    spec, _ = spec_of(program, file, asked, tmp_path / "it.vl.json", "--theme", "dark")
    schema = json.loads((vega / "vega-lite" / "build" / "vega-lite-schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(spec)
    drawn = node(vega, DRAW, tmp_path / "it.vl.json")
    assert drawn["warned"] == []
    assert drawn["svg"].count("<path") > 5
    assert spec["title"]["text"] in drawn["svg"]
    assert "#12181f" in drawn["svg"]


def test_its_data_are_the_figures_and_nothing_else(program, file, tmp_path):
    out = tmp_path / "it.vl.json"
    spec, numbers = spec_of(program, file, "histogram", out)
    rows = spec["data"]["values"]
    assert [row["count"] for row in rows] == numbers["counts"]
    assert (rows[0]["from"], rows[-1]["to"]) == pytest.approx((numbers["lo"], numbers["hi"]))
    spec, numbers = spec_of(program, file, "cells", out)
    counts = [count for column in numbers["counts_x_major"] for count in column if count]
    assert sorted(row["count"] for row in spec["data"]["values"]) == sorted(counts)
    spec, numbers = spec_of(program, file, "box", out)
    boxes = {row["group"]: row for row in spec["data"]["values"] if "q1" in row}
    for group in numbers["groups"]:
        assert boxes[group["group"]]["q3"] == group["q3"]
    spec, numbers = spec_of(program, file, "points", out)
    assert len(spec["data"]["values"]) == numbers["drawn"]
    spec, numbers = spec_of(program, file, "panels", out)
    assert {row["panel"] for row in spec["data"]["values"]} == {"2007", "2008"}
    assert len(spec["data"]["values"]) == 2 * 3 * 512


def test_moments_are_those_of_the_calendar(program, file, tmp_path):
    spec, _ = spec_of(program, file, "dates", tmp_path / "it.vl.json")
    # 2026-01-01 in milliseconds.
    assert spec["data"]["values"][0]["from"] == 1767225600000
    assert spec["encoding"]["x"]["type"] == "temporal"
