"""`cauce chart` and `cauce dataset describe`: a file in, a picture and the numbers drawn out.

The numbers are computed again here with numpy from the same rows.
"""

import json
import struct
import xml.etree.ElementTree

import numpy
import pytest

from patience import cauce

SVG = "{http://www.w3.org/2000/svg}"
KINDS = {
    "scatter": ("--x", "length", "--y", "weight", "--color", "species"),
    "bar": ("--x", "species", "--y", "weight"),
    "box": ("--y", "weight", "--by", "species"),
    "density": ("--x", "length", "--by", "species"),
    "histogram": ("--x", "length", "--bins", "12"),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """600 rows of three species; every 50th weight is missing."""
    chance = numpy.random.default_rng(5)
    species = numpy.array(["Adelie", "Gentoo", "Chinstrap"])[numpy.arange(600) % 3]
    length = (180 + 10 * (numpy.arange(600) % 3) + chance.normal(0, 6, 600)).round(2)
    weight = (20 * length + chance.normal(0, 150, 600)).round(1)
    file = tmp_path_factory.mktemp("chart") / "penguins.csv"
    lines = ["species,length,weight"] + [
        f"{species[row]},{length[row]},{weight[row] if row % 50 else ''}" for row in range(600)]
    file.write_text("\n".join(lines) + "\n")
    weight[::50] = numpy.nan
    return file, species, length, weight


def draw(program, file, kind, out, *more):
    numbers = out.with_suffix(".json")
    done = cauce(program, "chart", kind, "--data", file, "--out", out, "--statistics", numbers,
                 *KINDS[kind], *more)
    assert done.returncode == 0, done.stderr
    return json.loads(numbers.read_text())


def png_size(file):
    content = file.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_in_every_format(program, rows, tmp_path, kind):
    draw(program, rows[0], kind, tmp_path / "it.png", "--ratio", "2")
    assert png_size(tmp_path / "it.png") == (1440, 880)
    draw(program, rows[0], kind, tmp_path / "it.svg", "--locale", "es")
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
    assert "penguins.csv" in "".join(root.itertext())
    draw(program, rows[0], kind, tmp_path / "it.pdf", "--theme", "print")
    assert (tmp_path / "it.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_small_multiples(program, rows, tmp_path, kind):
    told = draw(program, rows[0], kind, tmp_path / "it.svg", "--facet", "species")
    assert sorted(panel["panel"] for panel in told["panels"]) == ["Adelie", "Chinstrap", "Gentoo"]
    assert [panel["rows"] for panel in told["panels"]] == [200, 200, 200]
    assert sum(panel["drawn"] for panel in told["panels"]) == told["drawn"]
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    titles = [text.text for text in root.iter(f"{SVG}text") if text.get("data-role") == "panel"]
    assert sorted(titles) == ["Adelie (200)", "Chinstrap (200)", "Gentoo (200)"]


def test_boxes_and_bars_are_those_of_numpy(program, rows, tmp_path):
    file, species, _, weight = rows
    boxes = draw(program, file, "box", tmp_path / "box.png")["groups"]
    bars = draw(program, file, "bar", tmp_path / "bar.png")["groups"]
    for name in ("Adelie", "Gentoo", "Chinstrap"):
        values = weight[species == name]
        values = values[~numpy.isnan(values)]
        box = next(group for group in boxes if group["group"] == name)
        assert (box["rows"], box["n"], box["missing"]) == (200, len(values), 200 - len(values))
        quartiles = numpy.quantile(values, (0, 0.25, 0.5, 0.75, 1))
        told = [box[part] for part in ("min", "q1", "median", "q3", "max")]
        assert told == pytest.approx(list(quartiles), rel=1e-12)
        bar = next(group for group in bars if group["group"] == name)
        assert bar["mean"] == pytest.approx(values.mean(), rel=1e-12)
        assert bar["std"] == pytest.approx(values.std(ddof=1), rel=1e-12)


def test_cells_and_bins_hold_every_row(program, rows, tmp_path):
    file, _, length, weight = rows
    whole = ~numpy.isnan(weight)
    drawn = draw(program, file, "scatter", tmp_path / "it.png", "--cells", "64x48")
    counts, _, _ = numpy.histogram2d(length[whole], weight[whole], bins=(64, 48))
    assert drawn["counts_x_major"] == counts.tolist()
    assert drawn["n"] == whole.sum()
    told = draw(program, file, "histogram", tmp_path / "it.png")["counts"]
    assert told == numpy.histogram(length, bins=12)[0].tolist()


def test_a_density_is_the_sum_of_its_kernels(program, rows, tmp_path):
    file, species, length, _ = rows
    groups = draw(program, file, "density", tmp_path / "it.png", "--bandwidth", "2.5")["groups"]
    values = length[species == "Gentoo"]
    group = next(group for group in groups if group["group"] == "Gentoo")
    points = numpy.linspace(group["x0"], group["x1"], 512)
    apart = (points[:, None] - values[None, :]) / 2.5
    exact = numpy.exp(-0.5 * apart**2).sum(axis=1) / (len(values) * 2.5 * (2 * numpy.pi) ** 0.5)
    assert group["bw"] == 2.5
    assert numpy.abs(numpy.array(group["y"]) - exact).max() <= 1e-5 * exact.max()


@pytest.mark.parametrize("arguments, sentence", [
    (("scatter", "--x", "Length", "--y", "weight"), "did you mean length?"),
    (("scatter", "--x", "length", "--y", "species"), "species"),
    (("box",), "--y"),
    (("histogram", "--x", "length", "--bins", "0"), "1 to 10000"),
    (("pie", "--x", "length"), "scatter"),
    (("bar", "--x", "species", "--out", "it.gif"), ".png, .svg, .pdf or .vl.json"),
])
def test_what_cannot_be_drawn_is_refused_in_words(program, rows, tmp_path, arguments, sentence):
    more = () if "--out" in arguments else ("--out", tmp_path / "it.png")
    done = cauce(program, "chart", arguments[0], "--data", rows[0], *arguments[1:], *more)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "it.png").exists()


def test_a_wrong_cell_far_down_is_named(program, rows, tmp_path):
    lines = rows[0].read_text().splitlines()
    lines[577] = lines[577].replace(lines[577].split(",")[1], "19o.5")
    (tmp_path / "wrong.csv").write_text("\n".join(lines) + "\n")
    done = cauce(program, "dataset", "describe", tmp_path / "wrong.csv")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert (error["line"], error["column"], error["value"]) == (578, "length", "19o.5")
    drawn = cauce(program, "chart", "histogram", "--data", tmp_path / "wrong.csv", "--x", "length",
                  "--out", tmp_path / "it.png")
    assert drawn.returncode == 1
    assert "578" in drawn.stderr and "19o.5" in drawn.stderr


def test_a_hostile_title_stays_text(program, rows, tmp_path):
    title = "<script>alert(1)</script> \u202e\U0001f600 " + "x" * 5000
    draw(program, rows[0], "bar", tmp_path / "it.svg", "--title", title)
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    assert not list(root.iter(f"{SVG}script")) and not list(root.iter("script"))
    draw(program, rows[0], "bar", tmp_path / "it.png", "--title", title)
    assert png_size(tmp_path / "it.png") == (720, 440)
