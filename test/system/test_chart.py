"""`cauce chart` and `cauce dataset describe`: a file in, a picture and the numbers drawn out.

The numbers are computed again here with numpy from the same rows.
"""

import datetime
import json
import math
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
    "ecdf": ("--x", "length", "--by", "species"),
    "line": ("--x", "day", "--y", "weight", "--color", "species"),
    "heat": ("--x", "day", "--y", "species", "--period", "month", "--color", "weight"),
}


def day_of(row):
    return datetime.date(2026, 1, 1) + datetime.timedelta(days=int(row) // 3)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """600 rows of three species, one of each a day; every 50th weight is missing."""
    chance = numpy.random.default_rng(5)
    species = numpy.array(["Adelie", "Gentoo", "Chinstrap"])[numpy.arange(600) % 3]
    length = (180 + 10 * (numpy.arange(600) % 3) + chance.normal(0, 6, 600)).round(2)
    weight = (20 * length + chance.normal(0, 150, 600)).round(1)
    file = tmp_path_factory.mktemp("chart") / "penguins.csv"
    lines = ["species,length,weight,day"] + [
        f"{species[row]},{length[row]},{weight[row] if row % 50 else ''},{day_of(row)}"
        for row in range(600)]
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


def test_sizes_and_shapes_are_those_of_the_rows(program, rows, tmp_path):
    file, species, length, weight = rows
    drawn = draw(program, file, "scatter", tmp_path / "it.svg", "--color", "", "--shape",
                 "species", "--size", "weight")
    whole = ~numpy.isnan(weight)
    told = {(x, y): (size, drawn["shapes"][shape]["shape"])
            for (x, y), size, shape in zip(drawn["points"], drawn["sizes"], drawn["point_shapes"])}
    assert told == {(x, y): (y, name)
                    for x, y, name in zip(length[whole], weight[whole], species[whole])}
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    largest = weight[whole].max()
    for mark in root.iter(f"{SVG}use"):
        radius = 10 * (float(mark.get("data-size")) / largest) ** 0.5
        assert abs(float(mark.get("data-radius")) - radius) <= 0.5


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


def test_the_interval_of_a_mean_is_that_of_student(program, rows, tmp_path):
    file, species, _, weight = rows
    drawn = draw(program, file, "bar", tmp_path / "it.svg", "--direction", "upright")
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    lines = {line.get("data-group"): line for line in root.iter(f"{SVG}line")
             if line.get("data-role") == "interval"}
    for group in drawn["groups"]:
        values = weight[species == group["group"]]
        values = values[~numpy.isnan(values)]
        half = student_t_975(len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
        expected = (values.mean() - half, values.mean() + half)
        assert (group["mean_lo"], group["mean_hi"]) == pytest.approx(expected, rel=1e-8)
        line = lines[group["group"]]
        assert (float(line.get("data-low")), float(line.get("data-high"))) == pytest.approx(
            expected, rel=1e-8)


def kernels(points, values, bandwidth):
    apart = (points[:, None] - values[None, :]) / bandwidth
    return numpy.exp(-0.5 * apart**2).sum(axis=1) / (
        len(values) * bandwidth * (2 * numpy.pi) ** 0.5)


def test_a_violin_is_the_density_of_its_group(program, rows, tmp_path):
    file, species, _, weight = rows
    drawn = draw(program, file, "box", tmp_path / "it.svg", "--marks", "violin", "--bandwidth",
                 "silverman")
    for violin in drawn["violins"]:
        values = weight[species == violin["group"]]
        values = values[~numpy.isnan(values)]
        factor = (len(values) * 0.75) ** -0.2
        assert violin["bw"] == pytest.approx(factor * values.std(ddof=1), rel=1e-12)
        points = numpy.linspace(violin["x0"], violin["x1"], 512)
        exact = kernels(points, values, violin["bw"])
        assert numpy.abs(numpy.array(violin["y"]) - exact).max() <= 1e-5 * exact.max()


def test_a_strip_has_every_value_or_their_counts(program, rows, tmp_path):
    file, species, _, weight = rows
    drawn = draw(program, file, "box", tmp_path / "it.svg", "--marks", "strip")
    counted = draw(program, file, "box", tmp_path / "it.png", "--marks", "strip", "--bins", "30")
    whole = weight[~numpy.isnan(weight)]
    assert counted["counts_range"] == [whole.min(), whole.max()]
    for points, counts in zip(drawn["groups"], counted["groups"]):
        values = weight[(species == points["group"]) & ~numpy.isnan(weight)]
        assert points["points"] == sorted(values)
        edges = numpy.histogram_bin_edges(whole, 30)
        assert counts["counts"] == numpy.histogram(values, edges)[0].tolist()
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    marks = [mark for mark in root.iter(f"{SVG}use")]
    assert len(marks) == len(whole)


def test_the_density_of_two_columns_is_the_sum_of_its_kernels(program, rows, tmp_path):
    file, _, length, weight = rows
    drawn = draw(program, file, "density", tmp_path / "it.svg", "--by", "", "--y", "weight")
    whole = ~numpy.isnan(weight)
    x, y = length[whole], weight[whole]
    widths = [len(x) ** (-1 / 6) * values.std(ddof=1) for values in (x, y)]
    assert drawn["bw"] == pytest.approx(widths, rel=1e-12)
    across = numpy.linspace(*drawn["x_range"], drawn["nx"])
    up = numpy.linspace(*drawn["y_range"], drawn["ny"])
    exact = numpy.exp(-0.5 * ((across[:, None] - x) / widths[0]) ** 2) @ numpy.exp(
        -0.5 * ((up[:, None] - y) / widths[1]) ** 2).T
    exact /= len(x) * widths[0] * widths[1] * 2 * numpy.pi
    told = numpy.array(drawn["density_x_major"])
    assert numpy.abs(told - exact).max() <= 1e-9 * exact.max()


def test_the_density_of_many_rows_is_within_a_thousandth(program, tmp_path):
    chance = numpy.random.default_rng(8)
    x = chance.normal(0, 1, 4000).round(4)
    y = (x**2 + chance.normal(0, 0.3, 4000)).round(4)
    file = tmp_path / "many.csv"
    file.write_text("x,y\n" + "".join(f"{a},{b}\n" for a, b in zip(x, y)))
    done = cauce(program, "chart", "density", "--data", file, "--x", "x", "--y", "y",
                 "--statistics", tmp_path / "it.json")
    assert done.returncode == 0, done.stderr
    drawn = json.loads((tmp_path / "it.json").read_text())
    across = numpy.linspace(*drawn["x_range"], drawn["nx"])
    up = numpy.linspace(*drawn["y_range"], drawn["ny"])
    exact = numpy.exp(-0.5 * ((across[:, None] - x) / drawn["bw"][0]) ** 2) @ numpy.exp(
        -0.5 * ((up[:, None] - y) / drawn["bw"][1]) ** 2).T
    exact /= len(x) * drawn["bw"][0] * drawn["bw"][1] * 2 * numpy.pi
    told = numpy.array(drawn["density_x_major"])
    assert numpy.abs(told - exact).max() <= 1e-3 * exact.max()


def test_a_pair_plot_has_the_correlations_and_counts_of_numpy(program, rows, tmp_path):
    file, species, length, weight = rows
    numbers = tmp_path / "it.json"
    done = cauce(program, "chart", "pairs", "--data", file, "--columns", "length,weight", "--color",
                 "species", "--out", tmp_path / "it.svg", "--statistics", numbers)
    assert done.returncode == 0, done.stderr
    drawn = json.loads(numbers.read_text())
    whole = ~numpy.isnan(weight)
    pearson = numpy.corrcoef(length[whole], weight[whole])[0, 1]
    assert drawn["pairs"][0]["pearson"] == pytest.approx(pearson, rel=1e-12)
    assert (drawn["n"], drawn["missing_rows"]) == (whole.sum(), (~whole).sum())
    column = drawn["columns"][1]
    for category, counts in zip(drawn["categories"], column["counts"]):
        values = weight[whole & (species == category["category"])]
        edges = numpy.linspace(weight[whole].min(), weight[whole].max(), len(counts) + 1)
        assert counts == numpy.histogram(values, edges)[0].tolist()


def test_bins_of_whole_numbers_are_whole(program, tmp_path):
    chance = numpy.random.default_rng(9)
    few, many = chance.poisson(6, 500), chance.integers(-300, 900, 500)
    file = tmp_path / "whole.csv"
    file.write_text("few,many\n" + "".join(f"{a},{b}\n" for a, b in zip(few, many)))
    for column, values in (("few", few), ("many", many)):
        numbers = tmp_path / "it.json"
        done = cauce(program, "chart", "histogram", "--data", file, "--x", column, "--statistics",
                     numbers)
        assert done.returncode == 0, done.stderr
        drawn = json.loads(numbers.read_text())
        width = (drawn["hi"] - drawn["lo"]) / drawn["bins"]
        assert drawn["lo"] == values.min() - 0.5 and width == round(width)
        assert width == 1 or column == "many"
        edges = numpy.linspace(drawn["lo"], drawn["hi"], drawn["bins"] + 1)
        assert drawn["counts"] == numpy.histogram(values, edges)[0].tolist()


def test_cumulative_shares_are_those_of_numpy(program, rows, tmp_path):
    file, species, length, _ = rows
    groups = draw(program, file, "ecdf", tmp_path / "it.png")["groups"]
    for group in groups:
        values, counts = numpy.unique(length[species == group["group"]], return_counts=True)
        assert group["x"] == values.tolist()
        assert group["share"] == pytest.approx(list(counts.cumsum() / counts.sum()), rel=1e-12)


def test_lines_join_the_mean_of_each_day(program, rows, tmp_path):
    file, species, _, weight = rows
    drawn = draw(program, file, "line", tmp_path / "it.png")
    assert drawn["interval"] == 0 and len(drawn["series"]) == 3
    for series in drawn["series"]:
        of = species == series["color"]
        assert [point["mean"] for point in series["points"]] == [
            None if numpy.isnan(value) else value for value in weight[of]]
        days = [datetime.datetime.fromtimestamp(point["x"] / 1e6, datetime.timezone.utc).date()
                for point in series["points"]]
        assert days == [day_of(row) for row in numpy.flatnonzero(of)]
        assert series["spacing"] == 86_400e6 and series["breaks"] == []
    everyone = draw(program, file, "line", tmp_path / "all.png", "--color", "")["series"][0]
    point = everyone["points"][7]
    values = weight[21:24]
    assert (point["n"], point["min"], point["max"]) == (3, values.min(), values.max())
    assert point["mean"] == pytest.approx(values.mean(), rel=1e-12)


def test_a_long_line_shows_intervals_that_hold_every_row(program, tmp_path):
    chance = numpy.random.default_rng(6)
    moments = chance.uniform(0, 1000, 20_000).round(6)
    values = chance.normal(moments, 5).round(6)
    file = tmp_path / "long.csv"
    file.write_text("t,v\n" + "".join(f"{t},{v}\n" for t, v in zip(moments, values)))
    numbers = tmp_path / "it.json"
    done = cauce(program, "chart", "line", "--data", file, "--x", "t", "--y", "v",
                 "--statistics", numbers)
    assert done.returncode == 0, done.stderr
    drawn = json.loads(numbers.read_text())
    edges = numpy.linspace(moments.min(), moments.max(), 1025)
    counts, _ = numpy.histogram(moments, edges)
    sums, _ = numpy.histogram(moments, edges, weights=values)
    points = drawn["series"][0]["points"]
    assert drawn["interval"] == pytest.approx(edges[1] - edges[0], rel=1e-12)
    assert [point["n"] for point in points] == counts[counts > 0].tolist()
    assert [point["mean"] for point in points] == pytest.approx(
        list(sums[counts > 0] / counts[counts > 0]), rel=1e-9)


def test_a_heat_map_has_the_mean_of_each_pair(program, rows, tmp_path):
    file, species, _, weight = rows
    drawn = draw(program, file, "heat", tmp_path / "it.png")
    months = numpy.array([day_of(row).strftime("%Y-%m") for row in range(600)])
    assert drawn["x"] == sorted(set(months))
    for x, month in enumerate(drawn["x"]):
        for y, name in enumerate(drawn["y"]):
            values = weight[(months == month) & (species == name)]
            values = values[~numpy.isnan(values)]
            assert drawn["counts_x_major"][x][y] == len(values)
            assert drawn["values_x_major"][x][y] == pytest.approx(values.mean(), rel=1e-12)


@pytest.mark.parametrize("bars", ["grouped", "stacked", "shares"])
def test_the_parts_of_bars_are_those_of_numpy(program, rows, tmp_path, bars):
    file, species, _, weight = rows
    drawn = draw(program, file, "bar", tmp_path / "it.svg", "--x", "day", "--period", "month",
                 "--color", "species", "--aggregate", "sum", "--bars", bars)
    months = numpy.array([day_of(row).strftime("%Y-%m") for row in range(600)])
    for group in drawn["groups"]:
        for part in group["parts"]:
            values = weight[(months == group["group"]) & (species == part["color"])]
            values = values[~numpy.isnan(values)]
            assert part["count"] == len(values)
            assert part["sum"] == pytest.approx(values.sum(), rel=1e-12)
            assert part["mean"] == pytest.approx(values.mean(), rel=1e-12)
    marks = [mark for mark in xml.etree.ElementTree.parse(tmp_path / "it.svg").iter(f"{SVG}rect")
             if mark.get("data-role") == "part"]
    assert len(marks) == 3 * len(drawn["groups"])
    order = list(dict.fromkeys(mark.get("data-bar") for mark in marks))
    assert order == sorted(order)


def test_groups_of_a_histogram_are_those_of_numpy(program, rows, tmp_path):
    file, species, length, _ = rows
    drawn = draw(program, file, "histogram", tmp_path / "it.png", "--by", "species")
    edges = numpy.histogram_bin_edges(length, 12)
    for group in drawn["groups"]:
        counts, _ = numpy.histogram(length[species == group["group"]], edges)
        assert group["counts"] == counts.tolist()


def student_t_975(freedom):
    """By adding up the density itself."""
    at = numpy.linspace(0, 10, 1_000_001)
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    density = math.exp(scale) / (freedom * math.pi) ** 0.5 * (
        1 + at**2 / freedom) ** (-(freedom + 1) / 2)
    below = numpy.concatenate(([0], ((density[1:] + density[:-1]) / 2 * at[1]).cumsum()))
    return numpy.interp(0.475, below, at)


def test_a_trend_line_and_its_band_are_those_of_least_squares(program, rows, tmp_path):
    file, _, length, weight = rows
    drawn = draw(program, file, "scatter", tmp_path / "it.svg", "--trend", "linear")
    whole = ~numpy.isnan(weight)
    x, y = length[whole], weight[whole]
    slope, intercept = numpy.polyfit(x, y, 1)
    assert drawn["slope"] == pytest.approx(slope, rel=1e-9)
    rest = y - intercept - slope * x
    spread = (rest @ rest / (len(x) - 2)) ** 0.5
    width = student_t_975(len(x) - 2) * spread
    for at, low, high in drawn["band"]:
        half = width * (1 / len(x) + (at - x.mean())**2 / ((x - x.mean())**2).sum()) ** 0.5
        middle = intercept + slope * at
        assert (low, high) == pytest.approx((middle - half, middle + half), rel=1e-8)
    root = xml.etree.ElementTree.parse(tmp_path / "it.svg").getroot()
    line = next(mark for mark in root.iter(f"{SVG}line") if mark.get("data-role") == "trend")
    assert float(line.get("data-slope")) == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize("arguments, sentence", [
    (("scatter", "--x", "Length", "--y", "weight"), "did you mean length?"),
    (("scatter", "--x", "length", "--y", "species"), "species"),
    (("box",), "--y"),
    (("line", "--x", "day"), "--y"),
    (("line", "--x", "species", "--y", "weight"), "species is text"),
    (("heat", "--x", "species"), "--y"),
    (("bar", "--x", "species", "--bars", "stacked"), "--color"),
    (("bar", "--x", "species", "--marks", "violin"), "box"),
    (("bar", "--x", "species", "--size", "weight"), "--size"),
    (("scatter", "--x", "length", "--y", "weight", "--size", "species"), "species is text"),
    (("bar", "--x", "species", "--direction", "up"), "horizontal|upright"),
    (("box", "--y", "weight", "--marks", "beeswarm"), "box|violin|strip"),
    (("scatter", "--x", "length", "--y", "weight", "--trend", "cubic"), "none|linear"),
    (("histogram", "--x", "length", "--bins", "0"), "1 to 10000"),
    (("pairs", "--columns", "length"), "2 to 8"),
    (("pairs", "--columns", "length,weight", "--cells", "4x5"), "4x5"),
    (("pairs", "--columns", "length,length"), "twice"),
    (("density", "--x", "length", "--y", "weight", "--by", "species"), "--facet"),
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
