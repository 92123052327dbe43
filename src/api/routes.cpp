#include "api/routes.h"

namespace cauce::api {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/' before the segment
    const std::size_t end = path.find('/');
    segments.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}
bool is_rest(std::string_view segment) {
  return segment.ends_with("*}");
}

std::string_view without_slash(std::string_view text) {
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

// The text of `count` neighbouring segments, which are views into one path.
std::string joined(const std::vector<std::string_view>& segments, std::size_t first,
                   std::size_t count) {
  const char* begin = segments[first].data();
  const std::string_view last = segments[first + count - 1];
  return {begin, last.data() + last.size()};
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
          std::vector<std::string>& parameters) {
  if (path.size() < pattern.size()) return false;
  // What {name*} takes beyond the one segment that every parameter has.
  std::size_t spare = path.size() - pattern.size();
  std::size_t at = 0;
  for (const std::string_view expected : pattern) {
    if (is_parameter(expected)) {
      const std::size_t count = is_rest(expected) ? 1 + std::exchange(spare, 0) : 1;
      parameters.push_back(joined(path, at, count));
      if (parameters.back().empty()) return false;
      at += count;
    } else if (path[at++] != expected) {
      return false;
    }
  }
  return at == path.size();
}

}  // namespace

Match find_route(std::string_view method, std::string_view path) {
  Match match;
  if (!path.starts_with('/')) return match;
  const std::vector<std::string_view> segments = segments_of(without_slash(path));
  for (const Route& route : routes) {
    std::vector<std::string> parameters;
    if (!fits(segments_of(route.pattern), segments, parameters)) continue;
    if (route.method == method) {
      match.route = &route;
      match.parameters = std::move(parameters);
      return match;
    }
    if (match.allowed.find(route.method) != std::string::npos) continue;
    match.allowed += (match.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return match;
}

}  // namespace cauce::api
