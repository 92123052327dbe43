// Limits of a company's or of a device's own, on the command line: what is given is changed, and
// all of them are shown.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/command_line.h"
#include "business/limits.h"

namespace cauce::app {

// In the order of business::limit_members; empty: it stays as it is.
using GivenLimits = std::array<std::string, business::limit_members.size()>;

// --messages-per-second and so on, each a number or "default".
void add_limit_options(Command& command, GivenLimits& given);

// The body of a PATCH; an empty object when nothing was given. `invalid` for what is no number.
Result<nlohmann::json> body_of(const GivenLimits& given);

// `limits` of an answer; null shows as default.
void print_limits(const nlohmann::json& limits, OutputFormat format);

}  // namespace cauce::app
