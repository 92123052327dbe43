// Lines and bands that the request names, upon a plot that is drawn: a band behind the marks, a
// line before them, the words where they touch no other text.
#pragma once

#include "charts/drawing/axes.h"

namespace cauce::charts::drawing {

// 'x' or 'y', as people ask for it: the axis that shows this column; of neither 0. Bars and boxes
// lie on their side, so their lower axis may be the one of y.
char asked_axis(const Request& request, const std::string& column);

// The wish as the request changes it: with its unit, as far as its limits go, and wide enough for
// what is annotated there.
AxisWish settled(Sheet& sheet, AxisWish wish);

void put_annotations(Sheet& sheet);

// invalid: an annotation is none of its column, or a unit belongs to no axis of numbers.
Result<void> check_around(const Figures& figures, const Request& request);

}  // namespace cauce::charts::drawing
