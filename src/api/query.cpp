#include "api/query.h"

#include <fmt/core.h>

#include <charconv>

#include "base/names.h"

namespace cauce::api {

std::string parameter(const Call& call, std::string_view name) {
  const auto found = call.request.query.find(std::string(name));
  return found == call.request.query.end() ? std::string{} : found->second;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::size_t> limit_of(const Call& call, std::size_t fallback, std::size_t largest) {
  const std::string text = parameter(call, "limit");
  if (text.empty()) return fallback;
  const auto limit = number_of(text);
  if (!limit || *limit < 1 || *limit > largest)
    return Error{Outcome::invalid,
                 fmt::format("\"limit\" must be a number from 1 to {}.", largest)};
  return static_cast<std::size_t>(*limit);
}

Error damaged_cursor() {
  return {Outcome::invalid,
          "\"after\" is not a cursor of this list: send the \"next\" of the page before."};
}

Result<std::string> cursor_of(const Call& call) {
  const std::string after = parameter(call, "after");
  if (!after.empty() && !is_name(after)) return damaged_cursor();
  return after;
}

namespace {

Result<Time> time_of(const Call& call, std::string_view name, Time fallback) {
  const std::string text = parameter(call, name);
  if (text.empty()) return fallback;
  Result<Time> time = parse_time(text);
  if (!time)
    return Error{Outcome::invalid,
                 fmt::format("\"{}\" must be a time such as 2026-11-21T23:48:40Z.", name)};
  return time;
}

}  // namespace

Result<Range> span_of(const Call& call) {
  const Result<Time> from = time_of(call, "from", time_min);
  if (!from) return from.error();
  const Result<Time> to = time_of(call, "to", time_max);
  if (!to) return to.error();
  return Range{*from, *to};
}

Result<Range> range_of(const Call& call) {
  const Result<Range> span = span_of(call);
  if (!span) return span;
  const Result<Time> after = time_of(call, "after", time_min - Duration{1});
  if (!after) return damaged_cursor();
  return Range{std::max(span->from, *after + Duration{1}), span->to};
}

}  // namespace cauce::api
