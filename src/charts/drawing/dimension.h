// One column along one axis: how its values lie there and what they are called.
#pragma once

#include <string>

#include "charts/drawing/scene.h"
#include "charts/figures.h"

namespace cauce::charts::drawing {

struct Dimension {
  ScaleKind kind = ScaleKind::linear;
  std::string column;
  std::string label;

  // Figures of curves, bins and cells on a log scale hold logarithms; this is the value itself.
  double real(double figure) const;
  // The other way round.
  double bent(double value) const;
};

Dimension dimension_of(const Figures& figures, const Request& request, const std::string& column,
                       charts::Scale scale);

// The words that the request has for a column, else the column's name.
const std::string& called(const std::string& column, const Request& request);

// The same at the beginning of a label ("Body mass (g)") and within a sentence ("body mass (g)").
std::string words_of_column(const std::string& column, const Request& request);
std::string words_within(const std::string& column, const Request& request);

// A column of dates or moments.
bool is_time(const Figures& figures, const std::string& column);

// A value of this column for a reader; with so many digits.
std::string value_text(double value, const Figures& figures, const std::string& column, int digits,
                       Locale locale);

// A distance between two values of this column, for a reader.
std::string distance_text(double distance, const Figures& figures, const std::string& column,
                          Locale locale);

}  // namespace cauce::charts::drawing
