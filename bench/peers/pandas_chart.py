#!/usr/bin/python3
"""One chart as pandas and matplotlib users draw it, CSV in, PNG of 640 x 480 out.

    pandas_chart.py bar|box|density|scatter CSV OUT.png

read_csv, DataFrame.plot or boxplot with their defaults, the style ggplot, savefig.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot  # noqa: E402
import pandas  # noqa: E402


def main():
    kind, source, target = sys.argv[1:4]
    matplotlib.pyplot.style.use("ggplot")
    table = pandas.read_csv(source)
    if kind == "bar":
        means = table.groupby("cat", as_index=False)["y"].mean()
        means.plot.bar(x="cat", y="y")
    elif kind == "box":
        table.boxplot(column="y", by="cat")
    elif kind == "density":
        table[["x"]].plot.density()
    elif kind == "scatter":
        table.plot.scatter(x="x", y="y", c="n", cmap="coolwarm")
    else:
        raise SystemExit(f"no such kind: {kind}")
    matplotlib.pyplot.savefig(target)


main()
