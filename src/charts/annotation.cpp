#include "charts/annotation.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "charts/figures/calendar.h"

namespace cauce::charts {

namespace {

// Farther values have no distance to each other that a double holds.
constexpr double bound_max = 1e300;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Error not_an_annotation(std::string_view text) {
  return {Outcome::invalid,
          fmt::format("\"{}\" is no annotation; write for example \"y = 30: Target\", or \"x = "
                      "2026-02-01 to 2026-03-15: Experiment\"",
                      text.substr(0, 64))};
}

bool is_bound(std::string_view text) {
  return value_of(text, false) || value_of(text, true);
}

// The label begins at the first ": " or at a colon at the end; colons of a time have none behind.
std::size_t end_of_place(std::string_view text) {
  const std::size_t spaced = text.find(": ");
  if (spaced != std::string_view::npos) return spaced;
  return text.ends_with(':') ? text.size() - 1 : text.size();
}

}  // namespace

std::optional<double> value_of(std::string_view bound, bool is_time) {
  if (is_time) return figures::parse_moment(bound);
  double number = 0;
  const auto [end, failure] = std::from_chars(bound.data(), bound.data() + bound.size(), number);
  if (failure != std::errc{} || end != bound.data() + bound.size()) return {};
  if (!(std::abs(number) <= bound_max)) return {};
  return number;
}

Result<Span> parse_span(std::string_view text) {
  const Error wrong{Outcome::invalid,
                    fmt::format("\"{}\" is no part of an axis; write for example \"10 to 20\", "
                                "\"0 to\" or \"to 2026-03-15\"",
                                text.substr(0, 64))};
  if (text.size() > annotation_bytes_max) return wrong;
  const std::string padded = " " + std::string(text) + " ";
  const std::size_t to = padded.find(" to ");
  if (to == std::string::npos) return wrong;
  const std::string_view all = padded;
  const Span span{std::string(trimmed(all.substr(0, to))),
                  std::string(trimmed(all.substr(to + 4)))};
  if (span.low.empty() && span.high.empty()) return wrong;
  for (const std::string* bound : {&span.low, &span.high}) {
    if (!bound->empty() && !is_bound(*bound)) return wrong;
  }
  return span;
}

Result<Annotation> parse_annotation(std::string_view text) {
  const std::string_view all = trimmed(text);
  if (text.size() > annotation_bytes_max || all.size() < 3) return not_an_annotation(text);
  const std::size_t equals = all.find('=');
  const std::string_view axis = trimmed(all.substr(0, equals));
  if (equals == std::string_view::npos || (axis != "x" && axis != "y"))
    return not_an_annotation(text);
  const std::string_view rest = trimmed(all.substr(equals + 1));
  const std::size_t end = end_of_place(rest);
  const std::string_view place = trimmed(rest.substr(0, end));
  Annotation annotation;
  annotation.axis = axis.front();
  annotation.label = trimmed(rest.substr(std::min(rest.size(), end + 1)));
  if (is_bound(place)) {
    annotation.at = {std::string(place), std::string(place)};
    return annotation;
  }
  const Result<Span> span = parse_span(place);
  if (!span || span->low.empty() || span->high.empty()) return not_an_annotation(text);
  annotation.at = *span;
  return annotation;
}

}  // namespace cauce::charts
