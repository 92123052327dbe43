#!/usr/bin/python3
"""One chart of the gallery as pandas and matplotlib users draw it with a moment's care.

    gallery.py KIND CSV OUT.png TITLE X Y GROUP      "-" where a kind takes none
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.colors  # noqa: E402
import matplotlib.pyplot  # noqa: E402
import pandas  # noqa: E402

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")


def groups_of(table, group):
    return [("", table)] if group is None else list(table.groupby(group, sort=False))


def draw(axes, kind, table, x, y, group):
    if kind == "bar":
        table.groupby(x)[y].mean().sort_values().plot.barh(ax=axes, color=OKABE_ITO[0])
        axes.set_xlabel("Mean " + y)
        axes.set_ylabel("")
    elif kind == "box":
        named = groups_of(table, group)
        axes.boxplot([rows[y].dropna() for _, rows in named], vert=False,
                     labels=[name for name, _ in named])
        axes.set_xlabel(y)
        axes.set_ylabel(group)
    elif kind == "density":
        for (name, rows), color in zip(groups_of(table, group), OKABE_ITO):
            rows[x].plot.density(ax=axes, color=color, label=name)
        axes.set_xlabel(x)
        axes.legend(title=group)
    elif kind == "histogram":
        axes.hist(table[x].dropna(), bins="auto", color=OKABE_ITO[0])
        axes.set_xlabel(x)
    elif kind == "scatter":
        for (name, rows), color in zip(groups_of(table, group), OKABE_ITO):
            axes.scatter(rows[x], rows[y], s=14, alpha=0.7, color=color, label=name)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.legend(title=group)
    elif kind == "cells":
        clean = table[[x, y]].dropna()
        counted = axes.hist2d(clean[x], clean[y], bins=120, cmap="viridis",
                              norm=matplotlib.colors.LogNorm())
        axes.figure.colorbar(counted[3], ax=axes, label="count")
        axes.set_xlabel(x)
        axes.set_ylabel(y)
    else:
        raise SystemExit(f"no such kind: {kind}")


def main():
    kind, source, target, title, *columns = sys.argv[1:8]
    x, y, group = (None if column == "-" else column for column in columns)
    matplotlib.pyplot.style.use("seaborn-v0_8-whitegrid")
    figure, axes = matplotlib.pyplot.subplots(figsize=(7.2, 4.4), layout="constrained")
    draw(axes, kind, pandas.read_csv(source), x, y, group)
    axes.set_title(title, loc="left")
    figure.savefig(target, dpi=100)


main()
