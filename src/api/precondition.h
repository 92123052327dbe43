// Changes that must not overwrite somebody else's: `ETag` on what a client reads, `If-Match` on
// what it changes (RFC 9110, sections 8.8.3 and 13.1.1).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "api/json.h"

namespace cauce::api {

// Of the members that people manage; equal for equal JSON.
std::string etag_of(const Json& json);

std::pair<std::string, std::string> etag_header(const Json& json);

// The 412 for a request whose If-Match names neither `*` nor what `json` is now; nullopt when the
// change may be made, as it may without the header.
std::optional<Answer> refused_by_precondition(const Call& call, const Json& json);

}  // namespace cauce::api
