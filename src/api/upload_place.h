// Where the body of an upload goes, decided from its head before it is taken.
#pragma once

#include <variant>

#include "api/call.h"
#include "api/routes.h"
#include "net/http.h"

namespace cauce::api {

// Of a row that takes a file, for a caller who may use it. Errors and refusals are the answer.
Result<std::variant<net::BodyTarget, Answer>> upload_place(const Call& call, Extra extra);

}  // namespace cauce::api
