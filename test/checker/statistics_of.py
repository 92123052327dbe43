"""The statistics of a window, computed exactly, and how far cauce's own may be from them."""

import math

# mean and deviation: another order of additions agrees to about this (docs/formats/recent.md).
RELATIVE = 1e-9
# p50 and p95 come from a sketch with this relative error (docs/formats/recent.md).
SKETCH_ERROR = 1 / 101


def aggregate(values):
    """(count, min, max, mean, deviation, first, last, p50, p95) of values by time."""
    mean = math.fsum(values) / len(values)
    spread = math.fsum((value - mean) ** 2 for value in values)
    deviation = math.sqrt(spread / (len(values) - 1)) if len(values) > 1 else 0.0
    ranked = sorted(values)
    return (len(values), ranked[0], ranked[-1], mean, deviation, values[0], values[-1],
            nearest_rank(ranked, 50), nearest_rank(ranked, 95))


def nearest_rank(ranked, percent):
    """The smallest value of which at least `percent` of a hundred are no larger."""
    return ranked[-(-len(ranked) * percent // 100) - 1]


def same_aggregate(expected, found):
    count, least, most, mean, deviation, first, last, p50, p95 = expected
    # What rounding may change is measured by the largest value, not by a deviation near zero.
    tolerance = RELATIVE * max(abs(least), abs(most), 1e-300)
    return ((found.count, found.min, found.max, found.first, found.last) ==
            (count, least, most, first, last) and
            math.isclose(found.mean, mean, rel_tol=RELATIVE, abs_tol=tolerance) and
            math.isclose(found.deviation, deviation, rel_tol=1e-6, abs_tol=tolerance) and
            within_sketch(found.p50, p50) and within_sketch(found.p95, p95))


def within_sketch(found, exact):
    return abs(found - exact) <= SKETCH_ERROR * abs(exact) * (1 + RELATIVE)


def compare(expected, found, equal):
    faults = [f"{' '.join(map(str, key))}: missing" for key in expected.keys() - found.keys()]
    faults += [f"{' '.join(map(str, key))}: not in the source files"
               for key in found.keys() - expected.keys()]
    faults += [f"{' '.join(map(str, key))}: {found[key]}, expected {value}"
               for key, value in expected.items()
               if key in found and not equal(value, found[key])]
    return faults
