#include "app/limit_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/command_output.h"

namespace cauce::app {
namespace {

using nlohmann::json;

constexpr std::string_view usual = "default";

std::string option_of(std::string_view member) {
  std::string option = fmt::format("--{}", member);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

}  // namespace

void add_limit_options(Command& command, GivenLimits& given) {
  for (std::size_t index = 0; index < given.size(); ++index) {
    const business::LimitMember& member = business::limit_members[index];
    command.add_option(option_of(member.name), given[index],
                       fmt::format("1 to {}, or default", member.most));
  }
}

Result<json> body_of(const GivenLimits& given) {
  json limits = json::object();
  for (std::size_t index = 0; index < given.size(); ++index) {
    const std::string& text = given[index];
    if (text.empty()) continue;
    const business::LimitMember& member = business::limit_members[index];
    if (text == usual) {
      limits[member.name] = nullptr;
      continue;
    }
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc{} || stopped != end) {
      return Error{Outcome::invalid, fmt::format("{} is \"{}\": it takes 1 to {}, or default",
                                                 option_of(member.name), text, member.most)};
    }
    limits[member.name] = value;
  }
  if (limits.empty()) return limits;
  return json{{"limits", limits}};
}

void print_limits(const json& limits, OutputFormat format) {
  json shown = limits;
  std::vector<std::string> members;
  for (const business::LimitMember& member : business::limit_members) {
    members.emplace_back(member.name);
    json& value = shown[member.name];
    if (format == OutputFormat::table && value.is_null()) value = usual;
  }
  print_object(shown, members, format);
}

}  // namespace cauce::app
