#include "datasets/newest_first.h"

#include <fmt/core.h>

#include <charconv>

namespace cauce::datasets {
namespace {

constexpr std::size_t id_letters = 32;

}  // namespace

bool Place::is_before(const Place& other) const {
  if (created_at != other.created_at) return created_at > other.created_at;
  return id < other.id;
}

std::string to_cursor(const Place& place) {
  return fmt::format("{}-{}", to_microseconds(place.created_at), place.id);
}

std::optional<Place> parse_cursor(std::string_view text) {
  const std::size_t dash = text.find('-', 1);
  if (dash == std::string_view::npos) return std::nullopt;
  std::int64_t moment = 0;
  const auto read = std::from_chars(text.data(), text.data() + dash, moment);
  if (read.ec != std::errc{} || read.ptr != text.data() + dash) return std::nullopt;
  Place place{from_microseconds(moment), std::string(text.substr(dash + 1))};
  return place.id.size() == id_letters ? std::optional(std::move(place)) : std::nullopt;
}

}  // namespace cauce::datasets
