#include "api/json.h"

#include <nlohmann/json.hpp>

namespace cauce::api {

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Answer answer(int status, const Json& json) {
  return {.status = status, .json = text_of(json)};
}

Json next_of(const std::string& cursor) {
  return cursor.empty() ? Json() : Json(cursor);
}

Json json_of(const record::Value& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Json json_of(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json();
}

}  // namespace cauce::api
