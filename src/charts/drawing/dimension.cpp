#include "charts/drawing/dimension.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/calendar.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

bool is_time(const Figures& figures, const std::string& column) {
  for (const columns::Column& used : figures.schema) {
    if (used.name != column) continue;
    return used.type == columns::Type::date || used.type == columns::Type::datetime;
  }
  return false;
}

double Dimension::real(double figure) const {
  // The margin of an axis may reach beyond what a double holds; its end is then the last one, and
  // of a symmetric axis one that leaves its ends a distance that a double holds.
  if (kind == ScaleKind::logarithmic) return std::pow(10, std::clamp(figure, -323.0, 308.0));
  if (kind == ScaleKind::symmetric) {
    const double exponent = std::clamp(figure, -307.0, 308.0);
    return std::copysign(std::pow(10, std::abs(exponent)) - 1, figure);
  }
  return figure;
}

double Dimension::bent(double value) const {
  if (kind == ScaleKind::logarithmic) return std::log10(value);
  if (kind == ScaleKind::symmetric) return std::copysign(std::log10(1 + std::abs(value)), value);
  return value;
}

Dimension dimension_of(const Figures& figures, const Request& request, const std::string& column,
                       charts::Scale scale) {
  Dimension dimension{ScaleKind::linear, column, words_of_column(column, request)};
  if (is_time(figures, column)) dimension.kind = ScaleKind::time;
  if (scale == charts::Scale::log) dimension.kind = ScaleKind::logarithmic;
  if (scale == charts::Scale::symlog) dimension.kind = ScaleKind::symmetric;
  return dimension;
}

const std::string& called(const std::string& column, const Request& request) {
  for (const ColumnWords& known : request.words) {
    if (known.column == column) return known.words;
  }
  return column;
}

std::string words_of_column(const std::string& column, const Request& request) {
  return words_of_column(called(column, request));
}

std::string words_within(const std::string& column, const Request& request) {
  return words_within(called(column, request));
}

std::string value_text(double value, const Figures& figures, const std::string& column, int digits,
                       Locale locale) {
  return is_time(figures, column) ? time_text(value, locale) : number_text(value, digits, locale);
}

std::string distance_text(double distance, const Figures& figures, const std::string& column,
                          Locale locale) {
  return is_time(figures, column) ? span_text(distance, locale) : number_text(distance, 3, locale);
}

}  // namespace cauce::charts::drawing
