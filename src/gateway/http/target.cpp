#include "gateway/http/target.h"

#include <algorithm>

namespace cauce::gateway::http {
namespace {

constexpr std::string_view path_start = "/api/v1/devices/";

// Takes the part up to the next '/', or what is left.
std::string_view take_part(std::string_view& path) {
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(part.size() + 1, path.size()));
  return part;
}

}  // namespace

std::optional<Target> target_of(std::string_view path) {
  if (!path.starts_with(path_start)) return std::nullopt;
  path.remove_prefix(path_start.size());
  const std::string_view device = take_part(path);
  if (device.empty()) return std::nullopt;
  if (path == "messages") return Target{Target::Kind::messages, device};
  if (path == "commands") return Target{Target::Kind::commands, device};
  if (take_part(path) != "commands") return std::nullopt;
  const std::string_view command = take_part(path);
  if (command.empty() || path != "result") return std::nullopt;
  return Target{Target::Kind::result, device, command};
}

}  // namespace cauce::gateway::http
