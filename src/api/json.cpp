#include "api/json.h"

namespace cauce::api {

Answer answer(int status, const Json& json) {
  return {.status = status, .json = json.text()};
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
