"""A PNG and the SVG of the same chart are one scene: librsvg, which shares no code with cauce,
draws the SVG, and every pixel is compared with our PNG.

The tolerance. Two renderers cover the pixels at an edge by arithmetic of their own and put a letter
up to a pixel apart, and a PNG has a palette; so a pixel must lie within what the other picture has
in the pixel and its eight neighbours, give or take TOLERANCE. A mark that is missing, moved by more
than a pixel or of another colour is further away; the last test takes single marks out to see that.
"""

import re
import shutil
import subprocess

import numpy
import pytest
from PIL import Image

from patience import cauce

pytestmark = pytest.mark.skipif(not shutil.which("rsvg-convert"),
                                reason="no rsvg-convert (librsvg2-bin) to draw SVG with")
TOLERANCE = 64  # of 255; 46 is the most that was seen of marks and letters
CHARTS = {
    "points": ("scatter", "--x", "length", "--y", "weight", "--color", "species"),
    "points-of-a-scale": ("scatter", "--x", "length", "--y", "weight", "--color", "year"),
    "size-and-shape": ("scatter", "--x", "length", "--y", "weight", "--size", "year", "--shape",
                       "species"),
    "cells": ("scatter", "--x", "length", "--y", "weight", "--cells", "40x30"),
    "cells-by-category": ("scatter", "--x", "length", "--y", "weight", "--color", "species",
                          "--cells", "40x30"),
    "bar": ("bar", "--x", "species", "--y", "weight"),
    "upright": ("bar", "--x", "species", "--y", "weight", "--color", "year", "--direction",
                "upright"),
    "box": ("box", "--y", "weight", "--by", "species"),
    "violin": ("box", "--y", "weight", "--by", "species", "--marks", "violin"),
    "strip": ("box", "--y", "weight", "--by", "species", "--marks", "strip"),
    "density": ("density", "--x", "length", "--by", "species"),
    "density-of-two": ("density", "--x", "length", "--y", "weight"),
    "pairs": ("pairs", "--columns", "length,weight,year", "--color", "species"),
    "pairs by species": ("pairs", "--columns", "length,weight", "--facet", "species"),
    "histogram": ("histogram", "--x", "length"),
    "histogram-by-group": ("histogram", "--x", "length", "--by", "species"),
    "bar-by-colour": ("bar", "--x", "species", "--color", "year", "--bars", "stacked"),
    "ecdf": ("ecdf", "--x", "length", "--by", "species"),
    "line": ("line", "--x", "year", "--y", "weight", "--color", "species"),
    "heat": ("heat", "--x", "species", "--y", "year"),
    "trend": ("scatter", "--x", "length", "--y", "weight", "--trend", "linear"),
    "histogram-of-many-bins": ("histogram", "--x", "length", "--bins", "900"),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """4,500 rows: more points than an SVG has one by one, and lone ones far from all others."""
    chance = numpy.random.default_rng(11)
    lines = ["species,length,weight,year"]
    for row in range(4500):
        length = 180 + 10 * (row % 3) + chance.normal(0, 6)
        weight = 20 * length + chance.normal(0, 150)
        if row % 900 == 0:
            weight += 2000 + row
        species = ("Adelie", "Gentoo", "Chinstrap")[row % 3]
        lines.append(f"{species},{length:.2f},{weight:.1f},{2007 + row % 5}")
    file = tmp_path_factory.mktemp("scene") / "penguins.csv"
    file.write_text("\n".join(lines) + "\n")
    few = file.with_name("few.csv")
    few.write_text("\n".join(lines[:300]) + "\n")
    return {"many": file, "few": few}


def pixels(file):
    return numpy.asarray(Image.open(file).convert("RGB")).astype(int)


def beyond(picture, other):
    """How far each pixel is from what the other picture has there and beside."""
    padded = numpy.pad(other, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = other.shape[:2]
    around = numpy.stack([padded[down:down + height, across:across + width]
                          for down in range(3) for across in range(3)])
    return numpy.maximum(around.min(axis=0) - picture, picture - around.max(axis=0)).max(axis=2)


def differences(png, svg, ratio):
    drawn = svg.with_suffix(".rsvg.png")
    subprocess.run(["rsvg-convert", "--zoom", str(ratio), "--output", drawn, svg], check=True,
                   timeout=60)
    ours, theirs = pixels(png), pixels(drawn)
    assert ours.shape == theirs.shape
    return numpy.maximum(beyond(ours, theirs), beyond(theirs, ours))


def draw(program, file, chart, out, *more):
    for suffix in (".png", ".svg"):
        done = cauce(program, "chart", *CHARTS[chart], "--data", file, "--out",
                     out.with_suffix(suffix), *more)
        assert done.returncode == 0, done.stderr
    return out.with_suffix(".png"), out.with_suffix(".svg")


@pytest.mark.parametrize("size", ["few", "many"])
@pytest.mark.parametrize("chart", CHARTS)
def test_the_png_is_the_svg(program, rows, tmp_path, chart, size):
    for ratio, theme in ((1, "light"), (2, "dark")):
        png, svg = draw(program, rows[size], chart, tmp_path / f"{ratio}", "--ratio", str(ratio),
                        "--theme", theme)
        assert differences(png, svg, ratio).max() <= TOLERANCE


@pytest.mark.parametrize("chart", ["points", "cells", "bar", "box", "density", "histogram", "line",
                                   "ecdf"])
def test_small_multiples_are_the_same_too(program, rows, tmp_path, chart):
    png, svg = draw(program, rows["few"], chart, tmp_path / "it", "--facet", "year", "--ratio", "2")
    assert differences(png, svg, 2).max() <= TOLERANCE


@pytest.mark.parametrize("chart, mark", [("points", r'<use [^>]*data-y="[^>]*/>\n'),
                                         ("bar", r'<rect data-role="bar".*\n'),
                                         ("box", r'<path data-role="outlier".*\n'),
                                         ("histogram", r'<rect data-role="bin".*\n')])
def test_a_mark_that_is_missing_is_seen(program, rows, tmp_path, chart, mark):
    png, svg = draw(program, rows["few"], chart, tmp_path / "it")
    text = svg.read_text()
    # The mark of the row that lies alone is the first of its kind in a cloud, any other will do.
    found = re.search(mark, text)
    svg.write_text(text[:found.start()] + text[found.end():])
    assert differences(png, svg, 1).max() > TOLERANCE
